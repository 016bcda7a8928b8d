"""Projects in the API."""

from __future__ import annotations

from typing import Any

from webapp.blueprints.workspaces.api.doors import blueprint
from webapp.blueprints.workspaces.models import Project
from webapp.blueprints.workspaces.permissions import WorkspacesPermission as May
from webapp.blueprints.workspaces.queries.projects import PROJECTS, get_project, what_belongs
from webapp.blueprints.workspaces.schemas import (
    DeletionSchema,
    MoveSchema,
    NewProjectSchema,
    ProjectChangeSchema,
    ProjectLineSchema,
    ProjectSchema,
    SeenSchema,
    VisibilitySchema,
)
from webapp.blueprints.workspaces.services.projects import (
    create_project,
    delete_project,
    move_project,
    set_visibility,
    update_project,
)
from webapp.core.api import ID, answer_list, arguments_of, page_of
from webapp.core.db import db, transaction
from webapp.core.policy import visible
from webapp.core.security import current_actor, requires


@blueprint.route("/projects")
@requires(May.READ)
@blueprint.arguments(arguments_of(PROJECTS), location="query")
@blueprint.response(200, page_of(ProjectLineSchema, "Projects"))
def projects(_asked: dict[str, Any]) -> dict[str, Any]:
    """List projects.

    Those that the key may read, with the filters, the search and the order of the list on screen.
    """
    return answer_list(db.session(), visible(current_actor(), PROJECTS, May.READ))


@blueprint.route("/projects", methods=["POST"])
@requires(May.WORK)
@blueprint.arguments(NewProjectSchema)
@blueprint.response(201, ProjectSchema)
def create(asked: dict[str, Any]) -> Project:
    """Create a project in a group of one's own."""
    with transaction() as session:
        return create_project(session, by=current_actor(), **asked)


@blueprint.route(f"/projects/<{ID}:project_id>")
@requires(May.READ)
@blueprint.response(200, ProjectSchema)
def project(project_id: int) -> Project:
    """Read a project."""
    return get_project(db.session(), project_id, by=current_actor())


@blueprint.route(f"/projects/<{ID}:project_id>", methods=["PATCH"])
@requires(May.WORK)
@blueprint.arguments(ProjectChangeSchema)
@blueprint.response(200, ProjectSchema)
def change_project(asked: dict[str, Any], project_id: int) -> Project:
    """Change a project."""
    by = current_actor()
    with transaction() as session:
        stored = get_project(session, project_id, by=by, to=May.WORK)
        values = {"name": stored.name, "description": stored.description} | asked
        return update_project(session, by=by, project_id=project_id, **values)


@blueprint.route(f"/projects/<{ID}:project_id>/visibility", methods=["POST"])
@requires(May.ADMINISTER)
@blueprint.arguments(VisibilitySchema)
@blueprint.response(200, ProjectSchema)
def open_project(asked: dict[str, Any], project_id: int) -> Project:
    """Say who reads a project."""
    with transaction() as session:
        return set_visibility(session, by=current_actor(), project_id=project_id, **asked)


@blueprint.route(f"/projects/<{ID}:project_id>/move", methods=["POST"])
@requires(May.ADMINISTER)
@blueprint.arguments(MoveSchema)
@blueprint.response(200, ProjectSchema)
def move(asked: dict[str, Any], project_id: int) -> Project:
    """Move a project to another group of one's own."""
    with transaction() as session:
        return move_project(session, by=current_actor(), project_id=project_id, **asked)


@blueprint.route(f"/projects/<{ID}:project_id>/deletion")
@requires(May.ADMINISTER)
@blueprint.response(200, DeletionSchema)
def project_deletion(project_id: int) -> dict[str, Any]:
    """Say what the deletion of a project would take along."""
    session = db.session()
    stored = get_project(session, project_id, by=current_actor(), to=May.ADMINISTER)
    return {"version": stored.version, "belongings": what_belongs(session, [stored.id])}


@blueprint.route(f"/projects/<{ID}:project_id>", methods=["DELETE"])
@requires(May.ADMINISTER)
@blueprint.arguments(SeenSchema, location="query")
@blueprint.response(204)
def remove_project(asked: dict[str, Any], project_id: int) -> None:
    """Delete a project with all that belongs to it."""
    with transaction() as session:
        delete_project(session, by=current_actor(), project_id=project_id, version=asked["version"])
