"""`bottega web` as a process of its own, as a container runs it."""

from __future__ import annotations

import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.core.test_serve import BOTTEGA, PATIENCE, free_port, heard
from webapp.core.settings import Settings


@dataclass
class WebServer:
    """Where it listens."""

    process: subprocess.Popen[bytes]
    port: int
    figures: int


def read(address: str) -> str:
    """The body of an answer with status 200."""
    with urllib.request.urlopen(address, timeout=10) as answer:
        return str(answer.read().decode())


@contextmanager
def served(settings: Settings, *, port: int = 0, **environ: str) -> Iterator[WebServer]:
    """Run it on the databases of `settings`; it must end well."""
    port, figures = port or free_port(), free_port()
    with heard(signal.SIGTERM, signal.SIGINT):
        process = subprocess.Popen(
            [*BOTTEGA, "web"],
            env={
                **os.environ,
                "BOTTEGA_ENV": "test",
                "BOTTEGA_INSTANCE": str(settings.instance),
                "DATABASE_URL": str(settings.database_url),
                "GOLD_DATABASE_URL": str(settings.gold_database_url),
                "PORT": str(port),
                "METRICS_PORT": str(figures),
                **environ,
            },
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                read(f"http://127.0.0.1:{port}/healthz")
                break
            except (urllib.error.URLError, OSError):
                assert process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.2)
        yield WebServer(process, port, figures)
    finally:
        process.terminate()
        code = process.wait(30)
    assert code == 0
