"""Keys for tests."""

from __future__ import annotations

import itertools
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.rooms.accounts.makers import make_user
from webapp.blueprints.accounts.models import Role
from webapp.blueprints.keys.services.issuing import Issued, create_key, create_service_key
from webapp.core.security import SYSTEM

READ_CUSTOMERS, READ_ORDERS = "crm:customers:read", "sales:orders:read"
ME = "/api/v1/me"
_numbers = itertools.count(1)


def make_key(session: Session, **changes: Any) -> Issued:
    """A key of a viewer that reads customers and orders; only what the test speaks of is given."""
    if "user_id" not in changes:
        changes["user_id"] = make_user(session).id
    usual = {"name": f"Key {next(_numbers)}", "scopes": [READ_CUSTOMERS, READ_ORDERS], "days": 30}
    issued = create_key(session, by=SYSTEM, **(usual | changes))
    session.commit()
    return issued


def make_service_key(session: Session, role: str = "viewer", **changes: Any) -> Issued:
    """A key of a service with the rights of a role."""
    number = session.scalars(select(Role.id).where(Role.name == role)).one()
    usual = {"name": f"Key {next(_numbers)}", "scopes": [READ_CUSTOMERS], "days": 30, "role_id": number}
    issued = create_service_key(session, by=SYSTEM, **(usual | changes))
    session.commit()
    return issued


def bearer(key: Issued | str) -> dict[str, str]:
    """The header of a request that comes with the key."""
    return {"Authorization": f"Bearer {key if isinstance(key, str) else key.text}", "Accept-Language": "en"}


def status_with(client: FlaskClient, key: Issued | str, path: str = ME) -> int:
    """What the API answers to a request with the key."""
    return int(client.get(path, headers=bearer(key)).status_code)
