"""Visits: where they begin and end, how many see one page alone, and from which page to which they go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Interval, cast, func, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.expression import SQLColumnExpression

from webapp.blueprints.traffic.models import Hit, Visit
from webapp.blueprints.traffic.queries.figures import Within, of_visits, texts
from webapp.blueprints.traffic.queries.narrowing import is_page


@dataclass(frozen=True)
class Bounces:
    """Visits that saw a page, and those of them that saw one alone."""

    visits: int
    bounces: int


@dataclass(frozen=True)
class Step:
    """From one page to the next one of a visit, so many times."""

    from_id: int | None
    to_id: int | None
    origin: str | None
    target: str | None
    times: int


def get_bounces(session: Session, within: Within) -> Bounces:
    """How many visits saw one page alone."""
    pages = select(func.count(), func.count().filter(Visit.pages == 1)).where(*of_visits(within), Visit.pages > 0)
    visits, bounces = session.execute(pages).one()
    return Bounces(visits, bounces)


def list_ends(
    session: Session, within: Within, end: SQLColumnExpression[int | None]
) -> list[tuple[int | None, str | None, int]]:
    """The paths with which visits begin, or end, and how many of them."""
    query = select(end, func.count()).where(*of_visits(within)).group_by(end)
    rows = session.execute(query.order_by(func.count().desc(), end).limit(within.top)).all()
    said = texts(session, {number for number, _count in rows if number is not None})
    return [(number, said.get(number), count) for number, count in rows]


def list_steps(session: Session, within: Within) -> list[Step]:
    """From which page to which other one visitors go most."""
    ordered: dict[str, Any] = {"partition_by": (Hit.day, Hit.visitor), "order_by": (Hit.at, Hit.file_id, Hit.place)}
    each = (
        select(
            Hit.path_id.label("from_id"), func.lead(Hit.path_id).over(**ordered).label("to_id"),
            (func.lead(Hit.at).over(**ordered) - Hit.at).label("pause"),
        ).where(*within.where, is_page()).subquery()
    )  # fmt: skip
    query = select(each.c.from_id, each.c.to_id, func.count()).where(
        each.c.pause <= cast("30 minutes", Interval), each.c.from_id != each.c.to_id
    )
    query = query.group_by(each.c.from_id, each.c.to_id)
    rows = session.execute(query.order_by(func.count().desc(), each.c.from_id, each.c.to_id).limit(within.top)).all()
    said = texts(session, {number for row in rows for number in row[:2]})
    return [Step(one, other, said.get(one), said.get(other), count) for one, other, count in rows]
