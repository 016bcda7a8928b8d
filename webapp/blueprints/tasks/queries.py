"""The questions to the rows of tasks: the list, one task with its log, what runs and waits now, and how long kinds take."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Numeric, String, and_, case, cast, func, literal, or_, select, true
from sqlalchemy.orm import Session

from webapp.blueprints.tasks.models import ENDED, LogLine, Process, Schedule, State, Task
from webapp.blueprints.tasks.permissions import TasksPermission
from webapp.core.errors import NotFound
from webapp.core.lists import Choice, Column, DateRange, ListSpec, Search, Text
from webapp.core.lists.filters import Label
from webapp.core.security import Actor

STATES: dict[str, Label] = {
    State.QUEUED.value: _l("Waiting"),
    State.RUNNING.value: _l("Running"),
    State.DONE.value: _l("Done"),
    State.FAILED.value: _l("Failed"),
    State.CANCELLED.value: _l("Cancelled"),
    State.LOST.value: _l("Lost"),
}
SCHEDULE_STATES: dict[str, Label] = {"active": _l("Active"), "late": _l("Late"), "paused": _l("Paused")}
LEVELS: dict[str, Label] = {"info": _l("Note"), "warning": _l("Warning"), "error": _l("Error")}
ALIVE = dt.timedelta(seconds=30)
MEASURED = dt.timedelta(days=30)
LARGEST_ID = 2**63 - 1
SHOWN_RUNNING = 20
SHOWN_LINES = 200
SHOWN_PARTS = 100


class TaskNotThere(NotFound):
    """There is no such task, or not for this person."""

    def __init__(self, task_id: int) -> None:
        super().__init__(gettext("There is no task number %(number)s.", number=task_id))


@dataclass(frozen=True)
class Waiting:
    """How many tasks wait in a queue; `later` of them for a moment that has not come."""

    queue: str
    count: int
    later: int


@dataclass(frozen=True)
class Durations:
    """How the tasks of a kind ended that began and ended in the last 30 days; seconds from their last start to their end.

    `p50` and `p95` are of those that were done: half of them, or 95 of 100, took at most that long. None without any.
    """

    kind: str
    count: int
    failed: int
    cancelled: int
    p50: float | None
    p95: float | None


def visible_to(by: Actor) -> ColumnElement[bool]:
    """Which tasks `by` may see: all of them, or those that they asked for."""
    if by.may(TasksPermission.ALL):
        return true()
    return Task.user_id == (by.user_id if by.user_id is not None else -1)


def list_of_request(session: Session, request_id: str, *, by: Actor) -> Sequence[Task]:
    """The tasks that a request asked for, as far as `by` may see them."""
    query = select(Task).where(Task.request_id == request_id, visible_to(by)).order_by(Task.id)
    return session.scalars(query.limit(SHOWN_PARTS)).all()


def get_task(session: Session, task_id: int, *, by: Actor) -> Task:
    """The task of that number. Raises TaskNotThere when there is none that `by` may see."""
    found = None
    if task_id <= LARGEST_ID:
        found = session.scalars(select(Task).where(Task.id == task_id, visible_to(by))).one_or_none()
    if found is None:
        raise TaskNotThere(task_id)
    return found


def tell_personal(session: Session, user_id: int) -> dict[str, Any]:
    """The tasks that somebody asked for, as their export of their own data has them."""
    asked = session.scalars(select(Task).where(Task.user_id == user_id).order_by(Task.id))
    return {
        "tasks": [
            {
                "number": task.id,
                "kind": task.kind,
                "arguments": task.args,
                "state": task.state,
                "asked_at": task.created_at.isoformat(),
                "ended_at": task.finished_at.isoformat() if task.finished_at else None,
            }
            for task in asked
        ]
    }


def find_under_key(session: Session, kind: str, key: str | None) -> Task | None:
    """The task that waits, runs or is done under this key; there is at most one."""
    if key is None:
        return None
    live = Task.state.in_((State.QUEUED, State.RUNNING, State.DONE))
    return session.scalars(select(Task).where(Task.kind == kind, Task.key == key, live)).one_or_none()


def list_of_tasks(kinds: Mapping[str, Label], *, by: Actor) -> ListSpec:
    """The list of the tasks that `by` may see, with the titles of `kinds` by name."""
    seconds = func.extract("epoch", func.coalesce(Task.finished_at, func.now()) - Task.started_at)
    ran = case((Task.started_at.is_not(None), func.round(cast(seconds, Numeric), 1)))
    words = func.coalesce(func.nullif(Task.error, ""), Task.progress_words)
    spec = ListSpec(
        name="tasks",
        source=Task,
        id=Task.id,
        columns=(
            Column("kind", _l("Task"), Task.kind, kind="choice", choices=kinds, sort_by=Task.kind),
            Column("number", _l("Number"), Task.id, sort_by=Task.id),
            Column("state", _l("State"), Task.state, kind="choice", choices=STATES, sort_by=Task.state),
            Column("words", _l("What it says"), words),
            Column("actor", _l("Asked by"), Task.actor),
            Column("created_at", _l("Asked at"), Task.created_at, kind="date"),
            Column("started_at", _l("Started at"), Task.started_at, kind="date", shown=False),
            Column("finished_at", _l("Ended at"), Task.finished_at, kind="date", shown=False),
            Column("seconds", _l("Seconds"), ran, kind="number"),
            Column("attempts", _l("Attempts"), Task.attempts, kind="number", shown=False),
            Column("queue", _l("Queue"), Task.queue, shown=False),
            Column("worker", _l("Worker"), Task.worker, shown=False),
        ),
        sort="-number",
        filters=(
            Choice("state", _l("State"), Task.state, STATES),
            Choice("kind", _l("Kind"), Task.kind, kinds),
            *((Text("actor", _l("Asked by"), Task.actor),) if by.may(TasksPermission.ALL) else ()),
            DateRange(_l("From"), _l("To"), Task.created_at),
        ),
        search=(
            Search(cast(Task.id, String), "prefix"),
            Search(Task.kind, "prefix"),
            Search(Task.actor),
            Search(words),
        ),
        search_hint=_l("Number, person or words"),
        extras={"schedule_id": Task.schedule_id},
    )
    return spec.only(visible_to(by))


def list_of_lines(task_id: int) -> ListSpec:
    """The whole log of a task."""
    return ListSpec(
        name=f"task-{task_id}",
        source=LogLine,
        id=LogLine.id,
        columns=(
            Column("at", _l("Time"), LogLine.at, kind="date", sort_by=LogLine.at),
            Column("level", _l("Level"), LogLine.level, kind="choice", choices=LEVELS),
            Column("attempt", _l("Attempt"), LogLine.attempt, kind="number"),
            Column("words", _l("What it says"), LogLine.words),
        ),
        sort="at",
        filters=(Choice("level", _l("Level"), LogLine.level, LEVELS),),
        search=(Search(LogLine.words),),
        search_hint=_l("Words of the log"),
        conditions=(LogLine.task_id == task_id,),
        size=100,
    )


def list_of_schedules(kinds: Mapping[str, Label], words: Mapping[str, Label]) -> ListSpec:
    """The list of schedules, with the titles of `kinds` by name and the `words` of cron lines."""
    alarm_at = Schedule.next_at + Schedule.alarm_minutes * func.make_interval(0, 0, 0, 0, 0, 1)
    state = case((Schedule.paused, "paused"), (alarm_at <= func.now(), "late"), else_="active")
    last = select(Task).where(Task.schedule_id == Schedule.id).order_by(Task.id.desc()).limit(1)
    return ListSpec(
        name="schedules",
        source=Schedule,
        id=Schedule.id,
        columns=(
            Column("name", _l("Name"), Schedule.name, sort_by=func.lower(Schedule.name, type_=String())),
            Column("state", _l("State"), state, kind="choice", choices=SCHEDULE_STATES),
            Column("kind", _l("Task"), Schedule.kind, kind="choice", choices=kinds, sort_by=Schedule.kind, shown=False),
            Column("cron", _l("When"), Schedule.cron, kind="choice", choices=words),
            Column("next_at", _l("Next run"), Schedule.next_at, kind="date"),
            Column("ran_at", _l("Last run"), last.with_only_columns(Task.created_at).scalar_subquery(), kind="date"),
            Column(
                "ran",
                _l("How it went"),
                last.with_only_columns(Task.state).scalar_subquery(),
                kind="choice",
                choices=STATES,
            ),
            Column("actor", _l("Runs for"), Schedule.actor, shown=False),
            Column("line", _l("Cron line"), Schedule.cron, shown=False),
        ),
        sort="name",
        filters=(
            Choice("state", _l("State"), state, SCHEDULE_STATES),
            Choice("kind", _l("Task"), Schedule.kind, kinds),
        ),
        search=(Search(Schedule.name), Search(Schedule.kind, "prefix")),
        search_hint=_l("Name"),
    )


def list_runs(session: Session, schedule_id: int, *, by: Actor, limit: int = 10) -> Sequence[Task]:
    """The last tasks of a schedule that `by` may see, the newest first."""
    return session.scalars(
        select(Task).where(Task.schedule_id == schedule_id, visible_to(by)).order_by(Task.id.desc()).limit(limit)
    ).all()


def list_newest_lines(session: Session, task_id: int, limit: int = SHOWN_LINES) -> tuple[list[LogLine], bool]:
    """The last lines of a task's log, the oldest first, and whether there are older ones."""
    found = session.scalars(
        select(LogLine).where(LogLine.task_id == task_id).order_by(LogLine.id.desc()).limit(limit + 1)
    ).all()
    return list(reversed(found[:limit])), len(found) > limit


