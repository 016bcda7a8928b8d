"""What somebody does with their own account as a whole: shut it for a while, or end it."""

from __future__ import annotations

import logging

from flask_babel import gettext
from sqlalchemy import delete
from sqlalchemy.orm import Session

from webapp.blueprints.accounts.events import AccountEnding
from webapp.blueprints.accounts.models import Invitation, User
from webapp.blueprints.accounts.queries.people import get_user
from webapp.blueprints.accounts.services.people import refuse_last_owner, shut_account
from webapp.core.clock import utc_now
from webapp.core.errors import NotAllowed
from webapp.core.events import announce
from webapp.core.mail import MailNotSetUp, forget_mails, post
from webapp.core.security import SYSTEM, Actor
from webapp.core.storing import store

log = logging.getLogger(__name__)


def suspend_own(session: Session, *, by: Actor) -> None:
    """Shut the actor's own account until whoever runs the house opens it again; nothing stored is lost.

    Raises NotAllowed for nobody and LastOwner.
    """
    user = _own(session, by)
    refuse_last_owner(session, user)
    shut_account(session, user, suspended_at=utc_now())
    log.warning("user %s suspended their own account", user.id)
    _tell(session, user, "account_suspended")


def delete_own(session: Session, *, by: Actor) -> None:
    """Delete the actor's own account with its sessions, history, keys and acceptances. What they did for the company stays.

    Announces AccountEnding. Raises NotAllowed for nobody, LastOwner, what a listener refuses it with, and InUse while
    something else that needs an owner is theirs.
    """
    user = _own(session, by)
    refuse_last_owner(session, user)
    announce(session, AccountEnding(user.id))
    log.warning("user %s deleted their own account", user.id)
    forget_mails(session, user.email, room="accounts")
    _tell(session, user, "account_deleted")
    session.execute(delete(Invitation).where(Invitation.email == user.email))
    session.delete(user)
    store(session)


def _own(session: Session, by: Actor) -> User:
    if by.user_id is None:
        raise NotAllowed(gettext("Please sign in"))
    return get_user(session, by.user_id, lock=True)


def _tell(session: Session, user: User, template: str) -> None:
    try:
        post(
            session,
            to=user.email,
            template=f"accounts/{template}",
            language=user.language or None,
            cause=None,
            by=SYSTEM,
            name=user.name or user.email,
        )
    except MailNotSetUp:
        log.warning("user %s was not told of it by mail: there is none", user.id)
