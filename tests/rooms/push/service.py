"""A push service for tests: it opens what it is sent as a browser would, checks who sent it, and answers as a test wants."""

from __future__ import annotations

import base64
import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def unpadded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Device:
    """A browser as its push service knows it, and what the page of the site is told of it."""

    name: str
    endpoint: str
    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    auth: bytes = b"sixteen bytes ok"

    @property
    def told(self) -> dict[str, Any]:
        public = self.private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return {"endpoint": self.endpoint, "keys": {"p256dh": unpadded(public), "auth": unpadded(self.auth)}}


@dataclass
class Received:
    """A push that arrived whole: decrypted, its signature checked."""

    device: str
    content: dict[str, Any]
    claims: dict[str, Any]
    key: str
    headers: dict[str, str]


@dataclass
class PushService:
    """Answers 201; or what `answers` says for a device: a status, or a status and seconds for Retry-After.

    `calls` counts every request by device, `drops` are those to whose push it hangs up after reading it. `met` is called
    with each request's device before it is answered.
    """

    port: int = 0
    devices: dict[str, Device] = field(default_factory=dict)
    answers: dict[str, int | tuple[int, int | str]] = field(default_factory=dict)
    drops: set[str] = field(default_factory=set)
    calls: list[str] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    met: Callable[[str], None] = lambda _device: None

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def device(self, name: str) -> Device:
        return self.devices.setdefault(name, Device(name, f"{self.origin}/push/{name}"))

    @contextlib.contextmanager
    def running(self) -> Iterator[PushService]:
        owner = self

        class Handler(_Handler):
            service = owner

        server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        server.daemon_threads = True
        self.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()
            thread.join()

    def open(self, device: Device, body: bytes, headers: dict[str, str]) -> Received:
        """What a browser would read. Raises ValueError, KeyError or InvalidSignature for what it would refuse."""
        if headers["content-encoding"] != "aes128gcm" or not headers["ttl"].isdecimal():
            raise ValueError(headers)
        claims, key = self._signed(headers["authorization"])
        content = http_ece.decrypt(body, private_key=device.private, auth_secret=device.auth, version="aes128gcm")
        return Received(device.name, json.loads(content), claims, key, headers)

    def _signed(self, authorization: str) -> tuple[dict[str, Any], str]:
        scheme, _blank, rest = authorization.partition(" ")
        parts = dict(part.strip().split("=", 1) for part in rest.split(","))
        head, body, signature = parts["t"].split(".")
        raw = decoded(signature)
        public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decoded(parts["k"]))
        whole = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
        public.verify(whole, f"{head}.{body}".encode(), ec.ECDSA(SHA256()))
        claims = json.loads(decoded(body))
        right = (
            scheme == "vapid"
            and json.loads(decoded(head))["alg"] == "ES256"
            and claims["aud"] == self.origin
            and time.time() < claims["exp"] <= time.time() + 86400
            and claims["sub"].startswith(("mailto:", "http"))
        )
        if not right:
            raise ValueError(claims)
        return claims, parts["k"]


class _Handler(BaseHTTPRequestHandler):
    service: PushService
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        service = self.service
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        name = self.path.rpartition("/")[2]
        service.calls.append(name)
        service.met(name)
        if name in service.drops:
            self.close_connection = True
            return
        answer = service.answers.get(name, 201)
        status, after = answer if isinstance(answer, tuple) else (answer, None)
        if status == 201:
            try:
                headers = {key.lower(): value for key, value in self.headers.items()}
                service.received.append(service.open(service.devices[name], body, headers))
            except Exception as problem:  # noqa: BLE001 - the test looks at it
                service.problems.append(repr(problem))
                status = 400
        self.send_response(status)
        if after is not None:
            self.send_header("Retry-After", str(after))
        if status in (301, 302, 307, 308):
            self.send_header("Location", f"{service.origin}/push/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_args: object) -> None:
        """Nothing."""
