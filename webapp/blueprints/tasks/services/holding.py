"""Holding a task while it is worked on: claim, renew, finish or give back, always by token; and what becomes of the dead.

Every function is one short transaction of the caller. The database's clock decides, so that workers need not agree on theirs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask_babel import force_locale, gettext
from sqlalchemy import and_, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from webapp.blueprints.tasks.models import LogLine, State, Task
from webapp.blueprints.tasks.services.asking import send_after_commit
from webapp.core.jobs import Level

LEASE = dt.timedelta(seconds=30)
FIRST_RESEND = 0.5  # of a lease
MOST_RESEND = 20.0
MOST_MISSED = 20

_now = func.clock_timestamp


@dataclass(frozen=True)
class Told:
    """What a task said of itself since the last time: progress, and lines of level and words."""

    done: int = 0
    total: int | None = None
    words: str = ""
    lines: Sequence[tuple[Level, str]] = ()


def claim(session: Session, task_id: int, *, token: UUID, worker: str, lease: dt.timedelta = LEASE) -> Task | None:
    """Take a queued task that is due for the time of `lease`; None when somebody else has it, it has ended, or its turn has not come.

    One whose deadline has passed fails here, and one that somebody asked to stop is cancelled.
    """
    free = and_(
        Task.id == task_id, Task.state == State.QUEUED, or_(Task.not_before.is_(None), Task.not_before <= _now())
    )
    stopped = session.scalars(
        update(Task)
        .where(free, Task.cancel_asked_at.is_not(None))
        .values(state=State.CANCELLED, finished_at=_now(), error=gettext("Cancelled."))
        .returning(Task.id)
    ).one_or_none()
    if stopped is not None:
        return None
    late = session.scalars(
        update(Task)
        .where(free, Task.deadline_at <= _now())
        .values(state=State.FAILED, finished_at=_now(), error=gettext("Its time was over before a worker was free."))
        .returning(Task.id)
    ).one_or_none()
    if late is not None:
        return None
    take = (
        update(Task)
        .where(free)
        .values(
            state=State.RUNNING, token=token, worker=worker[:200], lease_until=_now() + lease, attempts=Task.attempts + 1,
            started_at=_now(), progress_done=0, progress_total=None, progress_words="", error="", result=None,
        )
        .returning(Task)
    )  # fmt: skip
    try:
        with session.begin_nested():
            return session.scalars(take, execution_options={"populate_existing": True}).one_or_none()
    except IntegrityError as error:
        if "uq_tasks_tasks_alone" in str(error.orig):
            return None  # it is sent again when the one that runs has ended
        raise


def renew(
    session: Session, task_id: int, *, token: UUID, told: Told | None, lease: dt.timedelta = LEASE
) -> dt.datetime | bool | None:
    """Keep a held task for another lease and write down what it told.

    False when it is not held any more; else the moment at which somebody asked it to stop, or None.
    """
    values: dict[str, Any] = {"lease_until": _now() + lease}
    if told is not None:
        values.update(progress_done=told.done, progress_total=told.total, progress_words=_storable(told.words[:500]))
    held = session.execute(
        update(Task).where(*_held(task_id, token)).values(values).returning(Task.cancel_asked_at, Task.attempts)
    ).one_or_none()
    if held is None:
        return False
    if told is not None:
        add_lines(session, task_id, told.lines, attempt=held.attempts)
    asked: dt.datetime | None = held.cancel_asked_at
    return asked


def look(session: Session, task_id: int, *, token: UUID) -> dt.datetime | bool | None:
    """What `renew` answers, without another lease."""
    held = session.execute(select(Task.cancel_asked_at).where(*_held(task_id, token))).one_or_none()
    if held is None:
        return False
    asked: dt.datetime | None = held.cancel_asked_at
    return asked


def confirm(session: Session, task_id: int, *, token: UUID) -> bool:
    """Whether the task is still held; if so, nobody can take it before the caller's transaction ends."""
    held = session.scalar(select(Task.id).where(*_held(task_id, token)).with_for_update())
    return held is not None


