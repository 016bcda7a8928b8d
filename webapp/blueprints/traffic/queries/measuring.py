"""The figures that rules of alerts look at, of the minutes before a moment."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, exists, func, select, text
from sqlalchemy.orm import Session

from webapp.blueprints.traffic.models import AlertRule, BookDay, Hit, Visitor
from webapp.core.clock import local_day

WEEKS = 4  # that tell what is usual
LEAST_WEEKS = 2
ROBOTS = ("search", "ai", "monitor", "attack", "bot")
KNOWN_DAYS = 30  # for so long an attacker is not new
A_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Measured:
    """A figure of a subject, and those behind it as JSON values."""

    value: float
    subject: str = ""
    figures: dict[str, Any] = field(default_factory=dict)


def measure_failures(session: Session, rule: AlertRule, now: dt.datetime, zone: ZoneInfo) -> list[Measured]:
    """The percentage of answers 500 and above, of at least so many."""
    query = select(func.count(), func.count().filter(Hit.status >= 500)).where(*_window(now, rule.window_minutes, zone))
    requests, failures = session.execute(query).one()
    if not requests or requests < rule.least:
        return []
    return [Measured(100 * failures / requests, figures={"requests": requests, "failures": failures})]


def measure_slow(session: Session, rule: AlertRule, now: dt.datetime, zone: ZoneInfo) -> list[Measured]:
    """The seconds within which 95 of 100 answers came, of at least so many that tell a time."""
    parts = [func.percentile_cont(part).within_group(Hit.request_time) for part in (0.95, 0.5)]
    query = select(func.count(), *parts).where(*_window(now, rule.window_minutes, zone), Hit.request_time.is_not(None))
    requests, p95, p50 = session.execute(query).one()
    if not requests or requests < rule.least:
        return []
    return [Measured(p95, figures={"requests": requests, "p50": round(p50, 3), "p95": round(p95, 3)})]


def measure_drop(session: Session, rule: AlertRule, now: dt.datetime, zone: ZoneInfo) -> list[Measured]:
    """By how many percent the requests of people are fewer than usual at these hours of this weekday.

    Usual is the median of the last four weeks that the book knows, two of them at least; nothing where it is below `least`.
    """
    local = now.astimezone(zone).replace(tzinfo=None)
    moments = [(local - dt.timedelta(weeks=back)).replace(tzinfo=zone) for back in range(WEEKS + 1)]
    days = [moment.date() for moment in moments[1:]]
    known = set(session.scalars(select(BookDay.day).where(BookDay.day.in_(days), BookDay.hits > 0).distinct()))
    before = [_people(session, moment, rule.window_minutes, zone) for moment in moments[1:] if moment.date() in known]
    if len(before) < LEAST_WEEKS or (usual := median(before)) < max(rule.least, 1):
        return []
    came = _people(session, now, rule.window_minutes, zone)
    return [Measured(100 * (1 - came / usual), figures={"requests": came, "usual": usual, "weeks": before})]


ATTACKERS = """
    SELECT t.text, count(*), sum(v.hits), min(v.first_at),
           NOT EXISTS (SELECT 1 FROM traffic_visitors old WHERE old.day BETWEEN :oldest AND :before
                       AND old.class = 'attack' AND old.network_id = v.network_id) AS new
    FROM traffic_visitors v JOIN traffic_texts t ON t.id = v.network_id
    WHERE v.day BETWEEN :first AND :last AND v.class = 'attack' AND v.network_id IN (
        SELECT w.network_id FROM traffic_visitors w
        WHERE w.day BETWEEN :first AND :last AND w.class = 'attack' AND w.last_at BETWEEN :begin AND :now)
    GROUP BY v.network_id, t.text
"""


def measure_attackers(
    session: Session, rule: AlertRule, now: dt.datetime, zone: ZoneInfo, known: frozenset[str] = frozenset()
) -> list[Measured]:
    """The requests of each network that attacks now and did not in the 30 days before; those `known` to an open alert stay."""
    today = local_day(now, zone)
    values = {
        "first": today - A_DAY, "last": today, "before": today - 2 * A_DAY, "oldest": today - KNOWN_DAYS * A_DAY,
        "begin": now - dt.timedelta(minutes=rule.window_minutes), "now": now,
    }  # fmt: skip
    return [
        Measured(
            float(hits), network, {"network": network, "requests": int(hits), "visitors": visitors, "since": first.isoformat()}
        )
        for network, visitors, hits, first, new in session.execute(text(ATTACKERS), values)
        if new or network in known
    ]  # fmt: skip


def _window(end: dt.datetime, minutes: int, zone: ZoneInfo) -> tuple[ColumnElement[bool], ...]:
    begin = end - dt.timedelta(minutes=minutes)
    days = Hit.day.between(local_day(begin, zone) - A_DAY, local_day(end, zone) + A_DAY)  # the zone may have changed
    return days, Hit.at >= begin, Hit.at < end


def _people(session: Session, end: dt.datetime, minutes: int, zone: ZoneInfo) -> int:
    """Requests of those who are told as no robot and no attack."""
    robot = exists().where(Visitor.day == Hit.day, Visitor.visitor == Hit.visitor, Visitor.kind.in_(ROBOTS))
    return session.scalar(select(func.count()).select_from(Hit).where(*_window(end, minutes, zone), ~robot)) or 0
