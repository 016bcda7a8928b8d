"""Runs one task from claim to outcome: the edge at which work of all rooms happens."""

from __future__ import annotations

import datetime as dt
import errno
import json
import logging
import random
import time
import traceback
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import psycopg2
from flask import Flask
from flask_babel import gettext
from sqlalchemy.exc import DBAPIError, OperationalError

from webapp.blueprints.tasks.gateways.deadlines import limit_statements
from webapp.blueprints.tasks.gateways.running import Guard, Reason, Running, end_process, interruptible, words_of
from webapp.blueprints.tasks.models import State, Task
from webapp.blueprints.tasks.services.holding import claim, finish, give_back, unsend
from webapp.core.clock import utc_now
from webapp.core.company import get_company
from webapp.core.crashes import Crashed, report
from webapp.core.db import db, transaction
from webapp.core.errors import DomainError
from webapp.core.i18n import speak
from webapp.core.jobs import TaskKind, TaskStopped, task_kinds
from webapp.core.logs import telling
from webapp.core.security import actor_of
from webapp.core.settings import Settings
from webapp.core.tracing import traced_task

log = logging.getLogger(__name__)
LONGEST_BACKOFF = 3600.0
LARGEST_RESULT = 1_000_000  # characters of JSON
OUT_OF_DISK = ("53100", "58030")  # SQLSTATE disk_full, io_error
OUT_OF_MEMORY = "53200"
CANCELED_STATEMENT = "57014"
FINISHING = 120.0  # seconds that a database which is down may take to come back before the outcome is given up


def stays() -> bool:
    """What a worker says that does not leave."""
    return False


def execute(
    app: Flask,
    task_id: int,
    *,
    worker: str,
    kill: Callable[[], None] = end_process,
    leaving: Callable[[], bool] = stays,
) -> State | None:
    """Claim the task and do its work; the state in which it is now, None when it was not to be had.

    Called in the main thread, a task that does not look whether it shall stop is interrupted; `kill` ends the process of
    one that does not let itself be interrupted either. When the worker is `leaving`, no task is begun, and the one under
    way is given back.
    """
    settings: Settings = app.extensions["settings"]
    lease = dt.timedelta(seconds=settings.task_lease)
    with app.app_context():
        with transaction() as session:
            if leaving():
                unsend(session, task_id)
                return None
            task = claim(session, task_id, token=uuid4(), worker=worker, lease=lease)
            if task is None:
                return None
            company = get_company(session)
            for each in (task, company):  # they are read after this transaction, and while the work has its own
                session.expunge(each)
            speak(task.language, company)
        facts = {"task_id": task.id, "request_id": task.request_id, "actor_id": task.user_id}
        try:
            with telling(**facts), traced_task(app, task.kind, **{k: v for k, v in facts.items() if v is not None}):
                return _Execution(app, task, kill, lease, leaving).run()
        finally:
            db.session.remove()


