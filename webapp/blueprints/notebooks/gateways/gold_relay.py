"""The way from notebooks to GOLD: a socket in a folder that containers are given, and nothing of a network.

Only the readers that notebooks have may pass, and only to the GOLD database: whoever else asks is answered by this process,
never by the server. Passwords are the server's matter; it sees each connection as coming from here.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
import struct
from asyncio import StreamReader as Reader
from asyncio import StreamWriter as Writer
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL

log = logging.getLogger(__name__)
SOCKET = ".s.PGSQL.5432"
SYSTEM = "system"  # as libpq names the authorities of this machine
SSL_REQUEST, GSS_REQUEST, CANCEL_REQUEST = 80877103, 80877104, 80877102
MAJOR = 3
LONGEST_START = 10_000
LONGEST_ANSWER = 65_536
PATIENCE = 10.0  # seconds until a client has said who it is, and until the server answers
MOST = 400  # connections at once
SASL = 10
BOUND = b"SCRAM-SHA-256-PLUS"  # needs TLS up to the client
PIECE = 1 << 16


class Refused(Exception):
    """Somebody who may not pass; the message is for them."""


@dataclass(frozen=True)
class Upstream:
    """The server of GOLD. `socket` is a folder, for one on this machine; else `host` and `port`."""

    database: str
    host: str = ""
    port: int = 5432
    socket: str = ""
    tls: str = "prefer"
    authorities: str = SYSTEM

    @classmethod
    def of(cls, url: URL) -> Upstream:
        """The server that an address of SQLAlchemy names."""
        query = {name: value for name, value in url.query.items() if isinstance(value, str)}
        host = query.get("host") or url.host or "localhost"
        place = {"socket": host} if host.startswith("/") else {"host": host}
        return cls(
            database=str(url.database),
            port=int(query.get("port") or url.port or 5432),
            tls=query.get("sslmode", "prefer"),
            authorities=query.get("sslrootcert", SYSTEM),
            **place,
        )

    async def open(self) -> tuple[Reader, Writer, bool]:
        """A connection on which nothing has been said yet, and whether it is encrypted. Raises OSError, Refused."""
        if self.socket:
            return *await asyncio.open_unix_connection(f"{self.socket}/.s.PGSQL.{self.port}"), False
        reader, writer = await asyncio.open_connection(self.host, self.port)
        try:
            return reader, writer, await self._encrypt(reader, writer)
        except BaseException:
            writer.transport.abort()
            raise

    async def _encrypt(self, reader: Reader, writer: Writer) -> bool:
        if self.tls in ("disable", "allow"):
            return False
        writer.write(struct.pack("!II", 8, SSL_REQUEST))
        if await reader.readexactly(1) == b"S":
            await writer.start_tls(self._context(), server_hostname=self.host)
            return True
        if self.tls != "prefer":
            raise Refused("the server of GOLD speaks no TLS, which its address demands")
        return False

    def _context(self) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=self.authorities if self.authorities != SYSTEM else None)
        context.check_hostname = self.tls == "verify-full"
        context.verify_mode = ssl.CERT_REQUIRED if self.tls in ("verify-ca", "verify-full") else ssl.CERT_NONE
        return context


class GoldRelay:
    """Listens in `folder` until `close`. `readers`: how the names begin that may pass."""

    def __init__(self, folder: Path, upstream: Upstream, *, readers: str) -> None:
        self.path = folder / SOCKET
        self.upstream = upstream
        self.readers = readers
        self._open: set[asyncio.Task[None]] = set()
        self._server: asyncio.AbstractServer | None = None

    async def listen(self) -> None:
        """Begin to listen, in the place of whoever did before."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with suppress(PermissionError):  # a volume that is somebody else's, and lets this process write
            self.path.parent.chmod(0o755)
        self.path.unlink(missing_ok=True)
        self._server = await asyncio.start_unix_server(self._serve, str(self.path))
        self.path.chmod(0o666)  # notebooks are other users; the password says who they are

    async def close(self) -> None:
        """End all connections."""
        if self._server:
            self._server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)
        self.path.unlink(missing_ok=True)

    async def _serve(self, reader: Reader, writer: Writer) -> None:
        task = asyncio.current_task()
        assert task  # noqa: S101 - a coroutine that runs is one
        self._open.add(task)
        try:
            if len(self._open) > MOST:
                raise Refused("too many connections to GOLD at once")
            await self._pass(reader, writer)
        except Refused as refused:
            await _end_with(writer, "28000", str(refused))
        except ssl.SSLCertVerificationError as stranger:
            log.warning("the server of GOLD shows a certificate that does not count: %s", stranger.verify_message)
            await _end_with(
                writer, "08001", f"the certificate of GOLD's server does not count: {stranger.verify_message}"
            )
        except (OSError, asyncio.IncompleteReadError, TimeoutError, ssl.SSLError) as lost:
            log.info("a connection to GOLD ended: %s", lost)
            await _end_with(writer, "08006", "the server of GOLD does not answer")
        except asyncio.CancelledError:
            pass
        finally:
            self._open.discard(task)
            writer.close()

    async def _pass(self, reader: Reader, writer: Writer) -> None:
        async with asyncio.timeout(PATIENCE):
            start = await self._start(reader, writer)
            far_reader, far_writer, encrypted = await self.upstream.open()
        try:
            far_writer.write(start)
            if encrypted:
                async with asyncio.timeout(PATIENCE):
                    writer.write(await _first_answer(far_reader))
            await _both_ways((reader, far_writer), (far_reader, writer))
        except asyncio.CancelledError:
            far_writer.transport.abort()
            raise
        finally:
            await _say_goodbye(far_writer)

    async def _start(self, reader: Reader, writer: Writer) -> bytes:
        """The packet that begins the conversation with the server. Raises Refused."""
        while True:
            length, code = struct.unpack("!II", await reader.readexactly(8))
            if not 8 <= length <= LONGEST_START:
                raise Refused("this is not PostgreSQL's protocol")
            rest = await reader.readexactly(length - 8)
            if code in (SSL_REQUEST, GSS_REQUEST):
                writer.write(b"N")
                continue
            packet = struct.pack("!II", length, code) + rest
            if code == CANCEL_REQUEST:
                return packet  # it holds the secret of the connection that it is about
            if code >> 16 != MAJOR:
                raise Refused("this is not PostgreSQL's protocol")
            self._check(_parameters(rest))
            return packet

    def _check(self, parameters: Mapping[str, str]) -> None:
        user = parameters.get("user", "")
        if not user.startswith(self.readers):
            raise Refused("only the reader that this notebook was given may read GOLD from here")
        if parameters.get("database", user) != self.upstream.database:
            raise Refused(f"from here leads a way to the database {self.upstream.database} only")
        if "replication" in parameters:
            raise Refused("GOLD is read with queries only")


