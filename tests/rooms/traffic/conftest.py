"""What the tests of the traffic share."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from tests.rooms.accounts.makers import make_user
from tests.rooms.traffic.alerting import Read
from tests.rooms.traffic.makers import as_json, store
from webapp.blueprints.accounts.models import User


@pytest.fixture
def read(session: Session, tmp_path: Path) -> Read:
    """Store so many hits of a minute."""
    count = iter(range(1_000_000))

    def stored(at: dt.datetime, times: int = 1, **changes: str) -> None:
        name = f"access-{next(count)}.jsonl"
        store(session, tmp_path, [as_json(at, request_id=f"{next(count):032x}", **changes) for _ in range(times)], name)

    return stored


@pytest.fixture
def owner(session: Session) -> User:
    """Who is told of alerts."""
    return make_user(session, email="anna@client.it", roles=("owner",))
