"""What people sign in by: the e-mail address, and a user name for those who want one."""

from __future__ import annotations

import re

from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from webapp.blueprints.accounts.models import User
from webapp.core.errors import DomainError, NotAllowed
from webapp.core.security import Actor
from webapp.core.storing import store

USERNAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]{1,38})[a-z0-9]")


class EmailWrong(DomainError):
    """The text is no e-mail address."""

    status = 422
    field = "email"

    def __init__(self) -> None:
        super().__init__(_("This is not an e-mail address."))


class EmailTaken(DomainError):
    """Somebody signs in with this address already."""

    field = "email"

    def __init__(self) -> None:
        super().__init__(_("There is a user with this e-mail address already."))


class UsernameWrong(DomainError):
    """A user name has other characters, or another length, than it may."""

    status = 422
    field = "username"

    def __init__(self) -> None:
        super().__init__(
            _(
                "A user name has 3 to 40 letters a-z, digits, dots, dashes or underscores, and ends with none of the signs."
            )
        )


class UsernameTaken(DomainError):
    """Another user has this user name."""

    field = "username"

    def __init__(self) -> None:
        super().__init__(_("Somebody else has this user name."))


USER_PROBLEMS = {"uq_accounts_users_email": EmailTaken, "uq_accounts_users_username": UsernameTaken}


def checked_address(email: str) -> str:
    """The e-mail address as it is kept, in small letters. Raises EmailWrong."""
    try:
        return validate_email(email.strip(), check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        raise EmailWrong from None


def checked_username(username: str | None) -> str | None:
    """The user name as it is kept, in small letters; None for "". Raises UsernameWrong."""
    text = (username or "").strip().lower()
    if not text:
        return None
    if not USERNAME.fullmatch(text):
        raise UsernameWrong
    return text


def change_names(session: Session, *, by: Actor, name: str, username: str) -> None:
    """How the actor is addressed, and their user name, "" for none. Raises UsernameWrong, UsernameTaken."""
    user = session.get(User, by.user_id) if by.signed_in else None
    if user is None:
        raise NotAllowed(_("Please sign in"))
    user.name = name.strip()
    user.username = checked_username(username)
    store(session, USER_PROBLEMS)
