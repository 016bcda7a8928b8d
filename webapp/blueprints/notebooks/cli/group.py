"""The group that the room's commands belong to, and how they tell of a task of the keeper."""

from __future__ import annotations

import time

import click

from webapp.blueprints.notebooks.queries.keeping import find_task
from webapp.blueprints.tasks.public import ENDED, State
from webapp.core.db import db

WAIT = click.option("--wait", is_flag=True, help="Wait until it is done; exit 1 when it fails.")
LOOK_EVERY = 0.5


@click.group("notebooks")
def notebooks_commands() -> None:
    """Notebooks: containers in which the analysts of a project work."""


def tell_task(task_id: int, *, wait: bool) -> None:
    """Print its number, and when asked to `wait` how it ended; exit 1 when it failed."""
    click.echo(f"task {task_id}")
    if not wait:
        return
    while True:
        db.session.remove()
        task = find_task(db.session(), task_id)
        if task is None or task.state in ENDED:
            break
        time.sleep(LOOK_EVERY)
    if task is None or task.state != State.DONE:
        click.echo(task.error if task else "the task is gone", err=True)
        raise SystemExit(1)
    click.echo("done")
