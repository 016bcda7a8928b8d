"""The time: UTC inside, the company's zone outside."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo


def utc_now() -> dt.datetime:
    """This moment, aware, in UTC."""
    return dt.datetime.now(dt.UTC)


def local_day(moment: dt.datetime, zone: ZoneInfo) -> dt.date:
    """The company's calendar day in which an aware moment falls."""
    return moment.astimezone(zone).date()


def day_start(day: dt.date, zone: ZoneInfo) -> dt.datetime:
    """The aware moment (UTC) at which a company's day begins."""
    return dt.datetime.combine(day, dt.time(), zone).astimezone(dt.UTC)
