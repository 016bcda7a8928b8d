"""Questions about users and roles."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.blueprints.accounts.models import Role, User


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
