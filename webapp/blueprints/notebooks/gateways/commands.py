"""`bottega keeper`: the one process of an installation that talks to the engine of its notebooks."""

from __future__ import annotations

import signal
import sys

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from webapp.blueprints.notebooks.settings import KEEPERS_QUEUE, notebook_settings
from webapp.core.supervisor import Endings, GaveUp, Supervisor

_BOTTEGA = (sys.executable, "-m", "webapp.cli")


@click.command("keeper")
@click.option("--rounds", is_flag=True, help="Only compare and repair; no tasks.")
@click.option("--gold", is_flag=True, help="Only keep the notebooks' way to GOLD open; nothing of the engine.")
@click.option("--processes", type=click.IntRange(1, 32), default=2, show_default=True, help="How many starts at once.")
@with_appcontext
def keeper(*, rounds: bool, gold: bool, processes: int) -> None:
    """Start, stop and look after the containers of the notebooks, until SIGTERM. They run on without it."""
    if not notebook_settings().engine:
        click.echo("No engine for notebooks is set up (NOTEBOOK_ENGINE): the keeper has nothing to do.", err=True)
        _wait()
    elif gold:
        _keep_gold(current_app._get_current_object())  # type: ignore[attr-defined]  # noqa: SLF001 - Werkzeug's way to the thing behind
    elif rounds:
        _go_round(current_app._get_current_object())  # type: ignore[attr-defined]  # noqa: SLF001 - Werkzeug's way to the thing behind
    else:
        _supervise(processes)


def _go_round(app: Flask) -> None:
    from webapp.blueprints.notebooks.gateways.reconciler import Reconciler

    process = Reconciler(app)

    def leave(*_: object) -> None:
        process.leave.set()
        process.wake.set()

    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, leave)
    process.run()


def _keep_gold(app: Flask) -> None:
    from webapp.blueprints.notebooks.gateways.gold_keeping import GoldKeeping

    process = GoldKeeping(app)
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, lambda *_: process.leave.set())
    process.run()


def _supervise(processes: int) -> None:
    supervisor = Supervisor(Endings())
    try:
        supervisor.start("way to GOLD", [*_BOTTEGA, "keeper", "--gold"])
        supervisor.start("reconciler", [*_BOTTEGA, "keeper", "--rounds"])
        supervisor.start(
            "notebooks' worker", [*_BOTTEGA, "worker", "--queues", KEEPERS_QUEUE, "--processes", str(processes)]
        )
        supervisor.watch()
    except KeyboardInterrupt:
        click.echo("Stopped.")
    except GaveUp as problem:
        raise click.ClickException(f"The keeper stops: {problem}") from None
    finally:
        supervisor.stop()


def _wait() -> None:
    """Be there and do nothing: a supervisor would take an end for a death."""
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, lambda *_: sys.exit(0))
    while True:
        signal.pause()


COMMANDS = (keeper,)
