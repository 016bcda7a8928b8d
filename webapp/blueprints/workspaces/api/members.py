"""The people of workspace groups in the API: members, and requests to join."""

from __future__ import annotations

from typing import Any

from webapp.blueprints.workspaces.api.doors import blueprint
from webapp.blueprints.workspaces.models import JoinRequest, WorkspaceGroup
from webapp.blueprints.workspaces.permissions import WorkspacesPermission as May
from webapp.blueprints.workspaces.queries.groups import get_group
from webapp.blueprints.workspaces.queries.people import list_members, list_requests
from webapp.blueprints.workspaces.schemas import (
    GroupSchema,
    MembersSchema,
    PersonSchema,
    RequestSchema,
    RequestsSchema,
    WordsSchema,
)
from webapp.blueprints.workspaces.services.joining import (
    add_member,
    answer_request,
    join_group,
    leave_group,
    remove_member,
    request_membership,
    withdraw_request,
)
from webapp.core.api import ID
from webapp.core.db import db, transaction
from webapp.core.security import current_actor, requires


@blueprint.route(f"/groups/<{ID}:group_id>/members")
@requires(May.READ)
@blueprint.response(200, MembersSchema)
def members(group_id: int) -> dict[str, Any]:
    """List the members of a workspace group."""
    session, by = db.session(), current_actor()
    return {"items": list_members(session, get_group(session, group_id, by=by), by=by)}


@blueprint.route(f"/groups/<{ID}:group_id>/members", methods=["POST"])
@requires(May.ADMINISTER)
@blueprint.arguments(PersonSchema)
@blueprint.response(200, GroupSchema)
def add(asked: dict[str, Any], group_id: int) -> WorkspaceGroup:
    """Take somebody into a workspace group by hand."""
    with transaction() as session:
        return add_member(session, by=current_actor(), group_id=group_id, user_id=asked["user_id"])


@blueprint.route(f"/groups/<{ID}:group_id>/members/<{ID}:user_id>", methods=["DELETE"])
@requires(May.ADMINISTER)
@blueprint.response(204)
def remove(group_id: int, user_id: int) -> None:
    """Take somebody out of a workspace group."""
    with transaction() as session:
        remove_member(session, by=current_actor(), group_id=group_id, user_id=user_id)


@blueprint.route(f"/groups/<{ID}:group_id>/join", methods=["POST"])
@requires(May.READ)
@blueprint.response(200, GroupSchema)
def join(group_id: int) -> WorkspaceGroup:
    """Join an open workspace group."""
    with transaction() as session:
        return join_group(session, by=current_actor(), group_id=group_id)


@blueprint.route(f"/groups/<{ID}:group_id>/leave", methods=["POST"])
@requires(May.READ)
@blueprint.response(200, GroupSchema)
def leave(group_id: int) -> WorkspaceGroup:
    """Leave a workspace group."""
    with transaction() as session:
        return leave_group(session, by=current_actor(), group_id=group_id)


@blueprint.route(f"/groups/<{ID}:group_id>/request", methods=["POST"])
@requires(May.READ)
@blueprint.arguments(WordsSchema)
@blueprint.response(201, RequestSchema)
def ask(asked: dict[str, Any], group_id: int) -> JoinRequest:
    """Ask the owner of a workspace group to be taken in."""
    with transaction() as session:
        return request_membership(session, by=current_actor(), group_id=group_id, words=asked["words"])


@blueprint.route(f"/groups/<{ID}:group_id>/request", methods=["DELETE"])
@requires(May.READ)
@blueprint.response(204)
def withdraw(group_id: int) -> None:
    """Take one's own waiting request back."""
    with transaction() as session:
        withdraw_request(session, by=current_actor(), group_id=group_id)


@blueprint.route(f"/groups/<{ID}:group_id>/requests")
@requires(May.ADMINISTER)
@blueprint.response(200, RequestsSchema)
def requests(group_id: int) -> dict[str, Any]:
    """List the requests that wait for an answer."""
    session = db.session()
    return {"items": list_requests(session, get_group(session, group_id, by=current_actor(), to=May.ADMINISTER))}


@blueprint.route(f"/requests/<{ID}:request_id>/accept", methods=["POST"])
@requires(May.ADMINISTER)
@blueprint.response(200, RequestSchema)
def accept(request_id: int) -> JoinRequest:
    """Take in who asked."""
    with transaction() as session:
        return answer_request(session, by=current_actor(), request_id=request_id, accept=True)


@blueprint.route(f"/requests/<{ID}:request_id>/decline", methods=["POST"])
@requires(May.ADMINISTER)
@blueprint.response(200, RequestSchema)
def decline(request_id: int) -> JoinRequest:
    """Do not take in who asked."""
    with transaction() as session:
        return answer_request(session, by=current_actor(), request_id=request_id, accept=False)
