"""Cron lines: when they come, in the company's time zone, and how a person reads them.

Summer time is handled as Debian's cron does it (cronsim). A line with a fixed minute and hour runs once a day: the time
that does not exist in spring comes when the clocks have gone forward (02:30 at 03:00), the one that comes twice in
autumn comes the first time only. A line whose minute or hour begins with a star follows the real minutes: what lies in
the hour that is missing does not come, what lies in the hour that is repeated comes twice.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Literal
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time, get_day_names, get_month_names
from cron_descriptor import Options, get_description
from cronsim import CronSim, CronSimError
from flask_babel import force_locale, gettext

from webapp.core.errors import DomainError
from webapp.core.i18n import REGIONS

LONGEST = 120
Often = Literal["hourly", "daily", "weekdays", "weekly", "monthly"]
LAST_DAY = "L"
LAST = (59, 23, 31, 12, 7)
DAY, WEEKDAY = 2, 4
DAYS = "lunedì|martedì|mercoledì|giovedì|venerdì|sabato|domenica"
MONTHS = "gennaio|febbraio|marzo|aprile|maggio|giugno|luglio|agosto|settembre|ottobre|novembre|dicembre"
# Where cron-descriptor's Italian is none, or says something else.
CORRECTIONS = (
    (rf"\b({DAYS}|{MONTHS}) al ({DAYS}|{MONTHS})\b", r"da \1 a \2"),
    (r"\b(il|al) domenica\b", "la domenica"),
    (r"l'ultimo domenica", "l'ultima domenica"),
    (r"\bil (prim|second|terz|quart|quint)o domenica", r"la \1a domenica"),
    (r"nell'ultima settimana del mese", "l'ultimo giorno feriale del mese"),
    (r"\b[Mm]inuti (\d+) al (\d+) dopo l'ora", r"dal minuto \1 al \2 di ogni ora"),
    (r"Al (.*?) minuto passata l'ora", r"Al minuto \1 di ogni ora"),
    (r", e ", " e "),
    (r"^dal", "Dal"),
)


class CronWrong(DomainError):
    """This is no cron line, or one that never comes."""

    status = 422
    field = "cron"


@dataclass(frozen=True)
class Rhythm:
    """A cron line of the usual sort. `weekday`: 1 (Monday) to 7; `day` of the month: 1 to 31, or `LAST_DAY`."""

    often: Often
    hour: int = 0
    minute: int = 0
    weekday: int = 1
    day: str = "1"

    @property
    def line(self) -> str:
        """The cron line that says the same."""
        return {
            "hourly": f"{self.minute} * * * *",
            "daily": f"{self.minute} {self.hour} * * *",
            "weekdays": f"{self.minute} {self.hour} * * 1-5",
            "weekly": f"{self.minute} {self.hour} * * {self.weekday}",
            "monthly": f"{self.minute} {self.hour} {self.day} * *",
        }[self.often]


def check_cron(line: str) -> str:
    """The line in its plain form: capitals, single blanks. Raises CronWrong with a sentence for the person."""
    parts = line.upper().split()
    plain = " ".join(parts)
    if len(plain) > LONGEST:
        raise CronWrong(gettext("This line is too long: at most %(count)s characters.", count=LONGEST))
    if plain.startswith("@"):
        raise CronWrong(gettext("Words like @reboot are not understood here: write five parts, like 0 8 * * 1-5."))
    if len(parts) == 6:
        raise CronWrong(
            gettext("This line has six parts. There are no seconds here: a task starts once a minute at most.")
        )
    if len(parts) != 5:
        raise CronWrong(
            gettext("A line has five parts with blanks between them: minute, hour, day, month and day of the week.")
        )
    problem = _problem(parts)
    if problem:
        raise CronWrong(problem)
    return plain


def _problem(parts: list[str]) -> str | None:
    """What is wrong with the five parts of a cron line."""
    sentences = (
        gettext("The minute is not right: write 0 to 59, several like 0,30, a range like 0-20, or */10."),
        gettext("The hour is not right: write 0 to 23, several like 8,20, a range like 8-18, or */2."),
        gettext("The day is not right: write 1 to 31, several like 1,15, a range like 1-7, or L for the last day."),
        gettext("The month is not right: write 1 to 12, several like 1,7, a range like 6-9, or names like JAN."),
        gettext("The day of the week is not right: write 1 (Monday) to 7, several like 1,4, a range like 1-5."),
    )
    for position, sentence in enumerate(sentences):
        if not _is_understood(parts[position], position):
            return str(sentence)
    _minute, _hour, day, _month, weekday = parts
    if "*" not in (day, weekday) and (day.startswith("*") or weekday.startswith("*")):
        return str(gettext("With both a day and a day of the week, write the days themselves, like 1,15, not a star."))
    try:
        next(CronSim(" ".join(parts), dt.datetime(2024, 1, 1)))  # noqa: DTZ001 - the zone does not matter here
    except (CronSimError, StopIteration):
        return str(gettext("This never comes: no month named here has such a day."))
    return None


def _is_understood(part: str, position: int) -> bool:
    """Whether cronsim takes the part, and it means what it says: no step beyond the end, nothing joined to an L or #."""
    alone = ["*"] * 5
    alone[position] = part
    try:
        CronSim(" ".join(alone), dt.datetime(2024, 1, 1))  # noqa: DTZ001 - the zone does not matter here
    except CronSimError:
        return False
    if any(int(step) > LAST[position] for step in re.findall(r"/(\d+)", part)):
        return False
    if position == DAY:
        return "L" not in part or part in ("L", "LW")
    return position != WEEKDAY or re.search(r"\dL|#", part) is None or re.search(r"[,/]", part) is None


