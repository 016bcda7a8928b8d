"""How people come into a workspace group and out of it: by hand, by joining, on request, by leaving."""

from __future__ import annotations

import logging

from flask_babel import gettext as _
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from webapp.blueprints.workspaces.events import MembershipBegun, MembershipEnded
from webapp.blueprints.workspaces.models import Joining, JoinRequest, WorkspaceGroup, WorkspaceMember
from webapp.blueprints.workspaces.permissions import WorkspacesPermission as May
from webapp.blueprints.workspaces.queries.groups import get_group
from webapp.blueprints.workspaces.queries.people import find_open_request, get_person, get_request
from webapp.blueprints.workspaces.services.notices import notify
from webapp.blueprints.workspaces.services.problems import (
    AlreadyAsked,
    AlreadyMember,
    NotMember,
    NotOpen,
    OwnerStays,
    RequestAnswered,
)
from webapp.core.clock import utc_now
from webapp.core.errors import NotAllowed
from webapp.core.events import announce
from webapp.core.security import Actor
from webapp.core.storing import store

log = logging.getLogger(__name__)
PROBLEMS = {"uq_workspaces_requests_open": AlreadyAsked}


def join_group(session: Session, *, by: Actor, group_id: int) -> WorkspaceGroup:
    """Let the actor become a member of an open group. Raises NotFound, NotAllowed, NotOpen, AlreadyMember."""
    user_id = _person(by)
    group = get_group(session, group_id, by=by, lock=True)
    if group.joining != Joining.OPEN.value:
        raise NotOpen
    _begin(session, group, user_id, by=by)
    return group


def leave_group(session: Session, *, by: Actor, group_id: int) -> WorkspaceGroup:
    """Let the actor be a member no longer. Raises NotFound, NotAllowed, NotMember, OwnerStays."""
    user_id = _person(by)
    group = get_group(session, group_id, by=by, lock=True)
    _end(session, group, user_id, by=by)
    return group


def add_member(session: Session, *, by: Actor, group_id: int, user_id: int) -> WorkspaceGroup:
    """Let the owner take somebody in by hand. Raises NotFound, NotAllowed, AlreadyMember."""
    group = get_group(session, group_id, by=by, to=May.ADMINISTER, lock=True)
    get_person(session, user_id)
    _begin(session, group, user_id, by=by)
    return group


def remove_member(session: Session, *, by: Actor, group_id: int, user_id: int) -> WorkspaceGroup:
    """Let the owner take somebody out. Raises NotFound, NotAllowed, NotMember, OwnerStays."""
    group = get_group(session, group_id, by=by, to=May.ADMINISTER, lock=True)
    _end(session, group, user_id, by=by)
    return group


def request_membership(session: Session, *, by: Actor, group_id: int, words: str = "") -> JoinRequest:
    """Ask the owner of a group to be taken in; they are told by mail.

    Raises NotFound, NotAllowed, NotOpen, AlreadyMember, AlreadyAsked.
    """
    user_id = _person(by)
    group = get_group(session, group_id, by=by, lock=True)
    if group.joining != Joining.ON_REQUEST.value:
        raise NotOpen
    if group.has_member(user_id):
        raise AlreadyMember
    if find_open_request(session, group_id, user_id):
        raise AlreadyAsked
    request = JoinRequest(group=group, user_id=user_id, words=words)
    session.add(request)
    store(session, PROBLEMS)
    log.info("user %s asked to join the workspace group %s", user_id, group.slug)
    notify(
        session,
        group.owner_id,
        "request",
        cause=f"workspaces:request:{request.id}",
        by=by,
        group=group,
        asker=by.name,
        words=words,
    )
    return request


def answer_request(session: Session, *, by: Actor, request_id: int, accept: bool) -> JoinRequest:
    """Take in who asked, or not; they are told by mail. Raises NotFound, NotAllowed, RequestAnswered."""
    group_id = get_request(session, request_id).group_id
    group = get_group(session, group_id, by=by, to=May.ADMINISTER, lock=True)
    request = get_request(session, request_id, lock=True)
    if request.answered_at is not None:
        raise RequestAnswered
    request.answered_at, request.answered_by, request.accepted = utc_now(), by.user_id, accept
    store(session)
    log.info("request %s was %s by %s", request.id, "accepted" if accept else "declined", by.name)
    if accept and not group.has_member(request.user_id):
        _begin(session, group, request.user_id, by=by)
    notify(
        session,
        request.user_id,
        "accepted" if accept else "declined",
        cause=f"workspaces:answer:{request.id}",
        by=by,
        group=group,
    )
    return request


def withdraw_request(session: Session, *, by: Actor, group_id: int) -> None:
    """Take the actor's own waiting request back; nothing when there is none. Raises NotFound, NotAllowed."""
    user_id = _person(by)
    get_group(session, group_id, by=by, lock=True)
    if request := find_open_request(session, group_id, user_id):
        session.delete(request)
        store(session)


def _person(by: Actor) -> int:
    if by.user_id is None:
        raise NotAllowed(_("Only a person belongs to a workspace group."))
    return by.user_id


def _begin(session: Session, group: WorkspaceGroup, user_id: int, *, by: Actor) -> None:
    made = insert(WorkspaceMember).values(group_id=group.id, user_id=user_id).on_conflict_do_nothing()
    if not session.scalars(made.returning(WorkspaceMember.user_id)).one_or_none():
        raise AlreadyMember
    session.expire(group, ["members"])
    if (request := find_open_request(session, group.id, user_id)) is not None:
        request.answered_at, request.answered_by, request.accepted = utc_now(), by.user_id, True
        store(session)
    log.info("user %s is a member of the workspace group %s, by %s", user_id, group.slug, by.name)
    announce(session, MembershipBegun(group.id, user_id))


def _end(session: Session, group: WorkspaceGroup, user_id: int, *, by: Actor) -> None:
    if user_id == group.owner_id:
        raise OwnerStays
    member = session.get(WorkspaceMember, (group.id, user_id))
    if member is None:
        raise NotMember
    session.delete(member)
    store(session)
    session.expire(group, ["members"])
    log.info("user %s is no member of the workspace group %s any more, by %s", user_id, group.slug, by.name)
    announce(session, MembershipEnded(group.id, user_id))
