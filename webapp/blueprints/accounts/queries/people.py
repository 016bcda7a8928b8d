"""Questions about users and roles."""

from __future__ import annotations

import datetime as dt

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, case, func, literal, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session

from webapp.blueprints.accounts.models import Passkey, Role, User, UserSession, user_roles
from webapp.core.errors import NotFound
from webapp.core.lists import Choice, Column, ListSpec, Search, Text, folded


def find_user(session: Session, email: str) -> User | None:
    """The user who signs in with this address, in any letter case."""
    return session.scalars(select(User).where(User.email == email.strip().lower())).one_or_none()


def list_users(session: Session) -> list[User]:
    """All users by address; a company has dozens, so there are no pages."""
    return list(session.scalars(select(User).order_by(User.email)))


def list_roles(session: Session, names: frozenset[str]) -> list[Role]:
    """Those of the named roles that are there."""
    return list(session.scalars(select(Role).where(Role.name.in_(names)).order_by(Role.name)))


def find_active_user(session: Session, user_id: int) -> User | None:
    """The user with that number unless they are gone or disabled."""
    return session.scalar(select(User).where(User.id == user_id, User.active))


def find_stamped(session: Session, stamp: str) -> int | None:
    """The number of the user with that `fs_uniquifier`."""
    return session.scalar(select(User.id).where(User.fs_uniquifier == stamp))


def get_user(session: Session, user_id: int, *, lock: bool = False) -> User:
    """The user with that number, read again and kept from others until the end if it is to `lock`. Raises NotFound."""
    user = session.get(User, user_id, with_for_update={"of": User} if lock else None)
    if user is None:
        raise NotFound(gettext("This user does not exist, or does not any more."))
    return user


def count_other_owners(session: Session, user_id: int) -> int:
    """How many active users but this one are owners; nobody else counts them until the end of the transaction."""
    owner = session.scalars(select(Role).where(Role.name == "owner").with_for_update()).one_or_none()
    if owner is None:
        return 0
    found = select(func.count()).select_from(User).join(user_roles, user_roles.c.user_id == User.id)
    count = session.scalar(found.where(user_roles.c.role_id == owner.id, User.active, User.id != user_id))
    return int(count or 0)


def is_empty(session: Session) -> bool:
    """Whether there is no user at all."""
    return session.scalar(select(User.id).limit(1)) is None


STATES = {
    "active": _l("May sign in"),
    "disabled": _l("Disabled"),
    "suspended": _l("Suspended by themselves"),
}
FACTORS = {"yes": _l("Yes"), "no": _l("No")}


def list_of_users(now: dt.datetime) -> ListSpec:
    """The list of users: who they are, their roles, whether they may sign in and when they were seen last."""
    roles = (
        select(func.string_agg(Role.name, aggregate_order_by(literal(", "), Role.name)))
        .join(user_roles, user_roles.c.role_id == Role.id)
        .where(user_roles.c.user_id == User.id)
        .scalar_subquery()
    )
    seen = select(func.max(UserSession.last_seen_at)).where(UserSession.user_id == User.id).scalar_subquery()
    open_ones = (
        select(func.count())
        .where(
            UserSession.user_id == User.id,
            UserSession.ended_at.is_(None),
            UserSession.ends_at > now,
            UserSession.stamp == User.fs_uniquifier,
        )
        .scalar_subquery()
    )
    state = case((User.active, "active"), (User.suspended_at.is_not(None), "suspended"), else_="disabled")
    passkey = select(Passkey.id).where(Passkey.user_id == User.id).exists()
    factor = case((or_(User.tf_totp_secret.is_not(None), passkey), "yes"), else_="no")
    return ListSpec(
        name="users",
        source=User,
        id=User.id,
        columns=(
            Column("name", _l("Name"), func.coalesce(func.nullif(User.name, ""), User.email), sort_by=_by_name()),
            Column("email", _l("E-mail"), User.email, sort_by=User.email),
            Column("username", _l("User name"), User.username, shown=False),
            Column("roles", _l("Roles"), func.coalesce(roles, "")),
            Column("state", _l("State"), state, kind="choice", choices=STATES),
            Column("second_factor", _l("Second factor"), factor, kind="choice", choices=FACTORS),
            Column("sessions", _l("Sessions"), open_ones, kind="number"),
            Column("last_seen_at", _l("Last seen"), seen, kind="date"),
            Column("created_at", _l("Created"), User.created_at, kind="date", sort_by=User.created_at, shown=False),
        ),
        sort="name",
        filters=(
            Choice("state", _l("State"), state, STATES),
            Choice("second_factor", _l("Second factor"), factor, FACTORS),
            Text("role", _l("Role"), func.coalesce(roles, ""), suggestions=list_role_names),
        ),
        search=(Search(User.email), Search(User.name), Search(func.coalesce(User.username, ""))),
        search_hint=_l("Name, e-mail or user name"),
    )


def list_role_names(session: Session) -> tuple[str, ...]:
    """The names of all roles, in order."""
    return tuple(session.scalars(select(Role.name).order_by(Role.name)))


def _by_name() -> ColumnElement[str]:
    return folded(func.coalesce(func.nullif(User.name, ""), User.email))
