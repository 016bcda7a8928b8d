"""Opening hours in words: of a week, of a day, and whether it is open now, each with how long it stays true."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from babel.dates import format_date, get_day_names
from flask_babel import get_locale
from flask_babel import gettext as _

from webapp.blueprints.places.queries.opening import (
    HORIZONS,
    MIDNIGHT,
    NO_WEEK,
    Change,
    Hours,
    Plan,
    Slots,
    Week,
    changes,
    holiday_of,
    moment_of,
    next_change,
    open_at,
    plan_of,
    season_of,
)

WHOLE_DAY: Slots = ((0, MIDNIGHT),)
DASH = "\N{EN DASH}"
AHEAD = 14  # days whose exceptions a page tells of
FAR = 6  # days after which a day is told by its date


@dataclass(frozen=True)
class Line:
    """One line of a table of hours: the days, and their times. `today` is in one of them."""

    days: str
    times: str
    today: bool = False


@dataclass(frozen=True)
class Said:
    """What is true from a moment on (UTC): whether it is open, in a sentence."""

    since: dt.datetime
    open: bool
    words: str


def clock(minutes: int, *, short: bool = False) -> str:
    """A time of day, `15:30`; a whole hour is `9` where it stands in a range, else `9:00`."""
    hour, minute = divmod(minutes % MIDNIGHT, 60)
    return f"{hour}" if short and not minute else f"{hour}:{minute:02}"


def span(opens: int, closes: int) -> str:
    """A slot as it stands in a table: `9-12:30`."""
    return f"{clock(opens, short=True)}{DASH}{_closing(closes)}"


def slots_in_words(slots: Slots) -> str:
    """`9-12:30, 15:30-19:30`, or that it is closed, or open all day."""
    if not slots:
        return str(_("closed"))
    if slots == WHOLE_DAY:
        return str(_("open all day"))
    return ", ".join(span(opens, closes) for opens, closes in slots)


def _closing(minutes: int) -> str:
    return "24" if minutes == MIDNIGHT else clock(minutes, short=True)


def day_name(weekday: int, *, width: Any = "wide", upper: bool = True) -> str:
    """The name of a day of the week, Monday being 0."""
    name = str(get_day_names(width, context="stand-alone", locale=get_locale())[weekday])
    return name[:1].upper() + name[1:] if upper else name


def week_lines(week: Week, today: int | None = None) -> list[Line]:
    """A line for each day of the week."""
    return [Line(day_name(day), slots_in_words(week[day]), today=day == today) for day in range(7)]


def week_in_words(week: Week) -> str:
    """The week in one line: `Mon-Fri 9-12:30, 15:30-19:30; Sat 9-13`. Closed days are left out, unless there is nothing else."""
    runs: list[tuple[int, int]] = []
    for day in range(7):
        if runs and week[runs[-1][1]] == week[day] and runs[-1][1] == day - 1:
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    told = [f"{_run_name(first, last)} {slots_in_words(week[first])}" for first, last in runs if week[first]]
    return "; ".join(told) or slots_in_words(())


def _run_name(first: int, last: int) -> str:
    if (first, last) == (0, 6):
        return str(_("every day"))
    ends = [day_name(day, width="abbreviated") for day in (first, last)]
    return ends[0] if first == last else f"{ends[0]}{DASH if last - first > 1 else ', '}{ends[1]}"


def date_in_words(day: dt.date, *, weekday: bool = True) -> str:
    """`Monday 3 August`, in the language of the page."""
    return str(format_date(day, "EEEE d MMMM" if weekday else "d MMMM", locale=get_locale()))


def span_in_words(first: dt.date, last: dt.date, *, year: bool = False) -> str:
    """`10-24 August`, `28 December - 6 January`, or one day."""
    pattern = "d MMMM y" if year else "d MMMM"
    end = str(format_date(last, pattern, locale=get_locale()))
    if first == last:
        return end
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}{DASH}{end}"
    return f"{format_date(first, pattern, locale=get_locale())} {DASH} {end}"


def state_in_words(hours: Hours, moment: dt.datetime) -> Said:
    """Whether it is open at a moment, and what comes next: `Closed · opens tomorrow at 9:00`."""
    is_open, coming = open_at(hours, moment), next_change(hours, moment)
    return Said(moment, is_open, _sentence(hours, moment, coming, is_open=is_open))


def timeline(hours: Hours, moment: dt.datetime, days: int = HORIZONS[0]) -> list[Said]:
    """What is true from `moment` on for so many days: a sentence from each change, and from each midnight on.

    The last one ends at the midnight after them; nothing is said of what comes then, and its words are "".
    """
    today = moment.astimezone(hours.zone).date()
    midnights = [moment_of(today + dt.timedelta(number), 0, hours.zone) for number in range(1, days + 1)]
    turns = {change.at for change in changes(hours, moment, days - 1)} | set(midnights[:-1])
    said = [state_in_words(hours, each) for each in (moment, *sorted(turns))]
    kept = [each for number, each in enumerate(said) if not number or each.words != said[number - 1].words]
    return [*kept, Said(midnights[-1], open=False, words="")]


def _sentence(hours: Hours, moment: dt.datetime, coming: Change | None, *, is_open: bool) -> str:
    if coming is None:
        return str(_("Open now") if is_open else _("Closed"))
    now, then = moment.astimezone(hours.zone), coming.at.astimezone(hours.zone)
    time = f"{then.hour}:{then.minute:02}"
    distance = (then.date() - now.date()).days
    if is_open:
        if coming.at - moment < dt.timedelta(hours=24):
            return str(_("Open now · closes at %(time)s", time=time))
        return str(_("Open now · closes %(day)s at %(time)s", day=_day_in_words(then.date(), distance), time=time))
    if distance == 0:
        return str(_("Closed · opens at %(time)s", time=time))
    if distance == 1:
        return str(_("Closed · opens tomorrow at %(time)s", time=time))
    return str(_("Closed · opens %(day)s at %(time)s", day=_day_in_words(then.date(), distance), time=time))


def _day_in_words(day: dt.date, distance: int) -> str:
    if distance <= FAR:
        return day_name(day.weekday(), upper=not str(get_locale()).startswith("it"))
    return date_in_words(day)


def today_in_words(hours: Hours, day: dt.date) -> str:
    """What holds today, true until midnight: `Today, Monday 3 August: 9-12:30, 15:30-19:30`."""
    plan = plan_of(hours, day)
    times = slots_in_words(plan.slots)
    return str(_("Today, %(day)s: %(times)s", day=date_in_words(day), times=times))


def reason_in_words(plan: Plan, language: str) -> str:
    """Why a day differs from others, in that language; "" for one that does not."""
    return plan.words.get(language, "") if plan.because in ("exception", "holiday") else ""


def holds_in_words(plan: Plan) -> str:
    """By what rule a day is as it is, for who looks after the hours."""
    words: Mapping[str, str] = {
        "exception": _("an exception"),
        "holiday": _("the rule of the holiday"),
        "season": _("the season"),
        "week": _("the usual week"),
    }
    return words[plan.because]


def current_week(hours: Hours, day: dt.date) -> tuple[Week, Mapping[str, str]]:
    """The week that holds on a day, and the names of its season (none for the usual one)."""
    season = season_of(hours, day)
    return (season.week, season.names) if season else (hours.week, {})


def coming_specials(hours: Hours, day: dt.date, language: str, days: int = AHEAD) -> Iterator[tuple[str, str, str]]:
    """The days from `day` on that differ, those that follow each other alike made one: days, times, reason.

    An exception that begins within so many `days` is told whole; holidays on which hours are as usual are not.
    """
    last = day + dt.timedelta(days)
    runs: list[tuple[dt.date, dt.date, Plan]] = []
    current = day
    while current <= last or (
        runs and runs[-1][1] == current - dt.timedelta(1) and (current - day).days < 2 * HORIZONS[1]
    ):
        plan = plan_of(hours, current)
        if plan.because in ("exception", "holiday"):
            if runs and runs[-1][1] == current - dt.timedelta(1) and runs[-1][2] == plan:
                runs[-1] = (runs[-1][0], current, plan)
            elif current <= last:
                runs.append((current, current, plan))
            else:
                break
        elif current > last:
            break
        current += dt.timedelta(1)
    for first, end, plan in runs:
        yield (
            date_in_words(first) if first == end else span_in_words(first, end),
            slots_in_words(plan.slots),
            reason_in_words(plan, language),
        )


def coming_holidays(hours: Hours, day: dt.date, days: int = 365) -> list[tuple[dt.date, str, Plan]]:
    """The public holidays of the next year: day, key, and what holds on it."""
    found = []
    for number in range(days):
        each = day + dt.timedelta(number)
        holiday = holiday_of(hours, each)
        if holiday:
            found.append((each, holiday.key, plan_of(hours, each)))
    return found


def has_hours(hours: Hours) -> bool:
    """Whether anything was said of when it is open."""
    return hours.week != NO_WEEK or bool(hours.seasons) or bool(hours.specials)
