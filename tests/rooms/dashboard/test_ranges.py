"""The days of the presets, and what they are compared with."""

from __future__ import annotations

import datetime as dt

import pytest

from webapp.blueprints.dashboard.services.ranges import (
    MOST_PERIODS,
    Days,
    Preset,
    automatic_grain,
    default_preset,
    last_year_days,
    periods,
    preset_days,
    previous_days,
    readable_grain,
)
from webapp.blueprints.gold.public import Grain

TODAY = dt.date(2026, 11, 21)


def days(start: str, end: str) -> Days:
    return Days(dt.date.fromisoformat(start), dt.date.fromisoformat(end))


@pytest.mark.parametrize(
    ("preset", "expected"),
    [
        (Preset.TODAY, ("2026-11-21", "2026-11-21")),
        (Preset.YESTERDAY, ("2026-11-20", "2026-11-20")),
        (Preset.LAST_7_DAYS, ("2026-11-15", "2026-11-21")),
        (Preset.LAST_30_DAYS, ("2026-10-23", "2026-11-21")),
        (Preset.THIS_MONTH, ("2026-11-01", "2026-11-21")),
        (Preset.LAST_MONTH, ("2026-10-01", "2026-10-31")),
        (Preset.THIS_QUARTER, ("2026-10-01", "2026-11-21")),
        (Preset.THIS_YEAR, ("2026-01-01", "2026-11-21")),
        (Preset.LAST_12_MONTHS, ("2025-12-01", "2026-11-21")),
        (Preset.LATEST, ("2011-01-01", "2011-12-09")),
        (Preset.ALL, ("2010-12-01", "2011-12-09")),
    ],
)
def test_presets_are_relative_to_today_or_to_the_newest_sale(preset: Preset, expected: tuple[str, str]) -> None:
    assert preset_days(preset, TODAY, dt.date(2010, 12, 1), dt.date(2011, 12, 9)) == days(*expected)


def test_a_historic_file_opens_on_its_last_twelve_months() -> None:
    assert default_preset(TODAY, dt.date(2011, 12, 9)) is Preset.LATEST
    assert default_preset(TODAY, TODAY - dt.timedelta(days=29)) is Preset.LAST_30_DAYS
    assert default_preset(TODAY, TODAY + dt.timedelta(days=3)) is Preset.LAST_30_DAYS


@pytest.mark.parametrize(
    ("now", "before"),
    [
        (("2026-11-01", "2026-11-30"), ("2026-10-01", "2026-10-31")),  # a month: the month before
        (("2024-03-01", "2024-03-31"), ("2024-02-01", "2024-02-29")),
        (("2026-07-01", "2026-09-30"), ("2026-04-01", "2026-06-30")),  # a quarter
        (("2026-01-01", "2026-12-31"), ("2025-01-01", "2025-12-31")),  # a year
        (("2025-12-01", "2026-11-30"), ("2024-12-01", "2025-11-30")),  # twelve months
        (("2026-11-01", "2026-11-21"), ("2026-10-01", "2026-10-21")),  # a month to date
        (("2026-03-01", "2026-03-30"), ("2026-02-01", "2026-02-28")),  # that day is not there
        (("2026-10-01", "2026-11-21"), ("2026-07-01", "2026-08-21")),  # a quarter to date
        (("2026-01-01", "2026-11-21"), ("2025-01-01", "2025-11-21")),  # a year to date
        (("2026-11-15", "2026-11-21"), ("2026-11-08", "2026-11-14")),  # as many days
        (("2026-02-01", "2026-05-10"), ("2025-10-25", "2026-01-31")),  # begins a month, but is none of the above
        (("2026-11-21", "2026-11-21"), ("2026-11-20", "2026-11-20")),
    ],
)
def test_the_period_before(now: tuple[str, str], before: tuple[str, str]) -> None:
    assert previous_days(days(*now)) == days(*before)


@pytest.mark.parametrize(
    ("now", "before"),
    [
        (("2026-11-15", "2026-11-21"), ("2025-11-15", "2025-11-21")),
        (("2024-02-29", "2024-02-29"), ("2023-02-28", "2023-02-28")),
        (("2024-02-01", "2024-02-29"), ("2023-02-01", "2023-02-28")),
        (("2025-02-01", "2025-02-28"), ("2024-02-01", "2024-02-29")),  # whole months stay whole
        (("2025-02-10", "2025-02-28"), ("2024-02-10", "2024-02-28")),
    ],
)
def test_the_same_days_of_last_year(now: tuple[str, str], before: tuple[str, str]) -> None:
    assert last_year_days(days(*now)) == days(*before)


def test_periods_cover_the_range_and_are_cut_to_it() -> None:
    assert periods(days("2026-12-30", "2027-01-05"), Grain.WEEK) == [
        days("2026-12-30", "2027-01-03"),
        days("2027-01-04", "2027-01-05"),
    ]
    assert periods(days("2026-02-10", "2026-07-01"), Grain.QUARTER) == [
        days("2026-02-10", "2026-03-31"),
        days("2026-04-01", "2026-06-30"),
        days("2026-07-01", "2026-07-01"),
    ]


@pytest.mark.parametrize("years", [1, 3, 12, 60, 250])
def test_never_more_periods_than_one_can_read(years: int) -> None:
    long = Days(dt.date(1901, 1, 1), dt.date(1901 + years, 1, 1))
    for grain in (automatic_grain(long), *(readable_grain(long, wanted) for wanted in Grain)):
        assert len(periods(long, grain)) <= MOST_PERIODS + 2
