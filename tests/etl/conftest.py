"""A shop that sells through plain SQL, and its GOLD."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine

from tests.etl.shop import Shop
from webapp.core.settings import Settings


@pytest.fixture
def shop(fresh_settings: Settings) -> Iterator[Shop]:
    """A shop in Rome without customers, products or orders, and an empty GOLD."""
    assert fresh_settings.database_url
    assert fresh_settings.gold_database_url
    shop = Shop(create_engine(fresh_settings.database_url), create_engine(fresh_settings.gold_database_url))
    yield shop
    shop.source.dispose()
    shop.gold.dispose()
