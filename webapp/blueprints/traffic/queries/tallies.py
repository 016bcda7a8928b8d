"""Hits by what they have in common, from the tallies of each day: exact, and at once over long ranges.

Days whose tallies are not up to date (the one that is under way, mostly) are counted from their hits.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Select, Subquery, cast, func, literal, select, text, union_all
from sqlalchemy.orm import Session
from sqlalchemy.sql.expression import SQLColumnExpression
from sqlalchemy.types import Integer

from webapp.blueprints.traffic.models import TALLIES, Hit, Tally
from webapp.blueprints.traffic.queries.narrowing import is_page

OPEN = text("""
    SELECT b.day FROM traffic_book b WHERE b.day BETWEEN :first AND :last AND b.hits > 0 GROUP BY b.day
    HAVING bool_or(NOT b.derived) OR NOT EXISTS (SELECT FROM traffic_tallies t WHERE t.day = b.day AND t.kind = 0)
""")
COUNTS = ("hits", "visitors", "bytes", "pages", "errors", "s2", "s3", "s4", "s5")


def tallied(session: Session, first: dt.date, last: dt.date, kind: str) -> Subquery:
    """All hits of some days by what the `kind` says: day, key (0 where they tell nothing), and `COUNTS`."""
    days = list(session.scalars(OPEN, {"first": first, "last": last}))
    kept = select(Tally.day, Tally.key, *(getattr(Tally, name) for name in COUNTS)).where(
        Tally.day.between(first, last), Tally.kind == TALLIES[kind]
    )
    if not days:
        return kept.subquery()
    return union_all(kept.where(Tally.day.not_in(days)), _fresh(days, kind)).subquery()


def _fresh(days: list[dt.date], kind: str) -> Any:
    key = func.coalesce(_key(kind), 0)
    each = select(
        Hit.day, key.label("key"), Hit.visitor, func.count().label("hits"), func.sum(Hit.bytes).label("bytes"),
        func.count().filter(is_page()).label("pages"), func.count().filter(Hit.status >= 400).label("errors"),
        *(func.count().filter(Hit.status.between(n * 100, n * 100 + 99)).label(f"s{n}") for n in (2, 3, 4, 5)),
    ).where(Hit.day.in_(days))  # fmt: skip
    if kind == "page":
        each = each.where(is_page())
    inner = each.group_by(Hit.day, key, Hit.visitor).subquery()
    sums = {name: func.sum(inner.c[name]) for name in COUNTS if name != "visitors"} | {"visitors": func.count()}
    return select(inner.c.day, inner.c.key, *(sums[name] for name in COUNTS)).group_by(inner.c.day, inner.c.key)


def _key(kind: str) -> SQLColumnExpression[Any]:
    if kind == "all":
        return literal(0)
    if kind == "status":
        return cast(Hit.status, Integer)
    if kind == "hour":
        return cast(func.floor(func.extract("epoch", Hit.at) / 3600), Integer)
    return Hit.path_id if kind == "page" else getattr(Hit, f"{kind}_id")


def sums_by(
    session: Session,
    first: dt.date,
    last: dt.date,
    kind: str,
    *,
    among: Select[int] | None = None,
    top: int | None = None,
) -> list[tuple[int, dict[str, int]]]:
    """Key and counts of some days, the most hits first; `among`: only those keys. The first `top`, or all."""
    found = tallied(session, first, last, kind)
    sums = [func.sum(found.c[name]).label(name) for name in COUNTS]
    query = select(found.c.key, *sums).group_by(found.c.key).order_by(func.sum(found.c.hits).desc(), found.c.key)
    if among is not None:
        query = query.where(found.c.key.in_(among))
    rows = session.execute(query.limit(top))
    return [(row[0], {name: int(value) for name, value in zip(COUNTS, row[1:], strict=True)}) for row in rows]


def sums_by_day(
    session: Session, first: dt.date, last: dt.date, kind: str
) -> list[tuple[dt.date, int, dict[str, int]]]:
    """Day, key and counts, in the order of day and key."""
    found = tallied(session, first, last, kind)
    rows = session.execute(select(found).order_by(found.c.day, found.c.key))
    return [(row[0], row[1], {name: int(value) for name, value in zip(COUNTS, row[2:], strict=True)}) for row in rows]
