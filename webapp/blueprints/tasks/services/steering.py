"""Steering tasks that are there: stop one, let one that ended badly run again, and clear out the old ones."""

from __future__ import annotations

import datetime as dt

from flask_babel import force_locale, gettext
from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from webapp.blueprints.tasks.models import ENDED, LogLine, State, Task
from webapp.blueprints.tasks.permissions import TasksPermission
from webapp.blueprints.tasks.queries import TaskNotThere, find_under_key, get_task
from webapp.blueprints.tasks.services.asking import ask, checked_arguments, get_kind, send_after_commit
from webapp.core.errors import DomainError, NotAllowed
from webapp.core.jobs import TaskKind, task_kinds
from webapp.core.security import Actor

REPAIRABLE = (State.FAILED, State.CANCELLED, State.LOST)
BATCH = 1000

_now = func.clock_timestamp


class TaskEnded(DomainError):
    """There is nothing left to stop."""

    def __init__(self) -> None:
        super().__init__(gettext("This task has ended already: there is nothing to stop."))


class NothingToRetry(DomainError):
    """The task waits, runs, or is done."""

    def __init__(self, task: Task) -> None:
        done = gettext("This task is done: there is nothing to retry.")
        under_way = gettext("This task has not ended yet: it cannot be started again.")
        super().__init__(done if task.state == State.DONE else under_way)


class NewerTaskThere(DomainError):
    """Another task does, or has done, the same: doing it twice is what its key forbids."""

    def __init__(self, other: int | None) -> None:
        if other is None:
            super().__init__(gettext("Another task does the same already."))
        else:
            super().__init__(gettext("Task number %(number)s does the same already, or has done it.", number=other))


class MayNotStart(NotAllowed):
    """The person may not start tasks of this kind."""

    def __init__(self) -> None:
        super().__init__(
            gettext("Your role does not include starting tasks of this kind. Ask the owner for the right.")
        )


def cancel(session: Session, task_id: int, *, by: Actor) -> Task:
    """Stop a task and all that it started: what waits is cancelled at once, what runs is asked to stop.

    The worker ends what was asked to stop, if need be by force. Asking twice changes nothing. Raises TaskNotThere, TaskEnded.
    """
    get_task(session, task_id, by=by)
    family = _locked_family(session, task_id)
    task = next(each for each in family if each.id == task_id)
    if task.state in ENDED:
        raise TaskEnded
    for each in family:
        _stop(session, each, by=by)
    session.flush()
    return task


def retry(session: Session, task_id: int, *, by: Actor) -> Task:
    """Let a task that failed, was cancelled or was lost run again, for the one who asked for it, with all its attempts.

    Raises TaskNotThere, MayNotStart, NothingToRetry, NewerTaskThere, KindUnknown, and FieldProblems when its kind does not
    take its arguments any more.
    """
    task = get_task(session, task_id, by=by)
    kind = _kind_for(task, by=by)
    locked = session.scalars(
        select(Task).where(Task.id == task_id).with_for_update(), execution_options={"populate_existing": True}
    ).one_or_none()
    if locked is None:
        raise TaskNotThere(task_id)
    if task.state not in REPAIRABLE:
        raise NothingToRetry(task)
    checked_arguments(kind, task.args)
    same = find_under_key(session, task.kind, task.key)
    if same is not None:
        raise NewerTaskThere(same.id)
    try:
        with session.begin_nested():
            _queue_again(task, kind)
    except IntegrityError as error:  # somebody asked for the same between the look and the change
        if "uq_tasks_tasks_key" not in str(error.orig):
            raise
        raise NewerTaskThere(None) from None
    with force_locale(task.language):
        _log(session, task, gettext("%(name)s let it run again.", name=by.name))
    send_after_commit(session, task)
    return task