def list_parts(session: Session, task_id: int, *, by: Actor, limit: int = SHOWN_PARTS) -> Sequence[Task]:
    """The tasks that this one started, the first ones first."""
    return session.scalars(
        select(Task).where(Task.parent_id == task_id, visible_to(by)).order_by(Task.id).limit(limit)
    ).all()


def count_parts(session: Session, task_id: int, *, by: Actor) -> dict[str, int]:
    """How many of the tasks that this one started stand in each state."""
    counted = session.execute(
        select(Task.state, func.count().label("number"))
        .where(Task.parent_id == task_id, visible_to(by))
        .group_by(Task.state)
    )
    counts = {row.state: row.number for row in counted}
    return {state: counts[state] for state in STATES if state in counts}


def find_parent(session: Session, task: Task, *, by: Actor) -> Task | None:
    """The task that started this one, when there is one and `by` may see it."""
    if task.parent_id is None:
        return None
    return session.scalars(select(Task).where(Task.id == task.parent_id, visible_to(by))).one_or_none()


def list_running(session: Session, *, by: Actor, limit: int = SHOWN_RUNNING) -> Sequence[Task]:
    """The tasks that run now, the oldest first."""
    return session.scalars(
        select(Task).where(Task.state == State.RUNNING, visible_to(by)).order_by(Task.id).limit(limit)
    ).all()