class _Execution:
    """One attempt."""

    def __init__(
        self, app: Flask, task: Task, kill: Callable[[], None], lease: dt.timedelta, leaving: Callable[[], bool]
    ) -> None:
        self.app = app
        self.task = task
        self.kill = kill
        self.lease = lease
        self.leaving = leaving

    def run(self) -> State | None:
        kind = task_kinds().get(self.task.kind)
        by = actor_of(self.task.user_id)
        db.session.remove()
        if kind is None or by is None:
            sentence = (
                gettext("No open room knows this kind of task any more.")
                if kind is None
                else gettext("The account of %(name)s, who asked for this, is gone or disabled.", name=self.task.actor)
            )
            kind = kind or TaskKind(self.task.kind, gettext("unknown"), lambda _run, _args: None)
            return self._finish(self._running(kind, actor_of(None)), State.FAILED, error=sentence)
        run = self._running(kind, by)
        limit_statements(self.app)
        guard = Guard(run, db.engine, self._settle_from_outside, self.kill, lease=self.lease, leaving=self.leaving)
        guard.start()
        problem: BaseException | None = None
        result: Any = None
        try:
            with interruptible(run):
                result = _plain(kind.work(run, self.task.args))
        except (TaskStopped, Exception) as error:  # noqa: BLE001 - whatever work raises becomes the task's outcome
            problem = _light(error)
        finally:
            db.session.remove()
            guard.end()
        return self._settle(run, result, problem)

    def _running(self, kind: TaskKind, by: Any) -> Running:
        now = time.monotonic()
        soft = now + kind.soft_limit
        deadline = soft
        if self.task.deadline_at is not None:
            deadline = now + (self.task.deadline_at - utc_now()).total_seconds()
        assert self.task.token is not None  # noqa: S101 - the claim gave one
        return Running(
            id=self.task.id, by=by, attempt=self.task.attempts, token=self.task.token, kind=kind,
            until=min(soft, deadline), deadline_first=deadline < soft,
        )  # fmt: skip

    def _settle(self, run: Running, result: Any, problem: BaseException | None) -> State | None:
        if problem is None:
            return self._finish(run, State.DONE, result=result)
        if run.reason is None and _sqlstate(problem) == CANCELED_STATEMENT and time.monotonic() >= run.until - 1:
            run.reason = Reason.DEADLINE if run.deadline_first else Reason.TOO_LONG
        if run.reason is not None:
            return self._settle_stopped(run)
        temporary = isinstance(problem, run.kind.retry_on) or (
            OperationalError in run.kind.retry_on and _connection_lost(problem)
        )
        if temporary and not _hopeless(problem):
            return self._try_again(run, problem)
        if not isinstance(problem, DomainError):
            log.error("task %s (%s) failed", run.id, run.kind.name, exc_info=problem)
            run.log("".join(traceback.format_exception_only(problem)).strip()[:2000], "error")
            report(_crash_of(self.task, problem))
        return self._finish(run, State.FAILED, error=_sentence(problem, self.app))

    def _settle_stopped(self, run: Running) -> State | None:
        words = words_of(run.reason or Reason.CANCELLED, run)
        if run.reason is Reason.CANCELLED:
            return self._finish(run, State.CANCELLED, error=words)
        if run.reason is Reason.LEFT:
            return self._give_back(run, wait=0, words=words, counted=False)
        if run.reason is Reason.NOT_HELD:
            log.warning("task %s: %s", run.id, words)
            return None
        return self._finish(run, State.FAILED, error=words)

    def _settle_from_outside(self, run: Running) -> None:
        """From the guard's thread, before it kills the process: there the work cannot."""
        with self.app.app_context():
            with transaction() as session:
                speak(self.task.language, get_company(session))
            self._settle_stopped(run)
            db.session.remove()

    def _try_again(self, run: Running, problem: BaseException) -> State | None:
        sentence = _sentence(problem, self.app)
        if run.attempt >= self.task.most_attempts:
            words = gettext("Tried %(count)s times. The last time: %(sentence)s", count=run.attempt, sentence=sentence)
            return self._finish(run, State.FAILED, error=words)
        wait = min(run.kind.backoff * 2 ** (run.attempt - 1), LONGEST_BACKOFF) * random.uniform(0.8, 1.2)  # noqa: S311
        words = gettext("It did not work; next try in %(count)s s. %(sentence)s", count=round(wait), sentence=sentence)
        return self._give_back(run, wait=wait, words=words, counted=True)

    def _finish(self, run: Running, state: State, *, result: Any = None, error: str = "") -> State | None:
        def ending() -> State | None:
            with transaction() as session:
                told = run.last_words()
                held = finish(session, run.id, token=run.token, state=state, result=result, error=error, told=told)
                return state if held else None

        try:
            return self._persist(ending, patient=result is None)
        except DBAPIError as problem:
            if result is None:
                raise
            db.session.remove()
            log.exception("task %s: its result cannot be stored", run.id)
            words = _sentence(problem, self.app) if _disk_full(problem) else _unstorable(problem.orig)
            return self._finish(run, State.FAILED, error=words)

    def _give_back(self, run: Running, *, wait: float, words: str, counted: bool) -> State | None:
        def returning() -> State | None:
            with transaction() as session:
                told = run.last_words()
                return give_back(session, run.id, token=run.token, wait=wait, words=words, counted=counted, told=told)

        return self._persist(returning, patient=True)

    def _persist(self, write: Callable[[], State | None], *, patient: bool) -> State | None:
        """Write an outcome, though the database may be restarting: else the work would be done again.

        Raises what the database says when it goes on for too long, and at once what waiting does not mend; `patient`, a
        full disk is waited for.
        """
        until = time.monotonic() + FINISHING
        pause = 0.2
        while True:
            try:
                return write()
            except DBAPIError as problem:
                db.session.remove()
                waits = _connection_lost(problem) and (patient or not _disk_full(problem))
                if not waits or time.monotonic() > until:
                    raise
                log.warning("task %s: its outcome cannot be stored yet: %s", self.task.id, str(problem.orig).strip())
                time.sleep(pause)
                pause = min(pause * 2, 5)


