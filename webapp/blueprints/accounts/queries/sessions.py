"""Questions about being signed in: whose session a key opens, which sessions go on, and the history."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, bindparam, exists, func, select
from sqlalchemy.orm import Session, aliased, lazyload

from webapp.blueprints.accounts.models import Acceptance, Document, Role, SignIn, User, UserSession
from webapp.blueprints.accounts.queries.rights import held_roles

HISTORY = 20


@dataclass(frozen=True)
class Limits:
    """How long a session may idle (minutes) and last (hours); None is no limit of its own."""

    idle_minutes: int | None
    hours: int | None


@dataclass(frozen=True)
class Holder:
    """What a key opens: the session, who signed in, as whom they act, and the limits of their roles."""

    row: UserSession
    person: User
    acted: User | None
    limits: Limits
    is_owner: bool
    factor_asked: bool
    terms_wait: bool


def hashed(key: str) -> str:
    """How a secret of a browser is kept: its SHA-256, since it is random enough."""
    return sha256(key.encode()).hexdigest()


def find_holder(session: Session, *, key: str, user_id: int, stamp: str) -> Holder | None:
    """The session that a browser's key opens, read with its person, limits and duties in one statement.

    None when it was ended, is not that user's, or the user was disabled or has another stamp since. Whether its time is
    over, the caller decides.
    """
    values = {"key_hash": hashed(key), "user_id": user_id, "stamp": stamp}
    row = session.execute(_holder_statement(), values).one_or_none()
    if row is None:
        return None
    limits = Limits(row.idle_minutes, row.hours)
    return Holder(row[0], row[1], row[2], limits, row.is_owner, row.factor_asked, row.terms_wait)


@cache
def _holder_statement() -> Select[Any]:
    """Made once: each signed-in request asks it, and making it takes longer than its answer."""
    acted, user_id = aliased(User), bindparam("user_id", type_=Integer)
    held = held_roles(user_id).subquery()
    mine = select(Role).join(held, held.c.role_id == Role.id)
    return (
        select(
            UserSession,
            User,
            acted,
            mine.with_only_columns(func.min(Role.idle_minutes)).scalar_subquery().label("idle_minutes"),
            mine.with_only_columns(func.min(Role.absolute_hours)).scalar_subquery().label("hours"),
            mine.where(Role.name == "owner").exists().label("is_owner"),
            mine.where(Role.second_factor).exists().label("factor_asked"),
            terms_wait(user_id).label("terms_wait"),
        )
        .join(User, User.id == UserSession.user_id)
        .outerjoin(acted, (acted.id == UserSession.acting_as_id) & acted.active)
        .where(
            UserSession.key_hash == bindparam("key_hash"),
            UserSession.user_id == user_id,
            UserSession.ended_at.is_(None),
            UserSession.stamp == User.fs_uniquifier,
            User.fs_uniquifier == bindparam("stamp"),
            User.active,
        )
        .options(lazyload(User.roles), lazyload(acted.roles))
    )


def terms_wait(user_id: int | ColumnElement[int]) -> ColumnElement[bool]:
    """Whether there is a text that the user has not accepted in its newest version."""
    later = aliased(Document)
    newer = exists().where(later.kind == Document.kind, later.number > Document.number)
    accepted = exists().where(Acceptance.document_id == Document.id, Acceptance.user_id == user_id)
    return select(Document.id).where(~newer, ~accepted).exists()


def get_limits(session: Session, user_id: int) -> Limits:
    """The narrowest limits of the roles that a user has, directly or through groups."""
    row = session.execute(
        select(func.min(Role.idle_minutes), func.min(Role.absolute_hours)).where(Role.id.in_(held_roles(user_id)))
    ).one()
    return Limits(row[0], row[1])


def is_live(now: dt.datetime) -> ColumnElement[bool]:
    """Whether a session (joined with its user) goes on."""
    return (
        UserSession.ended_at.is_(None)
        & (UserSession.ends_at > now)
        & (UserSession.stamp == User.fs_uniquifier)
        & User.active
    )


def find_holder_of(session: Session, session_id: int, *, now: dt.datetime) -> int | None:
    """The number of the person whose rights hold in the session with that number; None when it is over."""
    acted = aliased(User)
    row = session.execute(
        select(UserSession.user_id, acted.id)
        .join(User, User.id == UserSession.user_id)
        .outerjoin(acted, (acted.id == UserSession.acting_as_id) & acted.active)
        .where(UserSession.id == session_id, is_live(now))
    ).one_or_none()
    return (row[1] or row[0]) if row else None


def list_live_sessions(session: Session, user_id: int, *, now: dt.datetime) -> list[UserSession]:
    """The sessions of a user that go on, the one seen last first."""
    return list(
        session.scalars(
            select(UserSession)
            .join(User, User.id == UserSession.user_id)
            .where(UserSession.user_id == user_id, is_live(now))
            .order_by(UserSession.last_seen_at.desc(), UserSession.id.desc())
        )
    )


def find_session(session: Session, session_id: int) -> UserSession | None:
    """The session with that number."""
    return session.get(UserSession, session_id)


def list_sign_ins(session: Session, user_id: int, limit: int = HISTORY) -> list[SignIn]:
    """The latest attempts to sign in to an account, the newest first."""
    return list(
        session.scalars(
            select(SignIn)
            .where(SignIn.user_id == user_id)
            .order_by(SignIn.happened_at.desc(), SignIn.id.desc())
            .limit(limit)
        )
    )


def find_device(session: Session, user_id: int, device_hash: str) -> tuple[bool, bool]:
    """Whether somebody has signed in before at all, and whether from that device."""
    rows = session.execute(
        select(func.count(), func.count().filter(UserSession.device_hash == device_hash)).where(
            UserSession.user_id == user_id
        )
    ).one()
    return rows[0] > 0, rows[1] > 0
