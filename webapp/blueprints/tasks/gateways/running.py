"""A task while it runs: what its work may ask for, and the guard beside it that keeps the lease and watches the limits."""

from __future__ import annotations

import datetime as dt
import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol
from uuid import UUID

import psycopg2
from flask_babel import gettext
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from webapp.blueprints.tasks.services.asking import ask
from webapp.blueprints.tasks.services.holding import Told, confirm, look, renew
from webapp.core.clock import utc_now
from webapp.core.db import transaction
from webapp.core.jobs import Arguments, Level, TaskKind, TaskStopped
from webapp.core.security import Actor

log = logging.getLogger(__name__)
STOP_SIGNAL = signal.SIGUSR2
PAUSE = 0.5  # seconds between two looks of the guard
RENEW = 3  # times within a lease
GRACE = 10.0  # seconds that work gets to end by itself once it was asked to


class Reason(Enum):
    """Why a running task shall end."""

    CANCELLED = "cancelled"
    LEFT = "left"
    TOO_LONG = "too long"
    DEADLINE = "deadline"
    NOT_HELD = "not held"


class Asking(Protocol):
    """A connection of the driver, as far as another thread may touch it."""

    def cancel(self) -> None:
        """Break off the query under way, if there is one."""


@dataclass
class Running:
    """A `TaskRun`. `until` is the moment (monotonic) at which its time is over."""

    id: int
    by: Actor
    attempt: int
    token: UUID
    kind: TaskKind
    until: float
    deadline_first: bool
    reason: Reason | None = None
    working: bool = False
    asking: Asking | None = None  # the connection whose query was the last
    _told: Told = field(default_factory=Told)
    _changed: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def progress(self, done: int, total: int | None = None, words: str = "") -> None:
        """Tell how far it is. Raises TaskStopped when the task shall end."""
        self.check()
        with self._lock:
            self._told, self._changed = Told(done, total, words, self._told.lines), True

    def log(self, sentence: str, level: Level = "info") -> None:
        """Add a line to the task's log."""
        with self._lock:
            told = self._told
            self._told = Told(told.done, told.total, told.words, [*told.lines, (level, sentence)])
            self._changed = True

    def check(self) -> None:
        """Raise TaskStopped when the task shall end."""
        if self.reason is None and time.monotonic() >= self.until:
            self.reason = Reason.DEADLINE if self.deadline_first else Reason.TOO_LONG
        if self.reason is not None:
            raise TaskStopped(self.reason.value)

    def time_left(self, at_most: float | None = None) -> float:
        """Seconds until the deadline, at most `at_most`. Raises TaskStopped when none are left."""
        self.check()
        left = self.until - time.monotonic()
        return max(0.001, left if at_most is None else min(left, at_most))

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """One transaction, committed only if this worker still holds the task."""
        with transaction() as session:
            yield session
            session.flush()
            if not confirm(session, self.id, token=self.token):
                self.reason = Reason.NOT_HELD
                raise TaskStopped(self.reason.value)

    def start(self, kind: str, args: Arguments, *, key: str | None = None) -> int:
        """Queue a sub-task with what is left of this task's deadline; its id."""
        left = self.time_left()
        deadline = utc_now() + dt.timedelta(seconds=left) if self.deadline_first else None
        with self.transaction() as session:
            return ask(session, kind, args, by=self.by, key=key, deadline_at=deadline, parent_id=self.id).id

    def take_news(self) -> Told | None:
        """What was told since the last call, None when nothing was."""
        with self._lock:
            told, self._told = self._told, Told(self._told.done, self._told.total, self._told.words)
            news, self._changed = self._changed, False
        return told if news else None

    def put_back(self, told: Told | None) -> None:
        """What could not be written goes before what came meanwhile."""
        if told is not None:
            with self._lock:
                now, self._changed = self._told, True
                self._told = Told(now.done, now.total, now.words, [*told.lines, *now.lines])

    def last_words(self) -> Told:
        """How far it came, and the lines not written yet."""
        return self._told


def end_process() -> None:
    """Kill this process: work that does not listen leaves no other way."""
    os.kill(os.getpid(), signal.SIGKILL)


