"""The figures of the hits that an address asks for: in all, by period, and by what they have in common."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Integer, cast, false, func, literal, or_, select, text
from sqlalchemy.orm import Session
from sqlalchemy.sql.expression import SQLColumnExpression

from webapp.blueprints.traffic.models import BookDay, Hit, TrafficText, Visit
from webapp.blueprints.traffic.queries.narrowing import FILES, ids_of, in_visit, is_file, is_page
from webapp.blueprints.traffic.queries.tallies import sums_by, sums_by_day

TOP = 20
SLACK = (
    5  # so many times more are counted than told, so that those with as many hits are told in the order of their names
)


@dataclass(frozen=True)
class Within:
    """The hits that are asked for, and how many rows of a table are told.

    `conditions` narrow hits by more than their days; all without them is the report.
    """

    first: dt.date
    last: dt.date
    zone: ZoneInfo
    conditions: tuple[ColumnElement[bool], ...] = ()
    top: int = TOP

    @property
    def where(self) -> tuple[ColumnElement[bool], ...]:
        """The conditions with the days."""
        return (Hit.day.between(self.first, self.last), *self.conditions)


@dataclass(frozen=True)
class Totals:
    """The figures of some hits. A visit counts where one of its hits does."""

    hits: int = 0
    visitors: int = 0
    visits: int = 0
    pages: int = 0
    bytes: int = 0
    errors: int = 0


@dataclass(frozen=True)
class Period(Totals):
    """The figures of a period, which begins at `start`: a moment, or a local day."""

    start: dt.datetime | dt.date = dt.date.min


@dataclass(frozen=True)
class Share:
    """The hits that have a text in common. `text` is None where they tell none."""

    id: int | None
    text: str | None
    hits: int
    visitors: int
    bytes: int
    other_id: int | None = None
    other: str | None = None
    status: int | None = None


def make_room(session: Session) -> None:
    """Let the database count in memory for the rest of the transaction, and compile nothing for it.

    How it reads is left to the planner, who is told of each day when its visits are derived (`tell_planner`).
    """
    for setting in ("work_mem = '96MB'", "jit = off"):
        session.execute(text(f"SET LOCAL {setting}"))


def get_totals(session: Session, within: Within) -> Totals:
    """The figures of all of them. A visitor is one of a day: who comes on two days counts twice."""
    return sum_up(list_days(session, within))


def sum_up(periods: Iterable[Totals]) -> Totals:
    """The figures of days together."""
    found = list(periods)
    return Totals(*(sum(getattr(each, name.name) for each in found) for name in fields(Totals)))


def by_month(days: Iterable[Period]) -> list[Period]:
    """The figures of days by their month: a visitor and a visit are of one day."""
    months: dict[dt.date, list[Period]] = {}
    for each in days:
        local = each.start.date() if isinstance(each.start, dt.datetime) else each.start
        months.setdefault(local.replace(day=1), []).append(each)
    return [Period(**vars(sum_up(of)), start=month) for month, of in sorted(months.items())]


def list_periods(session: Session, within: Within, grain: str) -> list[Period]:
    """The figures by `minute`, `hour`, `day` or `month`; periods without hits are not there."""
    if grain == "month":
        return by_month(list_days(session, within))
    if grain == "day":
        return list_days(session, within)
    if grain == "hour" and not within.conditions and _whole_hours(within):
        return _tallied_hours(session, within)
    moments = (func.date_trunc(grain, column, within.zone.key) for column in (Hit.at, Visit.started_at))
    return _counted(session, within, *moments)


def list_days(session: Session, within: Within) -> list[Period]:
    """The figures by the day, in their order."""
    if within.conditions:
        return _counted(session, within, Hit.day, Visit.day)
    visits = _visits_by(session, within, Visit.day)
    return [
        Period(
            counts["hits"], counts["visitors"], visits.get(day, 0), counts["pages"], counts["bytes"], counts["errors"], day
        )
        for day, _key, counts in sums_by_day(session, within.first, within.last, "all")
    ]  # fmt: skip


def _whole_hours(within: Within) -> bool:
    """Whether the local hours of these days are those of UTC, by another name."""
    days = (dt.datetime.combine(day, dt.time(12), within.zone) for day in (within.first, within.last))
    return all((day.utcoffset() or dt.timedelta()) % dt.timedelta(hours=1) == dt.timedelta() for day in days)


def _tallied_hours(session: Session, within: Within) -> list[Period]:
    visits = _visits_by(session, within, func.date_trunc("hour", Visit.started_at))
    found = []
    for number, counts in sorted(sums_by(session, within.first, within.last, "hour"), key=lambda row: row[0]):
        start = dt.datetime.fromtimestamp(number * 3600, dt.UTC)
        figures = (counts["pages"], counts["bytes"], counts["errors"])
        found.append(Period(counts["hits"], counts["visitors"], visits.get(start, 0), *figures, start))
    return found


def _counted(
    session: Session, within: Within, of_hit: SQLColumnExpression[Any], of_visit: SQLColumnExpression[Any]
) -> list[Period]:
    each = (
        select(
            of_hit.label("start"), Hit.day, func.count().label("hits"), func.sum(Hit.bytes).label("bytes"),
            func.count().filter(is_page()).label("pages"), func.count().filter(Hit.status >= 400).label("errors"),
        ).where(*within.where).group_by(of_hit, Hit.day, Hit.visitor).subquery()
    )  # fmt: skip
    sums = (each.c.hits, each.c.pages, each.c.bytes, each.c.errors)
    query = select(each.c.start, func.count(), *(func.sum(column) for column in sums)).group_by(each.c.start)
    visits = _visits_by(session, within, of_visit)
    return [
        Period(int(hits), visitors, visits.get(start, 0), int(pages), int(size), int(errors), start=start)
        for start, visitors, hits, pages, size, errors in session.execute(query.order_by(each.c.start))
    ]


def _visits_by(session: Session, within: Within, column: SQLColumnExpression[Any]) -> dict[Any, int]:
    query = select(column, func.count()).where(*of_visits(within)).group_by(column)
    return {row[0]: row[1] for row in session.execute(query)}


def of_visits(within: Within) -> tuple[ColumnElement[bool], ...]:
    """The conditions of visits of which a hit is among those asked for."""
    days = Visit.day.between(within.first, within.last)
    if not within.conditions:
        return (days,)
    return (days, select(literal(1)).where(in_visit(), *within.where).correlate(Visit).exists())


def list_paths(session: Session, within: Within, content: str = "") -> list[Share]:
    """The most asked paths: all of them, those of `page` views, or of the `file`s."""
    if within.conditions:
        also = {"page": (is_page(),), "file": (is_file(),)}.get(content, ())
        return list_shares(session, within, Hit.path_id, *also)
    among = ids_of("path", TrafficText.text.op("~*")(FILES)) if content == "file" else None
    kind = "page" if content == "page" else "path"
    rows = sums_by(session, within.first, within.last, kind, among=among, top=within.top * SLACK)
    said = texts(session, {number for number, _counts in rows if number})
    rows = sorted(rows, key=lambda row: (-row[1]["hits"], said.get(row[0]) or ""))[: within.top]
    return [
        Share(number or None, said.get(number), counts["hits"], counts["visitors"], counts["bytes"])
        for number, counts in rows
    ]


def list_shares(
    session: Session, within: Within, by: SQLColumnExpression[int | None], *also: ColumnElement[bool],
    other: SQLColumnExpression[int | None] | None = None, status: bool = False, top: int | None = None,
) -> list[Share]:  # fmt: skip
    """The hits by what they have in common, most first: one text, or a pair of them, or with the status too.

    Beyond the first `TOP`, which a page shows, visitors are not counted.
    """
    top = top or within.top
    keys = [by, *([other] if other is not None else []), *([Hit.status] if status else [])]
    counted = select(*keys, func.count(), func.sum(Hit.bytes)).where(*within.where, *also).group_by(*keys)
    rows: Sequence[Any] = session.execute(counted.order_by(func.count().desc(), *keys).limit(top * SLACK)).all()
    width = len(keys)
    said = texts(session, {number for row in rows for number in row[: 1 + (other is not None)] if number is not None})
    rows = sorted(rows, key=lambda row: (-row[width], said.get(row[0]) or ""))[:top]
    visitors = _visitors(session, within, keys, rows[:TOP], also)
    return [
        Share(
            row[0], said.get(row[0]), row[width], visitors.get(tuple(row[:width]), 0), int(row[width + 1]),
            row[1] if other is not None else None, said.get(row[1]) if other is not None else None,
            row[width - 1] if status else None,
        )
        for row in rows
    ]  # fmt: skip


def _visitors(
    session: Session,
    within: Within,
    keys: Sequence[SQLColumnExpression[Any]],
    rows: Sequence[Any],
    also: tuple[Any, ...],
) -> dict[tuple[Any, ...], int]:
    """How many visitors each of the `rows` had: only those are counted, since it is dear."""
    if not rows:
        return {}
    numbers = {row[0] for row in rows}
    known = or_(
        keys[0].in_([number for number in numbers if number is not None]),
        keys[0].is_(None) if None in numbers else false(),
    )
    each = select(*keys).where(*within.where, *also, known).group_by(*keys, Hit.day, Hit.visitor).subquery()
    counted = select(*each.c, func.count()).group_by(*each.c)
    return {tuple(row[:-1]): row[-1] for row in session.execute(counted)}


def texts(session: Session, numbers: set[int]) -> dict[int | None, str]:
    """The texts of these ids."""
    if not numbers:
        return {}
    query = select(TrafficText.id, TrafficText.text).where(TrafficText.id.in_(numbers))
    return {row[0]: row[1] for row in session.execute(query)}


def list_classes(session: Session, within: Within) -> list[tuple[dt.date, int, int]]:
    """Day, hundreds of the status, hits."""
    if not within.conditions:
        sums: dict[tuple[dt.date, int], int] = {}
        for day, status, counts in sums_by_day(session, within.first, within.last, "status"):
            sums[day, status // 100] = sums.get((day, status // 100), 0) + counts["hits"]
        return [(day, number, hits) for (day, number), hits in sums.items()]
    hundreds = cast(func.floor(Hit.status / 100), Integer)
    query = (
        select(Hit.day, hundreds, func.count())
        .where(*within.where)
        .group_by(Hit.day, hundreds)
        .order_by(Hit.day, hundreds)
    )
    return [(day, number, hits) for day, number, hits in session.execute(query)]


def list_statuses(session: Session, within: Within) -> list[tuple[int, int]]:
    """Status, hits; as the report tells them."""
    if not within.conditions:
        found = sums_by(session, within.first, within.last, "status")
        return sorted((status, counts["hits"]) for status, counts in found)
    query = select(Hit.status, func.count()).where(*within.where).group_by(Hit.status).order_by(Hit.status)
    return [(status, hits) for status, hits in session.execute(query)]


def list_ways(session: Session, within: Within) -> dict[str, list[Share]]:
    """The hits by method, protocol, answer of the cache and host, in one reading; visitors are not counted."""
    columns = {"method": Hit.method_id, "protocol": Hit.protocol_id, "cache": Hit.cache_id, "host": Hit.host_id}
    if not within.conditions:
        return {name: _list_way(session, within, name) for name in columns}
    query = (
        select(*columns.values(), func.count(), func.sum(Hit.bytes)).where(*within.where).group_by(*columns.values())
    )
    rows: Sequence[Any] = session.execute(query).all()
    said = texts(session, {number for row in rows for number in row[:4] if number is not None})
    found: dict[str, list[Share]] = {}
    for place, name in enumerate(columns):
        sums: dict[int | None, tuple[int, int]] = {}
        for row in rows:
            hits, size = sums.get(row[place], (0, 0))
            sums[row[place]] = (hits + row[4], size + int(row[5]))
        shares = [Share(number, said.get(number), hits, 0, size) for number, (hits, size) in sums.items()]
        found[name] = sorted(shares, key=lambda share: (-share.hits, share.text or ""))[: within.top]
    return found


def _list_way(session: Session, within: Within, kind: str) -> list[Share]:
    rows = sums_by(session, within.first, within.last, kind, top=within.top)
    said = texts(session, {number for number, _counts in rows if number})
    found = [Share(number or None, said.get(number), counts["hits"], 0, counts["bytes"]) for number, counts in rows]
    return sorted(found, key=lambda share: (-share.hits, share.text or ""))


def list_path_classes(session: Session, within: Within) -> list[tuple[int | None, str | None, tuple[int, ...]]]:
    """Of the paths with the most hits: how many there are, and how many were answered with 2xx, 3xx, 4xx, 5xx."""
    if not within.conditions:
        sums = sums_by(session, within.first, within.last, "path", top=within.top)
        named = texts(session, {number for number, _counts in sums if number})
        return [
            (number or None, named.get(number), tuple(counts[name] for name in ("hits", "s2", "s3", "s4", "s5")))
            for number, counts in sums
        ]
    counts = [func.count().filter(Hit.status.between(n * 100, n * 100 + 99)) for n in (2, 3, 4, 5)]
    query = select(Hit.path_id, func.count(), *counts).where(*within.where).group_by(Hit.path_id)
    rows = session.execute(query.order_by(func.count().desc(), Hit.path_id).limit(within.top)).all()
    said = texts(session, {row[0] for row in rows if row[0] is not None})
    return [(row[0], said.get(row[0]), tuple(row[1:])) for row in rows]


def list_hours(session: Session, within: Within) -> list[tuple[int, int, int]]:
    """Local weekday (Monday is 1), local hour, hits."""
    if not within.conditions:
        sums: dict[tuple[int, int], int] = {}
        for number, counts in sums_by(session, within.first, within.last, "hour"):
            at = dt.datetime.fromtimestamp(number * 3600, within.zone)
            sums[at.isoweekday(), at.hour] = sums.get((at.isoweekday(), at.hour), 0) + counts["hits"]
        return [(weekday, hour, hits) for (weekday, hour), hits in sums.items()]
    hour = func.date_trunc("hour", Hit.at)
    each = select(hour.label("at"), func.count().label("hits")).where(*within.where).group_by(hour).subquery()
    local = func.timezone(within.zone.key, each.c.at)
    weekday, of_day = func.extract("isodow", local), func.extract("hour", local)
    query = select(cast(weekday, Integer), cast(of_day, Integer), func.sum(each.c.hits)).group_by(weekday, of_day)
    return [(day, number, int(hits)) for day, number, hits in session.execute(query)]


@dataclass(frozen=True)
class Book:
    """What the files' book says of some days: their hits, and how many days have hits whose visits are not derived yet."""

    hits: int
    waiting: int


def get_book(session: Session, first: dt.date, last: dt.date) -> Book:
    """The book of these days."""
    waiting = func.count(BookDay.day.distinct()).filter(~BookDay.derived)
    query = select(func.coalesce(func.sum(BookDay.hits), 0), waiting).where(BookDay.day.between(first, last))
    hits, days = session.execute(query).one()
    return Book(int(hits), days)
