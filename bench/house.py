"""A house of its own for the bench: the demo company in an instance that is thrown away, and its web server."""

from __future__ import annotations

import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from flask import Flask

from bench.context import Context
from tests.waiting import until
from webapp.app import create_app
from webapp.core import migrations
from webapp.core.settings import Settings

PATIENCE = 120.0


@dataclass(frozen=True)
class House:
    """The demo company: an application on its databases, and the environment of whatever else works on them."""

    app: Flask
    environ: dict[str, str]
    folder: Path

    def run(self, *words: str) -> None:
        """Run `bottega WORDS`. Raises SystemExit when it fails."""
        done = subprocess.run(
            [sys.executable, "-m", "webapp.cli", *words], env=self.environ, capture_output=True, check=False
        )
        if done.returncode:
            raise SystemExit(f"`bottega {' '.join(words)}` failed:\n{done.stderr.decode()}")


@contextmanager
def open_house(context: Context, *demo: str, **environ: str) -> Iterator[House]:
    """A house with the demo company, loaded with the options `demo`; gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="bottega-bench-", ignore_cleanup_errors=True) as folder:
        own = {**context.environ, "BOTTEGA_INSTANCE": f"{folder}/instance", "BOTTEGA_ENV": "development", **environ}
        app = create_app(Settings.from_environment(own))
        house = House(app, own, Path(folder))
        try:
            with app.app_context():
                migrations.upgrade()
            house.run("demo", "load", *demo)
            yield house
        finally:
            app.extensions["embedded_postgres"].release()


@contextmanager
def serving(
    house: House, program: str = "webapp.app:create_app()", *, workers: int = 2, **environ: str
) -> Iterator[int]:
    """Gunicorn as `bottega run` starts it, behind a proxy that it believes; its port."""
    port = free_port()
    command = [
        sys.executable, "-m", "gunicorn", program, "--bind", f"127.0.0.1:{port}", "--workers", str(workers), "--threads", "4",
        "--worker-class", "gthread", "--preload", "--config", "python:webapp.core.gunicorn_hooks", "--no-control-socket",
        "--log-level", "warning",
    ]  # fmt: skip
    with running(command, {**house.environ, "TRUSTED_PROXIES": "1", "PORT": str(port), **environ}):
        health = f"http://127.0.0.1:{port}/healthz"
        until(lambda: _answers(health), PATIENCE, lambda: f"{health} does not answer", every=0.2)
        yield port


@contextmanager
def running(command: Sequence[str], environ: dict[str, str] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """A program that is ended afterwards."""
    process = subprocess.Popen(command, env=environ, start_new_session=True)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def free_port() -> int:
    """A port that nobody holds."""
    while True:
        port = 20_000 + secrets.randbelow(10_000)
        with suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port


def read(address: str, **headers: str) -> bytes:
    """The body of an answer with status 200."""
    asked = urllib.request.Request(address, headers=headers)  # noqa: S310 - our own address
    with urllib.request.urlopen(asked, timeout=30) as answer:  # noqa: S310 - our own address
        return bytes(answer.read())


def _answers(address: str) -> bool:
    with suppress(OSError):
        read(address)
        return True
    return False
