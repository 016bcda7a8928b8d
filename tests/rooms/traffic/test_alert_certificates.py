"""The certificate of the site: read over TLS and from a file, and told of near its end."""

from __future__ import annotations

import datetime as dt
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy.orm import Session

from tests.rooms.traffic.alerting import A_MINUTE, NOW, look, rule
from webapp.blueprints.traffic.services.alerts import certificate_due
from webapp.blueprints.traffic.services.certificates import Certificate, CertificateUnreadable, read_certificate


@pytest.fixture
def tls_site(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A site on this machine whose certificate ends in nine days, and that certificate as a file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "suite.example.it")])
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(NOW - dt.timedelta(days=80))
        .not_valid_after(NOW + dt.timedelta(days=9)).sign(key, hashes.SHA256())
    )  # fmt: skip
    public, private = tmp_path / "site.pem", tmp_path / "site.key"
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        plain, _address = listener.accept()
        with plain, context.wrap_socket(plain, server_side=True):
            pass

    server = threading.Thread(target=serve)
    server.start()
    yield f"127.0.0.1:{listener.getsockname()[1]}", public
    server.join()
    listener.close()


def test_the_end_of_the_certificate_is_read_over_tls_and_from_a_file(tls_site: tuple[str, Path]) -> None:
    place, file = tls_site
    assert read_certificate(place) == Certificate("127.0.0.1", NOW + dt.timedelta(days=9))
    assert read_certificate(str(file)) == Certificate("site.pem", NOW + dt.timedelta(days=9))


@pytest.mark.parametrize("place", ["127.0.0.1:1", "/nowhere/site.pem"])
@pytest.mark.usefixtures("app")
def test_a_certificate_that_cannot_be_read_says_why(place: str) -> None:
    with pytest.raises(CertificateUnreadable, match="cannot be read"):
        read_certificate(place)


@pytest.mark.usefixtures("owner")
def test_a_certificate_near_its_end_is_told_until_it_is_renewed(session: Session) -> None:
    found = rule(session, "certificate", threshold=14)
    assert certificate_due(session, NOW)
    assert look(session, NOW, Certificate("suite.example.it", NOW + dt.timedelta(days=20))) == (0, 0, 0)
    assert not certificate_due(session, NOW + A_MINUTE)
    assert look(session, NOW, Certificate("suite.example.it", NOW + dt.timedelta(days=9))) == (1, 0, 1)
    assert look(session, NOW + A_MINUTE) == (0, 0, 0)  # nobody looked: it lasts
    assert look(session, NOW + A_MINUTE, "cannot be read") == (0, 0, 0)
    assert look(session, NOW + 2 * A_MINUTE, Certificate("suite.example.it", NOW + dt.timedelta(days=89))) == (0, 1, 1)
    assert found.kind == "certificate"
