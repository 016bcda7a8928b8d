"""The tokens that links in mails carry: random, good for one thing, and kept as a hash only."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets

from flask_babel import gettext as _
from sqlalchemy import delete
from sqlalchemy.orm import Session

from webapp.blueprints.accounts.models import AddressChange, Invitation, ResetLink
from webapp.core.clock import utc_now
from webapp.core.errors import DomainError

RESET_HOURS = 2
ADDRESS_HOURS = 24
INVITATION_DAYS = 7
REGISTRATION_HOURS = 24
QUIET_MINUTES = 5  # so long one mail of a kind is enough, whoever asks for more
LINKS_KEPT_DAYS = 30
INVITATIONS_KEPT_DAYS = 190


class LinkDead(DomainError):
    """The link was used, withdrawn, is too old, or never was one: which of these, nobody is told."""

    status = 410

    def __init__(self) -> None:
        super().__init__(_("This link is no longer good: it was used, it is too old, or a later one took its place."))


def new_token() -> str:
    """A token with 256 random bits, fit for an address."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """What is stored of a token: with so many random bits a plain SHA-256 cannot be turned round."""
    return hashlib.sha256(token.encode()).hexdigest()


def window(moment: dt.datetime) -> int:
    """The number of the quiet stretch in which the moment lies: the part of a mail's cause that lets it be sent again."""
    return int(moment.timestamp()) // (QUIET_MINUTES * 60)


def forget_links(session: Session) -> None:
    """Delete links and changes of addresses that are 30 days old, and invitations that ended 190 days ago."""
    now = utc_now()
    for model in (ResetLink, AddressChange):
        session.execute(delete(model).where(model.expires_at < now - dt.timedelta(days=LINKS_KEPT_DAYS)))
    session.execute(delete(Invitation).where(Invitation.expires_at < now - dt.timedelta(days=INVITATIONS_KEPT_DAYS)))
