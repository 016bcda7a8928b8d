"""The `bottega` command: the same commands as `flask --app webapp.app`, and `run`, which serves."""

from __future__ import annotations

import os
import signal
import sys

import click
from flask.cli import FlaskGroup
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError

from webapp.app import create_app
from webapp.core.commands import rooms_commands
from webapp.core.embedded import EmbeddedPostgresError
from webapp.core.room import RoomError, load_rooms
from webapp.core.settings import SettingsError
from webapp.rooms import ROOMS

UNDEFINED_TABLE = "42P01"
BESIDE = ("worker", "scheduler")  # commands that run beside the web server where an open room has them


@click.group(cls=FlaskGroup, create_app=create_app, add_version_option=False)
def bottega() -> None:
    """Bottega, the business suite."""


bottega.add_command(
    rooms_commands
)  # here, not with the application: they mend a list of rooms that keeps it from starting


@bottega.command("run")
def run() -> None:
    """Prepare the databases, bring the figures up to date, serve and work on tasks, until Ctrl-C."""
    rooms = load_rooms(ROOMS)
    commands = {command.name for room in rooms for command in room.commands}
    beside = [name for name in BESIDE if name in commands]
    beside += [name for room in rooms if room.beside for name in room.beside()]
    _become("run", *(["--etl"] if "etl" in commands else []), *beside)


@bottega.command("web")
def web() -> None:
    """Serve only, until SIGTERM: no migration, no demo, no worker. What a container does."""
    _become("web")


def _become(*words: str) -> None:
    """Go on as the program that watches over the others: for as long as it runs, the rooms would lie in its memory unused."""
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", "webapp.core.serve", *words])  # noqa: S606 - our own program, without a shell


def main() -> None:
    """Run a command; a refusal is a sentence on standard error and exit code 2, never a traceback."""
    signal.signal(
        signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM)
    )  # leave in order: what was started is stopped
    try:
        bottega(prog_name="bottega")
    except (SettingsError, RoomError, EmbeddedPostgresError) as refusal:
        click.echo(str(refusal), err=True)
        sys.exit(2)
    except OperationalError as error:
        click.echo(f"The database does not answer: {_first_line(error)}", err=True)
        sys.exit(2)
    except ProgrammingError as error:
        if getattr(error.orig, "pgcode", "") != UNDEFINED_TABLE:
            raise
        click.echo(f"The database lacks tables: run `bottega db upgrade` first. ({_first_line(error)})", err=True)
        sys.exit(2)


def _first_line(error: DBAPIError) -> str:
    return str(error.orig).partition("\n")[0].strip()


if __name__ == "__main__":
    main()
