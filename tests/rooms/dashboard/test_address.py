"""The filters in the address: what they mean, and back again."""

from __future__ import annotations

import datetime as dt

import pytest
from flask import Flask

from webapp.blueprints.dashboard.forms import FREE, read_address
from webapp.blueprints.gold.public import GoldState, Grain

TODAY = dt.date(2026, 11, 21)
STATE = GoldState(dt.date(2024, 5, 3), dt.date(2026, 11, 20), None, None, (), ())


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"range": "this-year"},
        {"range": "all", "grain": "week", "country": "EIRE"},
        {"from": "2026-01-10", "to": "2026-02-03", "category": "Für & wider"},
        {"from": "2026-01-10", "to": "2026-02-03", "grain": "day", "country": "United Kingdom", "category": "A+B"},
    ],
)
def test_the_filters_survive_the_round_trip(arguments: dict[str, str]) -> None:
    asked = read_address(arguments, TODAY, STATE)
    assert asked.arguments == arguments
    assert read_address(asked.arguments, TODAY, STATE) == asked


def test_the_default_needs_no_words() -> None:
    assert read_address({"range": "last-30-days", "grain": ""}, TODAY, STATE).arguments == {}


def test_who_changes_a_date_means_free_dates() -> None:
    form = {"shown": "all", "range": "all", "from": "2024-05-04", "to": "2026-11-20"}
    asked = read_address(form, TODAY, STATE)
    assert (asked.range, asked.selection.days.start) == (FREE, dt.date(2024, 5, 4))


def test_who_changes_the_range_means_the_range() -> None:
    form = {"shown": "last-30-days", "range": "all", "from": "2026-10-23", "to": "2026-11-21"}
    asked = read_address(form, TODAY, STATE)
    assert (asked.range, asked.arguments) == ("all", {"range": "all"})


def test_who_changes_neither_keeps_the_range() -> None:
    form = {"shown": "all", "range": "all", "from": "2024-05-03", "to": "2026-11-20", "country": "EIRE"}
    assert read_address(form, TODAY, STATE).arguments == {"range": "all", "country": "EIRE"}


def test_an_empty_side_of_free_dates_is_open() -> None:
    assert read_address({"from": "2026-01-01"}, TODAY, STATE).selection.days.end == STATE.last_day
    assert read_address({"to": "2026-01-01"}, TODAY, STATE).selection.days.start == STATE.first_day
    assert read_address({"from": "2030-01-01"}, TODAY, STATE).problems == {}


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"from": "yesterday"}, "from"),
        ({"to": "2026-02-30"}, "to"),
        ({"from": "0001-01-01"}, "from"),
        ({"to": "9999-12-31"}, "to"),
        ({"from": "2026-03-01", "to": "2026-02-01"}, "to"),
    ],
)
def test_dates_without_sense_are_told_beside_the_field(app: Flask, arguments: dict[str, str], field: str) -> None:
    with app.test_request_context():
        asked = read_address(arguments, TODAY, STATE)
    assert list(asked.problems) == [field]
    assert asked.selection.days == read_address({}, TODAY, STATE).selection.days


def test_unknown_words_fall_back_to_the_default() -> None:
    asked = read_address({"range": "for-ever", "grain": "decade"}, TODAY, STATE)
    assert (asked.arguments, asked.selection.grain) == ({}, Grain.DAY)
