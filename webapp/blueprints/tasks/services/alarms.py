"""Alarms: what was due and did not run, told once a slot, by banner and by mail."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from flask_babel import force_locale, gettext
from sqlalchemy import ColumnElement, DateTime, Select, cast, func, literal, select, update
from sqlalchemy.dialects.postgresql import INTERVAL, distinct_on, insert
from sqlalchemy.orm import Session, aliased

from webapp.blueprints.tasks.models import Alarm, Schedule, State, Task
from webapp.blueprints.tasks.permissions import TasksPermission as May
from webapp.blueprints.tasks.services.cron import moment_in_words
from webapp.core.clock import utc_now
from webapp.core.company import CompanyProfile, get_company
from webapp.core.errors import DomainError, NotAllowed
from webapp.core.i18n import REGIONS
from webapp.core.mail import post
from webapp.core.security import SYSTEM, Actor

log = logging.getLogger(__name__)
LOOKED_AT = dt.timedelta(days=30)
KEPT = dt.timedelta(days=90)


class Reason(StrEnum):
    """Why a slot is in alarm."""

    NOT_STARTED = "not_started"
    NOT_ALLOWED = "not_allowed"
    SKIPPED = "skipped"
    TOO_MANY = "too_many"
    WAITING = "waiting"
    RUNNING = "running"
    FAILED = "failed"
    LOST = "lost"


REASONS = {
    State.QUEUED: Reason.WAITING,
    State.RUNNING: Reason.RUNNING,
    State.FAILED: Reason.FAILED,
    State.LOST: Reason.LOST,
}


@dataclass(frozen=True)
class Unseen:
    """The alarms of one schedule that nobody has seen: the last slot's, how many, the task of that slot, if any.

    `newest` is the highest id among them: whoever sees this has seen the alarms up to it.
    """

    schedule: Schedule
    last: Alarm
    count: int
    newest: int
    task: Task | None

    @property
    def mended(self) -> bool:
        """Whether the slot's task was done after all."""
        return self.task is not None and self.task.state == State.DONE


def add_alarm(session: Session, schedule: Schedule, slot: dt.datetime, reason: Reason) -> Alarm | None:
    """Raise an alarm for a slot, unless there is one; the company is told by mail. None when there was one."""
    made = _insert(session, [{"schedule_id": schedule.id, "due_at": slot, "reason": reason}])
    _tell(session, made)
    return made[0] if made else None


def raise_alarms(session: Session, now: dt.datetime) -> list[Alarm]:
    """Raise an alarm for each slot of an unpaused schedule of which no task is done `alarm_minutes` after it came.

    One that was made up later has that time from its start. Alarms that were seen 90 days ago are forgotten. The new ones.
    """
    session.execute(Alarm.__table__.delete().where(Alarm.seen_at < now - KEPT))  # type: ignore[attr-defined]
    not_started = select(Schedule.id, Schedule.next_at).where(~Schedule.paused, Schedule.next_at + _alarm_time() <= now)
    found: list[dict[str, object]] = [
        {"schedule_id": schedule_id, "due_at": slot, "reason": Reason.NOT_STARTED}
        for schedule_id, slot in session.execute(not_started)
    ]
    found += [
        {"schedule_id": schedule_id, "due_at": slot, "reason": REASONS[State(state)]}
        for schedule_id, slot, state in session.execute(_unfinished(now))
    ]
    made = _insert(session, found)
    _tell(session, made)
    return made


def list_unseen(session: Session) -> list[Unseen]:
    """The alarms that nobody has seen, by schedule, the newest first."""
    rows = session.execute(
        select(
            Alarm,
            Schedule,
            func.count().over(partition_by=Alarm.schedule_id),
            func.max(Alarm.id).over(partition_by=Alarm.schedule_id),
        )
        .join(Schedule, Alarm.schedule_id == Schedule.id)
        .where(Alarm.seen_at.is_(None))
        .ext(distinct_on(Alarm.schedule_id))
        .order_by(Alarm.schedule_id, Alarm.due_at.desc())
    ).all()
    found = [Unseen(schedule, alarm, count, newest, task_of(session, alarm)) for alarm, schedule, count, newest in rows]
    return sorted(found, key=lambda each: each.last.due_at, reverse=True)


def list_alarms(session: Session, schedule_id: int, *, most: int = 20) -> Sequence[Alarm]:
    """The last alarms of a schedule, the newest first."""
    return session.scalars(
        select(Alarm).where(Alarm.schedule_id == schedule_id).order_by(Alarm.due_at.desc()).limit(most)
    ).all()


def list_overdue(session: Session, now: dt.datetime) -> Sequence[Schedule]:
    """The schedules whose slot nobody has started `alarm_minutes` after it came: no scheduler is at work."""
    return session.scalars(
        select(Schedule)
        .where(~Schedule.paused, Schedule.next_at + _alarm_time() <= now)
        .order_by(Schedule.next_at, Schedule.id)
    ).all()


def task_of(session: Session, alarm: Alarm) -> Task | None:
    """The last task of the alarm's slot."""
    key = f"schedule:{alarm.schedule_id}:{alarm.due_at.astimezone(dt.UTC).isoformat()}"
    return session.scalars(
        select(Task).where(Task.schedule_id == alarm.schedule_id, Task.key == key).order_by(Task.id.desc()).limit(1)
    ).one_or_none()


