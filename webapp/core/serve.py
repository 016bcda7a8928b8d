"""`bottega run`: prepare, start the web server, tell the address, and end every process that was started."""

from __future__ import annotations

import ctypes
import functools
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from types import FrameType

import click

from webapp.core.embedded import EmbeddedPostgres
from webapp.core.settings import Settings

PATIENCE = 60.0
GRACE = 10.0
PR_SET_PDEATHSIG = 1
GRACEFUL = 5  # seconds that requests get to finish; then gunicorn ends its workers, before GRACE ends gunicorn


class ServeError(Exception):
    """The suite could not be brought up; the message says what failed."""


def serve(settings: Settings, *, with_etl: bool) -> None:
    """Migrate, load the demo company into an empty installation, run the ETL, and serve until SIGINT, SIGTERM or SIGHUP.

    A failed ETL keeps nobody from work: it is told, and the suite serves. Raises ServeError when another step or the web
    server fails.
    """
    for ending in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(ending) is not signal.SIG_IGN:  # nohup ignores the second
            signal.signal(ending, _as_interrupt)
    _check_port(settings)
    server = EmbeddedPostgres(settings.instance / "postgres") if settings.embedded else None
    try:
        if server:
            server.acquire()
        _step("db", "upgrade")
        if settings.environment == "development":
            _step("demo", "load", "--if-empty")
        if with_etl and not _succeeds("etl", "run"):
            click.echo("The figures of the dashboard are those of the last run that succeeded.", err=True)
        _serve_until_stopped(settings)
    except KeyboardInterrupt:
        click.echo("\nStopped.")
    finally:
        if server:
            server.release()


def _as_interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _check_port(settings: Settings) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise ServeError(
                f"{settings.host}:{settings.port} cannot be used ({error.strerror}): "
                "end the program that holds it, or choose another with PORT=8001"
            ) from None


def _step(*words: str) -> None:
    if not _succeeds(*words):
        raise ServeError(f"`bottega {' '.join(words)}` failed; its message is above")


def _succeeds(*words: str) -> bool:
    return subprocess.run([sys.executable, "-m", "webapp.cli", *words], check=False).returncode == 0


def _serve_until_stopped(settings: Settings) -> None:
    # A group of its own: Ctrl-C reaches only this process, which then ends the web server. Told by both at once, a worker
    # of gunicorn can wait for its own lock for ever.
    tie = functools.partial(_end_with_parent, ctypes.CDLL(None)) if sys.platform == "linux" else None
    web = subprocess.Popen(_gunicorn(settings), process_group=0, preexec_fn=tie)  # noqa: PLW1509 - no thread runs here
    try:
        sign_in = _demo_sign_in(settings)
        _wait_until_it_answers(web, settings)
        click.echo(f"\nBottega is ready: {_address(settings)}\n{sign_in}", nl=False)
        code = web.wait()
        raise ServeError(f"the web server ended by itself with exit code {code}; its message is above")
    finally:
        _end(web)


def _end_with_parent(libc: ctypes.CDLL) -> None:
    """Ask Linux to send this process SIGTERM when its parent ends, however that ends."""
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _gunicorn(settings: Settings) -> Sequence[str]:
    return [
        sys.executable, "-m", "gunicorn", "webapp.app:create_app()",
        "--bind", f"{settings.host}:{settings.port}",
        "--workers", str(settings.workers),
        "--threads", str(settings.threads),
        "--worker-class", "gthread",
        "--graceful-timeout", str(GRACEFUL),
        "--preload",
        "--no-control-socket",
        "--log-level", "warning",
    ]  # fmt: skip


def _wait_until_it_answers(web: subprocess.Popen[bytes], settings: Settings) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if web.poll() is not None:
            raise ServeError(f"the web server did not start (exit code {web.returncode}); its message is above")
        try:
            with urllib.request.urlopen(_address(settings), timeout=10):  # noqa: S310 - our own address
                return
        except urllib.error.HTTPError as error:
            raise ServeError(f"the web server answers with an error: {error.code} {error.reason}") from None
        except OSError:
            time.sleep(0.1)
    raise ServeError(f"the web server did not answer within {PATIENCE:.0f} s")


def _demo_sign_in(settings: Settings) -> str:
    if settings.environment != "development":
        return ""
    words = [sys.executable, "-m", "webapp.cli", "demo", "sign-in"]
    return subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True).stdout


def _address(settings: Settings) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{settings.port}/"


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(GRACE)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
