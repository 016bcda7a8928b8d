"""A GOLD database that is gone after each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, create_engine

from webapp.core.settings import Settings


@pytest.fixture
def gold(settings: Settings) -> Iterator[Connection]:
    engine = create_engine(settings.gold_database_url or "")
    with engine.connect() as connection, connection.begin() as outer:
        yield connection
        outer.rollback()
    engine.dispose()
