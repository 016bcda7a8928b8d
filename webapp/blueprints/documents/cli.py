"""`bottega documents list, run, render`: documents of notebooks from the command line. The keeper does the work."""

from __future__ import annotations

import json

import click
from flask.cli import with_appcontext

from webapp.blueprints.documents.models import Run
from webapp.blueprints.documents.queries import RENDERING, RUN, list_document_runs
from webapp.blueprints.documents.services import ask_to_render, ask_to_run
from webapp.blueprints.notebooks.public import get_notebook
from webapp.blueprints.tasks.public import WAIT, follow
from webapp.core.commands import refusals
from webapp.core.db import db, transaction
from webapp.core.security import SYSTEM


@click.group("documents")
def documents_commands() -> None:
    """Documents of notebooks: run with parameters, rendered for readers."""


@documents_commands.command("list")
@click.argument("notebook")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@with_appcontext
def show_documents(notebook: str, *, as_json: bool) -> None:
    """List the newest runs and renderings of NOTEBOOK, given by its short name."""
    session = db.session()
    with refusals():
        found = get_notebook(session, notebook, by=SYSTEM)
    runs = [run for kind in (RUN, RENDERING) for run in list_document_runs(session, found, kind, by=SYSTEM)]
    runs.sort(key=lambda run: run.id, reverse=True)
    if as_json:
        click.echo(json.dumps([_line(run) for run in runs], ensure_ascii=False, indent=1))
        return
    for run in runs:
        click.echo(f"{run.id:>8}  {run.state:8} {run.kind:10} {run.asked_at:%Y-%m-%d %H:%M}  {run.path}")
    if not runs:
        click.echo("No document of this notebook has been run or rendered.")


@documents_commands.command("run")
@click.argument("notebook")
@click.argument("document")
@click.option("--set", "lines", multiple=True, help="A parameter as name=value; may be repeated.")
@WAIT
@with_appcontext
def run_document(notebook: str, document: str, *, lines: tuple[str, ...], wait: bool) -> None:
    """Run the DOCUMENT at that path in the home of NOTEBOOK."""
    with refusals(), transaction() as session:
        asked = ask_to_run(session, by=SYSTEM, slug=notebook, document=document, parameters="\n".join(lines))
        run_id, task_id = asked.id, asked.task_id
    _tell(run_id, task_id, wait=wait)


@documents_commands.command("render")
@click.argument("notebook")
@click.argument("document")
@WAIT
@with_appcontext
def render_document(notebook: str, document: str, *, wait: bool) -> None:
    """Render the DOCUMENT at that path in the home of NOTEBOOK for its readers."""
    with refusals(), transaction() as session:
        asked = ask_to_render(session, by=SYSTEM, slug=notebook, document=document)
        run_id, task_id = asked.id, asked.task_id
    _tell(run_id, task_id, wait=wait)


def _tell(run_id: int, task_id: int | None, *, wait: bool) -> None:
    click.echo(f"document {run_id}, task {task_id}")
    if wait and task_id is not None:
        follow(task_id)


def _line(run: Run) -> dict[str, object]:
    return {
        "id": run.id,
        "document": run.path,
        "kind": run.kind,
        "state": run.state,
        "parameters": run.parameters,
        "asked_at": run.asked_at.isoformat(),
        "finished_at": run.finished_at.isoformat() if run.finished_at else None,
        "size": run.size,
        "words": run.words,
        "task_id": run.task_id,
    }
