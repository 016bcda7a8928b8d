"""nginx as an agency installs it on the host, under a folder of its own and on free ports."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.core.test_serve import free_port
from tests.waiting import until
from webapp.core.settings import PROJECT

HOST = "suite.client.it"
NOTEBOOKS = "nb.client.it"  # the name below which each notebook has its own
MAIN = """
include /etc/nginx/modules-enabled/*.conf;
daemon off; pid {root}/nginx.pid; error_log {root}/error.log warn; worker_processes 1; {user}
events {{ worker_connections 256; }}
http {{
  include /etc/nginx/mime.types; default_type application/octet-stream; sendfile on;
  client_body_temp_path {root}/tmp/body; proxy_temp_path {root}/tmp/proxy; fastcgi_temp_path {root}/tmp/fastcgi;
  uwsgi_temp_path {root}/tmp/uwsgi; scgi_temp_path {root}/tmp/scgi;
  {rest}
}}
"""


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    cookies: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass
class FrontDoor:
    """nginx with the production configuration under a folder of its own, as a host has it under /."""

    root: Path
    plain: int = field(default_factory=free_port)
    secure: int = field(default_factory=free_port)
    suite: int = field(default_factory=free_port)
    door: int = field(default_factory=free_port)
    notebooks: str = ""

    def ask(
        self,
        path: str,
        *,
        secure: bool = True,
        host: str = HOST,
        method: str = "GET",
        body: bytes = b"",
        **headers: str,
    ) -> Answer:
        """Ask for a page, as a browser that knows the address of the host."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        with socket.create_connection(("127.0.0.1", self.secure if secure else self.plain), timeout=20) as raw:
            line: socket.socket = raw
            if secure:
                context = ssl.create_default_context(cafile=str(self.certificates / "fullchain.pem"))
                line = context.wrap_socket(raw, server_hostname=host)
            with closing(line), closing(http.client.HTTPConnection(host)) as connection:
                connection.sock = line
                connection.request(method, path, body or None, {"Host": host, "Connection": "close", **named})
                answer = connection.getresponse()
                cookies = tuple(answer.headers.get_all("Set-Cookie") or ())
                return Answer(answer.status, dict(answer.getheaders()), answer.read(), cookies)

    @property
    def certificates(self) -> Path:
        return self.root / "etc/letsencrypt/live" / HOST

    def line_of(self, answer: Answer) -> dict[str, str]:
        """The line of the access log of an answer; nginx writes it after it has sent the last byte."""

        def mine() -> list[dict[str, str]]:
            return [line for line in self.log if line["request_id"] == answer.headers["X-Request-ID"]]

        until(mine, 5, lambda: "no such line", every=0.05)
        return mine()[-1]

    @property
    def log(self) -> list[dict[str, str]]:
        """The lines of the access log, each of which must be a JSON object."""
        return [
            json.loads(line)
            for line in (self.root / "var/log/nginx/bottega/access.log").read_text("utf-8").splitlines()
        ]

    def move(self, text: str) -> str:
        """A configuration that speaks of this folder instead of the root, and of ports that are free."""
        text = re.sub(
            r"(?<![\w.])/(etc/nginx/bottega|etc/letsencrypt|opt/web|var/www|var/log/nginx|var/lib/nginx)",
            rf"{self.root}/\1",
            text,
        )
        text = re.sub(r"\[::\]:", "[::1]:", text)
        text = re.sub(r"(listen (?:\[::1\]:)?)443\b", rf"\g<1>{self.secure}", text)
        text = re.sub(r"(listen (?:\[::1\]:)?)80\b", rf"\g<1>{self.plain}", text)
        text = text.replace("127.0.0.1:8010", f"127.0.0.1:{self.door}")
        return text.replace("127.0.0.1:8000", f"127.0.0.1:{self.suite}")

    def install(self) -> None:
        """What nginx/install does on a host, and a certificate as certbot leaves one."""
        subprocess.run([PROJECT / "nginx/install", HOST, str(self.root), self.notebooks], check=True)
        (self.root / "modules").symlink_to("/usr/lib/nginx/modules")  # Debian's lines name them by the prefix
        self.certificates.mkdir(parents=True)
        (self.certificates.parent / NOTEBOOKS).symlink_to(self.certificates)
        for folder in ("var/lib/nginx", "tmp"):
            (self.root / folder).mkdir(parents=True)
        subprocess.run(
            [
                "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", f"/CN={HOST}",
                "-addext", f"subjectAltName=DNS:{HOST},DNS:*.{NOTEBOOKS}", "-keyout", "privkey.pem", "-out", "fullchain.pem",
            ],
            cwd=self.certificates, check=True, capture_output=True,
        )  # fmt: skip
        shutil.copy(self.certificates / "fullchain.pem", self.certificates / "chain.pem")
        (self.root / "run").mkdir()
        (self.root / "run/nginx.pid").symlink_to(self.root / "nginx.pid")  # where the rotation of the logs looks for it
        for path in (self.root / "etc/nginx").rglob("*.conf"):
            path.write_text(self.move(path.read_text("utf-8")), "utf-8")
        user = "user root;" if os.geteuid() == 0 else ""
        rest = f"include {self.root}/etc/nginx/conf.d/*.conf;"
        (self.root / "nginx.conf").write_text(MAIN.format(root=self.root, rest=rest, user=user))

    def command(self, *words: str) -> list[str]:
        return ["nginx", "-p", str(self.root), "-c", str(self.root / "nginx.conf"), *words]

    @contextmanager
    def open(self) -> Iterator[None]:
        """Run nginx."""
        process = subprocess.Popen(self.command())
        try:

            def up() -> bool:
                assert process.poll() is None, (self.root / "error.log").read_text()
                return (self.root / "nginx.pid").exists()

            until(up, 10, every=0.05)
            yield
        finally:
            process.terminate()
            process.wait(10)
