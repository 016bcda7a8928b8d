"""What happens to accounts: people get one, and their choices are kept."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Literal
from uuid import uuid4

from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext
from flask_security import hash_password
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from webapp.blueprints.accounts.models import RANKS, ROLES, Role, User
from webapp.blueprints.accounts.permissions import AccountsPermission as May
from webapp.blueprints.accounts.queries.people import find_user, list_roles
from webapp.core.errors import DomainError, NotAllowed
from webapp.core.security import Actor

PASSWORD_LENGTH = 12


class EmailTaken(DomainError):
    """Somebody signs in with this address already."""

    field = "email"

    def __init__(self) -> None:
        super().__init__(gettext("There is a user with this e-mail address already."))


class EmailWrong(DomainError):
    """The text is no e-mail address."""

    status = 422
    field = "email"

    def __init__(self) -> None:
        super().__init__(gettext("This is not an e-mail address."))


class PasswordTooShort(DomainError):
    """The password has fewer than 12 characters."""

    status = 422
    field = "password"

    def __init__(self) -> None:
        super().__init__(gettext("A password needs at least %(count)s characters.", count=PASSWORD_LENGTH))


class RoleUnknown(DomainError):
    """There is no role of that name."""

    status = 422
    field = "roles"

    def __init__(self, names: Iterable[str]) -> None:
        super().__init__(gettext("There is no role %(names)s.", names=", ".join(sorted(names))))


def create_user(session: Session, *, by: Actor, email: str, name: str, password: str, roles: Iterable[str]) -> User:
    """A new active user who can sign in at once; the address is kept in small letters, the password as argon2id hash.

    Raises NotAllowed, EmailWrong, EmailTaken, PasswordTooShort, RoleUnknown.
    """
    if not by.may(May.USERS_EDIT):
        raise NotAllowed(gettext("Only the owner may create users."))
    address = _checked_address(email)
    if len(password) < PASSWORD_LENGTH:
        raise PasswordTooShort
    if find_user(session, address):
        raise EmailTaken
    user = User(
        email=address,
        name=name.strip(),
        password=hash_password(unicodedata.normalize("NFKD", password)),
        fs_uniquifier=uuid4().hex,
        roles=_the_roles(session, frozenset(roles)),
    )
    try:
        with session.begin_nested():
            session.add(user)
    except IntegrityError as error:
        if "uq_accounts_users_email" in str(error.orig):
            raise EmailTaken from None
        raise
    return user


def keep_preference(session: Session, *, by: Actor, name: Literal["language", "theme"], value: str) -> None:
    """Store the actor's own choice; somebody who edits the user meanwhile is not disturbed. Nothing for nobody."""
    if by.signed_in:
        session.execute(update(User).where(User.id == by.user_id).values({name: value, "updated_at": User.updated_at}))


def _checked_address(email: str) -> str:
    try:
        return validate_email(email.strip(), check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        raise EmailWrong from None


def _the_roles(session: Session, names: frozenset[str]) -> list[Role]:
    """The roles; one that the house knows is made where it is missing."""
    roles = list_roles(session, names)
    missing = names - {role.name for role in roles}
    if unknown := missing - ROLES.keys():
        raise RoleUnknown(unknown)
    return roles + [Role(name=name, description=ROLES[name], rank=RANKS[name]) for name in sorted(missing)]


def settle_user(user: User, *, by: Actor, password: str) -> None:
    """Make a user whose fields were just edited fit to be stored; `password` is a new one, "" for no change.

    A new password, and losing the account, end the user's sessions. Raises NotAllowed (also for an owner who would shut
    themselves out), EmailWrong, PasswordTooShort.
    """
    if not by.may(May.USERS_EDIT):
        raise NotAllowed(gettext("Only the owner may edit users."))
    user.email = _checked_address(user.email or "")
    if password and len(password) < PASSWORD_LENGTH:
        raise PasswordTooShort
    still_owner = user.active and any(role.name == "owner" for role in user.roles)
    if by.signed_in and user.id == by.user_id and not still_owner:
        raise NotAllowed(gettext("You cannot take the owner's rights from yourself: let another owner do it."))
    if password:
        user.password = hash_password(unicodedata.normalize("NFKD", password))
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
