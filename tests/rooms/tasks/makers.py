"""Makers of the records of the tasks room, and a carrier that only remembers."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import uuid4

from sqlalchemy.orm import Session

from webapp.blueprints.tasks.models import ENDED, LogLine, Process, State, Task
from webapp.core.clock import utc_now


class RememberingCarrier:
    """Takes every id and brings none anywhere."""

    def __init__(self) -> None:
        self.sent: list[tuple[int, str]] = []

    def send(self, task_id: int, queue: str) -> None:
        """Remember."""
        self.sent.append((task_id, queue))

    def check(self) -> None:
        """It is always there."""


def make_task(session: Session, **changes: Any) -> Task:
    """A queued task that nobody asked for, or one in another `state` with what belongs to it."""
    values: dict[str, Any] = {"kind": "test.page", "args": {}, "queue": "default", "actor": "Ada", "most_attempts": 3}
    state = changes.get("state", State.QUEUED)
    now = utc_now()
    if state == State.RUNNING:
        values |= {"token": uuid4(), "lease_until": now + dt.timedelta(seconds=30), "attempts": 1, "started_at": now}
        values |= {"worker": "house-1"}
    if state in ENDED:
        values |= {"started_at": now - dt.timedelta(seconds=90), "finished_at": now, "attempts": 1}
    task = Task(**values | changes)
    session.add(task)
    session.flush()
    return task


def make_line(session: Session, task: Task, words: str = "begun", **changes: Any) -> LogLine:
    """A line of a task's log."""
    line = LogLine(**{"task_id": task.id, "words": words} | changes)
    session.add(line)
    session.flush()
    return line


def make_process(session: Session, role: str, **changes: Any) -> Process:
    """A worker or scheduler that has just said that it is there."""
    process = Process(**{"name": f"{role} of the test", "role": role} | changes)
    session.add(process)
    session.flush()
    return process
