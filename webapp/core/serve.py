"""`bottega run`: prepare, start the web server and what else is wanted, tell the address, keep all of it alive, end it.

`bottega web` is a program of its own, `python -m webapp.core.serve`: it knows no room and stays small.
"""

from __future__ import annotations

import gc
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence

import click

from webapp.core.embedded import EmbeddedPostgres, EmbeddedPostgresError
from webapp.core.settings import Settings, SettingsError
from webapp.core.supervisor import GRACE, Child, Endings, GaveUp, Supervisor, start_tied

_BOTTEGA = (sys.executable, "-m", "webapp.cli")
PATIENCE = 60.0
GRACEFUL = 5  # seconds that requests get to finish; then gunicorn ends its workers, before the supervisor ends gunicorn


class ServeError(Exception):
    """The suite could not be brought up; the message says what failed."""


def serve(settings: Settings, *, with_etl: bool, beside: Callable[[], Mapping[str, Callable[[], object]]]) -> None:
    """Migrate, load the demo company into an empty installation, run the ETL, and serve until SIGINT, SIGTERM or SIGHUP.

    `beside` gives, by their names, what runs for ever beside the web server and is kept alive as that is: each in a copy of
    this process, so that what is loaded here lies in memory once. A failed ETL keeps nobody from work: it is told, and the
    suite serves. Raises ServeError when another step fails or a program dies again and again.
    """
    endings = Endings()
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
        _serve_until_stopped(settings, beside, endings)
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


def _step(*words: str) -> None:
    if not _succeeds(*words):
        raise ServeError(f"`bottega {' '.join(words)}` failed; its message is above")


def _succeeds(*words: str) -> bool:
    step = start_tied([*_BOTTEGA, *words])
    try:
        return step.wait() == 0
    finally:
        _end(step)


def _end(step: subprocess.Popen[bytes]) -> None:
    step.terminate()
    try:
        step.wait(GRACE)
    except subprocess.TimeoutExpired:
        step.kill()
        step.wait()


def _serve_until_stopped(
    settings: Settings, beside: Callable[[], Mapping[str, Callable[[], object]]], endings: Endings
) -> None:
    supervisor = Supervisor(endings)
    figures = ""
    try:
        figures = _offer_figures(supervisor, settings)
        web = supervisor.start("web server", _gunicorn(settings))
        sign_in = _demo_sign_in(settings)
        works = beside()  # loaded while the web server comes up
        _wait_until_it_answers(web, settings)
        gc.collect()
        gc.freeze()  # what is loaded stays shared: the collectors of the copies do not write to it
        for name, work in works.items():
            supervisor.start(name, work)
        click.echo(f"\nBottega is ready: {_address(settings)}\n{sign_in}", nl=False)
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


def _demo_sign_in(settings: Settings) -> str:
    if settings.environment != "development":
        return ""
    return subprocess.run([*_BOTTEGA, "demo", "sign-in"], check=True, stdout=subprocess.PIPE, text=True).stdout


def _address(settings: Settings) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{settings.port}/"


if __name__ == "__main__":
    try:
        serve_web(Settings.from_environment(os.environ))
    except (SettingsError, EmbeddedPostgresError, ServeError) as refusal:
        click.echo(str(refusal), err=True)
        sys.exit(2)
