"""`bottega notebooks backups, back-up, restore, clone, usage`: homes and use from the command line. The keeper does the work."""

from __future__ import annotations

import datetime as dt
import json

import click
from flask.cli import with_appcontext

from webapp.blueprints.notebooks.cli.group import notebooks_commands, tell_task
from webapp.blueprints.notebooks.queries.keeping import list_usage
from webapp.blueprints.notebooks.queries.notebooks import get_notebook
from webapp.blueprints.notebooks.services.backups import (
    ask_to_back_up,
    ask_to_clone,
    ask_to_restore,
    list_backups,
)
from webapp.blueprints.tasks.public import WAIT
from webapp.blueprints.workspaces.public import get_project_by_path
from webapp.core.clock import local_day, utc_now
from webapp.core.commands import refusals
from webapp.core.company import get_company
from webapp.core.db import db, transaction
from webapp.core.security import SYSTEM


@notebooks_commands.command("backups")
@click.argument("slug")
@with_appcontext
def show_backups(slug: str) -> None:
    """List the backups of a notebook's home."""
    session = db.session()
    with refusals():
        found = list_backups(session, get_notebook(session, slug, by=SYSTEM).id)
    for backup in found:
        click.echo(f"{backup.id:6} {backup.made_at:%Y-%m-%d %H:%M} {backup.size:14,} bytes  {backup.made_by}")
    if not found:
        click.echo("There are no backups.")


@notebooks_commands.command("back-up")
@click.argument("slug")
@WAIT
@with_appcontext
def back_up(slug: str, *, wait: bool) -> None:
    """Save a copy of a notebook's home."""
    with refusals(), transaction() as session:
        task = ask_to_back_up(session, by=SYSTEM, slug=slug)
    tell_task(task, wait=wait)


@notebooks_commands.command("restore")
@click.argument("slug")
@click.argument("backup", type=int)
@click.option("--yes", is_flag=True, help="Do not ask.")
@WAIT
@with_appcontext
def restore(slug: str, backup: int, *, yes: bool, wait: bool) -> None:
    """Put the BACKUP of that number in place of all files in a stopped notebook's home."""
    if not yes:
        click.confirm(f"All files in the home of {slug} will be replaced. Go on?", abort=True)
    with refusals(), transaction() as session:
        task = ask_to_restore(session, by=SYSTEM, slug=slug, backup_id=backup)
    tell_task(task, wait=wait)


@notebooks_commands.command("clone")
@click.argument("slug")
@click.argument("name")
@click.option("--slug", "new_slug", default="", help="The short name of the copy; usually made of the name.")
@WAIT
@with_appcontext
def clone(slug: str, name: str, *, new_slug: str, wait: bool) -> None:
    """Make a notebook NAME like the given one, with a copy of its home."""
    with refusals(), transaction() as session:
        made, task = ask_to_clone(session, by=SYSTEM, slug=slug, name=name, new_slug=new_slug)
        copy = made.slug
    click.echo(f"created {copy}")
    if task:
        tell_task(task, wait=wait)


@notebooks_commands.command("usage")
@click.argument("project")
@click.option("--days", type=click.IntRange(1, 3660), default=30, show_default=True, help="How far back.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@with_appcontext
def usage(project: str, *, days: int, as_json: bool) -> None:
    """Show what the notebooks of PROJECT, written GROUP/PROJECT, used in the last days."""
    session = db.session()
    with refusals():
        found = get_project_by_path(session, project, by=SYSTEM)
    until = local_day(utc_now(), get_company(session).zone)
    rows = list_usage(session, found.id, since=until - dt.timedelta(days=days - 1), until=until)
    lines = [
        {
            "notebook": row.slug or row.name,
            "hours": round(float(row.seconds) / 3600, 2),
            "cpu_hours": round(float(row.cpu_seconds) / 3600, 2),
            "memory_mb": round(float(row.memory_mb)),
            "memory_peak_mb": round(float(row.memory_peak_mb)),
        }
        for row in rows
    ]
    if as_json:
        click.echo(json.dumps(lines, ensure_ascii=False, indent=1))
        return
    for line in lines:
        click.echo(
            f"{line['notebook']:30} {line['hours']:8} h  {line['cpu_hours']:8} h of a core  "
            f"{line['memory_mb']:6} MB on average, {line['memory_peak_mb']} MB at most"
        )
    if not lines:
        click.echo("No notebook of this project ran in these days.")