def finish(
    session: Session, task_id: int, *, token: UUID, state: State, result: Any = None, error: str = "", told: Told
) -> bool:
    """End a held task in `state`; False when it is not held any more, and then nothing is changed."""
    ended = session.scalars(
        update(Task)
        .where(*_held(task_id, token))
        .values(
            state=state, finished_at=_now(), token=None, lease_until=None, result=result, error=_storable(error),
            progress_done=told.done, progress_total=told.total,
            progress_words=_storable(told.words[:500]),
        )
        .returning(Task)
    ).one_or_none()  # fmt: skip
    if ended is None:
        return False
    add_lines(session, task_id, told.lines, attempt=ended.attempts)
    _send_next(session, ended.alone)
    return True


def give_back(
    session: Session, task_id: int, *, token: UUID, wait: float, words: str, counted: bool, told: Told
) -> State | None:
    """Queue a held task again, to be tried after `wait` seconds; without `counted`, this attempt is as if it had not been.

    One that somebody asked to stop is cancelled instead. Its state now; None when it is not held any more.
    """
    held = session.execute(select(Task.cancel_asked_at).where(*_held(task_id, token)).with_for_update()).one_or_none()
    if held is None:
        return None
    if held.cancel_asked_at is not None:
        error = gettext("Cancelled.")
        return (
            State.CANCELLED
            if finish(session, task_id, token=token, state=State.CANCELLED, error=error, told=told)
            else None
        )
    back = session.scalars(
        update(Task)
        .where(*_held(task_id, token))
        .values(
            state=State.QUEUED, token=None, lease_until=None, sent_at=None, sends=0,
            not_before=_now() + dt.timedelta(seconds=wait), attempts=Task.attempts - (0 if counted else 1),
        )
        .returning(Task)
    ).one()  # fmt: skip
    add_lines(session, task_id, [*told.lines, ("warning", words)], attempt=back.attempts)
    _send_next(session, back.alone)
    return State.QUEUED


def expire(session: Session, task_id: int, *, worker: str) -> None:
    """End the lease of a task whose process is dead, so that it need not run out. `worker` begins its name."""
    gone = session.scalars(
        update(Task)
        .where(Task.id == task_id, Task.state == State.RUNNING, Task.worker.startswith(worker, autoescape=True))
        .values(lease_until=_now())
        .returning(Task)
    ).one_or_none()
    if gone is None:
        return
    # SIGKILL is what Linux does to the process that memory has run out for; Celery does not always know the signal
    with force_locale(gone.language):
        words = gettext("Its process was killed: if nobody did that, the machine's memory ran out.")
    add_lines(session, task_id, [("error", words)], attempt=gone.attempts)


def reap(session: Session) -> int:
    """Deal with the tasks whose lease has run out; how many there were.

    Queued again while there are attempts, cancelled when somebody had asked for it, lost otherwise.
    """
    expired = session.scalars(
        select(Task)
        .where(Task.state == State.RUNNING, Task.lease_until < _now())
        .with_for_update(skip_locked=True)
        .limit(500)
    ).all()
    for task in expired:
        with force_locale(task.language):
            _reap_one(session, task)
    return len(expired)


