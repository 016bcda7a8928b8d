"""Whether it is open, and what changes next: across midnight, summer time, seasons, holidays and exceptions."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask_babel import force_locale

from webapp.blueprints.places.queries.opening import (
    Hours,
    SeasonRule,
    SpecialRule,
    as_week,
    changes,
    next_change,
    open_at,
    plan_of,
    public_holidays,
)
from webapp.blueprints.places.queries.structured import hours_facts
from webapp.blueprints.places.queries.words import coming_specials, state_in_words, timeline, week_in_words

ROME = ZoneInfo("Europe/Rome")
SPLIT = ((540, 750), (930, 1170))
WEEK = ((SPLIT[1],), SPLIT, SPLIT, SPLIT, SPLIT, ((540, 780),), ())
SHOP = Hours(ROME, week=WEEK, country="IT")
EVERY_NIGHT = Hours(ROME, week=(((1320, 1560),),) * 7)  # 22 to 2
DAY = dt.timedelta(days=1)


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=ROME)


def plain(text: str) -> str:
    return text.replace("\N{EN DASH}", "-")


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-11-23T09:30", False),  # a Monday morning
        ("2026-11-23T15:29:59", False),
        ("2026-11-23T15:30", True),
        ("2026-11-23T19:30", False),  # the end does not belong to it
        ("2026-11-24T12:29:59.999999", True),
        ("2026-11-24T12:30", False),
        ("2026-11-28T12:59", True),
        ("2026-11-29T11:00", False),
    ],
)
def test_a_slot_holds_from_its_first_moment_to_before_its_last(moment: str, is_open: bool) -> None:
    assert open_at(SHOP, at(moment)) is is_open


def test_a_slot_that_runs_across_midnight_is_open_in_the_night_and_over_in_the_morning() -> None:
    friday = Hours(ROME, week=((), (), (), (), ((1320, 1560),), (), ()))
    assert open_at(friday, at("2026-11-28T01:59"))
    assert not open_at(friday, at("2026-11-28T02:00"))
    assert not open_at(friday, at("2026-11-27T01:00"))
    assert next_change(friday, at("2026-11-27T23:00")).at == at("2026-11-28T02:00")


def test_a_closed_day_does_not_cut_the_night_that_began_before_it() -> None:
    sunday = SpecialRule(dt.date(2026, 11, 29), dt.date(2026, 11, 29))
    bar = replace(EVERY_NIGHT, specials=(sunday,))
    assert open_at(bar, at("2026-11-29T01:00"))
    assert not open_at(bar, at("2026-11-29T23:00"))
    assert not open_at(bar, at("2026-11-30T01:00"))


def test_slots_that_touch_at_midnight_are_one() -> None:
    hotel = Hours(ROME, week=(((0, 1440),),) * 7)
    assert open_at(hotel, at("2026-11-29T00:00"))
    assert next_change(hotel, at("2026-11-29T12:00")) is None
    weekend = Hours(ROME, week=((), (), (), (), (), ((600, 1440),), ((0, 720),)))
    assert next_change(weekend, at("2026-11-28T12:00")).at == at("2026-11-29T12:00")


def test_in_the_night_of_spring_the_hour_that_is_left_out_is_not_there() -> None:
    assert next_change(EVERY_NIGHT, at("2026-03-28T23:00")).at == utc("2026-03-29T01:00")
    late = Hours(ROME, week=(((1320, 1590),),) * 7)  # to 2:30, which this night does not have
    assert next_change(late, at("2026-03-28T23:00")).at == utc("2026-03-29T01:00")
    within = Hours(ROME, week=(((135, 165),),) * 7)  # 2:15 to 2:45
    assert [change.at for change in changes(within, utc("2026-03-28T23:00"), 0)] == []
    into = Hours(ROME, week=(((150, 240),),) * 7)  # 2:30 to 4: opens as the clocks jump
    assert changes(into, utc("2026-03-28T23:00"), 0)[0].at == utc("2026-03-29T01:00")


def test_in_the_night_of_autumn_the_hour_that_comes_twice_counts_once() -> None:
    assert next_change(EVERY_NIGHT, at("2026-10-24T23:00")).at == utc("2026-10-25T00:00")
    late = Hours(ROME, week=(((1320, 1590),),) * 7)  # to 2:30, the first one
    assert next_change(late, at("2026-10-24T23:00")).at == utc("2026-10-25T00:30")
    through = Hours(ROME, week=(((1320, 1620),),) * 7)  # to 3:00: an hour longer than in other nights
    assert next_change(through, at("2026-10-24T23:00")).at == utc("2026-10-25T02:00")


@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25"])
def test_the_day_after_a_change_of_the_clocks_opens_by_the_clock(day: str) -> None:
    sunday = Hours(ROME, week=(((540, 750),),) * 7)
    change = next_change(sunday, at(f"{day}T04:00"))
    assert change.opens
    assert change.at.astimezone(ROME).strftime("%H:%M") == "09:00"


SUMMER = SeasonRule(dt.date(2020, 6, 1), dt.date(2020, 9, 15), (((600, 1200),),) * 7, names={"en": "Summer"})


def test_an_exception_is_stronger_than_a_holiday_than_a_season_than_the_week() -> None:
    ferragosto = dt.date(2026, 8, 15)
    hours = replace(SHOP, seasons=(SUMMER,))
    assert plan_of(hours, ferragosto - DAY).because == "season"
    assert plan_of(hours, ferragosto).slots == ()
    assert plan_of(hours, ferragosto).because == "holiday"
    fair = replace(hours, specials=(SpecialRule(ferragosto, ferragosto, ((480, 720),)),))
    assert plan_of(fair, ferragosto).slots == ((480, 720),)
    assert plan_of(fair, ferragosto).because == "exception"
    name = public_holidays("IT", "", 2026)[ferragosto].key
    as_usual = replace(hours, holiday_rules={name: None})
    assert plan_of(as_usual, ferragosto).because == "season"
    own = replace(hours, holiday_rules={name: ((1020, 1200),)})
    assert plan_of(own, ferragosto).slots == ((1020, 1200),)
    assert plan_of(hours, dt.date(2026, 11, 23)).because == "week"


def test_of_several_exceptions_the_shortest_decides() -> None:
    august = SpecialRule(dt.date(2026, 8, 1), dt.date(2026, 8, 31))
    fair = SpecialRule(dt.date(2026, 8, 20), dt.date(2026, 8, 20), ((540, 600),))
    assert plan_of(replace(SHOP, specials=(august, fair)), fair.first).slots == fair.slots


def test_a_yearly_season_may_run_across_new_year_and_end_on_a_leap_day() -> None:
    winter = SeasonRule(dt.date(2024, 11, 15), dt.date(2024, 2, 29), WEEK)
    for day, holds in (
        ("2026-12-31", True),
        ("2027-01-01", True),
        ("2027-02-28", True),
        ("2027-03-01", False),
        ("2026-11-14", False),
    ):
        assert winter.holds(dt.date.fromisoformat(day)) is holds, day
    dated = SeasonRule(dt.date(2026, 12, 1), dt.date(2027, 1, 10), (), yearly=False)
    assert dated.holds(dt.date(2027, 1, 10))
    assert not dated.holds(dt.date(2028, 1, 1))


def test_holidays_are_those_of_the_country_and_its_part() -> None:
    italy, munich = public_holidays("IT", "", 2026), public_holidays("DE", "BY", 2026)
    assert italy[dt.date(2026, 4, 6)].names["en"] == "Easter Monday"
    assert dt.date(2026, 4, 6) in munich
    assert dt.date(2026, 1, 6) in munich
    assert dt.date(2026, 1, 6) not in public_holidays("DE", "", 2026)
    assert public_holidays("XX", "", 2026) == {}


def test_who_is_closed_for_a_long_time_or_for_good_is_told_so() -> None:
    always = SpecialRule(dt.date(2026, 11, 1), dt.date(2027, 6, 30))
    shut = replace(SHOP, specials=(always,), country="")
    assert next_change(shut, at("2026-11-23T12:00")).at == at("2027-07-01T09:00")
    assert next_change(Hours(ROME), at("2026-11-23T12:00")) is None


@pytest.mark.parametrize(
    ("moment", "sentence"),
    [
        ("2026-11-23T16:00", "Open now · closes at 19:30"),
        ("2026-11-23T10:00", "Closed · opens at 15:30"),
        ("2026-11-23T20:00", "Closed · opens tomorrow at 9:00"),
        ("2026-11-28T14:00", "Closed · opens Monday at 15:30"),
        ("2026-12-24T20:00", "Closed · opens Monday at 15:30"),
    ],
)
def test_the_state_is_told_in_a_sentence(app: Flask, moment: str, sentence: str) -> None:
    with app.test_request_context("/en"), force_locale("en_GB"):
        assert state_in_words(SHOP, at(moment)).words == sentence


def test_the_timeline_turns_at_each_change_and_where_tomorrow_becomes_today(app: Flask) -> None:
    with app.test_request_context("/en"), force_locale("en_GB"):
        said = timeline(SHOP, at("2026-11-23T20:00"))
        words = [each.words for each in said]
        assert words[:3] == ["Closed · opens tomorrow at 9:00", "Closed · opens at 9:00", "Open now · closes at 12:30"]
        assert said[1].since == at("2026-11-24T00:00")
        assert said[-1].words == ""
        assert said[-1].since == at("2026-12-01T00:00")
        for each in said[1:-1]:
            assert state_in_words(SHOP, each.since).words == each.words


@pytest.mark.parametrize("start", ["2026-03-27T12:00", "2026-10-23T12:00", "2026-12-22T00:00"])
def test_the_timeline_is_right_at_each_minute_of_its_days(app: Flask, start: str) -> None:
    with app.test_request_context("/en"), force_locale("en_GB"):
        hours = replace(EVERY_NIGHT, specials=(SpecialRule(dt.date(2026, 12, 25), dt.date(2026, 12, 25)),))
        said = timeline(hours, at(start), 4)
        for minutes in range(0, 3 * 1440, 47):
            moment = at(start).astimezone(dt.UTC) + dt.timedelta(minutes=minutes)
            told = [each for each in said if each.since <= moment][-1]
            assert told.words == state_in_words(hours, moment).words, moment


def test_a_week_is_told_in_one_line(app: Flask) -> None:
    week = as_week([[[540, 750], [930, 1170]]] * 5 + [[[540, 780]], []])
    with app.test_request_context("/en"), force_locale("en_GB"):
        assert plain(week_in_words(week)) == "Mon-Fri 9-12:30, 15:30-19:30; Sat 9-13"
        assert week_in_words(((),) * 7) == "closed"
        assert week_in_words((((0, 1440),),) * 7) == "every day open all day"
        assert plain(week_in_words((((1320, 1560),), ((1320, 1560),), (), (), (), (), ()))) == "Mon, Tue 22-2"


def test_coming_days_that_differ_are_told_together(app: Flask) -> None:
    closed = SpecialRule(dt.date(2026, 12, 1), dt.date(2026, 12, 20), words={"en": "Works"})
    with app.test_request_context("/en"), force_locale("en_GB"):
        told = list(coming_specials(replace(SHOP, specials=(closed,)), dt.date(2026, 11, 23), "en"))
        assert [(plain(days), times, why) for days, times, why in told] == [("1-20 December", "closed", "Works")]


def test_search_engines_are_told_weeks_seasons_and_exceptions() -> None:
    closed = SpecialRule(dt.date(2026, 12, 1), dt.date(2026, 12, 3))
    facts = hours_facts(replace(SHOP, country="", specials=(closed,)), dt.date(2026, 11, 23))
    usual = facts["openingHoursSpecification"]
    assert usual[0] == {
        "@type": "OpeningHoursSpecification", "opens": "09:00", "closes": "12:30",
        "dayOfWeek": ["Tuesday", "Wednesday", "Thursday", "Friday"],
    }  # fmt: skip
    assert facts["specialOpeningHoursSpecification"] == [
        {
            "@type": "OpeningHoursSpecification",
            "opens": "00:00",
            "closes": "00:00",
            "validFrom": "2026-12-01",
            "validThrough": "2026-12-03",
        }
    ]
    seasonal = hours_facts(replace(SHOP, country="", seasons=(SUMMER,)), dt.date(2026, 11, 23))
    spans = {(each["validFrom"], each["validThrough"]) for each in seasonal["openingHoursSpecification"]}
    assert spans == {("2026-11-23", "2027-05-31"), ("2027-06-01", "2027-09-15"), ("2027-09-16", "2027-11-22")}
    night = hours_facts(EVERY_NIGHT, dt.date(2026, 11, 23))["openingHoursSpecification"]
    assert (night[0]["opens"], night[0]["closes"]) == ("22:00", "02:00")
    around = hours_facts(Hours(ROME, week=(((540, 1980),),) * 7), dt.date(2026, 11, 23))["openingHoursSpecification"]
    assert (around[0]["opens"], around[0]["closes"]) == ("09:00", "08:59")
