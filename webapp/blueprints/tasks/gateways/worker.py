"""The worker: Celery's prefork pool around `execute`. It says that it lives, and what its dead children died of."""

from __future__ import annotations

import ctypes
import datetime as dt
import logging
import mmap
import os
import resource
import signal
import socket
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from billiard.exceptions import WorkerLostError
from celery import Celery, signals
from flask import Flask
from sqlalchemy.exc import DBAPIError

from webapp.blueprints.tasks.gateways.broker import EXECUTE, make_celery
from webapp.blueprints.tasks.gateways.runner import execute
from webapp.blueprints.tasks.gateways.running import GRACE, STOP_SIGNAL
from webapp.blueprints.tasks.services.holding import expire, miss
from webapp.blueprints.tasks.services.presence import say_alive, say_goodbye
from webapp.core.company import get_company
from webapp.core.db import db, transaction
from webapp.core.forking import share_what_is_loaded
from webapp.core.health import beat
from webapp.core.i18n import speak
from webapp.core.jobs import task_kinds
from webapp.core.settings import Settings

log = logging.getLogger(__name__)
BEAT = 5.0  # seconds; a sixth of the lease where that is shorter
GROWTH = (
    64  # megabytes; a process of the pool that grew by more (pandas, pictures) makes room for a new one after its task
)
SILENCE = 2  # beats without a message, after which waiting tasks are missed
LEAVES = GRACE + 10  # seconds after the request to end; the pool waits for ever for a process that died meanwhile
PR_SET_PDEATHSIG = 1


def queues(app: Flask, *, apart: bool = True) -> list[str]:
    """The queues that the kinds of the open rooms name; without those `apart`, the ones that any worker may serve."""
    with app.app_context():
        return sorted({"default", *(kind.queue for kind in task_kinds().values() if apart or not kind.apart)})


def work(app: Flask, *, processes: int, names: Sequence[str]) -> int:
    """Work on the tasks of the named queues until SIGTERM or SIGINT; the exit code."""
    settings: Settings = app.extensions["settings"]
    if app.extensions["embedded_postgres"]:
        app.extensions["embedded_postgres"].acquire()
    name = f"{socket.gethostname()}:{os.getpid()}"
    celery = _celery(app, settings, name, names)
    worker = celery.Worker(
        hostname=f"bottega@{name}",
        pool_cls="prefork",
        concurrency=processes,
        max_memory_per_child=_kilobytes() + GROWTH * 1024,
        queues=list(names),
        loglevel="WARNING",
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
        optimization="fair",
        quiet=True,
    )
    share_what_is_loaded()
    try:
        worker.start()
    finally:
        _goodbye(app, name)
    return int(worker.exitcode or 0)


def _kilobytes() -> int:
    """The most that this process ever had in memory; macOS says it in bytes."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most // 1024 if sys.platform == "darwin" else most


def _celery(app: Flask, settings: Settings, name: str, queues: Sequence[str]) -> Celery:
    celery = make_celery(settings)
    leaving = mmap.mmap(-1, 1)  # shared with the processes of the pool, those of later as well
    heart = _Heart(app, name, queues, pause=min(BEAT, settings.task_lease / 6))

    def execute_task(task_id: int) -> None:
        execute(app, task_id, worker=f"{name}/{os.getpid()}", leaving=lambda: leaving[0] != 0)

    def begin(**_event: Any) -> None:
        _begin_process(app, settings)

    def live(sender: Any, **_event: Any) -> None:
        heart.beat()
        sender.timer.call_repeatedly(heart.pause, heart.beat)

    def hear(**_event: Any) -> None:
        heart.heard = time.monotonic()

    def leave(**_event: Any) -> None:
        leaving[0] = 1
        end = threading.Timer(LEAVES, _end_anyway)
        end.daemon = True
        end.start()

    def bury(exception: BaseException, args: Sequence[Any], **_event: Any) -> None:
        if isinstance(exception, WorkerLostError):
            _bury(app, name, int(args[0]), exception)

    celery.task(name=EXECUTE)(execute_task)
    signals.worker_process_init.connect(begin, weak=False)
    signals.worker_ready.connect(live, weak=False)
    signals.task_received.connect(hear, weak=False)
    signals.worker_shutting_down.connect(leave, weak=False)
    signals.task_failure.connect(bury, weak=False)
    return celery


def _begin_process(app: Flask, settings: Settings) -> None:
    """In each process of the pool: connections of its own, an end with its parent, and a bound on its memory."""
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose(close=False)
    signal.signal(STOP_SIGNAL, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        limit = settings.task_megabytes * 1024 * 1024
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))


@dataclass
class _Heart:
    """Beats every `pause` seconds: the worker lives, and misses what the broker does not bring. `heard`: its last message."""

    app: Flask
    name: str
    queues: Sequence[str]
    pause: float
    heard: float = field(default_factory=time.monotonic)

    def beat(self) -> None:
        silence = self.pause * SILENCE
        beat(self.app.extensions["settings"], "worker")
        with self.app.app_context():
            try:
                with transaction() as session:
                    say_alive(session, name=self.name, role="worker")
                    if time.monotonic() - self.heard > silence:
                        miss(
                            session,
                            worker=f"{self.name}/",
                            queues=self.queues,
                            silence=dt.timedelta(seconds=silence),
                        )
            except DBAPIError as problem:
                log.warning("the worker cannot tell that it lives: %s", str(problem.orig).strip())
            finally:
                _drop_connections()


def _end_anyway() -> None:
    log.error("the processes of the worker do not end: it ends without them, and leaves its tasks to others")
    os._exit(1)


def _goodbye(app: Flask, name: str) -> None:
    with app.app_context():
        try:
            with transaction() as session:
                say_goodbye(session, name=name)
        except DBAPIError as problem:
            log.warning("the worker cannot say goodbye: %s", str(problem.orig).strip())
        finally:
            _drop_connections()


def _bury(app: Flask, name: str, task_id: int, problem: WorkerLostError) -> None:
    """A process died under its task: say so, and let the task be tried again without waiting for its lease."""
    log.error("task %s lost its process: %s", task_id, problem)
    with app.app_context():
        try:
            with transaction() as session:
                company = get_company(session)
                speak(company.language_codes[0], company)
                expire(session, task_id, worker=f"{name}/")
        except DBAPIError as failure:
            log.warning("task %s waits for its lease to run out: %s", task_id, str(failure.orig).strip())
        finally:
            _drop_connections()


def _drop_connections() -> None:
    """The parent keeps none: its children are copies of it."""
    db.session.remove()
    for engine in db.engines.values():
        engine.dispose()
