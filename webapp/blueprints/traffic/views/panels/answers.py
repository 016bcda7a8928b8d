"""What was answered: by status, over time, by path, and by what the lines tell of the way."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING

from flask_babel import format_date
from flask_babel import gettext as _

from webapp.blueprints.traffic.queries.figures import list_classes, list_path_classes, list_statuses, list_ways
from webapp.blueprints.traffic.queries.narrowing import exact
from webapp.blueprints.traffic.views.asking import Asked
from webapp.blueprints.traffic.views.cards import Column, Panel, Way, share, table, written
from webapp.blueprints.traffic.views.comparing import beside, dashed, days_of, with_change, with_columns
from webapp.blueprints.traffic.views.panels.shares import usual
from webapp.blueprints.traffic.views.periods import marks_of
from webapp.core.charts import Part, Point, stacked_bars, with_former, with_marks
from webapp.core.wording import number

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def statuses(session: Session, asked: Asked) -> list[Panel]:
    """Answers by status."""
    found = list_statuses(session, asked.within)
    whole = sum(hits for _status, hits in found)
    rows = [(asked.lines(status=str(each)), (str(each), hits, share(hits, whole))) for each, hits in found]
    columns = (Column(_("Status"), "status", "text"), Column(_("Hits"), "hits"), Column(_("Share"), "share", "percent"))
    return [table("status", _("Answers by status"), columns, rows, figure="hits", most=100)]


def classes(session: Session, asked: Asked) -> list[Panel]:
    """Answers by the hundreds of their status, day by day, beside those of the time that they are compared with."""
    former = asked.former
    known = {(day, hundreds): hits for day, hundreds, hits in list_classes(session, asked.within)}
    earlier = list_classes(session, former.within) if former else []
    then = {(day + asked.back, hundreds): hits for day, hundreds, hits in earlier}
    names = [f"{number}xx" for number in (1, 2, 3, 4, 5) if any(each[1] == number for each in {*known, *then})]
    points, rows = [], []
    for day, hundreds in sorted({*known, *then}):
        hits, before, label = known.get((day, hundreds), 0), then.get((day, hundreds), 0), format_date(day, "short")
        said, text = f"{hundreds}xx", beside(number(hits), hits, before, "number") if then else number(hits)
        url = _of_days(asked, day, status=said)
        key = f"{day}{said}"
        points.append(Part(key=key, label=label, value=float(hits), text=text, url=url, part=said, rank=hundreds))
        values = ((label, day), said, hits)
        rows.append((url, with_change(values, 2, before, of_time=True) if then else values))
    columns = (Column(_("Day"), "day", "time"), Column(_("Status"), "status", "text"), Column(_("Hits"), "hits"))
    whole, bad = sum(known.values()), sum(hits for (_day, hundreds), hits in known.items() if hundreds >= 4)
    sentence = _("%(part)s of the answers are errors.", part=written(share(bad, whole), "percent"))
    spec = stacked_bars(points, parts=names, title=_("Hits")) if points else None
    if spec and former and then:
        spec, sentence = (
            with_former(spec, _line(former, asked, then), title=days_of(former)),
            f"{sentence} {dashed(asked)}",
        )
    return [
        table(
            "classes", _("Answers over time"), with_columns(columns, 2) if then else columns, rows, sentence=sentence, texts=2,
            spec=with_marks(spec, marks_of(asked, "day")) if spec else None, wide=True, most=len(rows),
        )
    ]  # fmt: skip


def _line(former: Asked, asked: Asked, then: Mapping[tuple[dt.date, int], int]) -> list[Point]:
    """All answers of the days of then, beside the days of now."""
    sums: dict[dt.date, int] = {}
    for (day, _hundreds), hits in sorted(then.items()):
        sums[day] = sums.get(day, 0) + hits
    return [
        Point(
            key=f"before {day}", label=format_date(day, "short"), value=float(hits),
            text=f"{format_date(day - asked.back, 'short')}: {number(hits)}", url=_of_days(former, day - asked.back),
        )
        for day, hits in sums.items()
    ]  # fmt: skip


def _of_days(asked: Asked, day: dt.date, **narrows: str) -> str:
    return asked.lines(**{"from": day.isoformat(), "to": day.isoformat(), **narrows})


def path_classes(session: Session, asked: Asked) -> list[Panel]:
    """Answers by path."""
    rows: list[tuple[Way, tuple[object, ...]]] = []
    urls: list[tuple[Way, ...]] = []
    for number_, path, counts in list_path_classes(session, asked.within):
        named = exact(path, number_)
        rows.append((asked.way(path=named), (path, *counts)))
        urls.append(("", "", *(asked.way(path=named, status=f"{n}xx") for n in (2, 3, 4, 5))))
    columns = (
        Column(_("Path"), "path", "text"),
        Column(_("Hits"), "hits"),
        *(Column(f"{n}xx", f"{n}xx") for n in (2, 3, 4, 5)),
    )
    return [table("path-classes", _("Answers by path"), columns, rows, urls=urls, figure="hits")]


def ways(session: Session, asked: Asked) -> list[Panel]:
    """Methods, protocols, answers of the cache, and hosts."""
    found = list_ways(session, asked.within)
    wanted = (
        ("method", _("Methods"), _("Method")), ("protocol", _("Protocols"), _("Protocol")),
        ("cache", _("Answers of the cache"), _("Cache")), ("host", _("Hosts"), _("Host")),
    )  # fmt: skip
    hits, _visitors, size = usual()
    return [
        table(
            name, title, (Column(heading, name, "text"), hits, size),
            [
                (asked.way(**{name: exact(each.text, each.id)}), (each.text, each.hits, each.bytes))
                for each in found[name]
            ], figure="hits",
        )
        for name, title, heading in wanted
    ]  # fmt: skip
