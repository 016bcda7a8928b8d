"""The `bottega` command: the same commands as `flask --app webapp.app`, and `run`, which serves."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import click
from flask import Flask
from flask.cli import FlaskGroup, ScriptInfo
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError

from webapp.app import create_app
from webapp.core.commands import rooms_commands
from webapp.core.embedded import EmbeddedPostgresError
from webapp.core.forking import share_what_is_loaded
from webapp.core.room import RoomError, load_rooms
from webapp.core.serve import ServeError, serve
from webapp.core.settings import Settings, SettingsError
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
    settings = Settings.from_environment(os.environ)
    app = create_app(settings)
    share_what_is_loaded()
    rooms = load_rooms(ROOMS)
    commands = {command.name for room in rooms for command in room.commands}
    beside = [name for name in BESIDE if name in commands]
    beside += [name for room in rooms if room.beside for name in room.beside()]
    serve(settings, partial(_command, app), with_etl="etl" in commands, beside=beside)


@bottega.command("web")
def web() -> None:
    """Serve only, until SIGTERM: no migration, no demo, no worker. What a container does.

    It goes on as a program that knows no room: for as long as it runs, the rooms would lie in its memory unused.
    """
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", "webapp.core.serve"])  # noqa: S606 - our own program, without a shell


def main() -> None:
    """Run a command; a refusal is a sentence on standard error and exit code 2, never a traceback."""
    with _refusals_in_words():
        bottega(prog_name="bottega")


def _command(app: Flask, *words: str) -> None:
    """The same, of a command by its words on an application that is there already."""
    with _refusals_in_words():
        bottega(args=words, prog_name="bottega", obj=ScriptInfo(create_app=lambda: app))


@contextmanager
def _refusals_in_words() -> Iterator[None]:
    signal.signal(
        signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM)
    )  # leave in order: what was started is stopped
    try:
        yield
    except (SettingsError, RoomError, EmbeddedPostgresError, ServeError) as refusal:
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
