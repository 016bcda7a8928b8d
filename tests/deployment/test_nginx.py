"""The front door: both configurations of nginx hold, and the one of production does in front of the suite what it says."""

from __future__ import annotations

import gzip
import http.client
import os
import re
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from tests.conftest import create_database
from tests.core.test_serve import BOTTEGA, free_port
from tests.core.web_server import WebServer, served
from tests.deployment.front_door import HOST, FrontDoor
from tests.waiting import let_pass, until
from webapp.core.embedded import EmbeddedPostgres
from webapp.core.settings import PROJECT, Settings

pytestmark = pytest.mark.needs("nginx")
FIELDS = {
    "time", "msec", "request_id", "host", "method", "uri", "query", "status", "bytes", "request_bytes", "request_time",
    "upstream_time", "database_time", "upstream_status", "cache", "referrer", "user_agent", "address", "protocol", "tls", "cipher",
    "pid", "connection",
}  # fmt: skip


def test_the_configuration_of_production_holds(tmp_path: Path) -> None:
    door = FrontDoor(tmp_path / "root")
    door.root.mkdir()
    door.install()
    done = subprocess.run(door.command("-t"), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    left = [
        line for line in done.stderr.splitlines() if "warn" in line and "ssl_stapling" not in line
    ]  # a certificate of our own
    assert not left


def test_the_configuration_of_development_holds(tmp_path: Path) -> None:
    door = FrontDoor(tmp_path / "root")
    door.root.mkdir()
    door.install()
    conf = door.move((PROJECT / "nginx/dev/bottega.conf").read_text("utf-8"))
    for path in ("/var/cache/nginx", "/var/log/bottega"):
        (door.root / path[1:]).mkdir(parents=True)
        conf = conf.replace(path, f"{door.root}{path}")
    (door.root / "etc/nginx/conf.d/bottega.conf").write_text(conf)
    done = subprocess.run(door.command("-t"), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "warn" not in done.stderr


def test_install_refuses_what_is_no_host_name(tmp_path: Path) -> None:
    for name in ("a/b", "x;y", "../etc", ""):
        assert subprocess.run(
            [PROJECT / "nginx/install", name, str(tmp_path)], check=False, capture_output=True
        ).returncode


@pytest.fixture(scope="module")
def door(settings: Settings, server: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FrontDoor]:
    """The front door before the suite; `door` is shared by the tests of this module."""
    door = FrontDoor(tmp_path_factory.mktemp("front") / "root")
    door.root.mkdir()
    door.install()
    environ = {**os.environ, "BOTTEGA_ENV": "test", "BOTTEGA_INSTANCE": str(settings.instance)}
    environ |= {"DATABASE_URL": str(settings.database_url), "GOLD_DATABASE_URL": str(settings.gold_database_url)}
    static = door.root / "opt/web/static"
    subprocess.run([*BOTTEGA, "static", str(static)], check=True, env=environ, stdout=subprocess.DEVNULL)
    subprocess.run(["node", str(PROJECT / "webapp/static/compress.mjs"), str(static / "dist")], check=True)
    with door.open():
        yield door


@pytest.fixture(scope="module")
def suite(door: FrontDoor, settings: Settings, server: EmbeddedPostgres) -> Iterator[WebServer]:
    own = replace(settings, database_url=create_database(server, "front_bottega", template="bottega"))
    with ExitStack() as stack:
        yield stack.enter_context(
            served(own, port=door.suite, TRUSTED_PROXIES="1", PUBLIC_URL=f"https://{HOST}", WEB_WORKERS="1")
        )


def test_plain_http_leads_to_tls_but_for_the_challenge_of_the_certificate(door: FrontDoor) -> None:
    answer = door.ask("/backoffice/?a=1", secure=False)
    assert (answer.status, answer.headers["Location"]) == (301, f"https://{HOST}/backoffice/?a=1")
    challenge = door.root / "var/www/acme/.well-known/acme-challenge/token"
    challenge.parent.mkdir(parents=True)
    challenge.write_text("token.key")
    assert door.ask("/.well-known/acme-challenge/token", secure=False).text == "token.key"


def test_other_names_are_not_answered(door: FrontDoor) -> None:
    with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
        door.ask("/", secure=False, host="evil.example")
    with pytest.raises(ssl.SSLError):
        door.ask("/", host="evil.example")


def test_old_protocols_are_refused(door: FrontDoor) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    with socket.create_connection(("127.0.0.1", door.secure)) as raw, pytest.raises(ssl.SSLError):
        context.wrap_socket(raw, server_hostname=HOST)


def test_pages_carry_the_headers_of_both_and_none_twice(door: FrontDoor, suite: WebServer) -> None:
    headers = door.ask("/login").headers
    assert headers["Strict-Transport-Security"].startswith("max-age=63072000")
    assert headers["Permissions-Policy"]
    for name in ("Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy", "X-Request-ID"):
        assert "," not in headers[name], f"{name}: {headers[name]}"
    assert headers["Server"] == "nginx"


def test_a_request_has_one_number_in_the_answer_and_in_the_log(door: FrontDoor, suite: WebServer) -> None:
    answer = door.ask(
        '/login?next=%2F"x',
        User_Agent='Mozilla "5.0" \\ é'.encode().decode("latin-1"),
        X_Request_ID="forged-by-somebody",
    )
    line = door.line_of(answer)
    assert set(line) == FIELDS
    assert line["request_id"] == answer.headers["X-Request-ID"]
    assert re.fullmatch("[0-9a-f]{32}", line["request_id"])
    assert (line["uri"], line["host"], line["method"], line["status"]) == ("/login", HOST, "GET", "200")
    assert line["query"] == 'next=%2F"x'
    assert '"5.0" \\' in line["user_agent"]
    assert line["address"] == "127.0.0.1"
    assert line["upstream_status"] == "200"
    assert line["tls"].startswith("TLSv1.")
    assert float(line["upstream_time"]) <= float(line["request_time"]) + 0.01
    assert re.fullmatch(r"\d+\.\d{3}", line["database_time"])
    assert float(line["database_time"]) <= float(line["upstream_time"]) + 0.01
    assert "X-Database-Seconds" not in answer.headers


def test_an_answer_from_the_cache_tells_no_seconds_of_the_databases(door: FrontDoor, suite: WebServer) -> None:
    for _ in range(2):
        door.ask("/branding.css?kept")
    door.line_of(door.ask("/login"))  # what came before is written then
    lines = [line for line in door.log if line["query"] == "kept"]
    assert [line["cache"] for line in lines] == ["MISS", "HIT"]
    assert lines[0]["database_time"]
    assert not lines[1]["database_time"]


def test_assets_are_sent_as_they_were_compressed_and_kept_for_good_by_their_hash(
    door: FrontDoor, suite: WebServer
) -> None:
    dist = PROJECT / "webapp/static/dist"
    plain = door.ask("/static/dist/core.js")
    packed = door.ask("/static/dist/core.js?v=0123456789abcdef", Accept_Encoding="gzip")
    assert plain.body == gzip.decompress(packed.body) == (dist / "core.js").read_bytes()
    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(packed.body) == (door.root / "opt/web/static/dist/core.js.gz").stat().st_size
    small = door.ask("/static/dist/core.js", Accept_Encoding="br, gzip")
    assert small.headers["Content-Encoding"] == "br"
    assert small.body == (door.root / "opt/web/static/dist/core.js.br").read_bytes()
    assert packed.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert plain.headers["Cache-Control"] == "public, max-age=300"
    assert packed.headers["X-Content-Type-Options"] == "nosniff"
    assert packed.headers["Strict-Transport-Security"]
    assert door.ask("/static/../nginx.conf").status in (400, 404)


def test_a_websocket_passes_through(tmp_path: Path) -> None:
    door = FrontDoor(tmp_path / "root")
    door.root.mkdir()
    door.install()
    with door.open(), socket.create_server(("127.0.0.1", door.suite)) as listening:
        suite = threading.Thread(target=_echo_once, args=(listening,))
        suite.start()
        context = ssl.create_default_context(cafile=str(door.certificates / "fullchain.pem"))
        with (
            socket.create_connection(("127.0.0.1", door.secure), timeout=10) as raw,
            context.wrap_socket(raw, server_hostname=HOST) as line,
        ):
            line.sendall(
                f"GET /live HTTP/1.1\r\nHost: {HOST}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
            )
            stream = line.makefile("rb")
            assert stream.readline() == b"HTTP/1.1 101 Switching Protocols\r\n"
            while stream.readline() != b"\r\n":
                pass
            line.sendall(b"there and back\n")
            assert stream.readline() == b"there and back\n"
        suite.join(10)


def _echo_once(listening: socket.socket) -> None:
    """Take one websocket and say its first line again."""
    connection, _address = listening.accept()
    with connection, connection.makefile("rwb") as stream:
        asked = list(iter(stream.readline, b"\r\n"))
        assert b"Upgrade: websocket\r\n" in asked
        assert b"Connection: upgrade\r\n" in asked
        stream.write(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
        stream.flush()
        stream.write(stream.readline())


def test_the_word_of_the_authority_is_stapled_to_its_certificate(tmp_path: Path) -> None:
    door = FrontDoor(tmp_path / "root")
    door.root.mkdir()
    door.install()
    with authority(door, tmp_path / "authority"), door.open():
        asked = ["openssl", "s_client", "-connect", f"127.0.0.1:{door.secure}", "-servername", HOST, "-status"]
        asked += ["-verify_return_error", "-CAfile", str(door.certificates / "chain.pem")]
        said: list[str] = []

        def stapled() -> bool:  # nginx asks the authority after the first visitor came
            said.append(subprocess.run(asked, input="", capture_output=True, text=True, check=True).stdout)
            return "OCSP Response Status: successful" in said[-1]

        until(stapled, 20, lambda: said[-1] + (door.root / "error.log").read_text(), every=0.2)
        assert "Cert Status: good" in said[-1]


@contextmanager
def authority(door: FrontDoor, folder: Path) -> Iterator[None]:
    """An authority that signed the certificate of the door, and answers for it."""
    folder.mkdir()
    port = free_port()

    def openssl(*words: str) -> None:
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)

    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=Authority", "-keyout", "ca.key", "-out", "ca.pem")  # fmt: skip
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={HOST}", "-keyout", "site.key", "-out", "site.csr")
    (folder / "site.ext").write_text(
        f"subjectAltName=DNS:{HOST}\nauthorityInfoAccess=OCSP;URI:http://127.0.0.1:{port}\n"
    )
    openssl("x509", "-req", "-in", "site.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-set_serial", "4096", "-days", "20", "-extfile", "site.ext", "-out", "site.pem")  # fmt: skip
    (folder / "index.txt").write_text(f"V\t991231235959Z\t\t1000\tunknown\t/CN={HOST}\n")
    for made, place in (("site.pem", "fullchain.pem"), ("site.key", "privkey.pem"), ("ca.pem", "chain.pem")):
        shutil.copy(folder / made, door.certificates / place)
    responder = subprocess.Popen(
        ["openssl", "ocsp", "-port", str(port), "-index", "index.txt", "-CA", "ca.pem", "-rsigner", "ca.pem", "-rkey", "ca.key"],
        cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield
    finally:
        responder.terminate()
        responder.wait(10)


def test_media_run_nothing(door: FrontDoor) -> None:
    (door.root / "opt/web/media/plan.0123456789abcdef.html").write_text("<script>alert(1)</script>")
    answer = door.ask("/media/plan.0123456789abcdef.html")
    assert answer.status == 200
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "immutable" in answer.headers["Cache-Control"]


def test_the_looks_come_from_the_cache_for_strangers_only(door: FrontDoor, suite: WebServer) -> None:
    first, second = door.ask("/branding.css?cached"), door.ask("/branding.css?cached")
    assert first.status == second.status == 200
    assert "Set-Cookie" not in first.headers
    assert first.headers["X-Request-ID"] == second.headers["X-Request-ID"]  # the very answer that was kept
    for own in ({"Cookie": "language=it"}, {"HX_Request": "true"}, {"Authorization": "Bearer x"}):
        answer = door.ask("/branding.css?cached", **own)
        assert door.line_of(answer)["cache"] == "BYPASS"
    assert door.line_of(door.ask("/branding.css?cached", Accept_Language="it"))["cache"] == "MISS"


def test_an_answer_with_a_cookie_is_kept_for_nobody(door: FrontDoor, suite: WebServer) -> None:
    first, second = door.ask("/login"), door.ask("/login")
    assert first.headers["Set-Cookie"] != second.headers["Set-Cookie"]


def test_the_inside_is_not_told_outside(door: FrontDoor, suite: WebServer) -> None:
    assert door.ask("/readyz").status == 404
    assert door.ask("/metrics").status == 404
    assert door.ask("/healthz").text == "alive\n"


def test_a_body_beyond_the_limit_is_refused_in_the_visitors_language(door: FrontDoor, suite: WebServer) -> None:
    answer = door.ask("/login", method="POST", body=b"x" * 70_000, Accept_Language="it-IT,it;q=0.9,en")
    assert answer.status == 413
    assert "Il file è troppo grande" in answer.text
    assert door.line_of(answer)["status"] == "413"
    assert "style-src 'self'" in answer.headers["Content-Security-Policy"]


def test_guessing_passwords_is_slowed_down_and_reading_is_not(door: FrontDoor, suite: WebServer) -> None:
    statuses = [door.ask("/login", method="POST", body=b"email=a", Accept_Language="en").status for _ in range(14)]
    assert statuses[0] != 429
    assert statuses[-1] == 429
    assert {door.ask("/login").status for _ in range(14)} == {200}


def test_maintenance_has_a_page_of_its_own_and_needs_no_reload(door: FrontDoor, suite: WebServer) -> None:
    sign = door.root / "etc/nginx/bottega/state/maintenance"
    sign.touch()
    try:
        closed = door.ask("/login", Accept_Language="it")
        assert (closed.status, closed.headers["Retry-After"]) == (503, "30")
        assert "Chiuso per qualche minuto" in closed.text
        assert "Closed for a moment" in door.ask("/?closed").text
        assert door.ask("/_house.css").status == 200
        assert door.ask("/static/dist/core.css").status == 200
    finally:
        sign.unlink()
    assert door.ask("/login").status == 200


def test_a_suite_that_does_not_answer_is_told_in_words_and_its_public_page_stays(
    door: FrontDoor, suite: WebServer
) -> None:
    door.ask("/branding.css?stays")
    conf = door.root / "etc/nginx/conf.d/bottega.conf"
    right = conf.read_text("utf-8")
    conf.write_text(right.replace(f"127.0.0.1:{door.suite}", f"127.0.0.1:{free_port()}"), "utf-8")
    reload_(door)
    try:
        answer = door.ask("/login", Accept_Language="it")
        assert (answer.status, answer.headers["Retry-After"]) == (503, "30")
        assert "Il sito al momento non risponde" in answer.text
        assert door.line_of(answer)["upstream_status"] == "502"
        let_pass(10.5)  # longer than it is fresh
        assert door.ask("/branding.css?stays").status == 200
    finally:
        conf.write_text(right, "utf-8")
        reload_(door)
    assert door.ask("/login").status == 200


def reload_(door: FrontDoor) -> None:
    """Let nginx take its configuration anew; those of its processes that go by the old one have ended then."""
    master = psutil.Process(int((door.root / "nginx.pid").read_text()))
    before = set(master.children())
    subprocess.run(door.command("-s", "reload"), check=True, capture_output=True)
    until(lambda: master.children() and not before & set(master.children()), 20)


def test_every_page_of_the_house_exists_in_both_languages() -> None:
    errors = PROJECT / "nginx/errors"
    named = set(
        re.findall(r"/_house/\$house_language/(\w+\.html)", (PROJECT / "nginx/snippets/suite.conf").read_text())
    )
    for language in ("en", "it"):
        assert {path.name for path in (errors / language).iterdir()} == named
        for name in named:
            html = (errors / language / name).read_text("utf-8")
            assert f'<html lang="{language}">' in html
            assert "style=" not in html
            assert "<script" not in html
