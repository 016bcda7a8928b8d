"""Makers of the accounts room."""

from __future__ import annotations

import itertools
import re
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.blueprints.accounts.models import User
from webapp.blueprints.accounts.services.users import create_user
from webapp.blueprints.mail.models import OutgoingMail
from webapp.blueprints.mail.services import content_of
from webapp.core.security import SYSTEM

PASSWORD = "tre-gatti-sul-tetto"
_numbers = itertools.count(1)


def make_user(session: Session, **changes: Any) -> User:
    """A viewer who signs in with PASSWORD."""
    wanted = {"email": f"person{next(_numbers)}@shop.bottega.it", "name": "", "password": PASSWORD, "roles": ["viewer"]}
    user = create_user(session, by=SYSTEM, **(wanted | changes))
    session.commit()
    return user


def read_mail(session: Session, address: str) -> str:
    """The text of the latest mail to an address, as it leaves."""
    session.expire_all()
    mail = session.scalars(
        select(OutgoingMail).where(OutgoingMail.address == address).order_by(OutgoingMail.id.desc()).limit(1)
    ).one()
    return f"{mail.subject}\n{content_of(mail)[0]}"


def count_mails(session: Session, address: str) -> int:
    """How many mails were written to an address."""
    return session.scalar(select(func.count()).where(OutgoingMail.address == address)) or 0


def link_in(text: str) -> str:
    """The path of the first link in a mail, as a browser asks for it."""
    found = re.search(r"https?://\S+", text)
    assert found
    return urlsplit(found[0]).path