def _plain(result: Any) -> Any:
    """The result as JSON has it. Raises DomainError when it is none or too large."""
    try:
        written = json.dumps(result, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise DomainError(_unstorable(error)) from error
    if len(written) > LARGEST_RESULT:
        raise DomainError(gettext("Its result is too large to be stored."))
    return json.loads(written)


def _unstorable(reason: object) -> str:
    return str(gettext("Its result cannot be stored: %(reason)s", reason=str(reason).strip().partition("\n")[0]))


def _sqlstate(problem: BaseException) -> str:
    original = problem.orig if isinstance(problem, DBAPIError) else problem
    return str(getattr(original, "pgcode", None) or "")


def _connection_lost(problem: BaseException) -> bool:
    """Whether the database is the reason, under whichever class the driver reports its restart."""
    if isinstance(problem, DBAPIError):
        return isinstance(problem, OperationalError) or problem.connection_invalidated
    return isinstance(problem, (psycopg2.OperationalError, psycopg2.InterfaceError))


def _light(problem: BaseException) -> BaseException:
    """The problem; without the frames of the work when these hold all the memory that there is."""
    return problem.with_traceback(None) if isinstance(problem, MemoryError) else problem


def _hopeless(problem: BaseException) -> bool:
    """Temporary by its type, but a person has to do something first."""
    return _disk_full(problem) or _sqlstate(problem) == OUT_OF_MEMORY


def _disk_full(problem: BaseException) -> bool:
    return _sqlstate(problem) in OUT_OF_DISK or getattr(problem, "errno", None) in (errno.ENOSPC, errno.EDQUOT)


def _crash_of(task: Task, problem: BaseException) -> Crashed:
    return Crashed(problem, task.request_id or "", task.user_id, task=task.kind, task_id=task.id)


def _sentence(problem: BaseException, app: Flask) -> str:
    """What went wrong, for a person who is no programmer."""
    if isinstance(problem, DomainError):
        return str(problem)
    if isinstance(problem, MemoryError):
        settings: Settings = app.extensions["settings"]
        return str(
            gettext(
                "It needed more memory than the %(count)s MB that a task may have (TASK_MEGABYTES).",
                count=settings.task_megabytes,
            )
        )
    if _disk_full(problem):
        return str(gettext("The disk is full: make room, then retry."))
    if _connection_lost(problem):
        reason = str(getattr(problem, "orig", problem)).strip().partition("\n")[0]
        return str(gettext("The database did not answer: %(reason)s", reason=reason))
    said = " ".join(f"{type(problem).__name__}: {problem}".split())[:1000]
    return str(gettext("Something unforeseen happened: %(reason)s", reason=said))
