"""The questions to the records of the keys room."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import case, func, select
from sqlalchemy.orm import Session, contains_eager, outerjoin, selectinload

from webapp.blueprints.accounts.public import Role, User
from webapp.blueprints.keys.models import Key, Secret
from webapp.core.errors import NotFound
from webapp.core.lists import Choice, Column, ListSpec, Search, folded

STATES = {"active": _l("Valid"), "expired": _l("Expired"), "revoked": _l("Revoked")}
KINDS = {"person": _l("Person"), "service": _l("Service")}
STATE = case((Key.revoked_at.is_not(None), "revoked"), (Key.expires_at <= func.now(), "expired"), else_="active")
KIND = case((Key.user_id.is_(None), "service"), else_="person")
HOLDER = func.coalesce(User.email, Role.name)

KEYS = ListSpec(
    name="keys",
    source=outerjoin(outerjoin(Key, User, Key.user_id == User.id), Role, Key.role_id == Role.id),
    id=Key.id,
    columns=(
        Column("name", _l("Name"), Key.name, sort_by=folded(Key.name)),
        Column("kind", _l("Kind"), KIND, kind="choice", choices=KINDS),
        Column("holder", _l("Person or role"), HOLDER, sort_by=folded(HOLDER)),
        Column("state", _l("State"), STATE, kind="choice", choices=STATES),
        Column("expires_at", _l("Expires"), Key.expires_at, kind="date", sort_by=Key.expires_at),
        Column("last_used_at", _l("Last used"), Key.last_used_at, kind="date"),
        Column("last_used_from", _l("Used from"), Key.last_used_from, shown=False),
        Column("created_at", _l("Created"), Key.created_at, kind="date", sort_by=Key.created_at),
        Column("created_by", _l("Created by"), Key.created_by, kind="person", shown=False),
    ),
    sort="name",
    filters=(Choice("state", _l("State"), STATE, STATES), Choice("kind", _l("Kind"), KIND, KINDS)),
    search=(Search(Key.name), Search(HOLDER)),
    search_hint=_l("Name, person or role"),
)


def find_secret(session: Session, digest: str) -> Secret | None:
    """The secret with this SHA-256, with its key."""
    found = select(Secret).join(Secret.key).options(contains_eager(Secret.key)).where(Secret.digest == digest)
    return session.scalars(found).one_or_none()


def get_key(session: Session, key_id: int, *, lock: bool = False) -> Key:
    """The key with this number, kept from others until the end if it is to `lock`. Raises NotFound."""
    key = session.get(Key, key_id, with_for_update=lock or None, populate_existing=lock)
    if key is None:
        raise NotFound(_("There is no such key."))
    return key


def list_own_keys(session: Session, user_id: int) -> list[Key]:
    """A person's keys with their secrets, those in use first, the newest of them first."""
    keys = select(Key).where(Key.user_id == user_id).options(selectinload(Key.secrets))
    return list(session.scalars(keys.order_by(Key.revoked_at.is_not(None), Key.id.desc())))


def list_keys(session: Session) -> list[tuple[Key, str]]:
    """All keys with the person or the role that they belong to, by number."""
    keys = select(Key, HOLDER).outerjoin(User, Key.user_id == User.id).outerjoin(Role, Key.role_id == Role.id)
    rows = session.execute(keys.options(selectinload(Key.secrets)).order_by(Key.id))
    return [(row[0], row[1]) for row in rows]


def holder_of(session: Session, key: Key) -> str:
    """The person (by address) or the role (by name) that a key belongs to."""
    if key.user_id is not None:
        return session.scalars(select(User.email).where(User.id == key.user_id)).one()
    return session.scalars(select(Role.name).where(Role.id == key.role_id)).one()


def get_user_id(session: Session, email: str) -> int:
    """The number of the person who signs in with this address. Raises NotFound."""
    number = session.scalar(select(User.id).where(User.email == email.strip().lower()))
    if number is None:
        raise NotFound(_("There is no user %(name)s.", name=email))
    return number


def get_role_id(session: Session, name: str) -> int:
    """The number of a role. Raises NotFound."""
    number = session.scalar(select(Role.id).where(Role.name == name))
    if number is None:
        raise NotFound(_("There is no role %(names)s.", names=name))
    return number


def tell_personal(session: Session, user_id: int) -> dict[str, Any]:
    """A person's keys as their export of their own data has them: not what opens, of which only a digest is stored."""
    return {
        "keys": [
            {
                "name": key.name,
                "may": key.scopes,
                "created_at": key.created_at.isoformat(),
                "expires_at": key.expires_at.isoformat(),
                "last_used_at": key.last_used_at.isoformat() if key.last_used_at else None,
                "last_used_from": key.last_used_from,
                "revoked_at": key.revoked_at.isoformat() if key.revoked_at else None,
            }
            for key in list_own_keys(session, user_id)
        ]
    }
