"""Days, ISO weeks, months, quarters and years: where each begins and which one follows."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum


class Grain(StrEnum):
    """The length of the periods of a series. A week is an ISO week: it begins on Monday."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


MONTHS = {Grain.MONTH: 1, Grain.QUARTER: 3, Grain.YEAR: 12}


def period_start(day: dt.date, grain: Grain) -> dt.date:
    """The first day of the period in which `day` lies."""
    if grain is Grain.DAY:
        return day
    if grain is Grain.WEEK:
        return day - dt.timedelta(days=day.weekday())
    length = MONTHS[grain]
    return dt.date(day.year, (day.month - 1) // length * length + 1, 1)


def next_period(start: dt.date, grain: Grain) -> dt.date:
    """The first day of the period after the one that begins on `start`."""
    if grain is Grain.DAY:
        return start + dt.timedelta(days=1)
    if grain is Grain.WEEK:
        return start + dt.timedelta(days=7)
    month = start.month - 1 + MONTHS[grain]
    return dt.date(start.year + month // 12, month % 12 + 1, 1)


def is_whole(start: dt.date | None, end: dt.date | None, grain: Grain) -> bool:
    """Whether the days from `start` to `end`, both included, are whole periods; None is open on that side."""
    begins = start is None or period_start(start, grain) == start
    after = None if end is None or end == dt.date.max else end + dt.timedelta(days=1)
    return begins and (after is None or period_start(after, grain) == after)
