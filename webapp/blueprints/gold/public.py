"""What other rooms may use of gold: the metrics, the questions they answer, a connection to ask with, and readers of GOLD."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from webapp.blueprints.gold.permissions import GoldPermission
from webapp.blueprints.gold.queries.answers import Filters, Question, Row, Span, Value, ask, query
from webapp.blueprints.gold.queries.dimensions import DIMENSIONS
from webapp.blueprints.gold.queries.metrics import METRICS, Metric, Unit
from webapp.blueprints.gold.queries.periods import Grain, next_period, period_start
from webapp.blueprints.gold.queries.reach import Reached, common_reach
from webapp.blueprints.gold.queries.state import Country, GoldNotThere, GoldState, Run, get_state, require_gold
from webapp.blueprints.gold.services.readers import (
    NoRoleForReaders,
    close_reader,
    end_overdue,
    list_readers,
    open_reader,
    reader_name,
    readers_role,
    renew_reach,
)
from webapp.core.db import gold_engine

__all__ = [
    "DIMENSIONS",
    "METRICS",
    "Country",
    "Filters",
    "GoldNotThere",
    "GoldPermission",
    "GoldState",
    "Grain",
    "Metric",
    "NoRoleForReaders",
    "Question",
    "Reached",
    "Row",
    "Run",
    "Span",
    "Unit",
    "Value",
    "ask",
    "close_reader",
    "common_reach",
    "end_overdue",
    "get_state",
    "list_readers",
    "next_period",
    "open_reader",
    "period_start",
    "query",
    "read_gold",
    "reader_name",
    "readers_role",
    "renew_reach",
    "require_gold",
]


@contextmanager
def read_gold() -> Iterator[Connection]:
    """A connection to GOLD that sees one state of it throughout, even while a run replaces it, and can write nothing."""
    options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with gold_engine().connect().execution_options(**options) as connection:
        yield connection
