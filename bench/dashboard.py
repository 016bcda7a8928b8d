"""The dashboard with all cards on all the data: its server time beside that of its SQL alone."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from sqlalchemy import event

from bench.context import Context
from bench.rows import Row
from webapp.blueprints.accounts.queries.sessions import Limits
from webapp.blueprints.accounts.services.sessions import Caller, begin_session, new_key
from webapp.blueprints.accounts.services.users import create_user
from webapp.core.db import db, transaction
from webapp.core.security import SYSTEM

ADDRESS = "/backoffice/?range=all"
RUNS = 9
LIMIT = 2.0


class Stopwatch:
    """How long the databases took, in seconds."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._started = 0.0

    def start(self, *_: Any) -> None:
        """A statement is sent."""
        self._started = time.perf_counter()

    def stop(self, *_: Any) -> None:
        """Its answer is there."""
        self.seconds += time.perf_counter() - self._started


def measure(context: Context) -> list[Row]:
    with context.app.app_context():
        client = signed_in(context.app)
        timed = [_once(client) for _ in range(RUNS + 2)][2:]  # the first ones fill caches
    ratio = statistics.median(total / sql for total, sql in timed)
    total = statistics.median(total for total, _sql in timed)
    sql = statistics.median(sql for _total, sql in timed)
    return [
        Row("dashboard, all cards, all days", total * 1000, "ms", f"its SQL alone: {sql * 1000:.0f} ms", ratio, LIMIT)
    ]


def signed_in(app: Flask) -> Any:
    """A browser of a new owner."""
    with app.app_context(), transaction() as session:
        user = create_user(
            session,
            by=SYSTEM,
            email="bench@people.bottega.it",
            name="Bench",
            password="a-long-enough-password",  # noqa: S106 - of a database that is thrown away
            roles=["owner"],
        )
        key = new_key()
        begin_session(session, user=user, key=key, caller=Caller("127.0.0.1", "bench"), house=Limits(480, 336))
        cookies = {"sid": key, "uid": user.id, "_user_id": user.fs_uniquifier, "_fresh": True, "fs_cc": "set"}
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie.update(cookies)
    return client


def _once(client: Any) -> tuple[float, float]:
    with _watched() as watch:
        started = time.perf_counter()
        response = client.get(ADDRESS)
        total = time.perf_counter() - started
    assert response.status_code == 200
    assert response.text.count("data-chart-spec") == 5
    return total, watch.seconds


@contextmanager
def _watched() -> Iterator[Stopwatch]:
    watch = Stopwatch()
    engines = list(db.engines.values())
    for engine in engines:
        event.listen(engine, "before_cursor_execute", watch.start)
        event.listen(engine, "after_cursor_execute", watch.stop)
    try:
        yield watch
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", watch.start)
            event.remove(engine, "after_cursor_execute", watch.stop)
