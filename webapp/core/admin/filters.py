"""Filters of Flask-Admin's lists: by the company's days, and how a filter is written in an address."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import g
from flask_admin.contrib.sqla.filters import BaseSQLAFilter
from flask_babel import lazy_gettext as _l

from webapp.core.clock import day_start


class FromDay(BaseSQLAFilter):  # type: ignore[misc]  # Flask-Admin ships no types
    """Moments from the beginning of a company's day on."""

    def __init__(self, column: Any, name: Any) -> None:
        super().__init__(column, name, data_type="date")

    def clean(self, value: str) -> dt.date:
        """The day. Raises ValueError when it is none."""
        return dt.date.fromisoformat(value)

    def apply(self, query: Any, value: dt.date, alias: Any = None) -> Any:
        """The records from that day on."""
        return query.filter(self.get_column(alias) >= day_start(value, g.company.zone))

    def operation(self) -> Any:
        """Its words."""
        return _l("from")


class ToDay(FromDay):
    """Moments up to the end of a company's day."""

    def clean(self, value: str) -> dt.date:
        """The day. Raises ValueError when it is none or the last of all days."""
        day = dt.date.fromisoformat(value)
        if day == dt.date.max:
            raise ValueError(value)
        return day

    def apply(self, query: Any, value: dt.date, alias: Any = None) -> Any:
        """The records up to that day."""
        return query.filter(self.get_column(alias) < day_start(value + dt.timedelta(days=1), g.company.zone))

    def operation(self) -> Any:
        """Its words."""
        return _l("up to")


def filter_word(filter: Any) -> str:
    """How a filter is written in an address: its column and what it does, the same in every language."""
    column = filter.column if isinstance(filter.column, str) else filter.column.key
    table = getattr(getattr(filter.column, "table", None), "name", "")
    does = type(filter).__name__.lower().replace("filter", "")
    return f"{table}.{column}.{does}"
