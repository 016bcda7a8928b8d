"""How long answers took: by the day, by path, and the slowest with the parts of the application and the databases."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from flask import url_for
from flask_babel import format_date
from flask_babel import gettext as _

from webapp.blueprints.traffic.queries.narrowing import exact
from webapp.blueprints.traffic.queries.requests import line_number
from webapp.blueprints.traffic.queries.speed import Speed, get_speed, list_path_speeds, list_slowest, list_speeds
from webapp.blueprints.traffic.views.asking import Asked
from webapp.blueprints.traffic.views.cards import Column, Panel, table, written
from webapp.blueprints.traffic.views.comparing import beside, dashed, days_of, with_change, with_columns
from webapp.blueprints.traffic.views.periods import marks_of
from webapp.core.charts import Point, bars, with_former, with_marks
from webapp.core.wording import exact_moment

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

PLACE = 3  # of the p95 among the columns


def _speed_columns(first: Column) -> tuple[Column, ...]:
    return (
        first, Column(_("Hits"), "hits"), Column("p50", "p50", "seconds"), Column("p95", "p95", "seconds"),
        Column("p99", "p99", "seconds"), Column(_("In the application"), "application", "percent"),
        Column(_("In the database"), "database", "percent"),
    )  # fmt: skip


def _speed_values(first: object, each: Speed) -> tuple[object, ...]:
    return (first, each.hits, each.p50, each.p95, each.p99, each.upstream, each.database)


def speeds(session: Session, asked: Asked) -> list[Panel]:
    """Percentiles by the day, beside those of the time that they are compared with."""
    whole, former = get_speed(session, asked.within), asked.former
    earlier = list_speeds(session, former.within) if former else []
    then = {each.day + asked.back: each.p95 for each in earlier if each.day}
    known = {each.day: each for each in list_speeds(session, asked.within) if each.day}
    points, rows = [], []
    for day in sorted({*known, *then}):
        each, before, label, url = known.get(day), then.get(day), format_date(day, "short"), _of_day(asked, day)
        values = _speed_values((label, day), each) if each else ((label, day), 0, *[None] * 5)
        rows.append((url, with_change(values, PLACE, before, of_time=True) if then else values))
        if each:
            text = written(each.p95, "seconds")
            text = text if before is None else beside(text, each.p95, before, "seconds")
            points.append(Point(key=day.isoformat(), label=label, value=each.p95, text=text, url=url))
    sentence = (
        _(
            "Half of the answers took at most %(p50)s, 95 of 100 at most %(p95)s, 99 of 100 at most %(p99)s.",
            p50=written(whole.p50, "seconds"), p95=written(whole.p95, "seconds"), p99=written(whole.p99, "seconds"),
        )
        if whole
        else _("The lines tell no times: the log has a format without them.")
    )  # fmt: skip
    spec = bars(points, title="p95") if points else None
    if spec and former and then:
        line = [_point(former, asked, day, p95) for day, p95 in sorted(then.items())]
        spec, sentence = with_former(spec, line, title=days_of(former)), f"{sentence} {dashed(asked)}"
    columns = _speed_columns(Column(_("Day"), "day", "time"))
    return [
        table(
            "speeds", _("Seconds of 95 of 100 answers, by day"), with_columns(columns, PLACE) if then else columns, rows,
            sentence=sentence, spec=with_marks(spec, marks_of(asked, "day")) if spec else None, wide=True, most=len(rows),
        )
    ]  # fmt: skip


def _point(former: Asked, asked: Asked, day: dt.date, p95: float) -> Point:
    """A day of then, beside one of now."""
    own = day - asked.back
    text = f"{format_date(own, 'short')}: {written(p95, 'seconds')}"
    return Point(key=f"before {day}", label=format_date(day, "short"), value=p95, text=text, url=_of_day(former, own))


def _of_day(asked: Asked, day: dt.date) -> str:
    return asked.lines(**{"from": day.isoformat(), "to": day.isoformat()})


def path_speeds(session: Session, asked: Asked) -> list[Panel]:
    """The slow paths."""
    found = list_path_speeds(session, asked.within)
    rows = [(asked.way(path=exact(each.path, each.path_id)), _speed_values(each.path, each)) for each in found]
    return [
        table(
            "path-speeds",
            _("Slow paths"),
            _speed_columns(Column(_("Path"), "path", "text")),
            rows,
            wide=True,
            figure="p95",
        )
    ]


def _part(seconds: float | None, whole: float | None) -> float | None:
    return seconds / whole if seconds is not None and whole else None


def slowest(session: Session, asked: Asked) -> list[Panel]:
    """The slowest answers, one by one."""
    rows = [
        (
            url_for("traffic.line", number=line_number(hit)),
            ((exact_moment(hit.at), hit.at), path, str(hit.status), hit.request_time, hit.upstream_time,
             _part(hit.upstream_time, hit.request_time), hit.database_time, _part(hit.database_time, hit.request_time)),
        )
        for hit, path in list_slowest(session, asked.within)
    ]  # fmt: skip
    columns = (
        Column(_("When"), "when", "time"), Column(_("Path"), "path", "text"), Column(_("Status"), "status", "text"),
        Column(_("Seconds"), "seconds", "seconds"), Column(_("In the application"), "application", "seconds"),
        Column(_("Share"), "application_share", "percent"), Column(_("In the database"), "database", "seconds"),
        Column(_("Share"), "database_share", "percent"),
    )  # fmt: skip
    return [table("slowest", _("Slowest answers"), columns, rows, texts=3, wide=True)]
