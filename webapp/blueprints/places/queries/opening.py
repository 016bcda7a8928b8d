"""Opening hours as rules, without a database: what holds on a day, whether it is open at a moment, and what changes next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any, Literal
from zoneinfo import ZoneInfo

from webapp.core.company import LANGUAGES

Slot = tuple[int, int]
"""Minutes since the local midnight of the day it begins on; across midnight it closes after 1440, at most a day later."""
Slots = tuple[Slot, ...]
Week = tuple[Slots, ...]
Because = Literal["exception", "holiday", "season", "week"]
MIDNIGHT = 1440
HORIZONS = (8, 45, 370)  # days that are looked ahead, one after the other
NO_WEEK: Week = ((),) * 7


@dataclass(frozen=True)
class SeasonRule:
    """A week that holds from `first` to `last`, both included; each year where `yearly`, across New Year too."""

    first: dt.date
    last: dt.date
    week: Week
    yearly: bool = True
    names: Mapping[str, str] = field(default_factory=dict)

    def holds(self, day: dt.date) -> bool:
        """Whether the day is in it."""
        if not self.yearly:
            return self.first <= day <= self.last
        first, last, this = ((each.month, each.day) for each in (self.first, self.last, day))
        return first <= this <= last if first <= last else this >= first or this <= last

    @property
    def length(self) -> int:
        """How many days it has, a year's at most."""
        days = (self.last.replace(year=2000) - self.first.replace(year=2000)).days if self.yearly else 0
        return days % 366 if self.yearly else (self.last - self.first).days


@dataclass(frozen=True)
class SpecialRule:
    """Slots (none: closed) that hold from `first` to `last`, whatever else does."""

    first: dt.date
    last: dt.date
    slots: Slots = ()
    words: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Holiday:
    """A public holiday: its `key` is its name in the country's own language."""

    key: str
    names: Mapping[str, str]


