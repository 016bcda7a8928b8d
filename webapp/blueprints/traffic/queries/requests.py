"""Lines one by one: the search over all that is kept, what a line says, and the trail of a request."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from sqlalchemy import BigInteger, ColumnElement, Integer, Numeric, cast, func, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.expression import SQLColumnExpression

from webapp.blueprints.traffic.models import HIT_TEXTS, MILLISECONDS, BookDay, Hit, TrafficFile, TrafficText
from webapp.blueprints.traffic.queries.figures import texts
from webapp.blueprints.traffic.queries.narrowing import FILTERS
from webapp.core.errors import NotFound
from webapp.core.lists import Column, ListSpec

PLACES = 2**40  # lines that a file may have, in the number of a line
MOST = 50  # lines of one request id
LATEST = 20


@dataclass(frozen=True)
class Line:
    """A line with its texts."""

    hit: Hit
    texts: dict[str, str]
    file: str

    @property
    def number(self) -> int:
        """The number of the line in its address."""
        return line_number(self.hit)


def line_number(hit: Hit) -> int:
    """By which an address names the line of a hit."""
    return hit.file_id * PLACES + hit.place


def list_of_requests() -> ListSpec:
    """All lines that are kept, newest first."""
    return ListSpec(
        name="requests",
        source=Hit,
        id=cast(Hit.file_id, BigInteger) * PLACES + Hit.place,
        columns=(
            Column("moment", _l("When"), Hit.at, kind="date", sort_by=Hit.at),
            Column("status", _l("Status"), Hit.status, kind="text", sort_by=cast(Hit.status, Integer)),
            Column("method", _l("Method"), _said(Hit.method_id)),
            Column("host", _l("Host"), _said(Hit.host_id)),
            Column("path", _l("Path"), func.left(_said(Hit.path_id), 300)),
            Column("query", _l("Query"), func.left(_said(Hit.query_id), 300), shown=False),
            Column("bytes", _l("Bytes"), Hit.bytes, kind="number", sort_by=Hit.bytes),
            Column(
                "seconds", _l("Seconds"), func.round(cast(Hit.request_time, Numeric), 3), kind="number",
                sort_by=MILLISECONDS,
            ),
            Column(
                "database", _l("In the database"), func.round(cast(Hit.database_time, Numeric), 3), kind="number",
                sort_by=func.coalesce(cast(Hit.database_time, Numeric), -1), shown=False,
            ),
            Column("referrer", _l("Referrer"), func.left(_said(Hit.referrer_id), 300), shown=False),
            Column("agent", _l("User agent"), func.left(_said(Hit.agent_id), 300), shown=False),
            Column("network", _l("Network"), _said(Hit.network_id)),
            Column("cache", _l("Cache"), _said(Hit.cache_id), shown=False),
            Column("protocol", _l("Protocol"), _said(Hit.protocol_id), shown=False),
            Column("request_id", _l("Request"), Hit.request_id, shown=False),
        ),
        sort="-moment",
        filters=FILTERS,
    )  # fmt: skip


def get_line(session: Session, number: int) -> Line:
    """A line by its number. Raises NotFound."""
    file_id, place = divmod(number, PLACES)
    days = select(BookDay.day).where(BookDay.file_id == file_id)
    known = session.scalars(days).all()
    hit = session.scalar(select(Hit).where(Hit.day.in_(known), Hit.file_id == file_id, Hit.place == place))
    if hit is None:
        raise NotFound(gettext("There is no such line, or not any more."))
    return read_lines(session, [hit])[0]


def list_trail(session: Session, request_id: str) -> list[Line]:
    """The lines of a request."""
    hits = session.scalars(select(Hit).where(Hit.request_id == request_id).order_by(Hit.at).limit(MOST)).all()
    return read_lines(session, hits)


def list_before_and_after(session: Session, line: Line) -> list[Line]:
    """Lines of the same visitor around this one, in the order of time."""
    of = select(Hit).where(Hit.day == line.hit.day, Hit.visitor == line.hit.visitor)
    half = MOST // 5
    before = session.scalars(
        of.where(Hit.at <= line.hit.at).order_by(Hit.at.desc(), Hit.place.desc()).limit(half)
    ).all()
    after = session.scalars(of.where(Hit.at > line.hit.at).order_by(Hit.at, Hit.place).limit(half)).all()
    return read_lines(session, [*reversed(before), *after])


def read_lines(session: Session, hits: Sequence[Hit]) -> list[Line]:
    """The hits with their texts and files."""
    numbers = {getattr(hit, f"{name}_id") for hit in hits for name in HIT_TEXTS}
    said = texts(session, {number for number in numbers if number is not None})
    query = select(TrafficFile.id, TrafficFile.path).where(TrafficFile.id.in_({hit.file_id for hit in hits}))
    files = {row[0]: row[1] for row in session.execute(query)}
    return [
        Line(
            hit, {name: said.get(getattr(hit, f"{name}_id"), "") for name in HIT_TEXTS}, files.get(hit.file_id, "")
        )
        for hit in hits
    ]  # fmt: skip


@dataclass(frozen=True)
class Now:
    """The last minutes: hits a second of the last minute, visitors of the last five, errors of these, hits by the minute."""

    rate: float
    visitors: int
    hits: int
    errors: int
    failures: int
    minutes: list[tuple[dt.datetime, int, int]]
    latest: list[Line]


def get_now(
    session: Session,
    now: dt.datetime,
    today: dt.date,
    conditions: Sequence[ColumnElement[bool]] = (),
    minutes: int = 30,
) -> Now:
    """What happens at this moment, as far as the collector has read; of the lines that meet the conditions."""
    begin = now.replace(second=0, microsecond=0) - dt.timedelta(minutes=minutes - 1)
    within = (Hit.day.between(today - dt.timedelta(days=1), today), Hit.at >= begin, Hit.at <= now, *conditions)
    recent = Hit.at >= now - dt.timedelta(minutes=5)
    row = session.execute(
        select(
            func.count().filter(Hit.at >= now - dt.timedelta(minutes=1)), func.count(Hit.visitor.distinct()).filter(recent),
            func.count().filter(recent), func.count().filter(recent, Hit.status.between(400, 499)),
            func.count().filter(recent, Hit.status >= 500),
        ).where(*within)
    ).one()  # fmt: skip
    minute = func.date_trunc("minute", Hit.at)
    counted = select(minute, func.count(), func.count().filter(Hit.status >= 400)).where(*within).group_by(minute)
    found = {start: (hits, errors) for start, hits, errors in session.execute(counted)}
    moments = [begin + dt.timedelta(minutes=number) for number in range(minutes)]
    newest = select(Hit).where(*within).order_by(Hit.at.desc(), Hit.file_id.desc(), Hit.place.desc()).limit(LATEST)
    return Now(
        row[0] / 60, row[1], row[2], row[3], row[4], [(moment, *found.get(moment, (0, 0))) for moment in moments],
        read_lines(session, session.scalars(newest).all()),
    )  # fmt: skip


def _said(column: SQLColumnExpression[int | None]) -> SQLColumnExpression[Any]:
    return func.coalesce(select(TrafficText.text).where(TrafficText.id == column).scalar_subquery(), "")
