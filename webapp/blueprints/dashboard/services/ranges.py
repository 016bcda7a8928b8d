"""The days that the dashboard speaks of, and those that they are compared with."""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from webapp.blueprints.gold.public import Grain, Span, next_period, period_start

MOST_PERIODS = 400
FIRST_DAY = dt.date(1900, 1, 1)
LAST_DAY = dt.date(2199, 12, 31)
_ONE_DAY = dt.timedelta(days=1)


class Preset(StrEnum):
    """A range by its name, relative to today; `LATEST` is relative to the newest day with sales."""

    TODAY = "today"
    YESTERDAY = "yesterday"
    LAST_7_DAYS = "last-7-days"
    LAST_30_DAYS = "last-30-days"
    THIS_MONTH = "this-month"
    LAST_MONTH = "last-month"
    THIS_QUARTER = "this-quarter"
    THIS_YEAR = "this-year"
    LAST_12_MONTHS = "last-12-months"
    LATEST = "latest"
    ALL = "all"


@dataclass(frozen=True)
class Days:
    """Days of the company from `start` to `end`, both included."""

    start: dt.date
    end: dt.date

    @property
    def count(self) -> int:
        """How many days there are."""
        return (self.end - self.start).days + 1

    @property
    def span(self) -> Span:
        """The same, as the metrics are asked."""
        return Span(self.start, self.end)


def default_preset(today: dt.date, newest: dt.date | None) -> Preset:
    """The last 30 days, or the twelve months up to the newest sale when that is older than those days."""
    if newest is not None and newest < today - dt.timedelta(days=29):
        return Preset.LATEST
    return Preset.LAST_30_DAYS


def preset_days(preset: Preset, today: dt.date, oldest: dt.date | None, newest: dt.date | None) -> Days:
    """The days of a preset. Twelve months are the month of the last day and the eleven before it."""
    month = period_start(today, Grain.MONTH)
    last = newest or today
    first = oldest or today
    days = {
        Preset.TODAY: Days(today, today),
        Preset.YESTERDAY: Days(today - _ONE_DAY, today - _ONE_DAY),
        Preset.LAST_7_DAYS: Days(today - dt.timedelta(days=6), today),
        Preset.LAST_30_DAYS: Days(today - dt.timedelta(days=29), today),
        Preset.THIS_MONTH: Days(month, today),
        Preset.LAST_MONTH: Days(shift_months(month, -1), month - _ONE_DAY),
        Preset.THIS_QUARTER: Days(period_start(today, Grain.QUARTER), today),
        Preset.THIS_YEAR: Days(period_start(today, Grain.YEAR), today),
        Preset.LAST_12_MONTHS: Days(shift_months(month, -11), today),
        Preset.LATEST: Days(shift_months(period_start(last, Grain.MONTH), -11), last),
        Preset.ALL: Days(first, max(last, first)),
    }
    return days[preset]


def shift_months(day: dt.date, months: int) -> dt.date:
    """The same day of another month, or that month's last day where it is shorter."""
    month = day.year * 12 + day.month - 1 + months
    year, month = month // 12, month % 12 + 1
    return dt.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def previous_days(days: Days) -> Days:
    """The period before.

    For whole months as many whole months; for a month, quarter or year to date the same days of the one before; for
    anything else as many days.
    """
    if days.start.day != 1:
        return Days(days.start - dt.timedelta(days=days.count), days.start - _ONE_DAY)
    if _ends_month(days.end):
        return _shifted(days, -_months(days))
    for grain, months in ((Grain.MONTH, 1), (Grain.QUARTER, 3), (Grain.YEAR, 12)):
        if period_start(days.start, grain) == days.start and days.end < next_period(days.start, grain):
            return _shifted(days, -months)
    return Days(days.start - dt.timedelta(days=days.count), days.start - _ONE_DAY)


def last_year_days(days: Days) -> Days:
    """The same days a year earlier; 29 February becomes the 28th, and whole months stay whole months."""
    return _shifted(days, -12)


def automatic_grain(days: Days) -> Grain:
    """A grain that gives a readable number of periods."""
    if days.count <= 35:
        return Grain.DAY
    if days.count <= 120:
        return Grain.WEEK
    if days.count <= 366 * 4:
        return Grain.MONTH
    return Grain.QUARTER if days.count <= 366 * 15 else Grain.YEAR


def readable_grain(days: Days, wanted: Grain) -> Grain:
    """`wanted`, or the next longer one that draws no more than MOST_PERIODS periods."""
    longest_first = list(Grain)[list(Grain).index(wanted) :]
    lengths = {Grain.DAY: 1, Grain.WEEK: 7, Grain.MONTH: 28, Grain.QUARTER: 90, Grain.YEAR: 365}
    return next((grain for grain in longest_first if days.count / lengths[grain] <= MOST_PERIODS), Grain.YEAR)


def periods(days: Days, grain: Grain) -> list[Days]:
    """All periods of the range in their order; the first and the last are cut to it."""
    found = []
    start = period_start(days.start, grain)
    while start <= days.end:
        after = next_period(start, grain)
        found.append(Days(max(start, days.start), min(after - _ONE_DAY, days.end)))
        start = after
    return found


def _ends_month(day: dt.date) -> bool:
    return (day + _ONE_DAY).day == 1


def _months(days: Days) -> int:
    return (days.end.year - days.start.year) * 12 + days.end.month - days.start.month + 1


def _shifted(days: Days, months: int) -> Days:
    end = shift_months(days.end, months)
    if days.start.day == 1 and _ends_month(days.end):
        end = next_period(period_start(end, Grain.MONTH), Grain.MONTH) - _ONE_DAY
    return Days(shift_months(days.start, months), end)
