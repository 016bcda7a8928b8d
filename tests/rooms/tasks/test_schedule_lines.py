"""Cron lines: when they come, also when the clocks change, how they are told in words, and which are refused."""

from __future__ import annotations

import datetime as dt
import random
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from webapp.blueprints.tasks.services.cron import (
    CronWrong,
    Rhythm,
    check_cron,
    in_words,
    moment_in_words,
    next_slot,
    next_slots,
    rhythm_of,
    slots_between,
)

ROME = ZoneInfo("Europe/Rome")
UTC = dt.UTC


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text + "+00:00")


def local(line: str, after: str, until: str) -> list[str]:
    slots = slots_between(line, after=at(after), until=at(until), zone=ROME, most=500)
    return [slot.astimezone(ROME).strftime("%d %H:%M%z") for slot in slots]


def in_spring(line: str) -> list[str]:
    """Local slots of the night in which 02:00 to 02:59 is left out, until four o'clock."""
    return local(line, "2026-03-29T00:00", "2026-03-29T02:00")


def in_autumn(line: str) -> list[str]:
    """Local slots of the night in which 02:00 to 02:59 comes twice, until four o'clock."""
    return local(line, "2026-10-24T23:00", "2026-10-25T03:00")


def test_a_fixed_time_that_does_not_exist_in_spring_comes_when_the_clocks_have_gone_forward() -> None:
    assert in_spring("30 2 * * *") == ["29 03:00+0200"]
    assert local("30 2 * * *", "2026-03-27T12:00", "2026-03-30T12:00") == [
        "28 02:30+0100",
        "29 03:00+0200",
        "30 02:30+0200",
    ]


def test_a_fixed_time_that_comes_twice_in_autumn_runs_the_first_time_only() -> None:
    assert in_autumn("30 2 * * *") == ["25 02:30+0200"]


def test_a_line_that_runs_each_hour_follows_the_real_hours() -> None:
    assert in_spring("30 * * * *") == ["29 01:30+0100", "29 03:30+0200"]
    assert in_autumn("30 * * * *") == ["25 01:30+0200", "25 02:30+0200", "25 02:30+0100", "25 03:30+0100"]


def test_minutes_with_a_star_in_the_missing_hour_do_not_come_and_in_the_repeated_one_come_twice() -> None:
    assert in_spring("*/15 2 * * *") == []
    assert in_autumn("*/15 2 * * *") == [
        f"25 02:{minute}{offset}" for offset in ("+0200", "+0100") for minute in ("00", "15", "30", "45")
    ]
    assert in_spring("30 */2 * * *") == []
    assert in_autumn("30 */2 * * *") == ["25 02:30+0200", "25 02:30+0100"]


def test_two_fixed_times_that_meet_after_the_gap_are_one_run() -> None:
    assert in_spring("0,30 2,3 * * *") == ["29 03:00+0200", "29 03:30+0200"]


def test_asking_within_the_repeated_hour_never_answers_with_a_time_that_has_passed() -> None:
    after = at("2026-10-25T01:10")  # the second 02:10; the first 02:30 was 40 minutes ago
    assert next_slot("30 2 * * *", after=after, zone=ROME) == at("2026-10-26T01:30")


@pytest.mark.parametrize("line", ["30 2 * * *", "30 * * * *", "*/15 2 * * *", "0,30 2,3 * * *", "*/7 1-4 * * *"])
@pytest.mark.parametrize("day", ["2026-03-28", "2026-10-24"])
def test_the_slots_do_not_depend_on_where_the_looking_begins(line: str, day: str) -> None:
    begin, end = at(f"{day}T12:00"), at(f"{day}T12:00") + dt.timedelta(days=1)
    everything = slots_between(line, after=begin, until=end, zone=ROME, most=5000)
    assert everything == sorted(set(everything))
    chance = random.Random(line)
    for _ in range(60):
        start = begin + dt.timedelta(seconds=chance.randrange(86_400))
        assert (
            next_slots(line, after=start, zone=ROME, count=3)
            == ([slot for slot in everything if slot > start] + next_slots(line, after=end, zone=ROME, count=3))[:3]
        )


def test_a_year_of_minutes_costs_no_more_than_the_last_ones() -> None:
    slots = slots_between("* * * * *", after=at("2025-06-01T00:00"), until=at("2026-06-01T00:00"), zone=ROME, most=101)
    assert len(slots) == 101
    assert slots[-1] == at("2026-06-01T00:00")
    assert slots[0] == at("2026-05-31T22:20")


