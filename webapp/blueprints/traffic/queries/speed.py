"""How long answers took, as far as the lines say: percentiles in seconds, and the slowest."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Float, Select, func, literal, select, text, tuple_, type_coerce
from sqlalchemy.orm import Session
from sqlalchemy.sql.expression import SQLColumnExpression

from webapp.blueprints.traffic.models import MILLISECONDS, Hit
from webapp.blueprints.traffic.queries.figures import TOP, Within, texts

LEAST = 10  # hits of a path whose percentiles say something


@dataclass(frozen=True)
class Speed:
    """Percentiles of the seconds of so many hits; of the time, 0 to 1, `upstream` is the part that the application took.

    `database` is the part of the databases, which is within it.
    """

    hits: int
    p50: float
    p95: float
    p99: float
    upstream: float | None
    database: float | None
    path_id: int | None = None
    path: str | None = None
    day: dt.date | None = None


def list_speeds(session: Session, within: Within) -> list[Speed]:
    """By the day; days without times are not there."""
    return [_speed(row, day=row[0]) for row in session.execute(_percentiles(within, Hit.day).order_by(Hit.day))]


def get_speed(session: Session, within: Within) -> Speed | None:
    """Of all of them; None where no line tells a time."""
    row = session.execute(_percentiles(within, literal(1))).one_or_none()
    return _speed(row) if row else None


def list_path_speeds(session: Session, within: Within) -> list[Speed]:
    """The paths that are slow for many: by p95, of those with some hits."""
    slow = _percentiles(within, Hit.path_id).having(func.count() >= LEAST)
    each = slow.subquery()
    p95 = type_coerce(each.c.parts, ARRAY(Float))[2]
    rows = session.execute(select(each).order_by(p95.desc(), each.c.path_id).limit(within.top)).all()
    said = texts(session, {row[0] for row in rows if row[0] is not None})
    return [_speed(row, path_id=row[0], path=said.get(row[0])) for row in rows]


def list_slowest(session: Session, within: Within) -> list[tuple[Hit, str | None]]:
    """The slowest hits with their paths."""
    key = (Hit.day, Hit.file_id, Hit.place)
    order = (MILLISECONDS.desc(), *key)
    found = select(*key).where(*within.where, Hit.request_time.is_not(None)).order_by(*order).limit(TOP)
    keys = session.execute(found).all()
    days = {row[0] for row in keys}
    hits = session.scalars(
        select(Hit).where(Hit.day.in_(days), tuple_(*key).in_([tuple(row) for row in keys])).order_by(*order)
    ).all()
    said = texts(session, {hit.path_id for hit in hits if hit.path_id is not None})
    return [(hit, said.get(hit.path_id)) for hit in hits]


def _at_once() -> ColumnElement[Any]:
    """The three percentiles by one sort."""
    return func.percentile_cont(text("ARRAY[0.5, 0.95, 0.99]")).within_group(Hit.request_time)


def _percentiles(within: Within, by: SQLColumnExpression[object]) -> Select[Any]:
    spent = [
        func.sum(column) / func.nullif(func.sum(Hit.request_time).filter(column.is_not(None)), 0)
        for column in (Hit.upstream_time, Hit.database_time)
    ]
    names = (each.label(name) for each, name in zip(spent, ("upstream", "database"), strict=True))
    query = select(by, func.count().label("hits"), _at_once().label("parts"), *names)
    return query.where(*within.where, Hit.request_time.is_not(None)).group_by(by)


def _speed(row: Any, *, day: dt.date | None = None, path_id: int | None = None, path: str | None = None) -> Speed:
    _key, hits, (p50, p95, p99), upstream, database = row
    return Speed(hits, p50, p95, p99, upstream, database, path_id, path, day)