def next_slots(line: str, *, after: dt.datetime, zone: ZoneInfo, count: int) -> list[dt.datetime]:
    """The first `count` moments (UTC) later than `after` at which a checked line comes; fewer when it ends before."""
    return list(islice(_slots(line, after, zone), count))


def next_slot(line: str, *, after: dt.datetime, zone: ZoneInfo) -> dt.datetime | None:
    """The first moment (UTC) later than `after` at which a checked line comes."""
    return next(_slots(line, after, zone), None)


def slots_between(line: str, *, after: dt.datetime, until: dt.datetime, zone: ZoneInfo, most: int) -> list[dt.datetime]:
    """The moments (UTC) later than `after`, at latest `until`, in order: the last `most` of them.

    Looks back from the end in windows that grow, so that a line of each minute after a year costs no more than a few.
    """
    window = dt.timedelta(minutes=max(most, 1))
    while True:
        start = max(after, until - window)
        found: list[dt.datetime] = []
        for slot in _slots(line, start, zone):
            if slot > until:
                break
            found.append(slot)
        if start == after or len(found) >= most:
            return found[-most:]
        window *= 2


def _slots(line: str, after: dt.datetime, zone: ZoneInfo) -> Iterator[dt.datetime]:
    """Later and later moments. Inside the repeated hour cronsim begins with one that has passed: it is left out."""
    last = after.astimezone(dt.UTC)
    try:
        for local in CronSim(line, last.astimezone(zone)):
            slot = local.astimezone(dt.UTC)
            if slot > last:
                last = slot
                yield slot
    except OverflowError:  # the end of the calendar
        return


def rhythm_of(line: str) -> Rhythm | None:
    """The line as one of the usual rhythms; None for every other one."""
    found = re.fullmatch(r"(\d{1,2}) (\*|\d{1,2}) (\*|L|\d{1,2}) \* (\*|1-5|[0-7])", line)
    if not found:
        return None
    minute, hour, day, weekday = found.groups()
    if hour == "*":
        return Rhythm("hourly", minute=int(minute)) if day == weekday == "*" else None
    at = int(hour), int(minute)
    if day != "*":
        return Rhythm("monthly", *at, day=day.lstrip("0")) if weekday == "*" else None
    if weekday == "*":
        return Rhythm("daily", *at)
    return Rhythm("weekdays", *at) if weekday == "1-5" else Rhythm("weekly", *at, weekday=int(weekday) or 7)


@lru_cache(maxsize=512)
def in_words(line: str, language: str) -> str:
    """What a checked line says, as a sentence without its full stop, in `language` (it, en)."""
    locale = REGIONS.get(language, language)
    with force_locale(locale):
        rhythm = rhythm_of(line)
        return _usual(rhythm, locale) if rhythm else _described(line, locale)


def _usual(rhythm: Rhythm, locale: str) -> str:
    time = format_time(dt.time(rhythm.hour, rhythm.minute), "short", locale=locale)
    weekday = get_day_names("wide", locale=locale)[rhythm.weekday - 1]
    if rhythm.often == "hourly":
        if rhythm.minute == 0:
            return str(gettext("Every hour, on the hour"))
        return str(gettext("Every hour, at minute %(minute)s", minute=rhythm.minute))
    if rhythm.often == "monthly":
        if rhythm.day == LAST_DAY:
            return str(gettext("On the last day of each month at %(time)s", time=time))
        return str(gettext("On day %(day)s of each month at %(time)s", day=rhythm.day, time=time))
    return str(
        {
            "daily": gettext("Every day at %(time)s", time=time),
            "weekdays": gettext("From Monday to Friday at %(time)s", time=time),
            "weekly": gettext("Every %(weekday)s at %(time)s", weekday=weekday, time=time),
        }[rhythm.often]
    )


def _described(line: str, locale: str) -> str:
    """The words of cron-descriptor, which leaves the names of days and months in English, and where it is wrong, ours."""
    region = "en_US" if locale.startswith("en") else locale
    explicit = " ".join(
        re.sub(r"(?<![\d/-])(\d+)/(\d+)", rf"\1-{end}/\2", part)  # from 5 on, each 15: its Italian forgets the start
        for part, end in zip(line.split(), LAST, strict=True)
    )
    try:
        words = str(get_description(explicit, Options(locale_code=region, use_24hour_time_format=True)))
    except Exception:  # noqa: BLE001 - it raises bare exceptions; what it cannot say, the line says itself
        return line
    ours = Locale.parse(locale)
    for names in (get_day_names, get_month_names):
        english, own = names("wide", locale="en"), names("wide", locale=ours)
        for number, name in english.items():
            words = re.sub(rf"\b{name}\b", own[number], words)
    if locale.startswith("it"):
        for wrong, right in CORRECTIONS:
            words = re.sub(wrong, right, words)
    return words


def moment_in_words(moment: dt.datetime, zone: ZoneInfo, language: str) -> str:
    """A moment as a person says it in that zone: its weekday, date and time; which one it is, when it comes twice."""
    locale = REGIONS.get(language, language)
    local = moment.astimezone(zone)
    day = format_date(local.date(), "full", locale=locale)
    time = format_time(local.time(), "short", locale=locale)
    with force_locale(locale):
        if local.replace(fold=0).utcoffset() == local.replace(fold=1).utcoffset():
            return str(gettext("%(day)s at %(time)s", day=day, time=time))
        if local.fold == 0:
            return str(gettext("%(day)s at %(time)s (before the clocks go back)", day=day, time=time))
        return str(gettext("%(day)s at %(time)s (after the clocks have gone back)", day=day, time=time))