def list_unsent(session: Session, *, limit: int, lease: dt.timedelta = LEASE) -> Sequence[Task]:
    """Queued tasks that are due and not with the broker, or so long that it may have lost them; locked against others.

    That is half a lease after the first time that it got them, and twice as long after each time more.
    """
    leases = func.least(func.power(2, func.least(Task.sends, 10) - 1) * FIRST_RESEND, MOST_RESEND)
    patience = leases * lease.total_seconds()
    overdue = Task.sent_at + func.make_interval(0, 0, 0, 0, 0, 0, patience) < _now()
    return session.scalars(
        select(Task)
        .where(
            Task.state == State.QUEUED,
            or_(Task.not_before.is_(None), Task.not_before <= _now()),
            or_(Task.sent_at.is_(None), overdue),
        )
        .order_by(Task.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()


def _reap_one(session: Session, task: Task) -> None:
    task.token = task.lease_until = None
    again = task.cancel_asked_at is None and task.attempts < task.most_attempts
    if again:
        task.state, task.sent_at, task.sends = State.QUEUED, None, 0
        words = gettext("The worker vanished; it will be tried again.")
    else:
        task.state = State.CANCELLED if task.cancel_asked_at else State.LOST
        task.finished_at = _now()
        words = gettext("The worker vanished.")
    if task.state == State.LOST:
        task.error = _why_lost(session, task)
    add_lines(session, task.id, [("warning", words)], attempt=task.attempts)
    session.flush()
    _send_next(session, task.alone)


def miss(session: Session, *, worker: str, queues: Sequence[str], silence: dt.timedelta) -> int:
    """An idle worker hears nothing from the broker: what waits in its queues since longer than `silence` was lost.

    The scheduler sends it again; how many tasks that are. None while the worker has a task: `worker` begins its name. A
    task that went twenty times is left to `list_unsent`: it is this worker then that is deaf.
    """
    busy = select(Task.id).where(Task.state == State.RUNNING, Task.worker.startswith(worker, autoescape=True))
    alone = select(Task.alone).where(Task.state == State.RUNNING, Task.alone.is_not(None))
    missed = (
        select(Task.id)
        .where(
            Task.state == State.QUEUED,
            Task.queue.in_(queues),
            Task.sent_at < _now() - silence,
            Task.sends < MOST_MISSED,
            or_(Task.alone.is_(None), Task.alone.not_in(alone)),
            ~busy.exists(),
        )
        .order_by(Task.id)
        .with_for_update(skip_locked=True)
    )
    return len(session.scalars(update(Task).where(Task.id.in_(missed)).values(sent_at=None).returning(Task.id)).all())


def unsend(session: Session, task_id: int) -> None:
    """The broker has brought a waiting task's id to one that cannot take it: let the scheduler send it again."""
    session.execute(update(Task).where(Task.id == task_id, Task.state == State.QUEUED).values(sent_at=None))


def mark_sent(session: Session, task: Task) -> None:
    """Remember that the broker has the task's id again."""
    session.execute(update(Task).where(Task.id == task.id).values(sent_at=_now(), sends=Task.sends + 1))


def add_lines(session: Session, task_id: int, lines: Iterable[tuple[Level, str]], *, attempt: int) -> None:
    """Add lines to a task's log."""
    rows = [
        {
            "task_id": task_id,
            "level": level,
            "words": _storable(words),
            "attempt": attempt,
        }
        for level, words in lines
    ]
    if rows:
        session.execute(insert(LogLine), rows)


def _storable(words: str) -> str:
    """PostgreSQL has no NUL in texts."""
    return words.replace("\x00", "\N{REPLACEMENT CHARACTER}")


def _held(task_id: int, token: UUID) -> tuple[Any, ...]:
    return (Task.id == task_id, Task.token == token, Task.state == State.RUNNING)


def _send_next(session: Session, alone: str | None) -> None:
    """Where tasks run one at a time, the one that waits longest may go now."""
    if alone is None:
        return
    next_one = session.scalars(
        select(Task)
        .where(
            Task.alone == alone, Task.state == State.QUEUED, or_(Task.not_before.is_(None), Task.not_before <= _now())
        )
        .order_by(Task.id)
        .limit(1)
    ).one_or_none()
    if next_one is not None:
        send_after_commit(session, next_one)


def _why_lost(session: Session, task: Task) -> str:
    """What is known of the end of the last worker, else that nothing is."""
    last = session.scalar(
        select(LogLine.words)
        .where(LogLine.task_id == task.id, LogLine.level == "error", LogLine.attempt == task.attempts)
        .order_by(LogLine.id.desc())
        .limit(1)
    )
    return last or gettext(
        "The worker vanished %(count)s times while it worked on this; it is not tried again.", count=task.attempts
    )