def count_running(session: Session, *, by: Actor) -> int:
    """How many tasks run now."""
    return session.execute(select(func.count()).where(Task.state == State.RUNNING, visible_to(by))).scalar_one()


def list_waiting(session: Session, *, by: Actor) -> list[Waiting]:
    """How many tasks wait in each queue."""
    later = func.count().filter(Task.not_before > func.now())
    found = session.execute(
        select(Task.queue, func.count().label("number"), later.label("later"))
        .where(Task.state == State.QUEUED, visible_to(by))
        .group_by(Task.queue)
        .order_by(Task.queue)
    )
    return [Waiting(row.queue, row.number, row.later) for row in found]


def list_processes(session: Session, *, alive_only: bool = True) -> Sequence[Process]:
    """The workers and schedulers that said within the last 30 seconds that they are there, or all that are remembered."""
    statement = select(Process).order_by(Process.role.desc(), Process.name)
    return session.scalars(statement.where(is_alive()) if alive_only else statement).all()


def find_alive_names(session: Session) -> dict[str, str]:
    """The roles of the processes that are alive, by their names."""
    return {each.name: each.role for each in list_processes(session)}


def list_newest(session: Session, *, state: str = "", kind: str = "", limit: int) -> Sequence[Task]:
    """The newest tasks first, all of them or those in a state and of a kind."""
    statement = select(Task).order_by(Task.id.desc()).limit(limit)
    if state:
        statement = statement.where(Task.state == state)
    if kind:
        statement = statement.where(Task.kind == kind)
    return session.scalars(statement).all()


