"""When a running notebook stops by itself: it has been idle for too long, it is too old, its timetable says so, its home is full.

The kernels are asked first: a busy one is not idle. Nothing stops without a warning, and all but a full home can be put off.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from webapp.blueprints.notebooks.models import Notebook, State, Volume, Wanted
from webapp.blueprints.notebooks.queries.notebooks import WORK, get_notebook
from webapp.blueprints.notebooks.services.homes import HOME, MEGABYTE
from webapp.blueprints.notebooks.services.locks import refuse_locked
from webapp.blueprints.notebooks.services.timetables import last_moment, next_moment, read_timetable
from webapp.blueprints.notebooks.services.wishes import start_notebook, wish_stopped
from webapp.blueprints.notebooks.settings import notebook_settings
from webapp.core.clock import utc_now
from webapp.core.company import get_company
from webapp.core.errors import DomainError
from webapp.core.security import SYSTEM, Actor

WARNING = dt.timedelta(minutes=10)
LATE = dt.timedelta(hours=1)  # a start that is later than that is not made up for
NEVER_IDLE = 0


class StopReason(StrEnum):
    """Why a notebook will stop by itself."""

    IDLE = "idle"
    AGE = "age"
    TIMETABLE = "timetable"
    DISK = "disk"


class NotRunning(DomainError):
    """There is nothing to extend."""


class NotToExtend(DomainError):
    """It stops for a reason that no more time mends."""


@dataclass(frozen=True)
class Activity:
    """What the kernels and terminals inside say: whether one is at work, and when one last was (None: there are none)."""

    busy: bool
    last: dt.datetime | None


@dataclass(frozen=True)
class Watched:
    """A running notebook as the keeper looks after it, apart from any session."""

    id: int
    slug: str
    generation: int
    port: int
    token_sealed: str


@dataclass(frozen=True)
class Plan:
    """When it stops by itself, and why."""

    at: dt.datetime
    why: StopReason


def list_running(session: Session) -> Sequence[Watched]:
    """The notebooks that run."""
    running = select(Notebook).where(Notebook.state == State.RUNNING, Notebook.port.is_not(None)).order_by(Notebook.id)
    return [
        Watched(row.id, row.slug, row.generation, row.port or 0, row.token_sealed) for row in session.scalars(running)
    ]


def plan_stop(
    notebook: Notebook, *, now: dt.datetime, zone: ZoneInfo, house_minutes: int, home_bytes: int | None = None
) -> Plan | None:
    """When the notebook, as its row says, would stop by itself; None for not at all. The earliest reason counts."""
    plans = [_by_idleness(notebook, house_minutes), _by_age(notebook), _by_timetable(notebook, now, zone)]
    if home_bytes is not None and home_bytes > notebook.disk_mb * MEGABYTE:
        plans.append(Plan(now, StopReason.DISK))
    found = min((plan for plan in plans if plan), key=lambda plan: plan.at, default=None)
    if found is None:
        return None
    # whoever works in it has WARNING from when they were told; a first look warns, it never stops
    earliest = (notebook.warned_at or now) + WARNING
    return Plan(max(found.at, earliest), found.why) if found.at - now <= WARNING else found


def note_activity(session: Session, watched: Watched, activity: Activity | None) -> None:
    """What the kernels said; None when they said nothing: then nobody knows, and the clock of idleness stands still."""
    values: dict[str, object] = (
        {"kernels": ""} if activity is None else {"kernels": "busy" if activity.busy else "idle"}
    )
    if activity is None or activity.busy:
        values["last_active_at"] = func.clock_timestamp()
    elif activity.last is not None:
        values["last_active_at"] = func.greatest(Notebook.last_active_at, activity.last)
    _change(session, watched, **values)


def look_after(session: Session, watched: Watched, *, now: dt.datetime) -> Plan | None:
    """Warn before the notebook stops by itself, and wish it stopped when its time has come; the plan that is new, if any."""
    notebook = session.get(Notebook, watched.id, populate_existing=True, with_for_update={"of": Notebook})
    if notebook is None or notebook.generation != watched.generation or notebook.state != State.RUNNING:
        return None
    settings, zone = notebook_settings(), get_company(session).zone
    size = session.scalars(
        select(Volume.size).where(Volume.notebook_id == notebook.id, Volume.kind == HOME, Volume.remove_at.is_(None))
    ).first()
    plan = plan_stop(notebook, now=now, zone=zone, house_minutes=settings.idle_minutes, home_bytes=size)
    if plan is None or plan.at - now > WARNING:
        _change(session, watched, stops_at=plan and plan.at, stops_for=plan.why if plan else "", warned_at=None)
        return None
    if notebook.warned_at is not None and plan.at <= now:
        wish_stopped(session, notebook, by=SYSTEM, words=stopped_in_words(plan.why, notebook), now=now)
        return None
    is_new = notebook.warned_at is None
    _change(session, watched, stops_at=plan.at, stops_for=plan.why, warned_at=notebook.warned_at or now)
    return plan if is_new else None


def extend_notebook(session: Session, *, by: Actor, slug: str, now: dt.datetime | None = None) -> Notebook:
    """Let it run on: for as long as it may be idle, or for a whole age more when that ran out.

    Raises NotFound, NotAllowed, NotebookLocked, NotRunning, NotToExtend.
    """
    moment = now or utc_now()
    notebook = get_notebook(session, slug, by=by, to=WORK, lock=True)
    refuse_locked(session, notebook, by=by, now=moment)
    if notebook.state != State.RUNNING:
        raise NotRunning(_("This notebook does not run: there is nothing to extend."))
    if notebook.stops_for == StopReason.DISK:
        raise NotToExtend(_("Its home is too full: delete files in it, then it goes on."))
    settings = notebook_settings()
    until = moment + dt.timedelta(minutes=notebook.idle_minutes or settings.idle_minutes)
    age = moment + dt.timedelta(hours=settings.hours)
    values: dict[str, object] = {
        "extended_until": until,
        "last_active_at": moment,
        "warned_at": None,
        "stops_at": None,
        "stops_for": "",
    }
    if notebook.expires_at is None or notebook.expires_at < until:
        values["expires_at"] = age
    session.execute(
        update(Notebook)
        .where(Notebook.id == notebook.id)
        .values(**values, updated_at=Notebook.updated_at)
        .execution_options(synchronize_session=False)
    )
    session.expire(notebook)
    return notebook


def start_by_timetable(session: Session, *, now: dt.datetime) -> list[str]:
    """Start the notebooks whose timetable says so; each start once, whatever people do afterwards. Their short names.

    One that may not start now (too many run, no image) says so in its steps and waits for the next day.
    """
    zone = get_company(session).zone
    started = []
    asked = select(Notebook).where(Notebook.timetable.is_not(None)).order_by(Notebook.id)
    for notebook in session.scalars(asked.with_for_update(of=Notebook, skip_locked=True)).all():
        timetable = read_timetable(notebook.timetable)
        slot = last_moment(timetable, timetable.start, until=now, zone=zone) if timetable else None
        if slot is None or now - slot > LATE or (notebook.timetable_at and notebook.timetable_at >= slot):
            continue
        session.execute(
            update(Notebook).where(Notebook.id == notebook.id).values(timetable_at=now, updated_at=Notebook.updated_at)
        )
        if notebook.wanted == Wanted.RUNNING:
            continue
        try:
            with session.begin_nested():
                start_notebook(session, by=SYSTEM, slug=notebook.slug, now=now)
        except DomainError as problem:
            session.execute(
                update(Notebook)
                .where(Notebook.id == notebook.id)
                .values(cause=str(problem.sentence), updated_at=Notebook.updated_at)
            )
        else:
            started.append(notebook.slug)
    return started


def stop_in_words(why: str, notebook: Notebook) -> str:
    """Why a notebook is about to stop, as a sentence."""
    words = {
        StopReason.IDLE: _("No kernel has worked in it for a while."),
        StopReason.AGE: _("It has run as long as a notebook may."),
        StopReason.TIMETABLE: _("Its timetable ends."),
        StopReason.DISK: _("Its home holds more than the %(limit)s MB that it may.", limit=notebook.disk_mb),
    }
    return str(words[StopReason(why)])


def stopped_in_words(why: StopReason, notebook: Notebook) -> str:
    """The same for the trace, once it was stopped for it."""
    return str(_("%(why)s It was stopped.", why=stop_in_words(why, notebook)))


def _by_idleness(notebook: Notebook, house_minutes: int) -> Plan | None:
    minutes = house_minutes if notebook.idle_minutes is None else notebook.idle_minutes
    since = notebook.last_active_at or notebook.ready_at
    if minutes == NEVER_IDLE or notebook.kernels == "busy" or since is None:
        return None
    return Plan(since + dt.timedelta(minutes=minutes), StopReason.IDLE)


def _by_age(notebook: Notebook) -> Plan | None:
    return Plan(notebook.expires_at, StopReason.AGE) if notebook.expires_at else None


def _by_timetable(notebook: Notebook, now: dt.datetime, zone: ZoneInfo) -> Plan | None:
    """The first end that its timetable sets after the start of this run, or after what it was put off to."""
    timetable = read_timetable(notebook.timetable)
    if timetable is None:
        return None
    began = max(each for each in (notebook.ready_at or now, notebook.extended_until) if each)
    at = next_moment(timetable, timetable.stop, after=began, zone=zone)
    return Plan(at, StopReason.TIMETABLE) if at else None


def _change(session: Session, watched: Watched, **values: object) -> None:
    """Write what the keeper found; nothing when a newer wish is there. People's edits are not in its way."""
    session.execute(
        update(Notebook)
        .where(Notebook.id == watched.id, Notebook.generation == watched.generation, Notebook.state == State.RUNNING)
        .values(**values, updated_at=Notebook.updated_at)
        .execution_options(synchronize_session=False)
    )