class Guard(threading.Thread):
    """Beside the work: renews its lease, writes what it tells, and stops it when its time has come."""

    def __init__(
        self,
        run: Running,
        engine: Engine,
        settle: Callable[[Running], None],
        kill: Callable[[], None],
        *,
        lease: dt.timedelta,
        leaving: Callable[[], bool],
    ) -> None:
        super().__init__(name=f"guard of task {run.id}", daemon=True)
        self.run_ = run
        self.engine = engine
        self.settle = settle
        self.kill = kill
        self.lease = lease
        self.leaving = leaving
        self.main = threading.current_thread()
        self.over = threading.Event()
        self.renewed = time.monotonic()
        self.stopped_at: float | None = None

    def run(self) -> None:
        """Look after the work until it is over."""
        while not self.over.wait(PAUSE):
            try:
                self._keep()
                self._watch()
            except Exception:  # no memory left for one look, say; the next may go well
                log.exception("the guard of task %s stumbled", self.run_.id)

    def end(self) -> None:
        """The work is over."""
        self.over.set()
        self.join()

    def _keep(self) -> None:
        if self.run_.reason is Reason.NOT_HELD:
            return
        told = self.run_.take_news()
        due = time.monotonic() - self.renewed > self.lease.total_seconds() / RENEW
        try:
            with Session(self.engine) as session, session.begin():
                if told or due:
                    asked = renew(session, self.run_.id, token=self.run_.token, told=told, lease=self.lease)
                else:
                    asked = look(session, self.run_.id, token=self.run_.token)
        except DBAPIError as problem:
            log.warning("task %s: the lease could not be renewed: %s", self.run_.id, str(problem.orig).strip())
            self.run_.put_back(told)
            if time.monotonic() - self.renewed > self.lease.total_seconds():
                self._ask_to_end(Reason.NOT_HELD)
            return
        if asked is False:
            self._ask_to_end(Reason.NOT_HELD)
            return
        if told or due:
            self.renewed = time.monotonic()
        if asked is not None:
            self._ask_to_end(Reason.CANCELLED)

    def _watch(self) -> None:
        if self.leaving():
            self._ask_to_end(Reason.LEFT)
        if time.monotonic() >= self.run_.until:
            self._ask_to_end(Reason.DEADLINE if self.run_.deadline_first else Reason.TOO_LONG)
        if self.run_.reason is None:
            return
        if self.stopped_at is None:
            self.stopped_at = time.monotonic()
            self._interrupt()
        patience = (
            GRACE if self.run_.reason is not Reason.TOO_LONG else self.run_.kind.hard_limit - self.run_.kind.soft_limit
        )
        if time.monotonic() - self.stopped_at > max(patience, PAUSE):
            log.error("task %s does not end: its process is killed", self.run_.id)
            self.settle(self.run_)
            self.kill()

    def _ask_to_end(self, reason: Reason) -> None:
        if self.run_.reason is None:
            self.run_.reason = reason

    def _interrupt(self) -> None:
        """Raise TaskStopped in the middle of the work, where that is possible."""
        if (
            self.run_.working
            and self.main is threading.main_thread()
            and signal.getsignal(STOP_SIGNAL) is on_stop_signal
        ):
            signal.pthread_kill(self.main.ident or 0, STOP_SIGNAL)
            if self.run_.asking is not None:  # Python hears the signal only when the driver returns
                with suppress(psycopg2.Error):  # the connection was closed meanwhile
                    self.run_.asking.cancel()


_runs: dict[int, Running] = {}


def current_run() -> Running | None:
    """The task that this thread works on."""
    return _runs.get(threading.get_ident())


@contextmanager
def interruptible(run: Running) -> Iterator[None]:
    """While inside, the stop signal raises TaskStopped in the main thread."""
    in_main = threading.current_thread() is threading.main_thread()
    before = signal.signal(STOP_SIGNAL, on_stop_signal) if in_main else None
    _runs[threading.get_ident()] = run
    run.working = True
    try:
        yield
    finally:
        run.working = False
        del _runs[threading.get_ident()]
        if in_main:
            signal.signal(STOP_SIGNAL, before)


def on_stop_signal(_signal: int, _frame: object) -> None:
    """The guard stops the work."""
    run = current_run()
    if run is None or not run.working or run.reason is None:
        return
    run.working = False
    raise TaskStopped(run.reason.value)


def words_of(reason: Reason, run: Running) -> str:
    """Why the task ended, in words."""
    words: dict[Reason, str] = {
        Reason.CANCELLED: gettext("Cancelled."),
        Reason.LEFT: gettext("The worker was stopped; it will be tried again."),
        Reason.TOO_LONG: gettext(
            "It took longer than %(count)s seconds and was stopped.", count=f"{run.kind.soft_limit:g}"
        ),
        Reason.DEADLINE: gettext("Its deadline passed before it was done."),
        Reason.NOT_HELD: gettext("Another worker took it over."),
    }
    return words[reason]
