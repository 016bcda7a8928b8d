"""Figures over time, and the key figures with what they are compared with."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask_babel import format_date, format_time
from flask_babel import gettext as _

from webapp.blueprints.traffic.queries.figures import Period, Totals, get_totals, list_periods
from webapp.blueprints.traffic.views.asking import FIGURES, GRAINS, Asked
from webapp.blueprints.traffic.views.cards import Column, Panel, table, written
from webapp.core.charts import Mark, Point, bars, with_marks
from webapp.core.clock import day_start
from webapp.core.happenings import Happening, happenings

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

STEPS = {"minute": dt.timedelta(minutes=1), "hour": dt.timedelta(hours=1), "day": dt.timedelta(days=1)}
MOST = 1600  # periods that are drawn, with those in which nothing came


@dataclass(frozen=True)
class Key:
    """A key figure: its lines, and by how much it differs from what it is compared with."""

    label: str
    value: str
    url: str
    change: str = ""
    other: str = ""


def key_figures(session: Session, asked: Asked) -> list[Key]:
    """Hits, visitors, visits, bytes, page views and errors."""
    now = get_totals(session, asked.within)
    then = get_totals(session, asked.compared) if asked.compared else None
    narrows = {"pages": {"content": "page"}, "errors": {"status": "400-599"}}
    return [
        Key(
            str(FIGURES[name]), written(getattr(now, name), "number"), asked.lines(**narrows.get(name, {})),
            *_change(name, now, then),
        )
        for name in ("hits", "visitors", "visits", "bytes", "pages", "errors")
    ]  # fmt: skip


def _change(name: str, now: Totals, then: Totals | None) -> tuple[str, str]:
    if then is None:
        return "", ""
    ours, theirs = getattr(now, name), getattr(then, name)
    if not theirs:
        return "", _("before: none")
    change = (ours - theirs) / theirs
    return ("+" if change >= 0 else "") + written(change, "percent"), _(
        "before: %(figure)s", figure=written(theirs, "number")
    )


def over_time(session: Session, asked: Asked) -> list[Panel]:
    """The figures by the period, the asked one drawn."""
    found = list_periods(session, asked.within, asked.grain)
    if not found:
        return []
    points, rows = [], []
    for each in _filled(found, asked.grain):
        label, url = _label(each, asked, asked.grain), _lines(each, asked)
        value = getattr(each, asked.figure)
        text = written(value, "bytes" if asked.figure == "bytes" else "number")
        points.append(Point(key=each.start.isoformat(), label=label, value=float(value), text=text, url=url))
        rows.append(
            (url, ((label, each.start), each.hits, each.visitors, each.visits, each.pages, each.bytes, each.errors))
        )
    most = max(found, key=lambda period: getattr(period, asked.figure))
    figure = str(FIGURES[asked.figure])
    sentence = _(
        "%(figure)s: the most came on %(period)s, %(count)s.", figure=figure, period=_label(most, asked, asked.grain),
        count=written(getattr(most, asked.figure), "bytes" if asked.figure == "bytes" else "number"),
    )  # fmt: skip
    columns = (
        Column(str(GRAINS[asked.grain]), asked.grain, "time"), Column(_("Hits"), "hits"), Column(_("Visitors"), "visitors"),
        Column(_("Visits"), "visits"), Column(_("Page views"), "pages"), Column(_("Bytes"), "bytes"),
        Column(_("Errors"), "errors"),
    )  # fmt: skip
    spec = with_marks(bars(points, title=figure), marks_of(asked, asked.grain))
    return [table("days", _("Over time"), columns, rows, sentence=sentence, spec=spec, wide=True)]


def list_happenings(asked: Asked) -> list[Happening]:
    """What happened on the days that are asked for."""
    end = asked.within.last + dt.timedelta(days=1)
    return happenings(day_start(asked.within.first, asked.within.zone), day_start(end, asked.within.zone))


def marks_of(asked: Asked, grain: str) -> list[Mark]:
    """What happened on those days, each over the period of the chart in which it did."""
    return [
        each.on(_label(Period(start=_start(each.at.astimezone(asked.within.zone), grain)), asked, grain))
        for each in list_happenings(asked)
    ]


def _start(local: dt.datetime, grain: str) -> dt.datetime | dt.date:
    """When the period of a local moment begins."""
    if grain in ("minute", "hour"):
        return local.replace(second=0, microsecond=0, minute=local.minute if grain == "minute" else 0)
    return local.date().replace(day=1) if grain == "month" else local.date()


def _filled(found: list[Period], grain: str) -> list[Period]:
    """The periods, with those between them in which nothing came."""
    step = STEPS.get(grain)
    if step is None or (found[-1].start - found[0].start) / step > MOST:
        return found
    known = {period.start: period for period in found}
    whole, start = [], found[0].start
    while start <= found[-1].start:
        whole.append(known.get(start) or Period(start=start))
        start += step
    return whole


def _label(period: Period, asked: Asked, grain: str) -> str:
    if isinstance(period.start, dt.datetime):
        local = period.start.astimezone(asked.within.zone)
        return f"{format_date(local.date(), 'short')} {format_time(local, 'short')}"
    return str(format_date(period.start, "MMM y" if grain == "month" else "short"))


def _lines(period: Period, asked: Asked) -> str:
    start = period.start
    if isinstance(start, dt.datetime):
        local, end = (moment.astimezone(asked.within.zone) for moment in (start, start + STEPS[asked.grain]))
        return asked.lines(since=local.isoformat(timespec="minutes"), until=end.isoformat(timespec="minutes"))
    last = start
    if asked.grain == "month":
        last = (start.replace(day=28) + dt.timedelta(days=4)).replace(day=1) - dt.timedelta(days=1)
        start, last = max(start, asked.within.first), min(last, asked.within.last)
    return asked.lines(**{"from": start.isoformat(), "to": last.isoformat()})
