"""The `bottega` command: the same commands as `flask --app webapp.app`, and the one that serves."""

from __future__ import annotations

import sys

import click
from flask.cli import FlaskGroup

from webapp.app import create_app
from webapp.core.embedded import EmbeddedPostgresError
from webapp.core.room import RoomError
from webapp.core.settings import SettingsError


@click.group(cls=FlaskGroup, create_app=create_app, add_version_option=False, load_dotenv=True)
def bottega() -> None:
    """Bottega, the business suite."""


def main() -> None:
    """Run a command; a refusal is a sentence on standard error and exit code 2, never a traceback."""
    try:
        bottega(prog_name="bottega")
    except (SettingsError, RoomError, EmbeddedPostgresError) as refusal:
        click.echo(str(refusal), err=True)
        sys.exit(2)
