"""A browser at a notebook, as far as its lines go: requests, a kernel, and a websocket on which code is run."""

from __future__ import annotations

import base64
import http.client
import json
import os
import socket
import ssl
import struct
import uuid
from collections.abc import Mapping
from typing import Any

PATIENCE = 60


class LineCut(Exception):
    """The other end closed the websocket, or it was cut."""


class Websocket:
    """A client of the few things that Jupyter's channels need: text frames of any size."""

    def __init__(self, line: socket.socket, host: str, path: str, headers: Mapping[str, str]) -> None:
        self.line = line
        line.settimeout(PATIENCE)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [
            f"GET {path} HTTP/1.1", f"Host: {host}", "Upgrade: websocket", "Connection: Upgrade",
            "Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {key}", *(f"{k}: {v}" for k, v in headers.items()),
        ]  # fmt: skip
        line.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        self.file = line.makefile("rb")
        self.status = int(self.file.readline().split()[1])
        while self.file.readline() not in (b"\r\n", b""):
            pass

    def send(self, text: str) -> None:
        """Send a text."""
        data, mask = text.encode(), os.urandom(4)
        size = bytes([0x80 | len(data)]) if len(data) < 126 else b"\xfe" + struct.pack(">H", len(data))
        masked = bytes(byte ^ mask[place % 4] for place, byte in enumerate(data))
        try:
            self.line.sendall(b"\x81" + size + mask + masked)
        except OSError as problem:
            raise LineCut from problem

    def receive(self) -> Any:
        """The next text, read as JSON. Raises LineCut."""
        while True:
            head = self._read(2)
            size = head[1] & 127
            if size == 126:
                size = struct.unpack(">H", self._read(2))[0]
            elif size == 127:
                size = struct.unpack(">Q", self._read(8))[0]
            data = self._read(size)
            if head[0] & 15 == 8:
                raise LineCut
            if head[0] & 15 == 1:
                return json.loads(data)

    def close(self) -> None:
        """End it."""
        self.file.close()
        self.line.close()

    def _read(self, count: int) -> bytes:
        try:
            data = self.file.read(count)
        except OSError as problem:
            raise LineCut from problem
        if len(data) < count:
            raise LineCut
        return data


class Visitor:
    """Requests to a notebook at `base`, with these headers; over TLS when `context` is given."""

    def __init__(
        self, host: str, port: int, base: str, headers: Mapping[str, str], context: ssl.SSLContext | None = None
    ) -> None:
        self.host, self.port, self.base, self.headers, self.context = host, port, base, dict(headers), context

    def connect(self) -> socket.socket:
        """A line to nginx, or to the notebook itself."""
        raw = socket.create_connection((self.headers.get("X-Reach", "127.0.0.1"), self.port), timeout=PATIENCE)
        return self.context.wrap_socket(raw, server_hostname=self.host) if self.context else raw

    def ask(self, path: str, method: str = "GET", body: Any = None) -> tuple[int, bytes]:
        """Status and body of an answer."""
        connection = http.client.HTTPConnection(self.host)
        connection.sock = self.connect()
        connection.request(method, self.base + path, json.dumps(body) if body else None, self.headers)
        answer = connection.getresponse()
        told = answer.status, answer.read()
        connection.close()
        return told

    def open_kernel(self) -> Kernel:
        """A new kernel, and a websocket to it."""
        status, body = self.ask("api/kernels", "POST", {"name": "python3"})
        assert status == 201, (status, body[:500])
        return Kernel(self, json.loads(body)["id"])


class Kernel:
    """A kernel behind a websocket."""

    def __init__(self, visitor: Visitor, number: str) -> None:
        self.number = number
        scheme = "https" if visitor.context else "http"
        headers = {"Origin": f"{scheme}://{visitor.host}"} | visitor.headers
        path = f"{visitor.base}api/kernels/{number}/channels?session_id={uuid.uuid4().hex}"
        self.socket = Websocket(visitor.connect(), visitor.host, path, headers)

    def run(self, code: str) -> str:
        """What the code gives: its value or what it printed. Raises LineCut."""
        number = self._send(
            "execute_request", code=code, silent=False, store_history=False, user_expressions={}, allow_stdin=False
        )
        told = ""
        while True:
            message = self.socket.receive()
            if message["parent_header"].get("msg_id") != number:
                continue
            content = message["content"]
            if message["msg_type"] == "execute_result":
                told = content["data"]["text/plain"]
            elif message["msg_type"] == "stream":
                told += content["text"]
            elif message["msg_type"] == "error":
                told = f"{content['ename']}: {content['evalue']}"
            elif message["msg_type"] == "status" and content["execution_state"] == "idle":
                return str(told)  # the reply comes by another channel, and may be faster than what was printed

    def greet(self) -> None:
        """Ask the kernel who it is: the shortest way there and back."""
        number = self._send("kernel_info_request")
        while True:
            message = self.socket.receive()
            if message["msg_type"] == "kernel_info_reply" and message["parent_header"].get("msg_id") == number:
                return

    def _send(self, kind: str, **content: Any) -> str:
        number = uuid.uuid4().hex
        header = {"msg_id": number, "username": "x", "session": "s", "msg_type": kind, "version": "5.3", "date": ""}
        message = {"header": header, "parent_header": {}, "metadata": {}, "channel": "shell", "content": content}
        self.socket.send(json.dumps(message))
        return number
