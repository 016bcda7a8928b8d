"""Makers of the accounts room."""

from __future__ import annotations

import itertools
from typing import Any

from sqlalchemy.orm import Session

from webapp.blueprints.accounts.models import User
from webapp.blueprints.accounts.services.users import create_user
from webapp.core.security import SYSTEM

PASSWORD = "tre-gatti-sul-tetto"
_numbers = itertools.count(1)


def make_user(session: Session, **changes: Any) -> User:
    """A viewer who signs in with PASSWORD."""
    wanted = {"email": f"person{next(_numbers)}@shop.bottega.it", "name": "", "password": PASSWORD, "roles": ["viewer"]}
    user = create_user(session, by=SYSTEM, **(wanted | changes))
    session.commit()
    return user
