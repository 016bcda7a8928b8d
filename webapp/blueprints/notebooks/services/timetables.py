"""The timetable of a notebook: on which days it starts and stops by itself, and at what hour, in the company's zone."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from webapp.blueprints.notebooks.models import Notebook
from webapp.blueprints.notebooks.queries.notebooks import WORK, get_notebook
from webapp.blueprints.notebooks.services.locks import refuse_locked
from webapp.core.clock import local_day, utc_now
from webapp.core.errors import EditConflict, FieldProblems
from webapp.core.security import Actor

TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
WEEK = tuple(range(1, 8))
LOOKED_AHEAD = 8  # days: a week and the day that it begins on


@dataclass(frozen=True)
class Timetable:
    """Days by their ISO number; `start` and `stop` as "08:00", "" for neither."""

    days: frozenset[int]
    start: str
    stop: str


def read_timetable(stored: Mapping[str, Any] | None) -> Timetable | None:
    """The timetable in a notebook's row."""
    if not stored:
        return None
    return Timetable(frozenset(stored["days"]), stored.get("start", ""), stored.get("stop", ""))


def checked_timetable(days: list[int], start: str, stop: str) -> dict[str, Any] | None:
    """What the row keeps of it; None for none at all. Raises FieldProblems for `days`, `start` and `stop`."""
    if not days and not start and not stop:
        return None
    problems = {
        name: str(_("Write a time like 08:00."))
        for name, text in (("start", start), ("stop", stop))
        if text and not TIME.fullmatch(text)
    }
    if not days or not set(days) <= set(WEEK):
        problems["days"] = str(_("Choose at least one day of the week."))
    if not start and not stop:
        problems["stop"] = str(_("Say when it starts, when it stops, or both."))
    elif start == stop:
        problems["stop"] = str(_("It cannot start and stop at the same time."))
    if problems:
        raise FieldProblems(problems)
    return {"days": sorted(set(days)), "start": start, "stop": stop}


def change_timetable(
    session: Session, *, by: Actor, slug: str, version: int, days: list[int], start: str, stop: str
) -> Notebook:
    """Let the notebook that the actor saw as `version` start and stop by itself then; no days and no times: never.

    Raises NotFound, NotAllowed, NotebookLocked, EditConflict, FieldProblems.
    """
    notebook = get_notebook(session, slug, by=by, to=WORK, lock=True)
    if notebook.version != version:
        raise EditConflict
    refuse_locked(session, notebook, by=by)
    notebook.timetable = checked_timetable(days, start, stop)
    notebook.timetable_at = utc_now()  # a start of today that has passed is not made up for
    session.flush()
    return notebook


def next_moment(timetable: Timetable, time: str, *, after: dt.datetime, zone: ZoneInfo) -> dt.datetime | None:
    """The first moment (UTC) later than `after` at which that time of the timetable comes; None for a time that is "".

    An hour that summer time leaves out comes an hour later; one that comes twice counts the first time.
    """
    if not time:
        return None
    today = local_day(after, zone)
    for ahead in range(LOOKED_AHEAD):
        day = today + dt.timedelta(days=ahead)
        moment = _moment(day, time, zone)
        if day.isoweekday() in timetable.days and moment > after:
            return moment
    return None


def last_moment(timetable: Timetable, time: str, *, until: dt.datetime, zone: ZoneInfo) -> dt.datetime | None:
    """The last moment (UTC) not later than `until` at which that time came; None for a time that is ""."""
    if not time:
        return None
    today = local_day(until, zone)
    for back in range(LOOKED_AHEAD):
        day = today - dt.timedelta(days=back)
        moment = _moment(day, time, zone)
        if day.isoweekday() in timetable.days and moment <= until:
            return moment
    return None


def _moment(day: dt.date, time: str, zone: ZoneInfo) -> dt.datetime:
    return dt.datetime.combine(day, dt.time.fromisoformat(time), zone).astimezone(dt.UTC)
