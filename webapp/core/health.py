"""Whether this process lives (`/healthz`) and whether it can do its work (`/readyz`), each failure with its reason in words."""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from flask import Flask, Response, current_app, jsonify
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from webapp.core import migrations
from webapp.core.db import db
from webapp.core.security import public
from webapp.core.settings import Settings

log = logging.getLogger(__name__)
OLDEST = 150000  # PostgreSQL 15
SECONDS = 3  # that a database may take to answer
LEAST_FREE = 500 * 1024 * 1024
LEAST_SHARE = 0.03


class NotReady(Exception):
    """A part that is needed is not there; the message says which, why, and what to do."""


@dataclass(frozen=True)
class Verdict:
    """What one check found: `words` say it either way."""

    name: str
    ok: bool
    words: str


Check = Callable[[], str]
"""Returns what it found as a sentence. Raises NotReady."""


def set_up_health(app: Flask) -> None:
    """Answer `/healthz` and `/readyz`, and give the rooms a place for their own checks."""
    app.extensions["bottega_checks"] = {
        "database": lambda: _database(None),
        "gold database": lambda: _database("gold"),
        "migrations": check_migrations,
        "disk": check_disk,
    }
    app.add_url_rule("/healthz", "healthz", public(tell_health))
    app.add_url_rule("/readyz", "readyz", public(tell_readiness))


def add_check(app: Flask, name: str, check: Check) -> None:
    """Let `/readyz` and `bottega check` run a room's check too."""
    app.extensions["bottega_checks"][name] = check


def tell_health() -> Response:
    """This process answers: nothing else is asked."""
    return Response("alive\n", mimetype="text/plain", headers={"Cache-Control": "no-store"})


def tell_readiness() -> Response:
    """Whether all that a page needs is there: 200 or 503, and each check with its words."""
    verdicts = list(run_checks())
    ready = all(verdict.ok for verdict in verdicts)
    response = jsonify(
        ready=ready,
        checks=[{"name": verdict.name, "ok": verdict.ok, "words": verdict.words} for verdict in verdicts],
    )
    response.status_code = 200 if ready else 503
    response.headers["Cache-Control"] = "no-store"
    return response


def beat(settings: Settings, role: str) -> None:
    """Leave a sign of life of a process that answers no requests, where BOTTEGA_HEARTS says where; healthcheck.py reads it."""
    if settings.heart_folder:
        (settings.heart_folder / f"bottega-{role}.alive").touch()


def run_checks() -> Iterable[Verdict]:
    """Run every check of this installation; one that fails does not stop the others."""
    checks: dict[str, Check] = current_app.extensions["bottega_checks"]
    for name, check in checks.items():
        yield verdict_of(name, check)


def verdict_of(name: str, check: Check) -> Verdict:
    """Run one check."""
    try:
        return Verdict(name, ok=True, words=check())
    except NotReady as problem:
        return Verdict(name, ok=False, words=str(problem))
    except Exception as problem:
        log.exception("the check of the %s failed by itself", name)
        return Verdict(
            name, ok=False, words=f"the check failed by itself ({type(problem).__name__}); the log says more"
        )


def wait_for_databases(seconds: float, tell: Callable[[str], None]) -> None:
    """Return when both databases answer. Raises NotReady when one does not within `seconds`; `tell` hears what is waited for."""
    until = time.monotonic() + seconds
    said = ""
    while True:
        try:
            for bind in (None, "gold"):
                _database(bind)
            return
        except NotReady as problem:
            if time.monotonic() > until:
                raise NotReady(f"{problem} (waited {seconds:g} s)") from None
            if str(problem) != said:
                said = str(problem)
                tell(said)
            time.sleep(0.5)


def check_migrations() -> str:
    """All migrations are applied. Raises NotReady naming those that are not."""
    try:
        missing = migrations.pending()
    except DBAPIError as problem:
        raise NotReady(f"the migrations cannot be read: {_first_line(problem)}") from None
    if missing:
        raise NotReady(f"the database lacks {', '.join(missing)}: run `bottega migrate`")
    return "all migrations are applied"


def check_disk() -> str:
    """The disk under the instance folder has room. Raises NotReady."""
    settings: Settings = current_app.extensions["settings"]
    folder = settings.instance
    while not folder.exists():
        folder = folder.parent
    usage = shutil.disk_usage(folder)
    words = f"{usage.free / 2**30:.1f} GB free of {usage.total / 2**30:.1f} GB under {folder}"
    if usage.free < min(LEAST_FREE, usage.total * 0.5) or usage.free < LEAST_SHARE * usage.total:
        raise NotReady(f"the disk is nearly full, {words}: make room, uploads and the databases need it")
    if not _writable(settings.instance):
        raise NotReady(f"{settings.instance} cannot be written to: give it to the user that runs Bottega")
    return words


def _writable(folder: Path) -> bool:
    probe = folder / ".writable"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.touch()
        probe.unlink(missing_ok=True)
    except OSError:
        return False
    return True


def _database(bind: str | None) -> str:
    """A database answers on a connection of its own within seconds. Raises NotReady."""
    name = "gold database (GOLD_DATABASE_URL)" if bind else "database (DATABASE_URL)"
    try:
        with _fresh(bind).connect() as connection:
            version = int(connection.execute(text("SHOW server_version_num")).scalar_one())
            recovering = connection.execute(text("SELECT pg_is_in_recovery()")).scalar_one()
    except DBAPIError as problem:
        raise NotReady(f"the {name} does not answer: {_first_line(problem)}") from None
    if version < OLDEST:
        raise NotReady(f"the {name} is PostgreSQL {version // 10000}; Bottega needs 15 or later")
    if recovering:
        raise NotReady(f"the {name} is a standby that takes no writes: name the primary")
    return f"PostgreSQL {version // 10000} answers"


def _fresh(bind: str | None) -> Engine:
    """An engine without a pool and with little patience: a pool that is used up is no dead database."""
    server = current_app.extensions["embedded_postgres"]
    if server:
        server.acquire()
    arguments = {"connect_timeout": SECONDS, "options": f"-c statement_timeout={SECONDS * 1000}"}
    return create_engine(db.engines[bind].url, poolclass=NullPool, connect_args=arguments)


def _first_line(problem: DBAPIError) -> str:
    return str(problem.orig).strip().partition("\n")[0]
