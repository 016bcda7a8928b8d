"""The filters in the dashboard's address: read, checked, and written back in their shortest form."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext as _

from webapp.blueprints.dashboard.services.figures import Selection
from webapp.blueprints.dashboard.services.ranges import (
    FIRST_DAY,
    LAST_DAY,
    Days,
    Preset,
    automatic_grain,
    default_preset,
    preset_days,
    readable_grain,
)
from webapp.blueprints.gold.public import GoldState, Grain

FREE = "free"
LONGEST_NAME = 200


@dataclass(frozen=True)
class Asked:
    """What the address asks for. `range` is a preset or FREE; `grain` is "" where it follows the range.

    `problems` are told beside the fields `from` and `to`; then the selection is the default one.
    """

    selection: Selection
    range: str
    grain: str
    start_text: str
    end_text: str
    problems: Mapping[str, str]
    coarsened: bool
    by_default: bool

    @property
    def arguments(self) -> dict[str, str]:
        """The shortest address that asks the same."""
        days = self.selection.days
        told = {"range": "" if self.by_default else self.range}
        if self.range == FREE:
            told = {"from": days.start.isoformat(), "to": days.end.isoformat()}
        told |= {"grain": self.grain, "country": self.selection.country, "category": self.selection.category}
        return {key: value for key, value in told.items() if value}


def read_address(arguments: Mapping[str, str], today: dt.date, state: GoldState) -> Asked:
    """Read `range`, `from`, `to`, `grain`, `country` and `category`; what makes no sense falls back to the default.

    The form also sends as `shown` the range that its dates belonged to: who changes a date means free dates, who changes
    the range means the range.
    """
    usual = default_preset(today, state.last_day)
    problems: dict[str, str] = {}
    chosen = _range(arguments, today, state)
    days = None
    if chosen == FREE:
        days = _free_days(arguments, problems, today, state)
    named = Preset(chosen) if chosen in list(Preset) else usual
    days = days or preset_days(named, today, state.first_day, state.last_day)
    grain = arguments.get("grain", "") if arguments.get("grain") in list(Grain) else ""
    wanted = Grain(grain) if grain else automatic_grain(days)
    drawn = readable_grain(days, wanted)
    return Asked(
        selection=Selection(
            days,
            drawn,
            arguments.get("country", "")[:LONGEST_NAME].replace("\0", ""),
            arguments.get("category", "")[:LONGEST_NAME].replace("\0", ""),
        ),
        range=chosen if chosen == FREE and not problems else named.value,
        grain=grain,
        start_text=arguments.get("from", "") if problems else days.start.isoformat(),
        end_text=arguments.get("to", "") if problems else days.end.isoformat(),
        problems=problems,
        coarsened=drawn != wanted,
        by_default=not problems and chosen != FREE and named == usual,
    )


def _range(arguments: Mapping[str, str], today: dt.date, state: GoldState) -> str:
    chosen, shown = arguments.get("range", ""), arguments.get("shown")
    dated = bool(arguments.get("from") or arguments.get("to"))
    if chosen not in list(Preset):
        return FREE if dated else ""
    if chosen != shown or not dated:
        return chosen
    days = preset_days(Preset(chosen), today, state.first_day, state.last_day)
    same = (arguments.get("from"), arguments.get("to")) == (days.start.isoformat(), days.end.isoformat())
    return chosen if same else FREE


def _free_days(arguments: Mapping[str, str], problems: dict[str, str], today: dt.date, state: GoldState) -> Days | None:
    """The free dates; an empty side is the first day with sales, or the newest one."""
    start = _day(arguments, "from", state.first_day or today, problems)
    end = _day(arguments, "to", max(state.last_day or today, start or today), problems)
    if start is None or end is None:
        return None
    if start > end:
        problems["to"] = _("The last day is before the first one.")
        return None
    return Days(start, end)


def _day(arguments: Mapping[str, str], name: str, missing: dt.date, problems: dict[str, str]) -> dt.date | None:
    text = arguments.get(name, "").strip()
    if not text:
        return missing
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        problems[name] = _("This is not a date. Write it like 2026-12-31.")
        return None
    if not FIRST_DAY <= day <= LAST_DAY:
        problems[name] = _("The dates go from 1900 to 2199.")
        return None
    return day
