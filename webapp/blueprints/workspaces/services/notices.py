"""Mails that the room writes; without a way for mail the deed goes on, and the log says so."""

from __future__ import annotations

import logging
from typing import Any

from sqlalchemy.orm import Session

from webapp.blueprints.accounts.public import User
from webapp.core.mail import MailNotSetUp, post
from webapp.core.security import Actor

log = logging.getLogger(__name__)


def notify(session: Session, user_id: int, template: str, *, cause: str, by: Actor, **words: Any) -> None:
    """Tell somebody who can sign in, by the template `workspaces/<template>`; the same `cause` once."""
    user = session.get(User, user_id)
    if user is None or not user.active:
        return
    try:
        post(
            session,
            to=user.email,
            template=f"workspaces/{template}",
            language=user.language or None,
            cause=cause,
            by=by,
            name=user.name,
            **words,
        )
    except MailNotSetUp:
        log.warning("user %s is not told (%s): there is no way for mail", user_id, template)
