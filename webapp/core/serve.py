"""`bottega run`: prepare, start the web server and what else is wanted, tell the address, keep all of it alive, end it.

`bottega web` is a program of its own, `python -m webapp.core.serve`: it knows no room and stays small.
"""

from __future__ import annotations

import os
import shutil
import socket
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from functools import partial

import click

from webapp.core.embedded import EmbeddedPostgres, EmbeddedPostgresError
from webapp.core.settings import Settings, SettingsError
from webapp.core.supervisor import GRACE, Child, Endings, Forked, GaveUp, Supervisor

Command = Callable[..., object]  # takes the words of a command of `bottega`
PATIENCE = 60.0
GRACEFUL = 5  # seconds that requests get to finish; then gunicorn ends its workers, before the supervisor ends gunicorn


class ServeError(Exception):
    """The suite could not be brought up; the message says what failed."""


def serve(settings: Settings, command: Command, *, with_etl: bool, beside: Sequence[str]) -> None:
    """Migrate, load the demo company into an empty installation, run the ETL, and serve until SIGINT, SIGTERM or SIGHUP.

    `command` works off a command of `bottega` by its words; each runs in a copy of this process, so that what is loaded here
    is loaded once and lies in memory once. The commands `beside` run for ever beside the web server and are kept alive as it
    is. A failed ETL keeps nobody from work: it is told, and the suite serves. Raises ServeError when another step fails or a
    program dies again and again.
    """
    endings = Endings()
    _check_port(settings)
    server = EmbeddedPostgres(settings.instance / "postgres") if settings.embedded else None
    try:
        if server:
            server.acquire()
        _step(command, "db", "upgrade")
        if settings.environment == "development":
            _step(command, "demo", "load", "--if-empty")
        if with_etl and not _succeeds(command, "etl", "run"):
            click.echo("The figures of the dashboard are those of the last run that succeeded.", err=True)
        _serve_until_stopped(settings, command, beside, endings)
    except KeyboardInterrupt:
        click.echo("\nStopped.")
    except GaveUp as problem:
        raise ServeError(f"Bottega stops: {problem}") from None
    finally:
        if server:
            server.release()


def serve_web(settings: Settings) -> None:
    """Serve and nothing else, until a signal ends it: what a container of the image does. Raises ServeError."""
    endings = Endings()
    _check_port(settings)
    supervisor = Supervisor(endings)
    figures = ""
    try:
        figures = _offer_figures(supervisor, settings)
        supervisor.start("web server", _gunicorn(settings))
        supervisor.watch()
    except KeyboardInterrupt:
        click.echo("Stopped.")
    except GaveUp as problem:
        raise ServeError(f"Bottega stops: {problem}") from None
    finally:
        supervisor.stop()
        if figures:
            shutil.rmtree(figures)


def _offer_figures(supervisor: Supervisor, settings: Settings) -> str:
    """Start the exporter beside the web server; the folder that they share, "" without METRICS_PORT."""
    if not settings.metrics_port:
        return ""
    folder = tempfile.mkdtemp(prefix="bottega-figures-")
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder  # what starts from here on writes there
    supervisor.start(
        "exporter of figures",
        [
            sys.executable, "-m", "webapp.core.metrics_exporter",
            folder, settings.metrics_host, str(settings.metrics_port),
        ],
    )  # fmt: skip
    return folder


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


def _step(command: Command, *words: str) -> None:
    if not _succeeds(command, *words):
        raise ServeError(f"`bottega {' '.join(words)}` failed; its message is above")


def _succeeds(command: Command, *words: str) -> bool:
    step = Forked(" ".join(words), partial(command, *words))
    try:
        return step.wait() == 0
    finally:
        step.end(GRACE)


def _serve_until_stopped(settings: Settings, command: Command, beside: Sequence[str], endings: Endings) -> None:
    supervisor = Supervisor(endings)
    figures = ""
    try:
        figures = _offer_figures(supervisor, settings)
        web = supervisor.start("web server", _gunicorn(settings))
        _wait_until_it_answers(web, settings)
        if settings.environment == "development":
            _step(command, "demo", "sign-in")
        for name in beside:
            supervisor.start(name, partial(command, name))
        click.echo(f"Bottega is ready: {_address(settings)}")
        supervisor.watch()
    finally:
        supervisor.stop()
        if figures:
            shutil.rmtree(figures)


def _gunicorn(settings: Settings) -> Sequence[str]:
    return [
        sys.executable, "-m", "gunicorn", "webapp.app:create_app()",
        "--bind", f"{settings.host}:{settings.port}",
        "--workers", str(settings.workers),
        "--threads", str(settings.threads),
        "--worker-class", "gthread",
        "--graceful-timeout", str(GRACEFUL),
        "--reload" if settings.reload else "--preload",
        "--config", "python:webapp.core.gunicorn_hooks",
        "--no-control-socket",
        "--log-level", "warning",
    ]  # fmt: skip


def _wait_until_it_answers(web: Child, settings: Settings) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if (code := web.ended()) is not None:
            raise ServeError(f"the web server did not start (exit code {code}); its message is above")
        try:
            with urllib.request.urlopen(_address(settings), timeout=10):  # noqa: S310 - our own address
                return
        except urllib.error.HTTPError as error:
            raise ServeError(f"the web server answers with an error: {error.code} {error.reason}") from None
        except OSError:
            time.sleep(0.1)
    raise ServeError(f"the web server did not answer within {PATIENCE:.0f} s")


def _address(settings: Settings) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{settings.port}/"


if __name__ == "__main__":
    try:
        serve_web(Settings.from_environment(os.environ))
    except (SettingsError, EmbeddedPostgresError, ServeError) as refusal:
        click.echo(str(refusal), err=True)
        sys.exit(2)