def _parameters(packet: bytes) -> dict[str, str]:
    words = [word.decode("utf-8", "replace") for word in packet.rstrip(b"\0").split(b"\0")]
    return dict(zip(words[::2], words[1::2], strict=False))


async def _first_answer(reader: Reader) -> bytes:
    """The server's first message; of the ways to sign in, without the one that is bound to the TLS that ends here."""
    head = await reader.readexactly(5)
    length = struct.unpack("!I", head[1:])[0]
    if not 4 <= length <= LONGEST_ANSWER:
        raise ConnectionError("the server of GOLD gave no answer of PostgreSQL's protocol")
    body = await reader.readexactly(length - 4)
    if head[:1] == b"R" and len(body) >= 4 and struct.unpack("!I", body[:4])[0] == SASL:
        body = body[:4] + body[4:].replace(BOUND + b"\0", b"", 1)
    return head[:1] + struct.pack("!I", len(body) + 4) + body


async def _both_ways(one: tuple[Reader, Writer], other: tuple[Reader, Writer]) -> None:
    """Carry until one side has nothing more to say."""
    ways = [asyncio.create_task(_carry(*way)) for way in (one, other)]
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)


async def _carry(reader: Reader, writer: Writer) -> None:
    while piece := await reader.read(PIECE):
        writer.write(piece)
        await writer.drain()
    with suppress(OSError):
        await writer.drain()


async def _say_goodbye(writer: Writer) -> None:
    """Close in order, as TLS wants it, and by force when the other side does not take part."""
    writer.close()
    try:
        async with asyncio.timeout(PATIENCE):
            await writer.wait_closed()
    except (OSError, TimeoutError):
        log.debug("the server of GOLD did not take leave")
    finally:
        writer.transport.abort()


async def _end_with(writer: Writer, code: str, sentence: str) -> None:
    with suppress(OSError):
        writer.write(_error(code, sentence))
        await writer.drain()


def _error(code: str, sentence: str) -> bytes:
    """A message of the server's that ends the conversation before it began."""
    fields = {"S": "FATAL", "V": "FATAL", "C": code, "M": sentence}
    body = b"".join(name.encode() + value.encode() + b"\0" for name, value in fields.items()) + b"\0"
    return b"E" + struct.pack("!I", len(body) + 4) + body