def is_alive() -> ColumnElement[bool]:
    """Whether a process said so within the last 30 seconds."""
    return Process.seen_at > func.now() - literal(ALIVE)


def list_durations(session: Session, *, by: Actor) -> list[Durations]:
    """How long the tasks of each kind took that ended in the last 30 days, by the kind's name."""
    seconds = func.extract("epoch", Task.finished_at - Task.started_at)
    done = and_(Task.state == State.DONE, Task.started_at.is_not(None))

    def within(share: float) -> ColumnElement[float]:
        return func.percentile_cont(share).within_group(seconds.asc()).filter(done)

    found = session.execute(
        select(
            Task.kind,
            func.count().label("number"),
            func.count().filter(Task.state.in_((State.FAILED, State.LOST))).label("failed"),
            func.count().filter(Task.state == State.CANCELLED).label("cancelled"),
            within(0.5).label("p50"),
            within(0.95).label("p95"),
        )
        .where(Task.state.in_(ENDED), Task.finished_at > func.now() - literal(MEASURED), visible_to(by))
        .group_by(Task.kind)
        .order_by(Task.kind)
    )
    return [
        Durations(
            row.kind,
            row.number,
            row.failed,
            row.cancelled,
            None if row.p50 is None else float(row.p50),
            None if row.p95 is None else float(row.p95),
        )
        for row in found
    ]


def list_figures(session: Session) -> list[tuple[str, str, float, tuple[tuple[str, str], ...]]]:
    """Numbers for who watches from outside: name, meaning, value, labels. Old tasks are counted for 24 hours only."""
    day = func.now() - dt.timedelta(days=1)
    alive = select(Task.queue, Task.state, func.count()).where(Task.state.in_((State.QUEUED, State.RUNNING)))
    ended = select(Task.kind, Task.state, func.count()).where(Task.state.in_(ENDED), Task.finished_at > day)
    oldest = select(Task.queue, func.extract("epoch", func.now() - func.min(Task.created_at))).where(
        Task.state == State.QUEUED, or_(Task.not_before.is_(None), Task.not_before < func.now())
    )
    busy = select(Process.role, func.count()).where(Process.seen_at > func.clock_timestamp() - ALIVE)
    found: list[tuple[str, str, float, tuple[tuple[str, str], ...]]] = []
    for queue, state, count in session.execute(alive.group_by(Task.queue, Task.state)):
        found.append(("tasks", "Tasks that wait or run.", count, (("queue", queue), ("state", state))))
    for kind, state, count in session.execute(ended.group_by(Task.kind, Task.state)):
        labels = (("kind", kind), ("state", state))
        found.append(("tasks_ended_day", "Tasks that ended within 24 hours.", count, labels))
    for queue, seconds in session.execute(oldest.group_by(Task.queue)):
        words = "Seconds that the oldest task of a queue waits."
        found.append(("queue_oldest_seconds", words, float(seconds), (("queue", queue),)))
    counts: dict[str, int] = {row[0]: row[1] for row in session.execute(busy.group_by(Process.role))}
    words = "Workers and schedulers that are alive."
    roles = ("worker", "scheduler")
    return [*found, *(("processes", words, counts.get(role, 0), (("role", role),)) for role in roles)]
