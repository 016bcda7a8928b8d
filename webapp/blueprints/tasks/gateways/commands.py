"""The commands that work on tasks: `bottega worker` and `bottega scheduler`."""

from __future__ import annotations

import signal
import sys

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from webapp.blueprints.tasks.gateways.scheduler import Scheduler
from webapp.core.metrics import serve_figures
from webapp.core.settings import Settings


def _app() -> Flask:
    return current_app._get_current_object()  # type: ignore[attr-defined,no-any-return]  # noqa: SLF001 - Werkzeug's way to the thing behind


@click.command("worker")
@click.option("--processes", type=click.IntRange(1, 64), help="How many tasks at once; WORKER_PROCESSES otherwise.")
@click.option("--queues", help="Names of queues, with commas between; otherwise all that need nothing special.")
@with_appcontext
def worker(*, processes: int | None, queues: str | None) -> None:
    """Work on tasks until SIGTERM; what is under way then is given back."""
    from webapp.blueprints.tasks.gateways.worker import queues as all_queues
    from webapp.blueprints.tasks.gateways.worker import work

    app = _app()
    settings: Settings = app.extensions["settings"]
    known = all_queues(app)
    names = [name.strip() for name in queues.split(",")] if queues else all_queues(app, apart=False)
    if unknown := sorted(set(names) - set(known)):
        raise click.UsageError(f"no kind of task uses the queue {', '.join(unknown)}; there are {', '.join(known)}")
    sys.exit(work(app, processes=processes or settings.worker_processes, names=names))


@click.command("scheduler")
@with_appcontext
def scheduler() -> None:
    """Start what is due and mend what broke, until SIGTERM. More than one may run."""
    process = Scheduler(_app())
    serve_figures(process.app, process.app.extensions["settings"])
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, lambda *_: process.leave.set())
    process.run()


COMMANDS = (worker, scheduler)