def see_alarms(session: Session, *, by: Actor, schedule_id: int, until: int) -> None:
    """Note that `by` has seen the schedule's alarms up to the one with the id `until`. Raises NotAllowed."""
    if not by.may(May.SCHEDULES_WRITE):
        raise NotAllowed(gettext("Your role does not include changing schedules. Ask the owner for the right."))
    session.execute(
        update(Alarm)
        .where(Alarm.schedule_id == schedule_id, Alarm.id <= until, Alarm.seen_at.is_(None))
        .values(seen_at=utc_now(), seen_by=by.name[:200])
    )


def alarm_in_words(alarm: Alarm, name: str, company: CompanyProfile, language: str) -> str:
    """What happened, as a sentence, in the language of the person who reads it."""
    due = moment_in_words(alarm.due_at, company.zone, language)
    with force_locale(REGIONS.get(language, language)):
        return str(
            {
                Reason.NOT_STARTED: gettext(
                    "“%(name)s” was due on %(due)s and could not be started.", name=name, due=due
                ),
                Reason.NOT_ALLOWED: gettext(
                    "“%(name)s” was due on %(due)s and was not started: the person it runs for may not do this any more.",
                    name=name,
                    due=due,
                ),
                Reason.SKIPPED: gettext(
                    "“%(name)s” was due on %(due)s while Bottega was not running, and was left out.", name=name, due=due
                ),
                Reason.TOO_MANY: gettext(
                    "“%(name)s” was due more than 100 times while Bottega was not running. "
                    "The last 100 were made up; those up to %(due)s were left out.",
                    name=name,
                    due=due,
                ),
                Reason.WAITING: gettext(
                    "“%(name)s” was due on %(due)s and still waited for a worker.", name=name, due=due
                ),
                Reason.RUNNING: gettext(
                    "“%(name)s” was due on %(due)s and had not come to its end.", name=name, due=due
                ),
                Reason.FAILED: gettext("“%(name)s” was due on %(due)s and did not work.", name=name, due=due),
                Reason.LOST: gettext("“%(name)s” was due on %(due)s, and its worker vanished.", name=name, due=due),
            }[Reason(alarm.reason)]
        )


def _alarm_time() -> ColumnElement[Any]:
    return Schedule.alarm_minutes * literal(dt.timedelta(minutes=1), INTERVAL)


def _unfinished(now: dt.datetime) -> Select[int, dt.datetime, str]:
    """Slots whose last task is not done in time: schedule, slot, state. A task that a person cancelled is no alarm."""
    newer = aliased(Task)
    slot = cast(func.substring(Task.key, "^schedule:[0-9]+:(.+)$"), DateTime(timezone=True)).label("slot")
    return (
        select(Schedule.id, slot, Task.state)
        .join(Task, Task.schedule_id == Schedule.id)
        .where(
            ~Schedule.paused,
            Task.key.startswith("schedule:"),
            Task.state.in_(REASONS),
            Task.created_at > now - LOOKED_AT,
            func.greatest(slot, Task.created_at) + _alarm_time() <= now,
            ~select(newer.id)
            .where(newer.schedule_id == Task.schedule_id, newer.key == Task.key, newer.id > Task.id)
            .exists(),
            ~select(Alarm.id).where(Alarm.schedule_id == Schedule.id, Alarm.due_at == slot).exists(),
        )
        .order_by(slot)
    )


def _insert(session: Session, values: list[dict[str, object]]) -> list[Alarm]:
    if not values:
        return []
    statement = insert(Alarm).values(values).on_conflict_do_nothing().returning(Alarm)
    made = list(session.scalars(statement))
    for alarm in made:
        log.warning("alarm: schedule %s, due at %s: %s", alarm.schedule_id, alarm.due_at, alarm.reason)
    return made


def _tell(session: Session, made: list[Alarm]) -> None:
    """Mail the company what is new: the first alarm of a schedule, not those that follow until somebody has seen it."""
    company = get_company(session)
    if not made or not company.email:
        return
    known = set(
        session.scalars(
            select(Alarm.schedule_id).where(Alarm.seen_at.is_(None), Alarm.id.not_in([alarm.id for alarm in made]))
        )
    )
    firsts = {alarm.schedule_id: alarm for alarm in reversed(made) if alarm.schedule_id not in known}
    if not firsts:
        return
    language = company.language_codes[0]
    names = {
        row.id: row.name for row in session.execute(select(Schedule.id, Schedule.name).where(Schedule.id.in_(firsts)))
    }
    sentences = [alarm_in_words(alarm, names[alarm.schedule_id], company, language) for alarm in firsts.values()]
    try:
        with session.begin_nested():
            post(
                session,
                to=company.email,
                template="tasks/alarm",
                language=language,
                cause=f"tasks:alarm:{max(alarm.id for alarm in firsts.values())}",
                by=SYSTEM,
                sentences=sentences,
            )
    except DomainError as problem:  # the alarm itself stands, whatever becomes of its mail
        log.warning("no mail about the alarm: %s", problem)
