"""`bottega notebooks new-house`: after a copy of an installation was made."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from webapp.blueprints.notebooks.cli.group import notebooks_commands
from webapp.blueprints.notebooks.services.houses import found_house
from webapp.core.commands import refusals
from webapp.core.db import transaction
from webapp.core.security import SYSTEM


@notebooks_commands.command("new-house")
@click.option("--yes", is_flag=True, help="Do not ask.")
@with_appcontext
def new_house(*, yes: bool) -> None:
    """Make this installation another one to the engine: for a copy beside the one that it was restored from."""
    if not yes:
        click.confirm("All notebooks will be stopped here, with empty homes; their backups stay. Go on?", abort=True)
    with refusals(), transaction() as session:
        house = found_house(session, by=SYSTEM)
    click.echo(f"this installation is {house} from now on")
