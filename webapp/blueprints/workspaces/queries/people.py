"""Questions about the people of groups: who they are, and how they are called before whom."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from webapp.blueprints.accounts.public import User
from webapp.blueprints.workspaces.models import JoinRequest, WorkspaceGroup, WorkspaceMember
from webapp.core.errors import NotFound
from webapp.core.security import Actor


@dataclass(frozen=True)
class MemberLine:
    """A member of a group as others see them. `email` is None before who is not signed in."""

    user_id: int
    name: str
    email: str | None
    since: dt.datetime
    is_owner: bool


@dataclass(frozen=True)
class RequestLine:
    """A request to join that nobody answered yet, as the group's owner sees it."""

    id: int
    user_id: int
    name: str
    words: str
    made_at: dt.datetime


def list_members(session: Session, group: WorkspaceGroup, *, by: Actor) -> list[MemberLine]:
    """The members of a group, its owner first, then by name. Who is not signed in reads names, and no e-mail address."""
    rows = session.execute(
        select(User, WorkspaceMember.since)
        .join(WorkspaceMember, WorkspaceMember.user_id == User.id)
        .where(WorkspaceMember.group_id == group.id)
    )
    lines = [
        MemberLine(
            user_id=user.id,
            name=name_before(user, by),
            email=user.email if reads_addresses(by) else None,
            since=since,
            is_owner=user.id == group.owner_id,
        )
        for user, since in rows
    ]
    return sorted(lines, key=lambda line: (not line.is_owner, line.name.casefold(), line.user_id))


def reads_addresses(by: Actor) -> bool:
    """Whether the actor may read e-mail addresses: people who are signed in, and who sits at the machine's console."""
    return by.signed_in or by.everything


def name_before(user: User, by: Actor) -> str:
    """How somebody is called: their name, else their address, which nobody reads who is not signed in."""
    if user.name and (reads_addresses(by) or "@" not in user.name):
        return user.name
    return user.email if reads_addresses(by) else str(_("A member"))


def list_requests(session: Session, group: WorkspaceGroup) -> list[RequestLine]:
    """The requests to join a group that wait for an answer, the oldest first."""
    rows = session.execute(
        select(JoinRequest, User)
        .join(User, User.id == JoinRequest.user_id)
        .where(JoinRequest.group_id == group.id, JoinRequest.answered_at.is_(None))
        .order_by(JoinRequest.made_at, JoinRequest.id)
    )
    return [
        RequestLine(request.id, user.id, user.name or user.email, request.words, request.made_at)
        for request, user in rows
    ]


def find_open_request(session: Session, group_id: int, user_id: int | None) -> JoinRequest | None:
    """The request of that person to that group which nobody answered yet."""
    waiting = select(JoinRequest).where(
        JoinRequest.group_id == group_id, JoinRequest.user_id == user_id, JoinRequest.answered_at.is_(None)
    )
    return session.scalars(waiting).one_or_none()


def get_request(session: Session, request_id: int, *, lock: bool = False) -> JoinRequest:
    """The request with this id. Raises NotFound."""
    request = session.get(JoinRequest, request_id, with_for_update={"of": JoinRequest} if lock else None)
    if request is None:
        raise NotFound(_("This request does not exist, or does not any more."))
    return request


def get_person(session: Session, user_id: int) -> User:
    """The person with this number who can sign in. Raises NotFound."""
    user = session.get(User, user_id)
    if user is None or not user.active:
        raise NotFound(_("There is no such user, or they are disabled."))
    return user


def get_person_by_email(session: Session, email: str) -> User:
    """The person who signs in with this address. Raises NotFound."""
    user = session.scalars(select(User).where(User.email == email.strip().lower(), User.active)).one_or_none()
    if user is None:
        raise NotFound(_("There is no such user, or they are disabled."))
    return user


def list_newcomers(session: Session, group: WorkspaceGroup) -> list[tuple[int, str]]:
    """Those who can sign in and are not members, as number and name."""
    inside = select(WorkspaceMember.user_id).where(WorkspaceMember.group_id == group.id)
    return _named(session, select(User).where(User.active, User.id.not_in(inside)))


def list_heirs(session: Session, group: WorkspaceGroup) -> list[tuple[int, str]]:
    """The members whom the group can be handed over to, as number and name."""
    members = select(WorkspaceMember.user_id).where(
        WorkspaceMember.group_id == group.id, WorkspaceMember.user_id != group.owner_id
    )
    return _named(session, select(User).where(User.active, User.id.in_(members)))


def list_member_ids(session: Session, group_id: int) -> frozenset[int]:
    """The numbers of a group's members."""
    return frozenset(session.scalars(select(WorkspaceMember.user_id).where(WorkspaceMember.group_id == group_id)))


def tell_personal(session: Session, user_id: int) -> Mapping[str, Any]:
    """What the room stores about somebody, as JSON values: the groups they belong to, own or asked to join."""
    groups = session.execute(
        select(WorkspaceGroup, WorkspaceMember.since)
        .join(WorkspaceMember, WorkspaceMember.group_id == WorkspaceGroup.id)
        .where(WorkspaceMember.user_id == user_id)
        .order_by(WorkspaceGroup.slug)
    )
    requests = session.scalars(select(JoinRequest).where(JoinRequest.user_id == user_id).order_by(JoinRequest.id))
    return {
        "workspace_groups": [
            {"group": group.slug, "since": since.isoformat(), "owner": group.owner_id == user_id}
            for group, since in groups
        ],
        "workspace_requests": [
            {
                "group": request.group.slug,
                "words": request.words,
                "made_at": request.made_at.isoformat(),
                "accepted": request.accepted,
            }
            for request in requests
        ],
    }


def _named(session: Session, users: Select[User]) -> list[tuple[int, str]]:
    named = users.order_by(func.lower(func.coalesce(func.nullif(User.name, ""), User.email)), User.id)
    return [(user.id, f"{user.name} ({user.email})" if user.name else user.email) for user in session.scalars(named)]
