"""The figures of a range of days, as the page and `bottega traffic report` show them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from webapp.blueprints.traffic.queries.figures import (
    Period,
    Share,
    Within,
    get_book,
    list_days,
    list_paths,
    list_statuses,
    sum_up,
)
from webapp.blueprints.traffic.queries.groups import count_visits, list_kinds

SUMS = ("hits", "visitors", "visits", "bytes")
UTC = ZoneInfo("UTC")  # of no weight: days are those of the company when a line was read


@dataclass(frozen=True)
class ClassFigures:
    """What visitors of one class did."""

    hits: int
    visitors: int
    visits: int


@dataclass(frozen=True)
class Report:
    """The figures of the company's local days from `first` to `last`, both included; None: open.

    A visitor is one of a day: who comes on two days counts twice. `book` is what the files' book says for the same days,
    `waiting` how many days have hits whose visits are not derived yet. Of the classes, `waiting` has the hits of days whose
    visitors are not told apart yet.
    """

    first: dt.date | None
    last: dt.date | None
    hits: int
    visitors: int
    visits: int
    bytes: int
    by_status: dict[str, int]
    by_class: dict[str, ClassFigures]
    top_paths: Sequence[Share]
    days: Sequence[Period]
    book: int
    waiting: int

    @property
    def reconciles(self) -> bool:
        """Whether the hits are those of the book."""
        return self.hits == self.book

    def as_json(self, zone: str) -> dict[str, Any]:
        """With plain values."""
        return {
            "from": self.first.isoformat() if self.first else None, "to": self.last.isoformat() if self.last else None,
            "time_zone": zone, "hits": self.hits, "visitors": self.visitors, "visits": self.visits, "bytes": self.bytes,
            "by_status": self.by_status, "by_class": {kind: vars(figures) for kind, figures in self.by_class.items()},
            "top_paths": [{"path": each.text or "", **_told(each, "hits", "visitors", "bytes")} for each in self.top_paths],
            "days": [{"day": each.start.isoformat(), **_told(each, *SUMS)} for each in self.days],
            "book": {"hits": self.book, "reconciles": self.reconciles, "days_waiting_for_visits": self.waiting},
        }  # fmt: skip


def get_report(session: Session, first: dt.date | None, last: dt.date | None) -> Report:
    """The figures of a range. One snapshot: what is read meanwhile counts in all of them or in none."""
    within = _within(first, last)
    days = list_days(session, within)
    book, sums = get_book(session, within.first, within.last), sum_up(days)
    return Report(
        first, last, sums.hits, sums.visitors, sums.visits, sums.bytes,
        {str(status): hits for status, hits in list_statuses(session, within)}, get_classes(session, first, last),
        list_paths(session, within), days, book.hits, book.waiting,
    )  # fmt: skip


def get_classes(session: Session, first: dt.date | None, last: dt.date | None) -> dict[str, ClassFigures]:
    """What visitors of each class did on the days of a range; the sums are those of the report."""
    within = _within(first, last)
    visits = count_visits(session, within)
    return {
        each.name or "waiting": ClassFigures(each.hits, each.visitors, visits.get(each.name, 0))
        for each in list_kinds(session, within)
    }


def _within(first: dt.date | None, last: dt.date | None) -> Within:
    return Within(first or dt.date.min, last or dt.date.max, UTC)


def _told(each: Period | Share, *names: str) -> dict[str, int]:
    return {name: getattr(each, name) for name in names}
