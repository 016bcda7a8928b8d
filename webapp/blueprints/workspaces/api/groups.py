"""Workspace groups in the API."""

from __future__ import annotations

from typing import Any

from webapp.blueprints.workspaces.api.doors import blueprint
from webapp.blueprints.workspaces.models import WorkspaceGroup
from webapp.blueprints.workspaces.permissions import WorkspacesPermission as May
from webapp.blueprints.workspaces.queries.groups import GROUPS, get_group, list_of_groups
from webapp.blueprints.workspaces.queries.projects import what_a_group_holds
from webapp.blueprints.workspaces.schemas import (
    DeletionSchema,
    GroupChangeSchema,
    GroupLineSchema,
    GroupSchema,
    HeirSchema,
    NewGroupSchema,
    SeenSchema,
)
from webapp.blueprints.workspaces.services.groups import delete_group, found_group, hand_group_over, update_group
from webapp.core.api import ID, answer_list, arguments_of, page_of
from webapp.core.db import db, transaction
from webapp.core.security import current_actor, requires

KEPT = ("name", "description", "joining")


@blueprint.route("/groups")
@requires(May.READ)
@blueprint.arguments(arguments_of(GROUPS), location="query")
@blueprint.response(200, page_of(GroupLineSchema, "WorkspaceGroups"))
def groups(_asked: dict[str, Any]) -> dict[str, Any]:
    """List workspace groups."""
    return answer_list(db.session(), list_of_groups(current_actor()))


@blueprint.route("/groups", methods=["POST"])
@requires(May.FOUND)
@blueprint.arguments(NewGroupSchema)
@blueprint.response(201, GroupSchema)
def found(asked: dict[str, Any]) -> WorkspaceGroup:
    """Found a workspace group. Whoever asks owns it."""
    with transaction() as session:
        return found_group(session, by=current_actor(), **asked)


@blueprint.route(f"/groups/<{ID}:group_id>")
@requires(May.READ)
@blueprint.response(200, GroupSchema)
def group(group_id: int) -> WorkspaceGroup:
    """Read a workspace group."""
    return get_group(db.session(), group_id, by=current_actor())


@blueprint.route(f"/groups/<{ID}:group_id>", methods=["PATCH"])
@requires(May.ADMINISTER)
@blueprint.arguments(GroupChangeSchema)
@blueprint.response(200, GroupSchema)
def change_group(asked: dict[str, Any], group_id: int) -> WorkspaceGroup:
    """Change a workspace group."""
    by = current_actor()
    with transaction() as session:
        stored = get_group(session, group_id, by=by, to=May.ADMINISTER)
        values = {name: getattr(stored, name) for name in KEPT} | asked
        return update_group(session, by=by, group_id=group_id, **values)


@blueprint.route(f"/groups/<{ID}:group_id>/hand-over", methods=["POST"])
@requires(May.ADMINISTER)
@blueprint.arguments(HeirSchema)
@blueprint.response(200, GroupSchema)
def hand_over(asked: dict[str, Any], group_id: int) -> WorkspaceGroup:
    """Hand a workspace group over to another member."""
    with transaction() as session:
        return hand_group_over(session, by=current_actor(), group_id=group_id, **asked)


@blueprint.route(f"/groups/<{ID}:group_id>/deletion")
@requires(May.ADMINISTER)
@blueprint.response(200, DeletionSchema)
def group_deletion(group_id: int) -> dict[str, Any]:
    """Say what the deletion of a workspace group would take along."""
    session = db.session()
    stored = get_group(session, group_id, by=current_actor(), to=May.ADMINISTER)
    return {"version": stored.version, "belongings": what_a_group_holds(session, stored)}


@blueprint.route(f"/groups/<{ID}:group_id>", methods=["DELETE"])
@requires(May.ADMINISTER)
@blueprint.arguments(SeenSchema, location="query")
@blueprint.response(204)
def remove_group(asked: dict[str, Any], group_id: int) -> None:
    """Delete a workspace group with its projects and all that belongs to them."""
    with transaction() as session:
        delete_group(session, by=current_actor(), group_id=group_id, version=asked["version"])
