"""Starting what is due by the clock: each slot once, however many schedulers there are."""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from webapp.blueprints.tasks.models import Missed, Schedule, Task
from webapp.blueprints.tasks.services.alarms import Reason, add_alarm
from webapp.blueprints.tasks.services.asking import ask, get_kind
from webapp.blueprints.tasks.services.cron import next_slot, slots_between
from webapp.core.company import get_company
from webapp.core.errors import DomainError
from webapp.core.security import Actor, actor_of

log = logging.getLogger(__name__)
LATE = dt.timedelta(minutes=1)
MOST_MADE_UP = 100
AT_ONCE = 50


@dataclass(frozen=True)
class Due:
    """The slots of a schedule that have come: those to start, and the last one that is given up, with the reason."""

    start: list[dt.datetime]
    given_up: dt.datetime | None = None
    reason: Reason = Reason.SKIPPED


def slot_key(schedule_id: int, slot: dt.datetime) -> str:
    """The key under which the task of a slot (UTC) is asked for: one slot, one task."""
    return f"schedule:{schedule_id}:{slot.astimezone(dt.UTC).isoformat()}"


def start_due(session: Session, now: dt.datetime) -> list[Task]:
    """Ask for the tasks of the slots that have come by `now` (UTC), at most those of 50 schedules; the tasks.

    Rows that another scheduler holds are left to it. Slots more than a minute old were missed, no scheduler was there:
    `missed` says whether they are dropped (skip, with an alarm), made up by one run (once) or by one each (all, the last
    100). What cannot be started raises an alarm, and the schedule goes on with its next slot. A schedule whose next slot
    is another one by the company's present time zone gets that one first.
    """
    zone = get_company(session).zone
    _follow_zone(session, now, zone)
    due = (
        select(Schedule)
        .where(~Schedule.paused, Schedule.next_at <= now)
        .order_by(Schedule.next_at, Schedule.id)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    started: list[Task] = []
    for schedule in session.scalars(due, execution_options={"populate_existing": True}).all():
        slots = due_slots(schedule, now, zone)
        if slots.given_up is not None:
            log.warning("schedule %s (%s): %s, up to %s", schedule.id, schedule.name, slots.reason, slots.given_up)
            add_alarm(session, schedule, slots.given_up, slots.reason)
        started += _start(session, schedule, slots.start)
        _move_on(session, schedule, now, zone, last=slots.start[-1] if slots.start else None)
    return started


def due_slots(schedule: Schedule, now: dt.datetime, zone: ZoneInfo) -> Due:
    """What to do with the slots from the schedule's `next_at` until `now`, by its policy for missed ones."""
    assert schedule.next_at is not None  # noqa: S101 - the query asked for those that have one
    first = schedule.next_at
    later = slots_between(schedule.cron, after=first, until=now, zone=zone, most=MOST_MADE_UP + 1)
    slots = [first, *later]
    missed = [slot for slot in slots if now - slot > LATE]
    on_time = slots[len(missed) :]
    if not missed:
        return Due(on_time)
    if schedule.missed == Missed.SKIP:
        return Due(on_time, missed[-1], Reason.SKIPPED)
    if schedule.missed == Missed.ONCE:
        return Due(on_time[-1:] or missed[-1:])
    made_up = slots[-MOST_MADE_UP:]
    return Due(made_up) if len(made_up) == len(slots) else Due(made_up, slots[-MOST_MADE_UP - 1], Reason.TOO_MANY)


def _start(session: Session, schedule: Schedule, slots: list[dt.datetime]) -> list[Task]:
    """Ask for one task a slot; one that cannot be asked for keeps no other from it."""
    started = []
    by = actor_of(schedule.user_id)
    for slot in slots:
        try:
            with session.begin_nested():
                started.append(_ask(session, schedule, slot, by))
        except DomainError as problem:
            log.warning("schedule %s (%s) could not start at %s: %s", schedule.id, schedule.name, slot, problem)
            add_alarm(session, schedule, slot, Reason.NOT_STARTED)
            return started
        except _NotAllowedAnyMore:
            log.warning("schedule %s (%s): %s may not start it any more", schedule.id, schedule.name, schedule.actor)
            add_alarm(session, schedule, slot, Reason.NOT_ALLOWED)
            return started
    return started


class _NotAllowedAnyMore(Exception):
    """Who the schedule runs for is gone, or has lost the right."""


def _ask(session: Session, schedule: Schedule, slot: dt.datetime, by: Actor | None) -> Task:
    kind = get_kind(schedule.kind)
    if by is None or (kind.permission and not by.may(kind.permission)):
        raise _NotAllowedAnyMore
    key = slot_key(schedule.id, slot)
    return ask(session, schedule.kind, schedule.args, by=by, key=key, schedule_id=schedule.id)


def _move_on(
    session: Session, schedule: Schedule, now: dt.datetime, zone: ZoneInfo, *, last: dt.datetime | None
) -> None:
    """Note the next slot. Not a change that a person made: the version stays, or open forms would be refused."""
    next_at = next_slot(schedule.cron, after=now, zone=zone)
    _set(session, schedule, next_at=next_at, last_at=last or schedule.last_at)


def _follow_zone(session: Session, now: dt.datetime, zone: ZoneInfo) -> None:
    """Put the slots to come where the company's time zone has them now: it may have been changed, or its rules."""
    coming = select(Schedule).where(~Schedule.paused, Schedule.next_at.is_(None) | (Schedule.next_at > now))
    for schedule in session.scalars(coming, execution_options={"populate_existing": True}).all():
        after = max(now, schedule.last_at) if schedule.last_at else now
        expected = next_slot(schedule.cron, after=after, zone=zone)
        if expected != schedule.next_at:
            log.info("schedule %s: next at %s instead of %s", schedule.id, expected, schedule.next_at)
            _set(session, schedule, next_at=expected)


def _set(session: Session, schedule: Schedule, **values: dt.datetime | None) -> None:
    session.execute(
        update(Schedule)
        .where(
            Schedule.id == schedule.id,
            Schedule.version == schedule.version,
            Schedule.next_at.is_not_distinct_from(schedule.next_at),
            ~Schedule.paused,
        )
        .values(**values, updated_at=Schedule.updated_at),
        execution_options={"synchronize_session": False},
    )
    session.expire(schedule, ["next_at", "last_at", "updated_at"])
