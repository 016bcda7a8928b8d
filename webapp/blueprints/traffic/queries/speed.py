"""How long answers took, as far as the lines say: percentiles in seconds, and the slowest."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, literal, select
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.orm import Session
from sqlalchemy.sql.expression import SQLColumnExpression

from webapp.blueprints.traffic.models import Hit
from webapp.blueprints.traffic.queries.figures import TOP, Within, texts

LEAST = 10  # hits of a path whose percentiles say something


@dataclass(frozen=True)
class Speed:
    """Percentiles of the seconds of so many hits; `upstream` is the part of the time that the application took, 0 to 1."""

    hits: int
    p50: float
    p95: float
    p99: float
    upstream: float | None
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
    p95 = func.percentile_cont(0.95).within_group(Hit.request_time)
    rows = session.execute(slow.order_by(p95.desc(), Hit.path_id).limit(TOP)).all()
    said = texts(session, {row[0] for row in rows if row[0] is not None})
    return [_speed(row, path_id=row[0], path=said.get(row[0])) for row in rows]


def list_slowest(session: Session, within: Within) -> list[tuple[Hit, str | None]]:
    """The slowest hits with their paths."""
    query = select(Hit).where(*within.where, Hit.request_time.is_not(None))
    hits = session.scalars(query.order_by(Hit.request_time.desc(), Hit.day, Hit.file_id, Hit.place).limit(TOP)).all()
    said = texts(session, {hit.path_id for hit in hits if hit.path_id is not None})
    return [(hit, said.get(hit.path_id)) for hit in hits]


def _percentiles(within: Within, by: SQLColumnExpression[object]) -> Select[Any]:
    parts = func.percentile_cont(array([0.5, 0.95, 0.99])).within_group(Hit.request_time)  # at once: one sort
    spent = func.sum(Hit.upstream_time) / func.nullif(
        func.sum(Hit.request_time).filter(Hit.upstream_time.is_not(None)), 0
    )
    query = select(by, func.count(), parts, spent)
    return query.where(*within.where, Hit.request_time.is_not(None)).group_by(by)


def _speed(row: Any, *, day: dt.date | None = None, path_id: int | None = None, path: str | None = None) -> Speed:
    _key, hits, (p50, p95, p99), upstream = row
    return Speed(hits, p50, p95, p99, upstream, path_id, path, day)