def retry_as(session: Session, task_id: int, *, by: Actor) -> Task:
    """Ask for the same as an ended task does, for `by` and with their rights; the new task.

    Raises TaskNotThere, MayNotStart, NothingToRetry, NewerTaskThere, KindUnknown and FieldProblems.
    """
    task = get_task(session, task_id, by=by)
    kind = _kind_for(task, by=by)
    if task.state not in ENDED:
        raise NothingToRetry(task)
    same = find_under_key(session, task.kind, kind.key(checked_arguments(kind, task.args)))
    if same is not None:
        raise NewerTaskThere(same.id)
    newest = session.scalar(select(func.max(Task.id))) or 0
    made = ask(session, task.kind, task.args, by=by)
    if made.id <= newest:
        raise NewerTaskThere(made.id)
    with force_locale(made.language):
        _log(session, made, gettext("It repeats task number %(number)s.", number=task.id))
    with force_locale(task.language):
        words = gettext("%(name)s let it run again as task number %(number)s.", name=by.name, number=made.id)
        _log(session, task, words)
    return made


def may_repeat(task: Task, *, by: Actor) -> bool:
    """Whether `by` may let tasks of this kind run again: by the kind's own right; what only the house starts, with `ALL`."""
    kind = task_kinds().get(task.kind)
    return kind is not None and by.may(kind.permission or TasksPermission.ALL)


def delete_ended(session: Session, *, before: dt.datetime, limit: int = BATCH) -> int:
    """Delete at most `limit` tasks that ended before a moment, with their logs; how many there were.

    What they kept from being done twice can be done again.
    """
    ended = select(Task.id).where(Task.state.in_(ENDED), Task.finished_at < before)
    # A statement of its own: as a subquery, the planner may run it once a row, and each run locks other rows.
    old = session.scalars(ended.order_by(Task.id).limit(limit).with_for_update(skip_locked=True)).all()
    return len(session.scalars(delete(Task).where(Task.id.in_(old)).returning(Task.id)).all())


def _kind_for(task: Task, *, by: Actor) -> TaskKind:
    kind = get_kind(task.kind)
    if not may_repeat(task, by=by):
        raise MayNotStart
    return kind


def _locked_family(session: Session, task_id: int) -> list[Task]:
    """The task and those of all that it started that have not ended, locked in the order of their numbers."""
    family = select(Task.id).where(Task.id == task_id).cte("family", recursive=True)
    family = family.union(select(Task.id).join(family, Task.parent_id == family.c.id))
    wanted = Task.id.in_(select(family.c.id)), (Task.id == task_id) | Task.state.not_in(ENDED)
    locked = select(Task).where(*wanted).order_by(Task.id).with_for_update(of=Task)
    return list(session.scalars(locked, execution_options={"populate_existing": True}))


def _stop(session: Session, task: Task, *, by: Actor) -> None:
    if task.state in ENDED or task.cancel_asked_at is not None:
        return
    task.cancel_asked_at = _now()
    task.cancel_asked_by = by.name[:200]
    with force_locale(task.language):
        if task.state == State.QUEUED:
            task.state = State.CANCELLED
            task.finished_at = _now()
            _log(session, task, gettext("%(name)s cancelled it before it began.", name=by.name))
        else:
            _log(session, task, gettext("%(name)s asked it to stop.", name=by.name))


def _queue_again(task: Task, kind: TaskKind) -> None:
    """The row as if it had just been asked for; who asked and when stays."""
    task.state = State.QUEUED
    task.queue = kind.queue
    task.attempts, task.most_attempts = 0, kind.attempts
    task.started_at = task.finished_at = task.not_before = task.cancel_asked_at = None
    task.cancel_asked_by = task.worker = task.error = task.progress_words = ""
    task.progress_done, task.progress_total, task.result = 0, None, None
    task.deadline_at = _now() + dt.timedelta(seconds=kind.deadline) if kind.deadline else None
    task.sent_at, task.sends = _now(), 1


def _log(session: Session, task: Task, words: str) -> None:
    session.add(LogLine(task_id=task.id, words=words, attempt=task.attempts))
