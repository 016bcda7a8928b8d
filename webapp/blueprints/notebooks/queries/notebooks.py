"""Questions about notebooks: the list of those that somebody may see, one of them, its steps and who may do what with it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select, true
from sqlalchemy.orm import Session, join

from webapp.blueprints.notebooks.models import Engine, Image, Lock, LockEvent, Notebook, NotebookStep, State
from webapp.blueprints.notebooks.permissions import NotebooksPermission as May
from webapp.blueprints.workspaces.public import (
    Project,
    WorkspaceGroup,
    WorkspacesPermission,
    may_administer,
    may_read,
    may_run,
    project_condition,
)
from webapp.core.directory import directory
from webapp.core.errors import NotAllowed, NotFound
from webapp.core.lists import Choice, Column, ListSpec, Search, Text, folded
from webapp.core.security import Actor

SEE, WORK, ADMINISTER = WorkspacesPermission.READ, WorkspacesPermission.WORK, WorkspacesPermission.ADMINISTER
STATES = {
    State.STOPPED.value: _l("Stopped"),
    State.QUEUED.value: _l("Waits to start"),
    State.STARTING.value: _l("Starting"),
    State.RUNNING.value: _l("Is running"),
    State.STOPPING.value: _l("Stopping"),
    State.FAILED.value: _l("Failed"),
}
MOST_EVENTS = 20

NOTEBOOKS = ListSpec(
    name="notebooks",
    source=join(
        join(Notebook, Project, Notebook.project_id == Project.id),
        WorkspaceGroup,
        Project.group_id == WorkspaceGroup.id,
    ),
    id=Notebook.id,
    columns=(
        Column("name", _l("Name"), Notebook.name, sort_by=folded(Notebook.name)),
        Column("slug", _l("Short name"), Notebook.slug, sort_by=Notebook.slug),
        Column("project", _l("Project"), Project.name, sort_by=folded(Project.name)),
        Column("group", _l("Workspace group"), WorkspaceGroup.name, sort_by=folded(WorkspaceGroup.name)),
        Column("state", _l("State"), Notebook.state, kind="choice", choices=STATES, sort_by=Notebook.state),
        Column("started_at", _l("Started"), Notebook.started_at, kind="date"),
        Column("last_active_at", _l("Last used"), Notebook.last_active_at, kind="date", shown=False),
        Column("created_at", _l("Created"), Notebook.created_at, kind="date", sort_by=Notebook.created_at, shown=False),
    ),
    sort="name",
    filters=(
        Choice("state", _l("State"), Notebook.state, STATES),
        Text("group", _l("Workspace group"), WorkspaceGroup.slug, match="exact"),
        Text("project", _l("Project"), Project.slug, match="exact"),
    ),
    search=(Search(Notebook.name), Search(Notebook.slug, "prefix"), Search(Project.name)),
    search_hint=_l("Name, short name or project"),
    extras={"group_slug": WorkspaceGroup.slug, "project_slug": Project.slug},
)


def visible_notebooks(by: Actor, *, project_id: int | None = None) -> ListSpec:
    """The list of the notebooks that the actor may see, all of them or those of one project."""
    condition = None if by.may(May.ALL) else project_condition(by, SEE)
    spec = NOTEBOOKS.only(true() if condition is None else condition)
    return spec if project_id is None else spec.only(Notebook.project_id == project_id)


def may_do(session: Session, notebook: Notebook, by: Actor, to: str = SEE) -> bool:
    """Whether the actor may see the notebook, work in it (start, enter, stop), or administer it. The lock is another matter."""
    if by.may(May.ALL):
        return True
    project = session.get(Project, notebook.project_id)
    if project is None:
        return False
    if to == WORK:
        return by.may(May.RUN) and may_run(project, by)
    return may_administer(project, by) if to == ADMINISTER else may_read(project, by)


def get_notebook(session: Session, slug: str, *, by: Actor, to: str = SEE, lock: bool = False) -> Notebook:
    """The notebook of that short name, read again and kept from others until the end if to `lock`.

    Raises NotFound, also for one that the actor may not see, and NotAllowed when they may see it and not do that.
    """
    asked = select(Notebook).where(Notebook.slug == slug)
    if lock:
        asked = asked.with_for_update(of=Notebook).execution_options(populate_existing=True)
    notebook = session.scalars(asked).one_or_none()
    if notebook is None or not may_do(session, notebook, by):
        raise NotFound(_("This notebook does not exist, or does not any more."))
    if not may_do(session, notebook, by, to):
        raise NotAllowed(_("Only members of the project's workspace group may do this."))
    return notebook


def get_project_of(session: Session, notebook: Notebook) -> Project:
    """The project that the notebook belongs to."""
    return session.get_one(Project, notebook.project_id)


def list_notebooks_of(session: Session, project_id: int) -> list[Notebook]:
    """The notebooks of a project, by name."""
    mine = select(Notebook).where(Notebook.project_id == project_id)
    return list(session.scalars(mine.order_by(func.lower(Notebook.name), Notebook.id)))


def list_steps(session: Session, notebook: Notebook) -> Sequence[NotebookStep]:
    """What happened since the last wish, in order."""
    mine = select(NotebookStep).where(
        NotebookStep.notebook_id == notebook.id, NotebookStep.generation == notebook.generation
    )
    return session.scalars(mine.order_by(NotebookStep.id)).all()


def find_lock(session: Session, notebook_id: int, *, now: dt.datetime, keep: bool = False) -> Lock | None:
    """The lock of a notebook that holds at that moment, kept from others until the end if to `keep`."""
    found = session.get(Lock, notebook_id, with_for_update=keep or None, populate_existing=keep)
    return found if found and found.until > now else None


def list_lock_events(session: Session, notebook_id: int) -> Sequence[LockEvent]:
    """The latest things that happened to the notebook's lock, the newest first."""
    mine = select(LockEvent).where(LockEvent.notebook_id == notebook_id)
    return session.scalars(mine.order_by(LockEvent.id.desc()).limit(MOST_EVENTS)).all()


def name_of(user_id: int | None) -> str:
    """How a person is called by those who know them."""
    return (directory().person_name(user_id) if user_id is not None else "") or _("somebody who is gone")


def find_by_slug(session: Session, slug: str) -> Notebook | None:
    """The notebook of that short name, for who has been let in already."""
    return session.scalars(select(Notebook).where(Notebook.slug == slug)).one_or_none()


def list_offered_images(session: Session) -> Sequence[Image]:
    """The images that notebooks may start from, the oldest first: it is the one proposed."""
    return session.scalars(select(Image).where(Image.open).order_by(Image.id)).all()


def find_engine(session: Session) -> Engine | None:
    """The engine as the keeper saw it last."""
    return session.get(Engine, 1)
