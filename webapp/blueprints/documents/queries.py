"""Questions about the documents of a notebook that were run or rendered."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.blueprints.documents.models import Run
from webapp.blueprints.notebooks.public import Notebook, find_notebook, may_do
from webapp.blueprints.workspaces.public import WorkspacesPermission
from webapp.core.errors import NotFound
from webapp.core.lists import Choice, Column, ListSpec, Search, Text
from webapp.core.security import Actor

SEE, WORK = WorkspacesPermission.READ, WorkspacesPermission.WORK
RUN, RENDERING = "run", "rendering"
QUEUED, RUNNING, DONE, FAILED = "queued", "running", "done", "failed"
KINDS = {RUN: _l("Run with parameters"), RENDERING: _l("Render for readers")}
STATES = {QUEUED: _l("Waits"), RUNNING: _l("Runs"), DONE: _l("Done"), FAILED: _l("Failed")}
SHOWN = 20

DOCUMENTS = ListSpec(
    name="documents",
    source=Run,
    id=Run.id,
    columns=(
        Column("document", _l("Document"), Run.path, sort_by=Run.path),
        Column("kind", _l("Kind"), Run.kind, kind="choice", choices=KINDS),
        Column("state", _l("State"), Run.state, kind="choice", choices=STATES, sort_by=Run.state),
        Column("asked_at", _l("Asked for"), Run.asked_at, kind="date", sort_by=Run.asked_at),
        Column("finished_at", _l("Finished"), Run.finished_at, kind="date"),
        Column("size", _l("Size"), Run.size, kind="number"),
    ),
    sort="-asked_at",
    filters=(
        Choice("kind", _l("Kind"), Run.kind, KINDS),
        Choice("state", _l("State"), Run.state, STATES),
        Text("document", _l("Document"), Run.path, match="exact"),
    ),
    search=(Search(Run.path),),
    search_hint=_l("Document"),
)


def visible_documents(session: Session, notebook: Notebook, *, by: Actor) -> ListSpec:
    """All runs and renderings of a notebook that the actor may see: who only reads, renderings that are there."""
    mine = DOCUMENTS.only(Run.notebook_id == notebook.id)
    return mine if may_do(session, notebook, by, WORK) else mine.only(Run.kind == RENDERING, Run.state == DONE)


def list_document_runs(session: Session, notebook: Notebook, kind: str, *, by: Actor) -> Sequence[Run]:
    """The newest of that kind. Who only reads sees renderings that are there; runs are for those who work in it."""
    mine = select(Run).where(Run.notebook_id == notebook.id, Run.kind == kind)
    if not may_do(session, notebook, by, WORK):
        if kind == RUN:
            return ()
        mine = mine.where(Run.state == DONE)
    return session.scalars(mine.order_by(Run.id.desc()).limit(SHOWN)).all()


def get_document_run(session: Session, run_id: int, *, by: Actor) -> tuple[Run, Notebook]:
    """A run or rendering with its notebook. Raises NotFound, also for what the actor may not see."""
    run = session.get(Run, run_id)
    notebook = find_notebook(session, run.notebook_id) if run else None
    needed = SEE if run and run.kind == RENDERING and run.state == DONE else WORK
    if run is None or notebook is None or not may_do(session, notebook, by, needed):
        raise NotFound(_("This page of a notebook does not exist, or does not any more."))
    return run, notebook


def list_public_renderings(session: Session, project_id: int) -> Sequence[Run]:
    """The renderings of a project's notebooks that can be read, by document."""
    found = (
        select(Run)
        .join(Notebook, Notebook.id == Run.notebook_id)
        .where(Notebook.project_id == project_id, Run.kind == RENDERING, Run.state == DONE)
    )
    return session.scalars(found.order_by(Run.path, Run.id)).all()
