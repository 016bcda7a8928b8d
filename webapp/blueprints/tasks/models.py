"""The records of the tasks room: tasks with their log, schedules with their alarms, and the processes that work."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.core.db import Base, Editable, Numbered


class State(StrEnum):
    """Where a task stands. `lost`: its worker vanished as often as it may be tried."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    LOST = "lost"


ENDED = (State.DONE, State.FAILED, State.CANCELLED, State.LOST)


class Missed(StrEnum):
    """What becomes of the slots of a schedule at which nobody could start it."""

    SKIP = "skip"
    ONCE = "once"
    ALL = "all"


class Task(Numbered, Base):
    """A piece of long work. The row is the truth; the broker only carries its id to a worker.

    All moments are UTC by the database's clock. A worker holds it by `token` until `lease_until`. `sent_at` is when its id
    last went to the broker, None when it is still to go. `key` and `alone`: see `TaskKind`. `attempts` of
    `most_attempts` have begun. `language` is that of the sentences in progress, log, result and error.
    """

    __tablename__ = "tasks_tasks"
    __table_args__ = (
        CheckConstraint("state IN ('queued', 'running', 'done', 'failed', 'cancelled', 'lost')", name="state"),
        CheckConstraint("(state = 'running') = (token IS NOT NULL AND lease_until IS NOT NULL)", name="lease"),
        CheckConstraint("(state IN ('queued', 'running')) = (finished_at IS NULL)", name="finished"),
        Index(
            "uq_tasks_tasks_key",
            "kind",
            "key",
            unique=True,
            postgresql_where=text("state IN ('queued', 'running', 'done')"),
        ),
        Index("uq_tasks_tasks_alone", "alone", unique=True, postgresql_where=text("state = 'running'")),
        Index("ix_tasks_tasks_waiting", "id", postgresql_where=text("state IN ('queued', 'running')")),
        Index("ix_tasks_tasks_user_id_id", "user_id", "id"),
        Index("ix_tasks_tasks_kind_id", "kind", "id"),
        Index("ix_tasks_tasks_state_id", "state", "id"),
    )

    kind: Mapped[str] = mapped_column(String(80))
    args: Mapped[dict[str, Any]] = mapped_column(JSONB)
    queue: Mapped[str] = mapped_column(String(40))
    key: Mapped[str | None] = mapped_column(String(300))
    alone: Mapped[str | None] = mapped_column(String(300))
    actor: Mapped[str] = mapped_column(String(200))
    user_id: Mapped[int | None]  # no foreign key: the accounts room stands above this one
    language: Mapped[str] = mapped_column(String(10), server_default=text("'en'"))
    request_id: Mapped[str] = mapped_column(String(64), server_default=text("''"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("tasks_tasks.id", ondelete="SET NULL"), index=True)
    schedule_id: Mapped[int | None] = mapped_column(ForeignKey("tasks_schedules.id", ondelete="SET NULL"), index=True)

    state: Mapped[str] = mapped_column(String(20), server_default=text("'queued'"))
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    most_attempts: Mapped[int]
    not_before: Mapped[dt.datetime | None]
    deadline_at: Mapped[dt.datetime | None]
    sent_at: Mapped[dt.datetime | None]
    sends: Mapped[int] = mapped_column(server_default=text("0"))
    token: Mapped[UUID | None]
    lease_until: Mapped[dt.datetime | None]
    worker: Mapped[str] = mapped_column(String(200), server_default=text("''"))
    cancel_asked_at: Mapped[dt.datetime | None]
    cancel_asked_by: Mapped[str] = mapped_column(String(200), server_default=text("''"))

    progress_done: Mapped[int] = mapped_column(server_default=text("0"))
    progress_total: Mapped[int | None]
    progress_words: Mapped[str] = mapped_column(String(500), server_default=text("''"))
    result: Mapped[Any | None] = mapped_column(JSONB(none_as_null=True))
    error: Mapped[str] = mapped_column(server_default=text("''"))
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    started_at: Mapped[dt.datetime | None]
    finished_at: Mapped[dt.datetime | None]

    lines: Mapped[list[LogLine]] = relationship(order_by="LogLine.id", viewonly=True)

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class LogLine(Numbered, Base):
    """A line of a task's log."""

    __tablename__ = "tasks_log_lines"
    __table_args__ = (CheckConstraint("level IN ('info', 'warning', 'error')", name="level"),)

    task_id: Mapped[int] = mapped_column(ForeignKey("tasks_tasks.id", ondelete="CASCADE"), index=True)
    at: Mapped[dt.datetime] = mapped_column(server_default=func.clock_timestamp())
    level: Mapped[str] = mapped_column(String(10), server_default=text("'info'"))
    attempt: Mapped[int] = mapped_column(server_default=text("0"))
    words: Mapped[str]

    def __str__(self) -> str:
        return self.words


class Schedule(Editable, Base):
    """A task that starts by the clock. `cron` is a cron line of five fields in the company's time zone.

    `next_at` (UTC) is the slot that comes next, None while paused. Slots that passed without a scheduler are dealt with as
    `missed` says. The task runs for `user_id`, or for the house. `origin` names the room's own schedule that it is.
    """

    counts_as_data = False

    __tablename__ = "tasks_schedules"
    __table_args__ = (
        UniqueConstraint("name", name="uq_tasks_schedules_name"),
        UniqueConstraint("origin", name="uq_tasks_schedules_origin"),
        CheckConstraint("missed IN ('skip', 'once', 'all')", name="missed"),
        CheckConstraint("NOT paused OR next_at IS NULL", name="paused"),
    )

    name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(80))
    args: Mapped[dict[str, Any]] = mapped_column(JSONB)
    cron: Mapped[str] = mapped_column(String(120))
    missed: Mapped[str] = mapped_column(String(10), server_default=text("'once'"))
    paused: Mapped[bool] = mapped_column(server_default=text("false"))
    alarm_minutes: Mapped[int] = mapped_column(server_default=text("15"))
    actor: Mapped[str] = mapped_column(String(200))
    user_id: Mapped[int | None]
    origin: Mapped[str | None] = mapped_column(String(80))
    next_at: Mapped[dt.datetime | None] = mapped_column(index=True)
    last_at: Mapped[dt.datetime | None]

    def __str__(self) -> str:
        return self.name


class Alarm(Numbered, Base):
    """A slot of a schedule that was due and of which no task ended well within the schedule's `alarm_minutes`."""

    __tablename__ = "tasks_alarms"
    __table_args__ = (UniqueConstraint("schedule_id", "due_at", name="uq_tasks_alarms_slot"),)

    schedule_id: Mapped[int] = mapped_column(ForeignKey("tasks_schedules.id", ondelete="CASCADE"))
    due_at: Mapped[dt.datetime]
    reason: Mapped[str] = mapped_column(String(40))
    raised_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    seen_at: Mapped[dt.datetime | None]
    seen_by: Mapped[str] = mapped_column(String(200), server_default=text("''"))

    schedule: Mapped[Schedule] = relationship()

    def __str__(self) -> str:
        return f"{self.schedule_id} {self.due_at:%Y-%m-%d %H:%M}"


class Process(Base):
    """A worker or scheduler that is at work: it says so every few seconds. `note` is what it has to complain of."""

    __tablename__ = "tasks_processes"
    __table_args__ = (CheckConstraint("role IN ('worker', 'scheduler')", name="role"),)

    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    role: Mapped[str] = mapped_column(String(20))
    started_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    seen_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    note: Mapped[str] = mapped_column(String(500), server_default=text("''"))

    def __str__(self) -> str:
        return self.name
