"""The way to a Docker Engine: its address, its TLS, and a client that waits no longer than it should."""

from __future__ import annotations

import socket
import ssl
from pathlib import Path
from typing import Any

import docker
from flask_babel import gettext as _

from webapp.blueprints.notebooks.gateways.docker_words import speaking
from webapp.blueprints.notebooks.ports import EngineDown
from webapp.blueprints.notebooks.settings import NotebookSettings

SECONDS = 60  # that one call may take; streams ask for more
HERE = "unix:///var/run/docker.sock"
CERTIFICATES = ("ca.pem", "cert.pem", "key.pem")
PLAIN_TO_TLS = "HTTP request to an HTTPS server"
# with TLS 1.3 the other side hears of a refused certificate after its own handshake, and often only that the line is cut
HUNG_UP = (ssl.SSLEOFError, ssl.SSLZeroReturnError, ConnectionResetError, BrokenPipeError)


class _Line(docker.APIClient):  # type: ignore[misc]  # the SDK comes without types
    """Straight to the engine: `requests` would put the proxy and the authorities of the environment before our own."""

    trust_env = property(lambda _self: False, lambda _self, _wished: None)


class _Client(docker.DockerClient):  # type: ignore[misc]  # as above
    """The SDK's client on such a line."""

    def __init__(self, **how: Any) -> None:
        self.api = _Line(**how)


def connect(settings: NotebookSettings, *, seconds: float = SECONDS) -> docker.DockerClient:
    """A client of the engine that the settings name. Raises EngineDown when it does not answer, or not to this house."""
    address = settings.docker_host or HERE
    _knock(address)
    tls = _certificates(Path(settings.docker_tls)) if settings.docker_tls else False
    try:
        with speaking():
            return _Client(base_url=address, tls=tls, timeout=seconds)
    except EngineDown as away:
        words = _why(away, address, settings.docker_tls)
        if words:
            raise EngineDown(words) from away
        raise


def _certificates(folder: Path) -> docker.TLSConfig:
    for name in CERTIFICATES:
        try:
            (folder / name).open("rb").close()
        except OSError as error:
            words = _("NOTEBOOK_DOCKER_TLS: %(file)s cannot be read: %(reason)s", file=folder / name, reason=error.strerror)  # fmt: skip
            raise EngineDown(str(words)) from error
    ca, certificate, key = (str(folder / name) for name in CERTIFICATES)
    return docker.TLSConfig(client_cert=(certificate, key), ca_cert=ca, verify=True)


def _why(away: BaseException, address: str, folder: str) -> str:
    """What is wrong with the certificates, in words; "" when it is something else."""
    if PLAIN_TO_TLS in str(away):
        return str(_("The engine at %(address)s wants TLS: NOTEBOOK_DOCKER_TLS names the folder with ca.pem, cert.pem and key.pem.", address=address))  # fmt: skip
    problem = _below(away) if folder else None
    if problem is None:
        return ""
    reason = getattr(problem, "reason", None) or str(problem)
    if isinstance(problem, ssl.SSLCertVerificationError):
        words = _("The engine at %(address)s shows a certificate that ca.pem in %(folder)s does not vouch for: %(reason)s", address=address, folder=folder, reason=problem.verify_message)  # fmt: skip
    elif reason == "KEY_VALUES_MISMATCH":
        words = _("The key.pem in %(folder)s does not belong to its cert.pem.", folder=folder)
    elif isinstance(problem, HUNG_UP) or "ALERT" in reason:
        words = _("The engine at %(address)s ends the connection, as it does with a certificate that it does not accept: look at cert.pem in %(folder)s.", address=address, folder=folder)  # fmt: skip
    else:
        words = _("The engine at %(address)s and Bottega find no common TLS: %(reason)s", address=address, reason=reason)  # fmt: skip
    return str(words)


def _below(error: object) -> ssl.SSLError | ConnectionError | None:
    """The fault of the line that lies below what urllib3, requests and the SDK made of it."""
    if isinstance(error, (ssl.SSLError, *HUNG_UP)):
        return error
    if not isinstance(error, BaseException):
        return None
    inner = (error.__cause__, getattr(error, "reason", None), *error.args)
    return next((found for each in inner if (found := _below(each)) is not None), None)


def _knock(address: str) -> None:
    """Raise EngineDown when nobody listens at a socket: the SDK would leave its own open behind it."""
    scheme, _colon, path = address.partition("://")
    if scheme != "unix":
        return
    with socket.socket(socket.AF_UNIX) as knocking:
        try:
            knocking.connect(path)
        except OSError as error:
            raise EngineDown(f"{path}: {error.strerror or error}") from error
