"""The calendar: what a day belongs to, and its names."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import pandas as pd

WEEKDAYS_EN = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
WEEKDAYS_IT = ("lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato", "domenica")
MONTHS_EN = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
MONTHS_IT = (
    "gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno",
    "luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre",
)  # fmt: skip


def calendar(first_year: int, last_year: int) -> pd.DataFrame:
    """All days from 1 January of the first year to 31 December of the last, one row a day, weeks as in ISO 8601."""
    days = pd.Series(pd.date_range(f"{first_year}-01-01", f"{last_year}-12-31", unit="s"))
    iso = days.dt.isocalendar()
    weekday = days.dt.day_of_week
    return pd.DataFrame(
        {
            "date_key": days,
            "year": days.dt.year.astype("int16"),
            "quarter": days.dt.quarter.astype("int16"),
            "month": days.dt.month.astype("int16"),
            "day": days.dt.day.astype("int16"),
            "iso_year": iso["year"].astype("int16"),
            "iso_week": iso["week"].astype("int16"),
            "weekday": (weekday + 1).astype("int16"),
            "weekday_name_en": weekday.map(dict(enumerate(WEEKDAYS_EN))),
            "weekday_name_it": weekday.map(dict(enumerate(WEEKDAYS_IT))),
            "month_name_en": days.dt.month.map(dict(enumerate(MONTHS_EN, 1))),
            "month_name_it": days.dt.month.map(dict(enumerate(MONTHS_IT, 1))),
            "is_weekend": weekday >= 5,
            "week_start": days - pd.to_timedelta(weekday, unit="D"),
            "month_start": days - pd.to_timedelta(days.dt.day - 1, unit="D"),
            "quarter_start": days.dt.to_period("Q").dt.start_time,
            "year_start": days - pd.to_timedelta(days.dt.day_of_year - 1, unit="D"),
        }
    )


def years(
    span: tuple[pd.Timestamp, pd.Timestamp] | None, days: Iterable[dt.date], now: pd.Timestamp, time_zone: str
) -> tuple[int, int]:
    """The first and last year, in the company's zone, of the orders between two moments (UTC), of some days and of this year."""
    this_year = now.tz_convert(time_zone).year
    seen = [moment.tz_convert(time_zone).year for moment in span or ()] + [day.year for day in days]
    return max(1900, min([this_year, *seen])), min(2199, max([this_year, *seen]))
