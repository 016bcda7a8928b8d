"""A mail server for tests: as much of SMTP as a client needs, answers that a test can spoil, and an end at once."""

from __future__ import annotations

import base64
import contextlib
import socketserver
import ssl
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any


@dataclass
class MailServer:
    """What it takes, and what it says instead of "250": `answers` by the verb that a client sends, "connect" first.

    At the verbs in `drops` it hangs up instead of answering, at those in `hangs` it says nothing more. At "content", the
    end of a message, it has taken the message by then if it `takes_first`;
    it `thinks` about a message for so many seconds.
    `certificate` (a file with certificate and key) offers STARTTLS, or is used from the start with `tls`.
    """

    certificate: Path | None = None
    tls: bool = False
    port: int = 0
    answers: dict[str, str] = field(default_factory=dict)
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    sign_ins: list[tuple[str, str]] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    drops: set[str] = field(default_factory=set)
    hangs: set[str] = field(default_factory=set)
    takes_first: bool = False
    thinks: float = 0.0
    connections: int = 0
    over: threading.Event = field(default_factory=threading.Event)

    @contextlib.contextmanager
    def running(self) -> Iterator[MailServer]:
        """Listen on `port`, any free one when it is 0; afterwards nobody listens there."""
        owner = self
        self.over.clear()

        class Session(_Session):
            server_ = owner

        with _Server(("127.0.0.1", self.port), Session) as server:
            self.port = server.server_address[1]
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
            thread.start()
            try:
                yield self
            finally:
                self.over.set()
                server.shutdown()
                thread.join()

    def context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        assert self.certificate
        context.load_cert_chain(self.certificate)
        return context


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that refuses our certificate goes in the middle of the handshake: nothing to print."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class _Session(socketserver.BaseRequestHandler):
    server_: MailServer

    def handle(self) -> None:
        self.encrypted = False
        with contextlib.ExitStack() as self.open:
            self.wear(self.request)
            if self.server_.tls:
                self.encrypt()
            self.server_.connections += 1
            self.say("connect", "220 mail.test ready")
            while line := self.file.readline():
                verb, _, rest = line.decode().strip().partition(" ")
                if not getattr(self, verb.lower(), self.other)(verb.upper(), rest):
                    return

    def wear(self, connection: Any) -> None:
        self.connection = self.open.enter_context(connection)
        self.file = self.open.enter_context(connection.makefile("rb"))

    def encrypt(self) -> None:
        self.wear(self.server_.context().wrap_socket(self.connection, server_side=True))
        self.encrypted = True

    def say(self, verb: str, usual: str) -> bool:
        if verb in self.server_.hangs:
            self.server_.over.wait(60)
        if verb in self.server_.drops | self.server_.hangs:
            raise ConnectionAbortedError
        said = self.server_.answers.get(verb, usual)
        self.connection.sendall(f"{said}\r\n".encode())
        return said == usual

    def ehlo(self, verb: str, _rest: str) -> bool:
        offered = ["mail.test", "8BITMIME", "AUTH PLAIN"]
        if self.server_.certificate and not self.encrypted:
            offered.append("STARTTLS")
        self.say(verb, "\r\n".join(f"250{' ' if each is offered[-1] else '-'}{each}" for each in offered))
        return True

    def starttls(self, verb: str, _rest: str) -> bool:
        if self.say(verb, "220 go ahead"):
            self.encrypt()
        return True

    def auth(self, verb: str, rest: str) -> bool:
        _empty, user, password = base64.b64decode(rest.partition(" ")[2]).decode().split("\0")
        if self.say(verb, "235 welcome"):
            self.server_.sign_ins.append((user, password))
        return True

    def rcpt(self, verb: str, rest: str) -> bool:
        if self.say(verb, "250 fine"):
            self.server_.recipients.append(rest.partition("<")[2].rstrip(">"))
        return True

    def data(self, verb: str, _rest: str) -> bool:
        if not self.say(verb, "354 go on"):
            return False
        lines = []
        while (line := self.file.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        mail = message_from_bytes(b"".join(lines), policy=default)
        time.sleep(self.server_.thinks)
        if self.server_.takes_first:
            self.server_.mails.append(mail)
        if self.say("content", "250 taken") and not self.server_.takes_first:
            self.server_.mails.append(mail)
            self.server_.encrypted.append(self.encrypted)
        return True

    def other(self, verb: str, _rest: str) -> bool:
        self.say(verb, "221 bye" if verb == "QUIT" else "250 fine")
        return verb != "QUIT"
