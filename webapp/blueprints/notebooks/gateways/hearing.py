"""Hears of a wish the moment it is committed: PostgreSQL tells who listens, so that no start waits for a round."""

from __future__ import annotations

import logging
import select
import threading
from collections.abc import Callable
from typing import Any

import psycopg2
from flask import Flask
from sqlalchemy.exc import DBAPIError

from webapp.blueprints.notebooks.services.wishes import CHANNEL
from webapp.core.db import db

log = logging.getLogger(__name__)
AGAIN = 2.0  # seconds until a database that went away is asked again
LOOK = 1.0  # seconds between two looks whether to leave


class Hearing:
    """Calls `heard` with the number of each notebook of which something is wished, until `leave` is set.

    What is wished while the database is away is not heard: the rounds see it. `listening` is set while it listens.
    """

    def __init__(self, app: Flask, leave: threading.Event, heard: Callable[[int], None]) -> None:
        self.app = app
        self.leave = leave
        self.heard = heard
        self.listening = threading.Event()

    def run(self) -> None:
        """Listen, and listen anew after the database went away."""
        while not self.leave.is_set():
            try:
                with self.app.app_context():
                    self._listen()
            except (DBAPIError, psycopg2.Error) as problem:
                log.warning("wishes are not heard: %s", str(getattr(problem, "orig", problem)).strip())
            finally:
                self.listening.clear()
            self.leave.wait(AGAIN)

    def _listen(self) -> None:
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            try:
                connection.exec_driver_sql(f"LISTEN {CHANNEL}")
                line: Any = connection.connection.dbapi_connection
                self.listening.set()
                while not self.leave.is_set():
                    if select.select([line], [], [], LOOK)[0]:
                        line.poll()
                    while line.notifies:
                        self.heard(int(line.notifies.pop(0).payload))
            finally:
                connection.invalidate()  # nobody else is to get a connection that listens
