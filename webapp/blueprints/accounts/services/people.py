"""What those who run the house do to people's accounts: let in, keep out, give roles; never to somebody above them."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable
from uuid import uuid4

from flask_babel import gettext
from sqlalchemy.orm import Session

from webapp.blueprints.accounts.models import Ending, User
from webapp.blueprints.accounts.permissions import AccountsPermission as May
from webapp.blueprints.accounts.queries.people import count_other_owners, get_user, list_roles
from webapp.blueprints.accounts.queries.rights import get_standing
from webapp.blueprints.accounts.services.sessions import end_sessions
from webapp.blueprints.accounts.services.users import RoleUnknown
from webapp.core.clock import utc_now
from webapp.core.errors import DomainError, EditConflict, NotAllowed
from webapp.core.security import Actor

log = logging.getLogger(__name__)
OWNER = "owner"


class LastOwner(DomainError):
    """Without another owner nobody could run the house."""

    def __init__(self) -> None:
        super().__init__(gettext("This is the only owner: make somebody else an owner first."))


def disable_user(session: Session, *, by: Actor, user_id: int) -> User:
    """Keep somebody out: they cannot sign in, and all their sessions end at once. Raises NotFound, NotAllowed, LastOwner."""
    user = get_managed(session, by=by, user_id=user_id)
    if by.user_id == user.id:
        raise NotAllowed(gettext("You cannot shut yourself out here: suspend your account on its own page."))
    refuse_last_owner(session, user)
    shut_account(session, user)
    log.warning("user %s was disabled by %s", user.id, by.name)
    return user


def enable_user(session: Session, *, by: Actor, user_id: int) -> User:
    """Let somebody in again. Raises NotFound, NotAllowed."""
    user = get_managed(session, by=by, user_id=user_id)
    user.active, user.suspended_at = True, None
    log.warning("user %s was enabled by %s", user.id, by.name)
    return user


def set_roles(session: Session, *, by: Actor, user_id: int, roles: Iterable[str], version: int | None = None) -> User:
    """Give a user exactly these roles directly; those that come from groups stay.

    From the next request on the person has the new rights. Raises NotFound, NotAllowed (also for a role above the actor's
    rank, and for an owner who would take the rights from themselves), RoleUnknown, LastOwner and EditConflict.
    """
    user = get_managed(session, by=by, user_id=user_id)
    if version is not None and user.version != version:
        raise EditConflict
    names = frozenset(roles)
    found = list_roles(session, names)
    if unknown := names - {role.name for role in found}:
        raise RoleUnknown(unknown)
    changed = set(found) ^ set(user.roles)
    if not by.everything and any(role.rank > by.rank for role in changed):
        raise NotAllowed(gettext("Nobody gives or takes a role that is above their own."))
    if OWNER in {role.name for role in user.roles} and OWNER not in names:
        if by.user_id == user.id:
            raise NotAllowed(gettext("You cannot take the owner's rights from yourself: let another owner do it."))
        refuse_last_owner(session, user)
    user.roles = found
    user.updated_at = utc_now()  # the roles lie in another table: this makes it a save, with a new version
    log.warning("user %s was given the roles %s by %s", user.id, ", ".join(sorted(names)) or "none", by.name)
    return user


def end_users_sessions(session: Session, *, by: Actor, user_id: int) -> int:
    """End all sessions of somebody; how many they were. Raises NotFound, NotAllowed."""
    user = get_managed(session, by=by, user_id=user_id)
    return end_sessions(session, user.id, ending=Ending.BY_OWNER)


def get_managed(session: Session, *, by: Actor, user_id: int) -> User:
    """The user, locked, whom the actor may manage: they may edit users and the user is not of a higher rank.

    Raises NotFound, NotAllowed.
    """
    if not by.may(May.USERS_EDIT):
        raise NotAllowed(gettext("Only who may edit users does this."))
    user = get_user(session, user_id, lock=True)
    if not by.everything and get_standing(session, user.id).rank > by.rank:
        raise NotAllowed(gettext("This person's rank is above yours."))
    return user


def shut_account(session: Session, user: User, *, suspended_at: dt.datetime | None = None) -> None:
    """Nobody signs in to the account any more; all its sessions are over, and no device of its is trusted."""
    user.active, user.suspended_at = False, suspended_at
    user.fs_uniquifier = uuid4().hex
    end_sessions(session, user.id, ending=Ending.DISABLED)


def refuse_last_owner(session: Session, user: User) -> None:
    """Raise LastOwner when the user is the only active owner. Two owners who leave at once wait for each other here."""
    if any(role.name == OWNER for role in user.roles) and not count_other_owners(session, user.id):
        raise LastOwner
