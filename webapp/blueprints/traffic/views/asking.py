"""What an address asks of the figures: its days, its filters, what they are compared with, and how they are drawn."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from flask import g, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict

from webapp.blueprints.traffic.queries.figures import TOP, Period, Within
from webapp.blueprints.traffic.queries.narrowing import MAIN, MORE
from webapp.blueprints.traffic.queries.requests import list_of_requests
from webapp.core.clock import local_day, utc_now
from webapp.core.db import db
from webapp.core.lists import Question, Reading, read_arguments

DEEP = 1000  # rows of a table that are read, so that each of the shown ones can be found in the other time
SPAN = 30  # days that are shown when none are asked for
NARROWING = (*MAIN, *MORE)
COMPARES = {"previous": _l("the period before"), "year": _l("a year before"), "none": _l("nothing")}
GRAINS = {"minute": _l("Minutes"), "hour": _l("Hours"), "day": _l("Days"), "month": _l("Months")}
FIGURES = {
    "hits": _l("Hits"), "visitors": _l("Visitors"), "visits": _l("Visits"), "pages": _l("Page views"),
    "bytes": _l("Bytes"), "errors": _l("Errors"),
}  # fmt: skip
MOST_DAYS = {"minute": 2, "hour": 62, "day": 800}


@dataclass(frozen=True)
class Asked:
    """The hits that are asked for, and how; `problem` is told when the days make no sense.

    `told` remembers figures by the period, which several parts of a page tell.
    """

    within: Within
    reading: Reading
    compare: str
    grain: str
    figure: str
    problem: str = ""
    told: dict[tuple[dt.date, dt.date, str], list[Period]] = field(default_factory=dict, compare=False)

    @property
    def days(self) -> dict[str, str]:
        """The days as arguments."""
        return {"from": self.within.first.isoformat(), "to": self.within.last.isoformat()}

    @property
    def narrows(self) -> dict[str, str]:
        """The filters in force as arguments."""
        return {each.name: each.value for each in self.reading.questions if each.value and not each.problem}

    @property
    def arguments(self) -> dict[str, str]:
        """All that asks for the same again."""
        options = {name: request.args[name] for name in ("compare", "grain", "figure") if request.args.get(name)}
        return {**self.days, **self.narrows, **options}

    def address(self, section: str = "overview", **changes: str | None) -> str:
        """The address of a section with the same hits, and `changes`; "now" is of no days."""
        wanted: dict[str, Any] = {**(self.narrows if section == "now" else self.arguments), **changes}
        kept = {name: value for name, value in wanted.items() if value}
        if section in ("overview", "now"):
            return url_for("traffic.traffic" if section == "overview" else "traffic.now", **kept)
        return url_for("traffic.section", name=section, **kept)

    def lines(self, **narrows: str) -> str:
        """The address of the lines behind a figure."""
        wanted: dict[str, Any] = {**self.days, **self.narrows, **narrows}
        return url_for("traffic.requests", **wanted)

    def lines_between(self, begin: dt.datetime, end: dt.datetime, **narrows: str) -> str:
        """The address of the lines from one moment on and before another."""
        since, until = (moment.astimezone(self.within.zone) for moment in (begin, end))
        days = {"from": since.date().isoformat(), "to": until.date().isoformat()}
        return self.lines(**days, since=since.isoformat(), until=until.isoformat(), **narrows)

    def way(self, **narrows: str) -> Callable[[], str]:
        """The way to the lines behind a figure, for rows of which not all are shown."""
        return partial(self.lines, **narrows)

    @property
    def main(self) -> list[Question]:
        """The questions that stand open."""
        return [each for each in self.reading.questions if each.name in {name for one in MAIN for name in one.names}]

    @property
    def more(self) -> list[Question]:
        """The questions that are folded away."""
        return [each for each in self.reading.questions if each.name in {name for one in MORE for name in one.names}]

    @property
    def chips(self) -> list[tuple[str, str, str]]:
        """The filters in force: what of, in words, and the address without."""
        found = []
        for each in self.reading.questions:
            if each.value and not each.problem:
                words = str(dict(each.choices).get(each.value, each.value))
                found.append((str(each.label), words, each.name))
        return found

    @property
    def compared(self) -> Within | None:
        """The hits that these are compared with."""
        if self.compare == "none":
            return None
        length = (self.within.last - self.within.first).days + 1
        back = dt.timedelta(days=length if self.compare == "previous" else 364)  # 52 weeks: the same weekdays
        try:
            return replace(self.within, first=self.within.first - back, last=self.within.last - back)
        except OverflowError:
            return None

    @property
    def back(self) -> dt.timedelta:
        """How long ago the time is that this is compared with."""
        other = self.compared
        return self.within.first - other.first if other else dt.timedelta()

    @property
    def former(self) -> Asked | None:
        """The same asked for the time that this is compared with."""
        other = self.compared
        return replace(self, within=other, compare="none") if other else None


def ask() -> Asked:
    """Read the address of this request."""
    first, last, problem = days_asked()
    spec = replace(list_of_requests(), filters=NARROWING)
    reading = read_arguments(db.session(), spec, MultiDict(request.args), zone=g.company.zone)
    length = (last - first).days + 1
    usual = "hour" if length <= 2 else "day" if length <= 120 else "month"
    grain, compare = _one_of("grain", GRAINS, usual), _one_of("compare", COMPARES, "previous")
    if length > MOST_DAYS.get(grain, 10**6):
        grain = usual
    return Asked(
        Within(first, last, g.company.zone, reading.conditions, TOP if compare == "none" else DEEP), reading, compare, grain, _one_of("figure", FIGURES, "hits"), problem,
    )  # fmt: skip


def _one_of(name: str, known: Any, usual: str) -> str:
    return value if (value := request.args.get(name, "")) in known else usual


def days_asked() -> tuple[dt.date, dt.date, str]:
    """First and last day, and the problem with them."""
    today = local_day(utc_now(), g.company.zone)
    usual = today - dt.timedelta(days=SPAN - 1), today
    try:
        first, last = (
            dt.date.fromisoformat(request.args.get(name) or "") if request.args.get(name) else None
            for name in ("from", "to")
        )
    except ValueError:
        return (*usual, _("Write a date like 2026-11-21."))
    if any(day and not 1900 <= day.year <= 2900 for day in (first, last)):
        return (*usual, _("Write a date like 2026-11-21."))
    last = last or (max(first, today) if first else today)
    first = first or last - dt.timedelta(days=SPAN - 1)
    if first > last:
        return (*usual, _("The last day is before the first one."))
    return first, last, ""
