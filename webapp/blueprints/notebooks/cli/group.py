"""The group that the room's commands belong to, and how they tell of a task of the keeper."""

from __future__ import annotations

import click

from webapp.blueprints.tasks.public import follow


@click.group("notebooks")
def notebooks_commands() -> None:
    """Notebooks: containers in which the analysts of a project work."""


def tell_task(task_id: int, *, wait: bool) -> None:
    """Print its number, and when asked to `wait` how far it is until it has ended; exit 1 when it failed."""
    click.echo(f"task {task_id}")
    if wait:
        follow(task_id)
