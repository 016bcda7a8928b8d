"""Amounts in words: how pages write money, prices, rates and numbers in the reader's language."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from babel import Locale
from flask import Flask, g
from flask_babel import format_currency, format_date, format_decimal, format_time, get_locale, gettext

from webapp.core.money import to_cents
from webapp.core.security import SYSTEM

UNITS = ("B", "kB", "MB", "GB", "TB", "PB")


def money(amount: Decimal) -> str:
    """An amount in the company's currency, rounded half up to the cent."""
    return str(format_currency(to_cents(amount), g.company.currency))


def price(amount: Decimal) -> str:
    """A price in the company's currency with its two to four decimals."""
    pattern = str((get_locale() or Locale("en")).currency_formats["standard"].pattern).replace("0.00", "0.00##")
    return str(format_currency(amount, g.company.currency, format=pattern, currency_digits=False))


def person(name: str) -> str:
    """Who did something, by the name that was stored: commands, tasks and the demo did it as the house itself."""
    return str(gettext("Bottega itself")) if name == SYSTEM.name else name


def percent(rate: Decimal | float) -> str:
    """A rate that is in percent already, 0-100."""
    return f"{format_decimal(rate)}\xa0%"


def share_in_percent(value: float, *, signed: bool = False) -> str:
    """A share of 1 as percent, to one place; `signed`: what grew has a plus, and nothing has no sign."""
    rounded = round(value * 100, 1) or 0
    return ("+" if signed and rounded > 0 else "") + percent(rounded)


def number(value: Decimal | int) -> str:
    """A number with grouping."""
    return str(format_decimal(value))


def size(count: int) -> str:
    """Bytes in the unit that makes them short, by thousands."""
    value, place = float(count), 0
    while value >= 999.5 and place < len(UNITS) - 1:
        value, place = value / 1000, place + 1
    return f"{format_decimal(round(value, 1 if place and value < 100 else 0))}\xa0{UNITS[place]}"


def moment(value: dt.datetime) -> str:
    """An aware moment in the company's zone, to the minute; its month in letters, so that nobody takes it for the day."""
    return f"{format_date(value, 'medium')}, {format_time(value, 'short')}"


def exact_moment(value: dt.datetime) -> str:
    """An aware moment in the company's zone, to the second."""
    return f"{format_date(value, 'medium')}, {format_time(value, 'medium')}"


def day(value: dt.datetime | dt.date) -> str:
    """A day with its month in letters, of an aware moment the company's."""
    return str(format_date(value, "long"))


def duration(seconds: float | None) -> str:
    """How long something took: the two greatest units, tenths of a second under ten; "" for None."""
    if seconds is None:
        return ""
    if seconds < 10:
        return str(gettext("%(seconds)s s", seconds=format_decimal(round(max(seconds, 0.0), 1))))
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return str(gettext("%(days)s d %(hours)s h", days=format_decimal(days), hours=hours))
    if hours:
        return str(gettext("%(hours)s h %(minutes)s min", hours=hours, minutes=minutes))
    if minutes:
        return str(gettext("%(minutes)s min %(seconds)s s", minutes=minutes, seconds=rest))
    return str(gettext("%(seconds)s s", seconds=rest))


def set_up_wording(app: Flask) -> None:
    """Give templates the filters `money`, `price`, `percent`, `number`, `moment`, `exact_moment`, `day`, `duration` and `person`."""
    app.jinja_env.filters.update(
        money=money,
        price=price,
        percent=percent,
        number=number,
        moment=moment,
        exact_moment=exact_moment,
        day=day,
        duration=duration,
        person=person,
    )
