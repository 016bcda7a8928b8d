"""The commands of the floor: the databases and the rooms."""

from __future__ import annotations

import click
from flask import Flask, current_app
from flask_migrate.cli import db as database_commands

from webapp.core import migrations


@click.command("init")
def init_databases() -> None:
    """Prepare the databases: make what is missing and apply all migrations."""
    migrations.upgrade()
    click.echo("The databases are ready.")


@click.command("pending")
def list_pending() -> None:
    """Name the migrations that are not applied; exit 1 when there are any."""
    missing = migrations.pending()
    for revision in missing:
        click.echo(revision)
    if missing:
        raise SystemExit(1)


@click.group("rooms")
def rooms_commands() -> None:
    """The rooms of this installation."""


@rooms_commands.command("list")
def list_rooms() -> None:
    """Show which rooms are open and what they require."""
    for room in current_app.extensions["rooms"]:
        needs = f" (requires {', '.join(room.requires)})" if room.requires else ""
        click.echo(f"{room.name:14} {room.title}{needs}")


def set_up_commands(app: Flask) -> None:
    """Add the floor's commands; our `db init` replaces Flask-Migrate's, whose folder is already there."""
    database_commands.add_command(init_databases)
    database_commands.add_command(list_pending)
    app.cli.add_command(rooms_commands)
