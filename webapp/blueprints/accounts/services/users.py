"""What happens to accounts: people get one, and their choices are kept."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal
from uuid import uuid4

from flask_babel import gettext
from sqlalchemy import update
from sqlalchemy.orm import Session

from webapp.blueprints.accounts.models import RANKS, ROLES, Role, User
from webapp.blueprints.accounts.permissions import AccountsPermission as May
from webapp.blueprints.accounts.queries.people import find_user, list_roles
from webapp.blueprints.accounts.services.names import USER_PROBLEMS, EmailTaken, checked_address
from webapp.blueprints.accounts.services.passwords import check_password, hashed, own_words
from webapp.core.clock import utc_now
from webapp.core.errors import DomainError, NotAllowed
from webapp.core.security import Actor
from webapp.core.storing import store


class RoleUnknown(DomainError):
    """There is no role of that name."""

    status = 422
    field = "roles"

    def __init__(self, names: Iterable[str]) -> None:
        super().__init__(gettext("There is no role %(names)s.", names=", ".join(sorted(names))))


def create_user(
    session: Session,
    *,
    by: Actor,
    email: str,
    name: str,
    password: str,
    roles: Iterable[str],
    known_to_all: bool = False,
) -> User:
    """A new active user who can sign in at once; the address is kept in small letters, the password as argon2id hash.

    A password that is `known_to_all`, the demo's, need not be a good one. Raises NotAllowed, EmailWrong, EmailTaken,
    RoleUnknown and what `check_password` raises.
    """
    if not by.may(May.USERS_EDIT):
        raise NotAllowed(gettext("Only the owner may create users."))
    address = checked_address(email)
    if not known_to_all:
        check_password(password, own=own_words(session, email=address, name=name, username=None))
    if find_user(session, address):
        raise EmailTaken
    user = User(
        email=address,
        name=name.strip(),
        password=hashed(password),
        password_changed_at=utc_now(),
        fs_uniquifier=uuid4().hex,
        roles=_the_roles(session, frozenset(roles)),
    )
    with session.begin_nested():
        session.add(user)
        store(session, USER_PROBLEMS)
    return user


def keep_preference(session: Session, *, by: Actor, name: Literal["language", "theme"], value: str) -> None:
    """Store the actor's own choice; somebody who edits the user meanwhile is not disturbed. Nothing for nobody."""
    if by.signed_in:
        session.execute(update(User).where(User.id == by.user_id).values({name: value, "updated_at": User.updated_at}))


def _the_roles(session: Session, names: frozenset[str]) -> list[Role]:
    """The roles; one that the house knows is made where it is missing."""
    roles = list_roles(session, names)
    missing = names - {role.name for role in roles}
    if unknown := missing - ROLES.keys():
        raise RoleUnknown(unknown)
    return roles + [Role(name=name, description=ROLES[name], rank=RANKS[name]) for name in sorted(missing)]


def settle_user(session: Session, user: User, *, by: Actor, password: str) -> None:
    """Make a user whose fields were just edited fit to be stored; `password` is a new one, "" for no change.

    A new password, and losing the account, end the user's sessions. Raises NotAllowed (also for an owner who would shut
    themselves out), EmailWrong and what `check_password` raises.
    """
    if not by.may(May.USERS_EDIT):
        raise NotAllowed(gettext("Only the owner may edit users."))
    user.email = checked_address(user.email or "")
    if password:
        check_password(password, own=own_words(session, email=user.email, name=user.name or "", username=user.username))
    still_owner = user.active and any(role.name == "owner" for role in user.roles)
    if by.signed_in and user.id == by.user_id and not still_owner:
        raise NotAllowed(gettext("You cannot take the owner's rights from yourself: let another owner do it."))
    if password:
        user.password, user.password_changed_at = hashed(password), utc_now()
    if password or not user.active or user.fs_uniquifier is None:
        user.fs_uniquifier = uuid4().hex


def refuse_own_deletion(user: User, *, by: Actor) -> None:
    """Raise NotAllowed when somebody is about to delete themselves."""
    if user.id == by.user_id:
        raise NotAllowed(gettext("You cannot delete yourself: let another owner do it."))


def refuse_house_role(*, was: str, is_now: str | None) -> None:
    """Raise NotAllowed when a role that the rooms grant rights to is to be renamed, or deleted (`is_now` is None)."""
    if was in ROLES and is_now != was:
        raise NotAllowed(gettext("The house gives rights to this role by its name: it stays as it is."))
