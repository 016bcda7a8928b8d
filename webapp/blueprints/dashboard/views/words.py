"""Figures, days and names as people read them, in the language of the page."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from babel.dates import get_day_names
from flask_babel import format_date, format_decimal, format_percent, get_locale
from flask_babel import gettext as _

from webapp.blueprints.dashboard.services.ranges import Days
from webapp.blueprints.gold.public import GoldState, Grain, Metric, Unit
from webapp.core.wording import money, number

MINUS = "\N{MINUS SIGN}"


def share(value: Decimal) -> str:
    """A share of one in percent."""
    return str(format_percent(value, "#,##0.0%"))


def figure(metric: Metric, value: Decimal | int | None) -> str:
    """A metric's figure with its unit; a dash where there is none."""
    if value is None:
        return "–"  # noqa: RUF001 - a dash that stands for nothing
    match metric.unit:
        case Unit.MONEY:
            return money(Decimal(value))
        case Unit.RATE:
            return share(Decimal(value))
        case _:
            return number(value)


def change(metric: Metric, value: Decimal) -> str:
    """A change with its sign: in percent, for a rate in percentage points."""
    size = abs(value)
    sign = "+" if value > 0 else MINUS if value < 0 else "±"
    if metric.unit is Unit.RATE:
        return str(_("%(sign)s%(points)s points", sign=sign, points=format_decimal(size * 100, "#,##0.0")))
    return f"{sign}{share(size)}"


def day(value: dt.date) -> str:
    """A day with its year."""
    return str(format_date(value, "d MMM y"))


def range_of(days: Days) -> str:
    """The days of a range, as short as they stay clear."""
    if days.start == days.end:
        return day(days.start)
    if days.start.year != days.end.year:
        return f"{day(days.start)} – {day(days.end)}"  # noqa: RUF001
    if days.start.month != days.end.month:
        return f"{format_date(days.start, 'd MMM')} – {day(days.end)}"  # noqa: RUF001
    return f"{days.start.day}–{day(days.end)}"  # noqa: RUF001


def period(days: Days, grain: Grain) -> str:
    """A period by its name."""
    match grain:
        case Grain.DAY:
            return day(days.start)
        case Grain.WEEK:
            year, week, _weekday = days.start.isocalendar()
            return str(_("W%(week)s %(year)s", week=f"{week:02}", year=year))
        case Grain.MONTH:
            return str(format_date(days.start, "LLL y"))
        case Grain.QUARTER:
            return str(format_date(days.start, "QQQ y"))
        case Grain.YEAR:
            return str(days.start.year)


def weekday(day_number: int, width: str = "wide") -> str:
    """The name of an ISO weekday: Monday is 1. `width` is wide or abbreviated."""
    names = get_day_names("wide" if width == "wide" else "abbreviated", locale=get_locale())
    return str(names[day_number - 1])


def country(key: str, state: GoldState) -> str:
    """A country's name in the language of the page; the text of the sales where it is no known country."""
    named = next((country for country in state.countries if country.key == key), None)
    if named is None:
        return key or _("No country")
    language = str(get_locale() or "en")[:2]
    return (named.name_it if language == "it" else named.name_en) or key or _("No country")
