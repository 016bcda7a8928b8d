"""`bottega notebooks shared, share, take-back`: the files that all notebooks of a project read at /data."""

from __future__ import annotations

import json
from pathlib import Path

import click
from flask.cli import with_appcontext

from webapp.blueprints.notebooks.cli.group import notebooks_commands, tell_task
from webapp.blueprints.notebooks.services.shared import list_shared_files, share_file, take_file_back
from webapp.blueprints.tasks.public import WAIT
from webapp.blueprints.workspaces.public import get_project_by_path
from webapp.core.commands import refusals
from webapp.core.db import db, transaction
from webapp.core.security import SYSTEM


@notebooks_commands.command("shared")
@click.argument("project")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@with_appcontext
def show_shared(project: str, *, as_json: bool) -> None:
    """List the files that all notebooks of PROJECT read, written GROUP/PROJECT."""
    session = db.session()
    with refusals():
        found = list_shared_files(session, get_project_by_path(session, project, by=SYSTEM).id)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    for each in found:
        click.echo(f"{each['name']:40} {each['size']:14,} bytes  {each['state']:8} {each['by']}")
    if not found:
        click.echo("There are no shared files.")


@notebooks_commands.command("share")
@click.argument("project")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@WAIT
@with_appcontext
def share(project: str, file: Path, *, wait: bool) -> None:
    """Share FILE with all notebooks of PROJECT; one of the same name is replaced."""
    with refusals(), file.open("rb") as stream, transaction() as session:
        number = get_project_by_path(session, project, by=SYSTEM).id
        task = share_file(session, by=SYSTEM, project_id=number, filename=file.name, stream=stream)
    tell_task(task, wait=wait)


@notebooks_commands.command("take-back")
@click.argument("project")
@click.argument("name")
@WAIT
@with_appcontext
def take_back(project: str, name: str, *, wait: bool) -> None:
    """Remove the shared file NAME of PROJECT."""
    with refusals(), transaction() as session:
        task = take_file_back(
            session, by=SYSTEM, project_id=get_project_by_path(session, project, by=SYSTEM).id, name=name
        )
    tell_task(task, wait=wait)
