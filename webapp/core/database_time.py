"""How many seconds of a request the databases took, told to whoever writes its line: nginx, or `access_log`.

The answer carries them in a header, which nginx writes into its log and takes out (`proxy_hide_header`), as `access_log`
does where no proxy stands before the application. What is asked while an answer is already under way is not among them.
"""

from __future__ import annotations

import time
from typing import Any

from flask import Flask, Response, g, has_request_context
from sqlalchemy import Engine, event

from webapp.core.db import db
from webapp.core.settings import Settings

HEADER = "X-Database-Seconds"
BEGUN = "bottega_begun"


def set_up_database_time(app: Flask, settings: Settings) -> None:
    """Measure the statements of each request, where somebody writes its line. Comes before all that asks a database."""
    if not (settings.trusted_proxies or settings.access_log):
        return
    app.after_request(_tell)
    with app.app_context():
        for engine in db.engines.values():
            _measure(engine)


def _tell(response: Response) -> Response:
    response.headers[HEADER] = f"{g.get('database_seconds', 0.0):.3f}"
    return response


def _measure(engine: Engine) -> None:
    @event.listens_for(engine, "before_cursor_execute")
    def _(connection: Any, *_rest: Any) -> None:
        connection.info[BEGUN] = time.perf_counter()

    def ended(connection: Any) -> None:
        begun = connection.info.pop(BEGUN, None)
        if begun is not None and has_request_context():
            g.database_seconds = g.get("database_seconds", 0.0) + time.perf_counter() - begun

    @event.listens_for(engine, "after_cursor_execute")
    def _(connection: Any, *_rest: Any) -> None:
        ended(connection)

    @event.listens_for(engine, "handle_error")
    def _(failure: Any) -> None:
        if failure.connection is not None:
            ended(failure.connection)
