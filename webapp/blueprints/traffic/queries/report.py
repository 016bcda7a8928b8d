"""The figures of a range of days, as the page and `bottega traffic report` show them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

TOP = 20


@dataclass(frozen=True)
class Day:
    """The figures of one of the company's local days."""

    day: dt.date
    hits: int
    visitors: int
    visits: int
    bytes: int


@dataclass(frozen=True)
class Path:
    """A path with its figures; `path` is "" where the request named none."""

    path: str
    hits: int
    visitors: int
    bytes: int


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
    top_paths: Sequence[Path]
    days: Sequence[Day]
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
            "top_paths": [vars(each) for each in self.top_paths],
            "days": [{**vars(each), "day": each.day.isoformat()} for each in self.days],
            "book": {"hits": self.book, "reconciles": self.reconciles, "days_waiting_for_visits": self.waiting},
        }  # fmt: skip


def get_report(session: Session, first: dt.date | None, last: dt.date | None) -> Report:
    """The figures of a range. One snapshot: what is read meanwhile counts in all of them or in none."""
    within = {"first": first or dt.date.min, "last": last or dt.date.max}
    days = _days(session, within)
    hits, size = sum(day.hits for day in days), sum(day.bytes for day in days)
    statuses = session.execute(
        text("SELECT status, count(*) FROM traffic_hits WHERE day BETWEEN :first AND :last GROUP BY 1 ORDER BY 1"),
        within,
    )
    book, waiting = session.execute(
        text(
            "SELECT coalesce(sum(hits), 0), count(DISTINCT day) FILTER (WHERE NOT derived) FROM traffic_book "
            "WHERE day BETWEEN :first AND :last"
        ),
        within,
    ).one()
    return Report(
        first, last, hits, sum(day.visitors for day in days), sum(day.visits for day in days), size,
        {str(status): count for status, count in statuses}, get_classes(session, first, last), _paths(session, within),
        days, int(book), waiting,
    )  # fmt: skip


def get_classes(session: Session, first: dt.date | None, last: dt.date | None) -> dict[str, ClassFigures]:
    """What visitors of each class did on the days of a range; the sums are those of the report."""
    rows = session.execute(
        text(
            "SELECT coalesce(w.class, 'waiting') AS class, sum(v.hits), count(*), sum(v.visits) FROM "
            "(SELECT day, visitor, sum(hits) AS hits, sum(visits) AS visits FROM "
            " (SELECT day, visitor, count(*) AS hits, 0 AS visits FROM traffic_hits WHERE day BETWEEN :first AND :last "
            "  GROUP BY 1, 2 UNION ALL "
            "  SELECT day, visitor, 0, count(*) FROM traffic_visits WHERE day BETWEEN :first AND :last GROUP BY 1, 2) u "
            " GROUP BY 1, 2) v LEFT JOIN traffic_visitors w ON w.day = v.day AND w.visitor = v.visitor "
            "GROUP BY 1 ORDER BY 2 DESC, 1"
        ),
        {"first": first or dt.date.min, "last": last or dt.date.max},
    )
    return {kind: ClassFigures(int(hits), visitors, int(visits)) for kind, hits, visitors, visits in rows}


def _days(session: Session, within: dict[str, Any]) -> list[Day]:
    rows = session.execute(
        text(
            "SELECT h.day, h.hits, h.visitors, coalesce(v.visits, 0), h.bytes FROM "
            "(SELECT day, count(*) AS hits, count(DISTINCT visitor) AS visitors, sum(bytes) AS bytes FROM traffic_hits "
            " WHERE day BETWEEN :first AND :last GROUP BY day) h LEFT JOIN "
            "(SELECT day, count(*) AS visits FROM traffic_visits WHERE day BETWEEN :first AND :last GROUP BY day) v "
            "USING (day) ORDER BY h.day"
        ),
        within,
    )
    return [Day(day, hits, visitors, visits, int(size)) for day, hits, visitors, visits, size in rows]


def _paths(session: Session, within: dict[str, Any]) -> list[Path]:
    rows = session.execute(
        text(
            "SELECT coalesce(t.text, ''), p.hits, p.visitors, p.bytes FROM "
            "(SELECT path_id, count(*) AS hits, count(DISTINCT visitor) AS visitors, sum(bytes) AS bytes FROM traffic_hits "
            " WHERE day BETWEEN :first AND :last GROUP BY path_id ORDER BY 2 DESC, 1 LIMIT :more) p "
            "LEFT JOIN traffic_texts t ON t.id = p.path_id ORDER BY p.hits DESC, t.text LIMIT :top"
        ),
        {**within, "top": TOP, "more": TOP * 5},
    )
    return [Path(path, hits, visitors, int(size)) for path, hits, visitors, size in rows]
