"""What the tests of documents share."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from tests.rooms.notebooks.gold_shop import door, hands, jupyter, people, relay, shop
from webapp.blueprints.notebooks.settings import EXTENSION, NotebookSettings

__all__ = ["door", "hands", "jupyter", "people", "relay", "shop", "with_engine"]


@pytest.fixture
def with_engine(app: Flask) -> Iterator[NotebookSettings]:
    """Settings that name an engine; nobody is asked."""
    before: NotebookSettings = app.extensions[EXTENSION]
    app.extensions[EXTENSION] = given = replace(before, engine="docker")
    yield given
    app.extensions[EXTENSION] = before
