"""Figures over time, and the key figures with what they are compared with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask_babel import format_date, format_time
from flask_babel import gettext as _

from webapp.blueprints.traffic.queries.figures import Period, Totals, by_month, list_periods, sum_up
from webapp.blueprints.traffic.queries.requests import Now
from webapp.blueprints.traffic.views.asking import FIGURES, GRAINS, Asked
from webapp.blueprints.traffic.views.cards import Column, Panel, table, written
from webapp.blueprints.traffic.views.comparing import beside, dashed, days_of, with_change, with_columns
from webapp.core.charts import Mark, Point, bars, with_former, with_marks
from webapp.core.clock import day_start
from webapp.core.happenings import Happening, happenings

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

STEPS = {"minute": dt.timedelta(minutes=1), "hour": dt.timedelta(hours=1), "day": dt.timedelta(days=1)}
A_MONTH = dt.timedelta(days=365.2425 / 12)
NAMES = tuple(FIGURES)
MOST = 1600  # periods that are drawn, with those in which nothing came


@dataclass(frozen=True)
class Key:
    """A key figure: its lines, and by how much it differs from what it is compared with."""

    label: str
    value: str
    url: str = ""
    change: str = ""
    other: str = ""


def key_figures(session: Session, asked: Asked) -> list[Key]:
    """Hits, visitors, visits, bytes, page views and errors."""
    now, former = sum_up(tell_periods(session, asked, "day")), asked.former
    then = sum_up(tell_periods(session, former, "day")) if former else None
    narrows = {"pages": {"content": "page"}, "errors": {"status": "400-599"}}
    return [
        Key(
            str(FIGURES[name]), written(getattr(now, name), "number"), asked.lines(**narrows.get(name, {})),
            *_change(name, now, then),
        )
        for name in ("hits", "visitors", "visits", "bytes", "pages", "errors")
    ]  # fmt: skip


def keys_of_now(now: Now, asked: Asked, at: dt.datetime) -> list[Key]:
    """Requests a second of the last minute; of the last five, visitors, requests and those that failed."""

    def lines(minutes: int, **narrows: str) -> str:
        return asked.lines_between(at - dt.timedelta(minutes=minutes), at, **narrows)

    return [
        Key(_("Requests a second, in the last minute"), written(round(now.rate, 2), "number"), lines(1)),
        Key(_("Visitors of the last five minutes"), written(now.visitors, "number"), lines(5)),
        Key(_("Requests of the last five minutes"), written(now.hits, "number"), lines(5)),
        Key(_("Answered 400 to 499"), written(now.errors, "number"), lines(5, status="4xx")),
        Key(_("Answered 500 and above"), written(now.failures, "number"), lines(5, status="500-999")),
    ]


def tell_periods(session: Session, asked: Asked, grain: str) -> list[Period]:
    """The figures by the period, which are counted once for all that tells them."""
    key = (asked.within.first, asked.within.last, grain)
    if key not in asked.told:
        days = grain == "month"
        asked.told[key] = (
            by_month(tell_periods(session, asked, "day")) if days else list_periods(session, asked.within, grain)
        )
    return asked.told[key]


def _change(name: str, now: Totals, then: Totals | None) -> tuple[str, str]:
    if then is None:
        return "", ""
    ours, theirs = getattr(now, name), getattr(then, name)
    if not theirs:
        return "", _("before: none")
    change = (ours - theirs) / theirs
    return written(change, "change"), _("before: %(figure)s", figure=written(theirs, "number"))


def over_time(session: Session, asked: Asked) -> list[Panel]:
    """The figures by the period, the asked one drawn, beside those of the time that they are compared with."""
    found, former = tell_periods(session, asked, asked.grain), asked.former
    then = _then(session, former, asked) if former else {}
    if not found and not then:
        return []
    kind = "bytes" if asked.figure == "bytes" else "number"
    known = {period.start: period for period in found}
    place = list(NAMES).index(asked.figure) + 1
    points, line, rows = [], [], []
    for start in _filled({*known, *then}, asked.grain):
        ours, theirs = known.get(start) or Period(start=start), then.get(start)
        label, url = _label(ours, asked, asked.grain), _lines(ours, asked)
        value, before = getattr(ours, asked.figure), getattr(theirs, asked.figure) if theirs else 0
        text = written(value, kind)
        values = ((label, start), *(getattr(ours, name) for name in NAMES))
        if then:
            text = beside(text, value, before, kind)
            values = with_change(values, place, before, of_time=True)
        points.append(Point(key=start.isoformat(), label=label, value=float(value), text=text, url=url))
        rows.append((url, values))
        if former and theirs:
            was = f"{_label(theirs, former, asked.grain)}: {written(before, kind)}"
            key = f"before {start.isoformat()}"
            line.append(Point(key=key, label=label, value=float(before), text=was, url=_lines(theirs, former)))
    columns = [
        Column(str(GRAINS[asked.grain]), asked.grain, "time"),
        *(Column(str(FIGURES[name]), name, "bytes" if name == "bytes" else "number") for name in NAMES),
    ]  # fmt: skip
    figure = str(FIGURES[asked.figure])
    spec = (
        with_former(bars(points, title=figure), line, title=days_of(former)) if former else bars(points, title=figure)
    )
    return [
        table(
            "days", _("Over time"), with_columns(columns, place) if then else columns, rows,
            sentence=_sentence(found, asked, compared=bool(then)), spec=with_marks(spec, marks_of(asked, asked.grain)), wide=True,
            most=len(rows),
        )
    ]  # fmt: skip


def _sentence(found: list[Period], asked: Asked, *, compared: bool) -> str:
    kind = "bytes" if asked.figure == "bytes" else "number"
    sentence = ""
    if found:
        most = max(found, key=lambda period: getattr(period, asked.figure))
        sentence = _(
            "%(figure)s: the most came on %(period)s, %(count)s.", figure=str(FIGURES[asked.figure]),
            period=_label(most, asked, asked.grain), count=written(getattr(most, asked.figure), kind),
        )  # fmt: skip
    return f"{sentence} {dashed(asked)}".strip() if compared else sentence


def _then(session: Session, former: Asked, asked: Asked) -> dict[dt.datetime | dt.date, Period]:
    """The figures of the time that these are compared with, by the period of these beside which they stand."""
    found: dict[dt.datetime | dt.date, Period] = {}
    for each in tell_periods(session, former, asked.grain):
        start = _forward(each.start, asked)
        both = [each, *([found[start]] if start in found else [])]  # an hour that the clock left out
        found[start] = Period(**vars(sum_up(both)), start=both[-1].start)
    return found


def _forward(start: dt.datetime | dt.date, asked: Asked) -> dt.datetime | dt.date:
    """The beginning of the period that stands beside one of the time before, by the clock on the wall."""
    if isinstance(start, dt.datetime):
        local = start.astimezone(asked.within.zone).replace(tzinfo=None) + asked.back
        return local.replace(tzinfo=asked.within.zone).astimezone(dt.UTC)
    if asked.grain != "month":
        return start + asked.back
    months = start.year * 12 + start.month - 1 + round(asked.back / A_MONTH)
    return dt.date(months // 12, months % 12 + 1, 1)


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


def _filled(starts: Collection[Any], grain: str) -> list[Any]:
    """The beginnings of periods in their order, with those between them in which nothing came."""
    step, known = STEPS.get(grain), sorted(starts)
    if step is None or (known[-1] - known[0]) / step > MOST:
        return known
    whole = [known[0]]
    while whole[-1] < known[-1]:
        whole.append(whole[-1] + step)
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
