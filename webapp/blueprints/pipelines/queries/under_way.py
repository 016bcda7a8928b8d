"""What the tasks know of the pipelines: what waits or runs, how backfills stand, and when GOLD should have been refreshed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.blueprints.tasks.public import ENDED, Schedule, State, Task

RUN = "pipelines.run"
BACKFILL = "pipelines.backfill"
PART = "pipelines.backfill_part"
FINISH = "pipelines.backfill_finish"
SHOWN_BACKFILLS = 5


@dataclass(frozen=True)
class Backfill:
    """A backfill as its tasks tell: the one that planned it, its parts, and the one that brings them in, once there is one."""

    plan: Task
    parts: Sequence[Task]
    finish: Task | None

    @property
    def first(self) -> dt.date:
        """The first day of its period."""
        return dt.date.fromisoformat(self.plan.args["start"])

    @property
    def last(self) -> dt.date:
        """The last day of its period."""
        return dt.date.fromisoformat(self.plan.args["end"])

    @property
    def total(self) -> int:
        """Into how many parts it was split."""
        planned = self.plan.result.get("parts", 0) if isinstance(self.plan.result, dict) else 0
        return max(int(planned), len(self.parts))

    @property
    def done_parts(self) -> int:
        """How many parts have ended well."""
        return sum(part.state == State.DONE for part in self.parts)

    @property
    def troubled(self) -> Task | None:
        """The first of its tasks that ended badly: as long as there is one, the backfill does not come to its end."""
        family = (self.plan, *self.parts, *((self.finish,) if self.finish else ()))
        return next((task for task in family if task.state in ENDED and task.state != State.DONE), None)

    @property
    def done(self) -> bool:
        """Whether GOLD has it."""
        return self.finish is not None and self.finish.state == State.DONE

    @property
    def open_tasks(self) -> list[Task]:
        """Those that wait or run."""
        family = (self.plan, *self.parts, *((self.finish,) if self.finish else ()))
        return [task for task in family if task.state not in ENDED]


@dataclass(frozen=True)
class Due:
    """When GOLD is refreshed by the clock: the schedule's name, its next slot, and the last slot that should be in GOLD."""

    name: str
    next_at: dt.datetime | None
    expected: dt.datetime | None


def list_runs_under_way(session: Session) -> Sequence[Task]:
    """The runs that wait or run, in order."""
    return session.scalars(select(Task).where(Task.kind == RUN, Task.state.not_in(ENDED)).order_by(Task.id)).all()


def find_waiting_run(session: Session, flow: str, *, full: bool) -> Task | None:
    """A run of the same that waits for its turn: asking once more would change nothing."""
    same = Task.args["flow"].astext == flow, Task.args["full"].astext == ("true" if full else "false")
    found = select(Task).where(Task.kind == RUN, Task.state == State.QUEUED, Task.not_before.is_(None), *same)
    return session.scalars(found.order_by(Task.id).limit(1)).one_or_none()


def list_backfills(session: Session, limit: int = SHOWN_BACKFILLS) -> list[Backfill]:
    """The last backfills, the newest first."""
    plans = session.scalars(select(Task).where(Task.kind == BACKFILL).order_by(Task.id.desc()).limit(limit)).all()
    return [_backfill(session, plan) for plan in plans]


def find_backfill(session: Session, task_id: int) -> Backfill | None:
    """The backfill that this task planned."""
    plan = session.scalars(select(Task).where(Task.id == task_id, Task.kind == BACKFILL)).one_or_none()
    return _backfill(session, plan) if plan else None


def _backfill(session: Session, plan: Task) -> Backfill:
    parts = session.scalars(select(Task).where(Task.kind == PART, Task.parent_id == plan.id).order_by(Task.id)).all()
    finish = None
    if isinstance(plan.result, dict):
        of_it = Task.kind == FINISH, Task.args["backfill"].as_integer() == plan.result.get("backfill")
        finish = session.scalars(
            select(Task).where(*of_it, Task.id > plan.id).order_by(Task.id.desc()).limit(1)
        ).first()
    return Backfill(plan, parts, finish)


def find_due(session: Session, now: dt.datetime) -> Due | None:
    """The schedule that refreshes all of GOLD and is not paused, the most often running one; None when there is none."""
    whole = Schedule.kind == RUN, Schedule.args["flow"].astext.in_(("", "all"))
    schedules = session.scalars(select(Schedule).where(*whole, ~Schedule.paused)).all()
    found = [Due(each.name, each.next_at, _expected(each, now)) for each in schedules]
    return max(found, key=lambda due: due.expected or dt.datetime.min.replace(tzinfo=dt.UTC), default=None)


def _expected(schedule: Schedule, now: dt.datetime) -> dt.datetime | None:
    """The last slot whose time to be done, its alarm's minutes, is over; None when none is known."""
    slots = [schedule.next_at, schedule.last_at]
    if schedule.next_at and schedule.last_at:
        slots.append(schedule.last_at - (schedule.next_at - schedule.last_at))
    patience = dt.timedelta(minutes=schedule.alarm_minutes)
    return next((slot for slot in slots if slot and slot + patience <= now), None)
