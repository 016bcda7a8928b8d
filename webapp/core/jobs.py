"""Long work: what a room declares of it (`TaskKind`), and what the work is given when it runs (`TaskRun`)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from flask import current_app, g, has_request_context
from flask_babel.speaklater import LazyString
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from webapp.core.logs import circumstances
from webapp.core.security import Actor

Arguments = Mapping[str, Any]
Level = Literal["info", "warning", "error"]
TEMPORARY: tuple[type[Exception], ...] = (OperationalError, ConnectionError, TimeoutError)


class TaskStopped(BaseException):
    """The task shall end now: somebody cancelled it, its time is over, or another worker has it.

    Not an Exception, so that work which catches those lets it through.
    """


class TaskRun(Protocol):
    """A task while it runs, as its work sees it.

    `by` is who asked for it, with the rights that they have now. `attempt` counts from 1.
    """

    id: int
    by: Actor
    attempt: int

    def progress(self, done: int, total: int | None = None, words: str = "") -> None:
        """Tell how far it is: `done` of `total` (None: not known) and a sentence. Costs next to nothing: call it often."""

    def log(self, sentence: str, level: Level = "info") -> None:
        """Add a line to the task's log."""

    def check(self) -> None:
        """Raise TaskStopped when the task shall end."""

    def time_left(self, at_most: float | None = None) -> float:
        """Seconds until the deadline, at most `at_most`: the timeout of what is called next. Raises TaskStopped at the end."""

    def transaction(self) -> AbstractContextManager[Session]:
        """One transaction of the rooms' database, committed only if this worker still holds the task."""

    def start(self, kind: str, args: Arguments, *, key: str | None = None) -> int:
        """Queue a sub-task with this task's deadline and actor, at once; its id. With `key`, the same one twice is one."""


Work = Callable[[TaskRun, Arguments], Any]
"""Does the work and returns its result as JSON values. Safe to run twice: a worker can die before its last word."""


@dataclass(frozen=True)
class Argument:
    """One argument of a kind, as a form asks for it. `choices` are value and label; a date is an ISO text in JSON."""

    name: str
    label: LazyString
    type: type[str] | type[int] | type[bool] | type[dt.date] = str
    required: bool = False
    default: Any = None
    choices: tuple[tuple[str, LazyString], ...] = ()
    least: int | None = None
    most: int | None = None


def _no_key(_args: Arguments) -> str | None:
    return None


@dataclass(frozen=True)
class TaskKind:
    """A kind of task: what it does and the terms under which it runs. `name` is `room.verb`.

    `permission`: who may start, repeat and schedule it from a page; "" means that only the house itself starts it.
    `attempts` counts runs that failed with one of `retry_on`, or whose worker vanished; between them `backoff` seconds,
    doubled each time, at most an hour. An attempt is asked to stop after `soft_limit` seconds and killed after
    `hard_limit`. `deadline`: seconds after it was asked for, waiting included, handed on to all that it starts.
    `key` names what must not be done twice: while such a task waits, runs or is done, asking again gives that one.
    `alone` names what must not be done by two at a time. `schedulable`: people may put it on a schedule. `apart`: only a
    worker that is told to serves its queue, one that has what the others must not have.
    """

    name: str
    title: LazyString
    work: Work
    arguments: tuple[Argument, ...] = ()
    permission: str = ""
    queue: str = "default"
    attempts: int = 3
    retry_on: tuple[type[Exception], ...] = TEMPORARY
    backoff: float = 5.0
    soft_limit: float = 3300.0
    hard_limit: float = 3600.0
    deadline: float | None = None
    key: Callable[[Arguments], str | None] = _no_key
    alone: Callable[[Arguments], str | None] = _no_key
    schedulable: bool = False
    apart: bool = False


@dataclass(frozen=True)
class HouseSchedule:
    """A schedule that a room brings along: made by the scheduler where it lacks, paused but not deleted by people.

    `cron`: five fields, in the company's time zone; `missed`: skip, once or all, for slots at which no scheduler was there.
    """

    origin: str
    name: str
    kind: str
    cron: str
    args: Arguments = field(default_factory=dict)
    missed: Literal["skip", "once", "all"] = "once"


def task_kinds() -> dict[str, TaskKind]:
    """The kinds that the open rooms declare, by name."""
    kinds: dict[str, TaskKind] = current_app.extensions["task_kinds"]
    return kinds


def task_carrier() -> Any:
    """What carries tasks to the workers of this installation (a `Carrier` of the tasks room)."""
    return current_app.extensions["task_carrier"]


def request_under_way(room: str) -> str:
    """The id of the request under way in an application in which that room is open, "" otherwise: for what listens to all."""
    if not has_request_context() or all(each.name != room for each in current_app.extensions["rooms"]):
        return ""
    return str(g.get("request_id", ""))


def request_id() -> str:
    """The id of the request under way, or of the one that asked for the task under way; "" where there is none."""
    return str(circumstances().get("request_id", ""))
