"""The scheduler: starts what is due, and mends what broke. Any number of them may run; they share the work."""

from __future__ import annotations

import datetime as dt
import logging
import os
import shutil
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

from flask import Flask
from flask_babel import gettext
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from webapp.blueprints.tasks.gateways.broker import broker_folder
from webapp.blueprints.tasks.ports import CarrierDown
from webapp.blueprints.tasks.services.carrying import current_carrier
from webapp.blueprints.tasks.services.holding import list_unsent, mark_sent, reap
from webapp.blueprints.tasks.services.presence import forget_processes, say_alive, say_goodbye
from webapp.blueprints.tasks.services.schedules import ensure_house_schedules, raise_alarms, start_due
from webapp.core.clock import utc_now
from webapp.core.company import get_company
from webapp.core.db import db, transaction
from webapp.core.health import beat
from webapp.core.i18n import speak
from webapp.core.settings import Settings

log = logging.getLogger(__name__)
TICK = 1.0
AT_ONCE = 200
KEPT_MESSAGES = 3600.0  # seconds that the filesystem broker's delivered messages are kept

Step = Callable[[Session], object]


class Scheduler:
    """One scheduler process; `leave` ends it after the round under way."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.name = f"{socket.gethostname()}:{os.getpid()}"
        self.leave = threading.Event()
        self.note = ""
        settings: Settings = app.extensions["settings"]
        self.lease = dt.timedelta(seconds=settings.task_lease)
        self.steps: list[tuple[float, Step]] = [
            (60, ensure_house_schedules),
            (TICK, lambda session: start_due(session, utc_now())),
            (TICK, reap),
            (TICK, self._send),
            (15, lambda session: raise_alarms(session, utc_now())),
            (3600, forget_processes),
            (600, self._tidy),
            (5, lambda session: say_alive(session, name=self.name, role="scheduler", note=self.note)),
        ]
        self.last = [-1e9] * len(self.steps)

    def run(self) -> None:
        """Go round until told to leave."""
        while not self.leave.wait(TICK):
            self.go_round()
        with self.app.app_context():
            self._do(lambda session: say_goodbye(session, name=self.name))

    def go_round(self) -> None:
        """Do every step whose time has come, each in a transaction of its own; one that fails does not stop the others."""
        beat(self.app.extensions["settings"], "scheduler")
        with self.app.app_context():
            for number, (pause, step) in enumerate(self.steps):
                now = time.monotonic()
                if now - self.last[number] >= pause and self._do(step):
                    self.last[number] = now

    def _do(self, step: Step) -> bool:
        try:
            with transaction() as session:
                company = get_company(session)
                speak(company.language_codes[0], company)
                step(session)
        except DBAPIError as problem:
            log.warning("the database does not answer the scheduler: %s", str(problem.orig).strip())
            return False
        except Exception:
            log.exception("a step of the scheduler failed; the others go on")
            return True  # not again before its next time
        finally:
            db.session.remove()
        return True

    def _send(self, session: Session) -> None:
        """Hand to the broker what it lost or never had; with the broker down, say so and try at the next round."""
        carrier = current_carrier()
        self.note = ""
        for task in list_unsent(session, limit=AT_ONCE, lease=self.lease):
            try:
                carrier.send(task.id, task.queue)
            except CarrierDown as problem:
                self.note = gettext("The broker does not answer.")
                log.warning("tasks wait: %s", problem)
                break
            mark_sent(session, task)

    def _tidy(self, _session: Session) -> None:
        settings: Settings = self.app.extensions["settings"]
        if settings.broker_url.startswith("filesystem"):
            _remove_old(broker_folder(settings) / "processed")


def _remove_old(folder: Path) -> None:
    """Remove the messages that were delivered long ago."""
    limit = time.time() - KEPT_MESSAGES
    for path in folder.iterdir() if folder.is_dir() else ():
        try:
            if path.stat().st_mtime < limit:
                path.unlink()
        except FileNotFoundError:  # another scheduler was faster
            continue
        except IsADirectoryError:
            shutil.rmtree(path)
