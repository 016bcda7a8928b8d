"""When the certificate of the public site ends, as a client sees it over TLS, or by a file."""

from __future__ import annotations

import datetime as dt
import socket
import ssl
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from flask_babel import gettext

from webapp.core.errors import DomainError
from webapp.core.settings import Settings

SECONDS = 10.0


class CertificateUnreadable(DomainError):
    """Nobody could tell when the certificate ends."""


@dataclass(frozen=True)
class Certificate:
    """Whose it is, and when it ends (UTC)."""

    subject: str
    ends_at: dt.datetime


def certificate_place(settings: Settings) -> str:
    """The host, `host:port` or file whose certificate is watched; "" for none."""
    if settings.traffic_certificate:
        return settings.traffic_certificate
    parts = urlsplit(settings.public_url)
    return f"{parts.hostname}:{parts.port or 443}" if parts.scheme == "https" and parts.hostname else ""


def read_certificate(place: str) -> Certificate:
    """The certificate there. It is read, not trusted: one that is over or wrong tells its end too. Raises CertificateUnreadable."""
    file = Path(place)
    if "/" in place or file.is_file():
        try:
            found = x509.load_pem_x509_certificate(file.read_bytes())
        except (OSError, ValueError) as problem:
            raise CertificateUnreadable(_unreadable(place, problem)) from None
        return Certificate(file.name, found.not_valid_after_utc)
    host, _colon, port = place.rpartition(":") if place.rpartition(":")[2].isdecimal() else (place, "", "443")
    host = host.strip("[]")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with (
            socket.create_connection((host, int(port)), timeout=SECONDS) as plain,
            context.wrap_socket(plain, server_hostname=host) as connection,
        ):
            told = connection.getpeercert(binary_form=True)
        found = x509.load_der_x509_certificate(told or b"")
    except (OSError, ValueError) as problem:
        raise CertificateUnreadable(_unreadable(place, problem)) from None
    return Certificate(host, found.not_valid_after_utc)


def _unreadable(place: str, problem: Exception) -> str:
    return str(gettext("The certificate of %(place)s cannot be read: %(problem)s", place=place, problem=problem))