def test_a_leap_day_is_found_years_ahead() -> None:
    slots = next_slots("0 0 29 2 *", after=at("2026-11-21T00:00"), zone=ROME, count=5)
    assert [slot.astimezone(ROME).year for slot in slots] == [2028, 2032, 2036, 2040, 2044]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("", "five parts"),
        ("0 8 * *", "five parts"),
        ("0 0 8 * * *", "six parts"),
        ("@reboot", "@reboot"),
        ("@daily", "@reboot"),
        ("60 * * * *", "minute"),
        ("*/0 * * * *", "minute"),
        ("*/90 * * * *", "minute"),
        ("-5 * * * *", "minute"),
        ("0 24 * * *", "hour"),
        ("0 0 32 * *", "day is not right"),
        ("0 0 1W * *", "day is not right"),
        ("0 0 1,L * *", "day is not right"),
        ("0 0 * 13 *", "month"),
        ("0 0 * * 8", "day of the week"),
        ("0 0 * * FRI-MON", "day of the week"),
        ("0 0 * * ²", "day of the week"),
        ("0 0 31 2 *", "never comes"),
        ("0 0 30 2 *", "never comes"),
        ("0 0 31 4,6,9,11 *", "never comes"),
        ("0 0 */2 * 1", "not a star"),
        ("1," * 70 + "1 * * * *", "too long"),
        ("0 8 * * 1; rm -rf /", "five parts"),
    ],
)
def test_a_line_that_makes_no_sense_is_refused_in_a_sentence(app: Flask, line: str, said: str) -> None:
    with pytest.raises(CronWrong) as refused:
        check_cron(line)
    assert said in str(refused.value.sentence)
    assert refused.value.field == "cron"


def test_a_line_is_kept_in_its_plain_form() -> None:
    assert check_cron("  0   8 * jan-mar\tmon ") == "0 8 * JAN-MAR MON"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("0 * * * *", "Every hour, on the hour"),
        ("15 * * * *", "Every hour, at minute 15"),
        ("30 2 * * *", "Every day at 02:30"),
        ("30 8 * * 1-5", "From Monday to Friday at 08:30"),
        ("0 8 * * 0", "Every Sunday at 08:00"),
        ("0 8 1 * *", "On day 1 of each month at 08:00"),
        ("0 8 L * *", "On the last day of each month at 08:00"),
        ("*/15 * * * *", "Every 15 minutes"),
    ],
)
def test_a_line_is_told_in_words(app: Flask, line: str, words: str) -> None:
    assert in_words(line, "en") == words


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("*/15 * * * *", "Ogni 15 minuti"),
        ("0 8 * * 1,4", "Alle 08:00, solo il lunedì e giovedì"),
        ("0 8 * JAN-MAR 7", "Alle 08:00, solo la domenica, da gennaio a marzo"),
        ("0 0 LW * *", "Alle 00:00, l'ultimo giorno feriale del mese"),
        ("0 0 * * 7#2", "Alle 00:00, la seconda domenica del mese"),
        ("5/15 * * * *", "Ogni 15 minuti, dal minuto 5 al 59 di ogni ora"),
    ],
)
def test_italian_words_are_italian(app: Flask, line: str, words: str) -> None:
    assert in_words(line, "it") == words


def test_every_line_that_is_taken_has_words_in_both_languages(app: Flask) -> None:
    chance = random.Random(7)
    parts = (
        ["*", "0", "*/10", "5-20", "0,30", "5/15", "10-40/5"],
        ["*", "8", "*/2", "8-18", "8,20", "9-17/2", "6/6"],
        ["*", "1", "L", "LW", "1,15", "1-7", "10/5"],
        ["*", "6", "JAN", "1-3", "1,7", "*/3", "JUN-SEP"],
        ["*", "0", "7", "MON", "1-5", "1,4", "5L", "1#2", "MON-FRI", "5-7", "1-5/2"],
    )
    for _ in range(400):
        line = " ".join(chance.choice(part) for part in parts)
        plain = check_cron(line)
        for language in ("it", "en"):
            words = in_words(plain, language)
            assert words != plain
            assert words.strip()
        assert not set(in_words(plain, "it").split()) & {"Monday", "Friday", "January", "June", "at", "only", "Every,"}
        assert len(next_slots(plain, after=at("2026-11-21T00:00"), zone=ROME, count=5)) == 5


@pytest.mark.parametrize(
    "rhythm",
    [
        Rhythm("hourly", minute=5),
        Rhythm("daily", 2, 30),
        Rhythm("weekdays", 8, 0),
        Rhythm("weekly", 8, 0, weekday=7),
        Rhythm("monthly", 23, 59, day="31"),
        Rhythm("monthly", 0, 0, day="L"),
    ],
)
def test_a_usual_rhythm_is_found_again_in_its_line(rhythm: Rhythm) -> None:
    assert check_cron(rhythm.line) == rhythm.line
    assert rhythm_of(rhythm.line) == rhythm


@pytest.mark.parametrize("line", ["*/5 * * * *", "0 8 1 1 *", "0 8 1 * 1", "0 8 * * 1,2", "0 8-9 * * *", "5 * 1 * *"])
def test_other_lines_are_no_usual_rhythm(line: str) -> None:
    assert rhythm_of(line) is None


def test_a_moment_is_told_with_its_weekday_and_which_of_two_it_is(app: Flask) -> None:
    assert moment_in_words(at("2026-11-21T01:30"), ROME, "en") == "Saturday, 21 November 2026 at 02:30"
    assert "before the clocks go back" in moment_in_words(at("2026-10-25T00:30"), ROME, "en")
    assert "after the clocks have gone back" in moment_in_words(at("2026-10-25T01:30"), ROME, "en")
    assert moment_in_words(at("2026-11-21T01:30"), ROME, "it").startswith("sabato 21 novembre 2026")
