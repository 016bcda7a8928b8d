"""The way to GOLD where its server wants TLS: a real PostgreSQL with certificates made here."""

from __future__ import annotations

import asyncio
import io
import tarfile
import tempfile
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import docker
import psycopg2
import pytest
from docker.models.containers import Container
from sqlalchemy.engine import make_url

from tests.core.test_serve import free_port
from tests.deployment.engine import base_images, running_engine
from tests.deployment.other_engine import Authority
from tests.waiting import until
from webapp.blueprints.notebooks.gateways.gold_relay import GoldRelay, Upstream

pytestmark = [pytest.mark.needs("dockerd"), pytest.mark.needs("openssl")]
READER, PASSWORD = "nb_reader_7", "only-for-this-test"
POSTGRES = 999  # who the server is in its image
Read = Callable[..., AbstractContextManager["psycopg2.extensions.connection"]]


@dataclass(frozen=True)
class Server:
    """PostgreSQL that lets readers in over TLS only, by password; `plain` speaks none."""

    port: int
    plain: int
    authority: Path
    strangers: Path


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("authorities")
    ours, theirs = Authority(folder / "ours"), Authority(folder / "theirs")
    signed = ours.sign("gold", names="IP:127.0.0.1", purpose="serverAuth")
    start = (
        f"CREATE ROLE {READER} LOGIN PASSWORD '{PASSWORD}';"
        "\\! echo 'hostssl all all all scram-sha-256' > $PGDATA/pg_hba.conf"
    )
    with running_engine(), closing(docker.from_env()) as client:
        image = base_images().get("POSTGRES_IMAGE", "postgres:15")
        ports = free_port(), free_port()
        made = []
        try:
            for port, files in zip(ports, ({"cert.pem": signed / "cert.pem", "key.pem": signed / "key.pem"}, {}), strict=True):  # fmt: skip
                tls = ["-c", "ssl=on", "-c", "ssl_cert_file=/tls/cert.pem", "-c", "ssl_key_file=/tls/key.pem"]
                container = client.containers.create(
                    image, ["postgres", "-c", "fsync=off", *(tls if files else [])], name=f"gold-tls-{uuid.uuid4().hex[:8]}",
                    environment={"POSTGRES_PASSWORD": "superuser", "POSTGRES_DB": "gold"}, ports={"5432/tcp": ("127.0.0.1", port)},
                )  # fmt: skip
                made.append(container)
                container.put_archive("/", _packed({f"tls/{name}": path.read_bytes() for name, path in files.items()}))
                begin = start if files else start.partition(";")[0] + ";"
                container.put_archive("/docker-entrypoint-initdb.d", _packed({"start.sql": begin.encode()}))
                container.start()
            for container in made:
                await_server(container)
            yield Server(*ports, ours.folder / "ca.pem", theirs.folder / "ca.pem")
        finally:
            for container in made:
                container.remove(force=True, v=True)


def await_server(container: Container) -> None:
    """Wait until it is ready for the second time: the first time it makes the database, and listens to nobody else."""
    until(lambda: container.logs().count(b"ready to accept connections") > 1, 90, container.logs)


def _packed(files: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode, entry.uid, entry.gid = len(content), 0o600, POSTGRES, POSTGRES
            archive.addfile(entry, io.BytesIO(content))
    return stream.getvalue()


@pytest.fixture
def read() -> Iterator[Read]:
    """Read GOLD as a notebook does, over a relay to the server of this address."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    @contextmanager
    def open_(address: str) -> Iterator[psycopg2.extensions.connection]:
        with tempfile.TemporaryDirectory(prefix="nb-") as folder:
            relay = GoldRelay(Path(folder), Upstream.of(make_url(address)), readers="nb_reader_")
            asyncio.run_coroutine_threadsafe(relay.listen(), loop).result(10)
            try:
                with closing(psycopg2.connect(host=folder, dbname="gold", user=READER, password=PASSWORD)) as line:
                    yield line
            finally:
                asyncio.run_coroutine_threadsafe(relay.close(), loop).result(10)

    yield open_
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()


@pytest.mark.parametrize("wish", ["prefer", "require", "verify-ca", "verify-full"])
def test_a_notebook_reads_over_tls_that_its_own_line_does_not_speak(server: Server, read: Read, wish: str) -> None:
    address = f"postgresql://@127.0.0.1:{server.port}/gold?sslmode={wish}&sslrootcert={server.authority}"
    with read(address) as line, line.cursor() as cursor:
        cursor.execute("SELECT ssl, current_user, repeat('x', 100000) FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
        [(encrypted, who, much)] = cursor.fetchall()
        assert (encrypted, who, len(much)) == (True, READER, 100_000)


def test_a_wrong_password_is_the_servers_matter_over_tls_too(server: Server, read: Read) -> None:
    address = f"postgresql://@127.0.0.1:{server.port}/gold?sslmode=require"
    with read(address) as line:
        folder = line.info.host
        with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
            psycopg2.connect(host=folder, dbname="gold", user=READER, password="wrong")


@pytest.mark.parametrize("wish", ["verify-ca", "verify-full"])
def test_a_server_that_another_authority_vouches_for_is_not_read(server: Server, read: Read, wish: str) -> None:
    for authorities in (server.strangers, "system"):
        address = f"postgresql://@127.0.0.1:{server.port}/gold?sslmode={wish}&sslrootcert={authorities}"
        refused = pytest.raises(psycopg2.OperationalError, match="certificate of GOLD's server does not count: ")
        with refused, read(address):
            pass


def test_only_verify_full_minds_the_name(server: Server, read: Read) -> None:
    address = f"postgresql://@localhost:{server.port}/gold?sslrootcert={server.authority}&sslmode="
    with read(f"{address}verify-ca"):
        pass
    with pytest.raises(psycopg2.OperationalError, match="Hostname mismatch"), read(f"{address}verify-full"):
        pass


@pytest.mark.parametrize("wish", ["require", "verify-ca", "verify-full"])
def test_a_server_without_tls_is_not_read_where_the_address_demands_it(server: Server, read: Read, wish: str) -> None:
    address = f"postgresql://@127.0.0.1:{server.plain}/gold?sslrootcert={server.authority}&sslmode="
    with pytest.raises(psycopg2.OperationalError, match="speaks no TLS, which its address demands"), read(f"{address}{wish}"):  # fmt: skip
        pass
    with read(f"{address}prefer"):
        pass