@dataclass(frozen=True)
class Hours:
    """All rules of one site. The strongest that holds on a day decides it: exception, holiday, season, week.

    `holiday_rules` gives slots, or None for hours as usual, by the key of a holiday; on others it is closed.
    """

    zone: ZoneInfo
    week: Week = NO_WEEK
    seasons: tuple[SeasonRule, ...] = ()
    specials: tuple[SpecialRule, ...] = ()
    country: str = ""
    subdivision: str = ""
    holiday_rules: Mapping[str, Slots | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """What holds on a day, and why; `words` by language say more where there is more to say."""

    slots: Slots
    because: Because
    words: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Change:
    """A moment (UTC) at which it opens, or else closes."""

    at: dt.datetime
    opens: bool


def plan_of(hours: Hours, day: dt.date) -> Plan:
    """What holds on a local day. Of several exceptions or seasons the shortest decides, a dated season before a yearly one."""
    special = _special_of(hours, day)
    if special:
        return Plan(special.slots, "exception", special.words)
    holiday = holiday_of(hours, day)
    if holiday:
        slots = hours.holiday_rules.get(holiday.key, ())
        if slots is not None:
            return Plan(slots, "holiday", holiday.names)
    season = season_of(hours, day)
    if season:
        return Plan(season.week[day.weekday()], "season", season.names)
    return Plan(hours.week[day.weekday()], "week")


def holiday_of(hours: Hours, day: dt.date) -> Holiday | None:
    """The public holiday of that day, whatever holds on it."""
    return public_holidays(hours.country, hours.subdivision, day.year).get(day) if hours.country else None


def season_of(hours: Hours, day: dt.date) -> SeasonRule | None:
    """The season that the day lies in."""
    found = [season for season in hours.seasons if season.holds(day)]
    return min(found, key=lambda season: (season.yearly, season.length), default=None)


def _special_of(hours: Hours, day: dt.date) -> SpecialRule | None:
    found = [special for special in hours.specials if special.first <= day <= special.last]
    return min(found, key=lambda special: special.last - special.first, default=None)


def open_at(hours: Hours, moment: dt.datetime) -> bool:
    """Whether it is open at an aware moment. A slot that began the day before counts, also when this day is closed."""
    day = moment.astimezone(hours.zone).date()
    return any(opens <= moment < closes for opens, closes in _intervals(hours, day - dt.timedelta(2), day))


def next_change(hours: Hours, moment: dt.datetime) -> Change | None:
    """When it opens or closes next after an aware moment; None when it does not within a year."""
    for days in HORIZONS:
        found = changes(hours, moment, days)
        if found:
            return found[0]
    return None


def changes(hours: Hours, moment: dt.datetime, days: int = HORIZONS[0]) -> list[Change]:
    """When it opens and closes after an aware moment, within so many days, in order."""
    day = moment.astimezone(hours.zone).date()
    end = moment_of(day + dt.timedelta(days + 1), 0, hours.zone)
    found = []
    for opens, closes in _intervals(hours, day - dt.timedelta(2), day + dt.timedelta(days)):
        found += [Change(opens, opens=True), Change(closes, opens=False)]
    return [change for change in found if moment < change.at < end]


def moment_of(day: dt.date, minutes: int, zone: ZoneInfo) -> dt.datetime:
    """The moment (UTC) at which the clocks show so many minutes since that day's midnight.

    In the hour that a spring night leaves out: the moment at which the clocks jump. In the hour that an autumn night has
    twice: the first time.
    """
    clock = dt.datetime.combine(day, dt.time()) + dt.timedelta(minutes=minutes)
    moment = clock.replace(tzinfo=zone).astimezone(dt.UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == clock:
        return moment
    early = clock.replace(tzinfo=zone, fold=1).astimezone(dt.UTC)
    before = early.astimezone(zone).utcoffset()
    while early.astimezone(zone).utcoffset() == before:
        early += dt.timedelta(minutes=1)
    return early


def _intervals(hours: Hours, first: dt.date, last: dt.date) -> list[tuple[dt.datetime, dt.datetime]]:
    """The times it is open whose slots begin from `first` to `last`, those that touch made one."""
    merged: list[tuple[dt.datetime, dt.datetime]] = []
    for opens, closes in sorted(_single_intervals(hours, first, last)):
        if merged and opens <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(closes, merged[-1][1]))
        else:
            merged.append((opens, closes))
    return merged


def _single_intervals(hours: Hours, first: dt.date, last: dt.date) -> Iterator[tuple[dt.datetime, dt.datetime]]:
    for number in range((last - first).days + 1):
        day = first + dt.timedelta(number)
        for slot in plan_of(hours, day).slots:
            opens, closes = (moment_of(day, minutes, hours.zone) for minutes in slot)
            if opens < closes:  # one that lies in the hour left out by a spring night does not happen
                yield opens, closes


@lru_cache(maxsize=200)
def public_holidays(country: str, subdivision: str, year: int) -> Mapping[dt.date, Holiday]:
    """The public holidays of a year by day, as the package `holidays` knows them; none for a country it does not know."""
    import holidays  # it loads much, and only sites with holidays need it

    def names(language: str | None) -> Mapping[dt.date, str]:
        try:
            return holidays.country_holidays(country, subdiv=subdivision or None, years=year, language=language)
        except NotImplementedError:
            return {}

    if country not in holiday_countries():
        return {}
    # without a language the package takes that of the machine
    own = names(holidays.country_holidays(country).default_language)
    told = {language: names(spoken(country, language)) for language in LANGUAGES}
    return {
        day: Holiday(key, {language: told[language].get(day, key) for language in LANGUAGES})
        for day, key in sorted(own.items())
    }


@cache
def holiday_countries() -> Mapping[str, tuple[str, ...]]:
    """The codes of the countries whose public holidays are known, and of their subdivisions."""
    import holidays

    return {code: tuple(parts) for code, parts in holidays.list_supported_countries(include_aliases=False).items()}


@cache
def spoken(country: str, language: str) -> str | None:
    """The name by which the package `holidays` knows a language for that country; None for the country's own."""
    import holidays

    known = holidays.list_localized_countries().get(country, [])
    fitting = [code for code in known if code.split("_")[0] == language]
    return fitting[0] if fitting else None


def as_slots(stored: Sequence[Sequence[int]]) -> Slots:
    """Slots as they are stored (JSON lists)."""
    return tuple((int(opens), int(closes)) for opens, closes in stored)


def as_week(stored: Sequence[Any]) -> Week:
    """A week as it is stored."""
    return tuple(as_slots(day) for day in stored) if len(stored) == 7 else NO_WEEK
