"""Reading weeks and slots as people type them: times in pairs, several a day, across midnight where they close earlier."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from flask_babel import gettext as _

from webapp.blueprints.places.queries.opening import MIDNIGHT, Slots, Week
from webapp.blueprints.places.queries.words import span

TIME = re.compile(r"([01]?[0-9]|2[0-4])(?:[:.,]?([0-5][0-9]))?")
MOST_SLOTS = 6
Typed = tuple[str, str]


@dataclass(frozen=True)
class DayTyped:
    """A day as it was typed: pairs of times, and what is wrong with them."""

    slots: tuple[Typed, ...]
    problem: str = ""


def read_time(text: str) -> int:
    """Minutes since midnight of `9`, `9:30`, `9.30`, `0930` or `24`. Raises ValueError with a sentence."""
    found = TIME.fullmatch(text.strip())
    minutes = int(found[1]) * 60 + int(found[2] or 0) if found else MIDNIGHT + 1
    if minutes > MIDNIGHT:
        raise ValueError(_("“%(text)s” is not a time of day: write it like 9:30.", text=text.strip()[:20]))
    return minutes


def read_slots(typed: Iterable[Typed]) -> Slots:
    """The slots of a day in their order; empty pairs are left out. Raises ValueError with a sentence.

    One that closes no later than it opens runs until the next day.
    """
    slots = []
    for opens_text, closes_text in typed:
        if not opens_text.strip() and not closes_text.strip():
            continue
        if not opens_text.strip() or not closes_text.strip():
            raise ValueError(_("Each time slot needs both times: when it opens and when it closes."))
        opens, closes = read_time(opens_text) % MIDNIGHT, read_time(closes_text)
        slots.append((opens, closes if closes > opens else closes + MIDNIGHT))
    slots.sort()
    for (first_opens, first_closes), (opens, closes) in pairwise(slots):
        if opens < first_closes:
            raise ValueError(
                _(
                    "The slots %(first)s and %(second)s overlap.",
                    first=span(first_opens, first_closes),
                    second=span(opens, closes),
                )
            )
    if len(slots) > MOST_SLOTS:
        raise ValueError(_("At most %(count)s time slots a day.", count=MOST_SLOTS))
    return tuple(slots)


def read_week(days: Sequence[Sequence[Typed]]) -> tuple[Week | None, list[DayTyped]]:
    """The week of seven typed days, None when something is wrong; and each day as it was typed, with its problem."""
    week: list[Slots] = []
    told: list[DayTyped] = []
    for typed in days:
        try:
            week.append(read_slots(typed))
            told.append(DayTyped(tuple(typed)))
        except ValueError as problem:
            told.append(DayTyped(tuple(typed), str(problem)))
    return (tuple(week) if len(week) == 7 else None), told


def typed_slots(slots: Slots) -> tuple[Typed, ...]:
    """Slots as the fields of a form show them."""
    return tuple((_field(opens), _field(closes)) for opens, closes in slots)


def typed_week(week: Week) -> list[DayTyped]:
    """A week as the fields of a form show it."""
    return [DayTyped(typed_slots(slots)) for slots in week]


def _field(minutes: int) -> str:
    hour, minute = divmod(minutes % MIDNIGHT, 60)
    return f"{hour:02}:{minute:02}"
