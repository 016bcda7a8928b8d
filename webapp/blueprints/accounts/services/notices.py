"""Mails that tell people what was done to their account; without a way for mail the deed goes on, and the log says so."""

from __future__ import annotations

import logging
from typing import Any

from sqlalchemy.orm import Session

from webapp.blueprints.accounts.models import User
from webapp.core.mail import MailNotSetUp, post
from webapp.core.security import Actor

log = logging.getLogger(__name__)


def notify(session: Session, user: User, template: str, *, by: Actor, to: str | None = None, **words: Any) -> None:
    """Tell `user` at their address, or at `to`, by the template `accounts/<template>`."""
    try:
        post(
            session,
            to=to or user.email,
            template=f"accounts/{template}",
            language=user.language or None,
            cause=None,
            by=by,
            name=user.name,
            **words,
        )
    except MailNotSetUp:
        log.warning("user %s is not told (%s): there is no way for mail", user.id, template)
