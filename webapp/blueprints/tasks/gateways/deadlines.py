"""Hands a running task's deadline on to its queries: each gets the time that is left, and can be broken off."""

from __future__ import annotations

import time
from contextlib import closing
from typing import Any, cast

from flask import Flask
from sqlalchemy import Connection, Engine, event

from webapp.blueprints.tasks.gateways.running import Asking, current_run
from webapp.core.db import db

LIMITED = "bottega_limited"
STALE = 1.0  # seconds after which the limit of a connection is set anew


def limit_statements(app: Flask) -> None:
    """Make PostgreSQL break off the statements of tasks when their time is over; once for each application."""
    if not app.extensions.get(LIMITED):
        app.extensions[LIMITED] = True
        for engine in db.engines.values():
            _limit(engine)


def _limit(engine: Engine) -> None:
    @event.listens_for(engine, "begin")
    def forget(connection: Connection) -> None:
        connection.info.pop(LIMITED, None)

    @event.listens_for(engine, "before_cursor_execute")
    def limit(connection: Connection, *_rest: Any) -> None:
        run = current_run()
        if run is None:
            return
        run.asking = cast("Asking | None", connection.connection.dbapi_connection)
        now = time.monotonic()
        until, since = connection.info.get(LIMITED, (0.0, 0.0))
        if until == run.until and now - since < STALE:
            return
        milliseconds = max(1, int((run.until - now) * 1000))
        with closing(connection.connection.cursor()) as cursor:  # its own: the statement's may be one of the server
            cursor.execute(f"SET LOCAL statement_timeout = {milliseconds}")
        connection.info[LIMITED] = (run.until, now)
