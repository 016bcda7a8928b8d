"""`bottega notebooks list, show, create, start, stop, restart, sync, unlock, delete`."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import click
from flask.cli import with_appcontext
from sqlalchemy import select

from webapp.blueprints.notebooks.cli.group import notebooks_commands
from webapp.blueprints.notebooks.models import Image, Notebook, State
from webapp.blueprints.notebooks.queries.notebooks import find_lock, get_notebook, get_project_of, list_steps
from webapp.blueprints.notebooks.services.door import base_address
from webapp.blueprints.notebooks.services.locks import in_words, unlock_notebook
from webapp.blueprints.notebooks.services.notebooks import create_notebook, delete_notebook
from webapp.blueprints.notebooks.services.wishes import ask_keeper, restart_notebook, start_notebook, stop_notebook
from webapp.blueprints.workspaces.public import get_project_by_path
from webapp.core.clock import utc_now
from webapp.core.commands import Refusal, refusals
from webapp.core.db import db, transaction
from webapp.core.security import SYSTEM

WAIT = click.option("--wait", is_flag=True, help="Wait until it is so; exit 1 when it fails.")
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
LOOK_EVERY = 0.5


@notebooks_commands.command("list")
@JSON
@with_appcontext
def show_notebooks(*, as_json: bool) -> None:
    """List all notebooks."""
    session = db.session()
    found = [_line(notebook) for notebook in session.scalars(select(Notebook).order_by(Notebook.slug))]
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    for each in found:
        click.echo(f"{each['slug']:30} {each['state']:9} {each['project']:30} {each['name']}")
    if not found:
        click.echo("There are no notebooks.")


@notebooks_commands.command("show")
@click.argument("slug")
@JSON
@with_appcontext
def show_notebook(slug: str, *, as_json: bool) -> None:
    """Show one notebook with the steps of its last start or stop."""
    session = db.session()
    with refusals():
        notebook = get_notebook(session, slug, by=SYSTEM)
    held = find_lock(session, notebook.id, now=utc_now())
    told = _line(notebook) | {
        "image": notebook.image.reference,
        "cause": notebook.cause,
        "lock": in_words(held) if held else "",
        "steps": [f"{step.at:%H:%M:%S} {step.words}" for step in list_steps(session, notebook)],
    }
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
        return
    for name, value in told.items():
        for line in value if isinstance(value, list) else [value]:
            if line:
                click.echo(f"{name:8} {line}")


@notebooks_commands.command("create")
@click.argument("project")
@click.argument("name")
@click.option("--slug", default="", help="Its short name, part of its address; usually made of the name.")
@click.option("--image", default="", help="The name of an image on the list; usually the first.")
@with_appcontext
def create(project: str, name: str, *, slug: str, image: str) -> None:
    """Create the notebook NAME in PROJECT, written GROUP/PROJECT."""
    with refusals(), transaction() as session:
        image_id = session.scalar(select(Image.id).where(Image.name == image)) if image else None
        if image and image_id is None:
            raise Refusal(f"there is no image {image!r} on the list")
        project_id = get_project_by_path(session, project, by=SYSTEM).id
        made = create_notebook(session, by=SYSTEM, project_id=project_id, name=name, slug=slug, image_id=image_id).slug
    click.echo(f"created {made}")


@notebooks_commands.command("start")
@click.argument("slug")
@WAIT
@with_appcontext
def start(slug: str, *, wait: bool) -> None:
    """Start a notebook."""
    _wish(start_notebook, slug, State.RUNNING, wait=wait)


@notebooks_commands.command("stop")
@click.argument("slug")
@WAIT
@with_appcontext
def stop(slug: str, *, wait: bool) -> None:
    """Stop a notebook; its files stay."""
    _wish(stop_notebook, slug, State.STOPPED, wait=wait)


@notebooks_commands.command("restart")
@click.argument("slug")
@WAIT
@with_appcontext
def restart(slug: str, *, wait: bool) -> None:
    """Start a notebook anew."""
    _wish(restart_notebook, slug, State.RUNNING, wait=wait)


@notebooks_commands.command("sync")
@click.argument("slug")
@with_appcontext
def sync(slug: str) -> None:
    """Let the keeper compare a notebook with its container now, and repair it."""
    with refusals(), transaction() as session:
        ask_keeper(session, get_notebook(session, slug, by=SYSTEM), by=SYSTEM)
    click.echo("asked for")


@notebooks_commands.command("unlock")
@click.argument("slug")
@with_appcontext
def unlock(slug: str) -> None:
    """Release the lock of a notebook, whoever has it; its trace says so."""
    with refusals(), transaction() as session:
        unlock_notebook(session, by=SYSTEM, slug=slug)
    click.echo("unlocked")


@notebooks_commands.command("delete")
@click.argument("slug")
@click.option("--yes", is_flag=True, help="Do not ask.")
@with_appcontext
def delete(slug: str, *, yes: bool) -> None:
    """Delete a notebook with its container, its home and its backups."""
    with refusals():
        version = get_notebook(db.session(), slug, by=SYSTEM).version
    if not yes:
        click.confirm(f"The files in the home of {slug!r} will be gone. Go on?", abort=True)
    with refusals(), transaction() as session:
        delete_notebook(session, by=SYSTEM, slug=slug, version=version)
    click.echo(f"deleted {slug}")


def _wish(wish: Callable[..., Notebook], slug: str, goal: State, *, wait: bool) -> None:
    with refusals(), transaction() as session:
        generation = wish(session, by=SYSTEM, slug=slug).generation
    if not wait:
        click.echo("asked for")
        return
    told = 0
    while True:
        with transaction() as session:
            notebook = get_notebook(session, slug, by=SYSTEM)
            session.refresh(notebook)
            steps = [step.words for step in list_steps(session, notebook)]
            state, cause, overtaken = notebook.state, notebook.cause, notebook.generation != generation
        for words in steps[told:]:
            click.echo(words)
        told = len(steps)
        if state == goal or overtaken:
            return
        if state == State.FAILED:
            raise click.ClickException(cause)
        time.sleep(LOOK_EVERY)


def _line(notebook: Notebook) -> dict[str, Any]:
    project = get_project_of(db.session(), notebook)
    return {
        "slug": notebook.slug,
        "name": notebook.name,
        "project": f"{project.group.slug}/{project.slug}",
        "wanted": notebook.wanted,
        "state": notebook.state,
        "url": base_address(notebook.slug),
    }
