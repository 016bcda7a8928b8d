"""The figures of some days as JSON values: what `bottega traffic report --json` prints and the weekly report holds."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.blueprints.traffic.models import Hit, WeekReport
from webapp.blueprints.traffic.queries.alerts import list_between
from webapp.blueprints.traffic.queries.figures import Within, get_totals, list_shares
from webapp.blueprints.traffic.queries.groups import get_sources
from webapp.blueprints.traffic.queries.marks import list_marks
from webapp.blueprints.traffic.queries.report import get_report
from webapp.blueprints.traffic.queries.requests import line_number
from webapp.blueprints.traffic.queries.speed import get_speed, list_path_speeds, list_slowest
from webapp.blueprints.traffic.queries.visitors import list_attackers
from webapp.core.clock import day_start
from webapp.core.errors import NotFound

SHOWN = 20
SUMS = ("hits", "visitors", "visits", "page_views", "bytes", "errors", "by_status", "by_class")


def get_figures(session: Session, first: dt.date | None, last: dt.date | None, zone: ZoneInfo) -> dict[str, Any]:
    """All that is told of the days from `first` to `last`; of open ends, from the first or to the last day with hits."""
    report = get_report(session, first, last)
    told = report.as_json(zone.key)
    days = [day.start for day in report.days]
    begin, end = first or (days[0] if days else last), last or (days[-1] if days else first)
    return told if begin is None or end is None else {**told, **_more(session, Within(begin, end, zone))}


def get_week(session: Session, monday: dt.date, zone: ZoneInfo) -> dict[str, Any]:
    """The figures of an ISO week, and under `before` the sums of the week before."""
    year, week, _day = monday.isocalendar()
    told = get_figures(session, monday, monday + dt.timedelta(days=6), zone)
    earlier = Within(monday - dt.timedelta(days=7), monday - dt.timedelta(days=1), zone)
    before = {**get_report(session, earlier.first, earlier.last).as_json(zone.key), **_sums(session, earlier)}
    return {"week": f"{year}-W{week:02}", **told, "before": {name: before[name] for name in SUMS}}


def get_week_report(session: Session, monday: dt.date) -> WeekReport:
    """The report of a week. Raises NotFound."""
    found = session.get(WeekReport, monday)
    if found is None:
        raise NotFound(gettext("There is no report of this week."))
    return found


def list_week_reports(session: Session) -> list[WeekReport]:
    """All reports, the newest first."""
    return list(session.scalars(select(WeekReport).order_by(WeekReport.week.desc())))


def _sums(session: Session, within: Within) -> dict[str, int]:
    totals = get_totals(session, within)
    return {"page_views": totals.pages, "errors": totals.errors}


def _more(session: Session, within: Within) -> dict[str, Any]:
    sources, speed = get_sources(session, within), get_speed(session, within)
    missing = list_shares(session, within, Hit.path_id, Hit.status == 404, other=Hit.referrer_id, top=SHOWN)
    begin = day_start(within.first, within.zone)
    end = day_start(within.last + dt.timedelta(days=1), within.zone)
    return {
        **_sums(session, within),
        "missing": [{"path": each.text or "", "referrer": each.other or "", "hits": each.hits} for each in missing],
        "referring_sites": [{"site": each.name, "hits": each.hits, "visits": each.visits} for each in sources.sites],
        "seconds": {"p50": speed.p50, "p95": speed.p95, "p99": speed.p99} if speed else None,
        "slow_paths": [
            {"path": each.path or "", "hits": each.hits, "p50": each.p50, "p95": each.p95}
            for each in list_path_speeds(session, within)
        ],
        "slowest": [
            {
                "at": hit.at.isoformat(), "line": line_number(hit), "path": path or "", "status": hit.status,
                "seconds": _seconds(hit.request_time), "application": _seconds(hit.upstream_time),
                "database": _seconds(hit.database_time),
            }
            for hit, path in list_slowest(session, within)
        ],
        "attackers": [
            {
                "network": each.network, "country": each.country, "visitors": each.visitors, "hits": each.hits,
                "attacks": each.attacks,
            }
            for each in list_attackers(session, within.first, within.last)[:SHOWN]
        ],
        "alerts": [
            {
                "id": each.id, "kind": each.kind, "name": each.rule.name, "subject": each.subject, "worst": float(each.worst),
                "opened_at": each.opened_at.isoformat(), "closed_at": each.closed_at.isoformat() if each.closed_at else None,
            }
            for each in list_between(session, begin, end)
        ],
        "marks": [
            {"at": each.at.isoformat(), "kind": each.kind, "release": each.release, "text": each.text}
            for each in list_marks(session, begin, end)
        ],
    }  # fmt: skip


def _seconds(value: float | None) -> float | None:
    """Thousandths, as logs tell them: they are kept with less than the digits of a float."""
    return None if value is None else round(value, 3)
