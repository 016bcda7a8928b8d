"""Questions about projects: the list of those that somebody may read, and one."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, contains_eager, join

from webapp.blueprints.workspaces.events import Belongings, WhatBelongs
from webapp.blueprints.workspaces.models import Project, Visibility, WorkspaceGroup
from webapp.blueprints.workspaces.permissions import WorkspacesPermission as May
from webapp.core.errors import NotFound
from webapp.core.events import gather
from webapp.core.lists import Choice, Column, ListSpec, Search, Text, folded
from webapp.core.policy import demand, may, visibility, visible
from webapp.core.security import Actor

VISIBILITIES = {
    Visibility.PUBLIC.value: _l("Public"),
    Visibility.INTERNAL.value: _l("Internal: everybody who is signed in"),
    Visibility.PRIVATE.value: _l("Private: members alone"),
}


def list_group_slugs(session: Session) -> tuple[str, ...]:
    """The short names of all groups, in order."""
    return tuple(session.scalars(select(WorkspaceGroup.slug).order_by(WorkspaceGroup.slug).limit(300)))


PROJECTS = ListSpec(
    name="projects",
    source=join(Project, WorkspaceGroup, Project.group_id == WorkspaceGroup.id),
    id=Project.id,
    columns=(
        Column("name", _l("Name"), Project.name, sort_by=folded(Project.name)),
        Column("slug", _l("Short name"), Project.slug, sort_by=Project.slug),
        Column("group", _l("Workspace group"), WorkspaceGroup.name, sort_by=folded(WorkspaceGroup.name)),
        Column("visibility", _l("Visibility"), Project.visibility, kind="choice", choices=VISIBILITIES),
        Column("created_at", _l("Created"), Project.created_at, kind="date", sort_by=Project.created_at),
        Column("updated_at", _l("Changed"), Project.updated_at, kind="date", shown=False),
    ),
    sort="name",
    filters=(
        Text("group", _l("Workspace group"), WorkspaceGroup.slug, match="exact", suggestions=list_group_slugs),
        Choice("visibility", _l("Visibility"), Project.visibility, VISIBILITIES),
    ),
    search=(Search(Project.name), Search(Project.slug, "prefix"), Search(WorkspaceGroup.name)),
    search_hint=_l("Name, short name or workspace group"),
    extras={"group_id": Project.group_id, "group_slug": WorkspaceGroup.slug, "version": Project.version},
)


def visible_projects(by: Actor, permission: str = May.READ) -> Select[Project]:
    """The projects that the actor's permission opens, joined to their groups: add conditions and an order."""
    projects = select(Project).join(Project.group).options(contains_eager(Project.group))
    return visible(by, projects, permission)


def list_projects_of(session: Session, group: WorkspaceGroup, *, by: Actor) -> list[Project]:
    """The projects of a group that the actor may read, by name."""
    mine = visible_projects(by).where(Project.group_id == group.id)
    return list(session.scalars(mine.order_by(func.lower(Project.name), Project.id)))


def list_public_projects(session: Session, *, by: Actor, most: int = 500) -> list[Project]:
    """The public projects that the actor may read, by name."""
    public = visible_projects(by).where(Project.visibility == Visibility.PUBLIC.value)
    return list(session.scalars(public.order_by(func.lower(Project.name), Project.id).limit(most)))


def get_project(session: Session, project_id: int, *, by: Actor, to: str = May.READ, lock: bool = False) -> Project:
    """The project with this id, if the actor may read it, read again and kept from others until the end if to `lock`.

    Raises NotFound, also for one that the actor may not read, and NotAllowed when the permission `to` does not open it.
    """
    project = session.get(
        Project, project_id, with_for_update={"of": Project} if lock else None, populate_existing=lock
    )
    if project is None or not may(by, May.READ, project):
        raise NotFound(_("This project does not exist, or does not any more."))
    demand(by, to, project)
    return project


def get_project_by_slugs(session: Session, group: str, project: str, *, by: Actor) -> Project:
    """The project of that short name in the group of that short name. Raises NotFound, also for one not to be read."""
    number = session.scalar(
        select(Project.id)
        .join(WorkspaceGroup, WorkspaceGroup.id == Project.group_id)
        .where(WorkspaceGroup.slug == group, Project.slug == project)
    )
    return get_project(session, number or 0, by=by)


def get_project_by_path(session: Session, path: str, *, by: Actor) -> Project:
    """The project written GROUP/PROJECT, by their short names. Raises NotFound, also for one not to be read."""
    group, _slash, project = path.partition("/")
    return get_project_by_slugs(session, group, project, by=by)


def what_belongs(session: Session, project_ids: Iterable[int]) -> list[Belongings]:
    """What goes with these projects, as the rooms above tell it; the projects themselves are not among it."""
    numbers = tuple(project_ids)
    return gather(session, WhatBelongs(numbers), Belongings) if numbers else []


def what_a_group_holds(session: Session, group: WorkspaceGroup) -> list[Belongings]:
    """What goes with a group: all its projects, whoever may read them, and what belongs to those."""
    numbers = list_project_ids(session, group.id)
    if not numbers:
        return []
    words = str(ngettext("%(num)s project", "%(num)s projects", len(numbers)))
    return [Belongings("projects", words, len(numbers)), *what_belongs(session, numbers)]


def list_project_ids(session: Session, group_id: int) -> tuple[int, ...]:
    """The numbers of all projects of a group."""
    return tuple(session.scalars(select(Project.id).where(Project.group_id == group_id).order_by(Project.id)))


def project_condition(by: Actor, permission: str = May.READ) -> ColumnElement[bool] | None:
    """The condition on `Project` for statements of other rooms that join it; None when the actor may with all."""
    return visibility(by, permission)
