"""What people do with projects: create, change, move and delete them, and say who reads them."""

from __future__ import annotations

import logging

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from webapp.blueprints.workspaces.events import ProjectMoved, ProjectsDeleted, VisibilityChanged
from webapp.blueprints.workspaces.models import Project, Visibility, WorkspaceGroup
from webapp.blueprints.workspaces.permissions import WorkspacesPermission as May
from webapp.blueprints.workspaces.queries.groups import get_group
from webapp.blueprints.workspaces.queries.projects import get_project
from webapp.blueprints.workspaces.services.problems import ProjectSlugTaken, SlugKept
from webapp.blueprints.workspaces.services.slugs import checked_slug
from webapp.core.errors import EditConflict, NotAllowed
from webapp.core.events import announce
from webapp.core.policy import may
from webapp.core.security import Actor
from webapp.core.storing import store

log = logging.getLogger(__name__)
PROBLEMS = {
    "uq_workspaces_projects_group_id_slug": ProjectSlugTaken,
    "ck_workspaces_projects_slug_kept": SlugKept,
}


def create_project(
    session: Session, *, by: Actor, group_id: int, name: str, slug: str = "", description: str = ""
) -> Project:
    """A new private project in a group of the actor. Raises NotFound, NotAllowed, ProjectSlugTaken, SlugWrong."""
    group = _group_to_work_in(session, by, group_id)
    project = Project(slug=checked_slug(slug, name), group=group, name=name, description=description)
    project.visibility = Visibility.PRIVATE.value
    session.add(project)
    store(session, PROBLEMS)
    log.info("project %s/%s created by %s", group.slug, project.slug, by.name)
    return project


def update_project(
    session: Session, *, by: Actor, project_id: int, version: int, name: str, description: str
) -> Project:
    """Change the project that the actor saw as `version`. Raises NotFound, NotAllowed, EditConflict."""
    project = _seen(session, by, project_id, version, May.WORK)
    project.name, project.description = name, description
    store(session, PROBLEMS)
    log.info("project %s/%s changed by %s", project.group.slug, project.slug, by.name)
    return project


def set_visibility(session: Session, *, by: Actor, project_id: int, version: int, visibility: str) -> Project:
    """Say who reads the project that the actor saw as `version`. Announces VisibilityChanged.

    Raises NotFound, NotAllowed, EditConflict.
    """
    project = _seen(session, by, project_id, version, May.ADMINISTER)
    before, project.visibility = project.visibility, Visibility(visibility).value
    store(session, PROBLEMS)
    log.warning(
        "project %s/%s is %s instead of %s, by %s", project.group.slug, project.slug, visibility, before, by.name
    )
    if before != project.visibility:
        announce(session, VisibilityChanged(project.id, before, project.visibility))
    return project


def move_project(session: Session, *, by: Actor, project_id: int, version: int, group_id: int) -> Project:
    """Let the project that the actor saw as `version` lie in another group of theirs. Announces ProjectMoved.

    Raises NotFound, NotAllowed (also for a group in which the actor may not work), EditConflict, ProjectSlugTaken.
    """
    project = _seen(session, by, project_id, version, May.ADMINISTER)
    before = project.group_id
    group = _group_to_work_in(session, by, group_id)
    project.group = group
    store(session, {**PROBLEMS, "uq_workspaces_projects_group_id_slug": _slug_taken_there})
    log.warning("project %s moved from group %s to %s by %s", project.slug, before, group.slug, by.name)
    if before != group.id:
        announce(session, ProjectMoved(project.id, before, group.id))
    return project


def delete_project(session: Session, *, by: Actor, project_id: int, version: int) -> None:
    """Delete the project that the actor saw as `version`, with all that belongs to it. Announces ProjectsDeleted.

    Raises NotFound, NotAllowed, EditConflict.
    """
    project = _seen(session, by, project_id, version, May.ADMINISTER)
    announce(session, ProjectsDeleted((project.id,), by))
    session.delete(project)
    store(session)
    log.warning("project %s/%s deleted by %s", project.group.slug, project.slug, by.name)


def _seen(session: Session, by: Actor, project_id: int, version: int, to: str) -> Project:
    project = get_project(session, project_id, by=by, to=to, lock=True)
    if project.version != version:
        raise EditConflict
    return project


def _group_to_work_in(session: Session, by: Actor, group_id: int) -> WorkspaceGroup:
    group = get_group(session, group_id, by=by)
    if not may(by, May.WORK, group):
        raise NotAllowed(_("Only members of a workspace group create or move projects into it."))
    return group


def _slug_taken_there() -> ProjectSlugTaken:
    problem = ProjectSlugTaken()
    problem.field = "group"
    return problem
