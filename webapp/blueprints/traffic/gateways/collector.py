"""`bottega collector`: the process that follows the live logs, every few seconds, until it is told to end."""

from __future__ import annotations

import logging
import signal
import threading
import time
from contextlib import suppress

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from webapp.core.db import db, transaction
from webapp.core.health import beat
from webapp.core.settings import Settings

log = logging.getLogger(__name__)
PAUSE = 3.0  # seconds between two looks at the live logs
PATIENCE = 600.0  # seconds until the same complaint is logged again


class Following:
    """One process that follows the logs; `leave` ends it after the block under way."""

    def __init__(self, app: Flask, pause: float = PAUSE) -> None:
        from webapp.blueprints.traffic.services.rounds import Collector

        self.app = app
        self.pause = pause
        self.leave = threading.Event()
        self.settings: Settings = app.extensions["settings"]
        self.collector = Collector(transaction, self.settings, say=lambda _told: self._go_on(), complain=self._complain)
        self._told: dict[str, float] = {}
        self._mark: Connection | None = None

    def run(self) -> None:
        """Go round until told to leave. A database that does not answer is waited for."""
        with self.app.app_context(), suppress(_Left):
            try:
                while not self.leave.is_set():
                    self.go_round()
                    self.leave.wait(self.pause)
            finally:
                self._forget_mark()

    def go_round(self) -> None:
        """One round; what fails is logged, and tried again with the next one."""
        beat(self.settings, "collector")
        try:
            self._be_seen()
            self.collector.go_round()
        except DBAPIError as problem:
            self._forget_mark()
            self._complain(f"the database does not answer the collector: {str(problem.orig).strip()}")
        except Exception:
            log.exception("a round of the collector failed")
        finally:
            db.session.remove()

    def _be_seen(self) -> None:
        from webapp.blueprints.traffic.services.rounds import begin_following

        if self._mark is None:
            self._mark = db.engines[None].connect().execution_options(isolation_level="AUTOCOMMIT")
            begin_following(self._mark)

    def _forget_mark(self) -> None:
        mark, self._mark = self._mark, None
        if mark is not None:
            mark.invalidate()
            mark.close()

    def _go_on(self) -> None:
        beat(self.settings, "collector")
        if self.leave.is_set():
            raise _Left

    def _complain(self, sentence: str) -> None:
        if time.monotonic() - self._told.get(sentence, -PATIENCE) >= PATIENCE:
            self._told[sentence] = time.monotonic()
            log.warning("%s", sentence)


class _Left(BaseException):
    """Told to end while a file was read: the block that was read is stored."""


def check_traffic(settings: Settings) -> str:
    """For `check --deploy`: that nginx's logs are read. Raises NotReady."""
    from webapp.blueprints.traffic.services.reaching import check_logs

    with transaction() as session:
        return check_logs(session, settings)


@click.command("collector")
@with_appcontext
def collector() -> None:
    """Follow the logs of TRAFFIC_LOGS and the application's own, until SIGTERM. More than one may run."""
    process = Following(current_app._get_current_object())  # type: ignore[attr-defined]  # noqa: SLF001 - Werkzeug's way to the thing behind
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, lambda *_: process.leave.set())
    process.run()
