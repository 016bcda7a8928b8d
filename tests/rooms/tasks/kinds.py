"""Kinds of tasks that only tests have, and a worker and a scheduler that know them."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from flask import Flask
from flask_babel import lazy_gettext as _l
from sqlalchemy import text

from webapp.app import create_app
from webapp.blueprints.tasks.gateways.scheduler import Scheduler
from webapp.blueprints.tasks.gateways.worker import queues, work
from webapp.core.errors import DomainError
from webapp.core.i18n import offered_languages
from webapp.core.jobs import Arguments, TaskKind, TaskRun

TITLE = _l("Tasks")


def count(run: TaskRun, args: Arguments) -> dict[str, Any]:
    """Leave a trace that two finished runs of the same task would show, after `seconds` of work."""
    time.sleep(args.get("seconds", 0.02))
    with run.transaction() as session:
        session.execute(
            text("INSERT INTO traces (task_id, attempt) VALUES (:id, :attempt)"), {"id": run.id, "attempt": run.attempt}
        )
    return {"n": args.get("n")}


def tell(run: TaskRun, args: Arguments) -> dict[str, Any]:
    """Tell progress for `seconds`, and listen."""
    until = time.monotonic() + args.get("seconds", 60)
    number = 0
    while time.monotonic() < until:
        number += 1
        run.progress(number, args.get("total"), f"step {number}")
        if number == 1:
            run.log("begun")
        time.sleep(0.05)
    return {"steps": number}


def sleep(_run: TaskRun, args: Arguments) -> None:
    """Not look at anything for `seconds`."""
    time.sleep(args.get("seconds", 60))


def deaf(_run: TaskRun, args: Arguments) -> None:
    """Not listen to being stopped either."""
    until = time.monotonic() + args.get("seconds", 60)
    while time.monotonic() < until:
        try:
            time.sleep(0.2)
        except BaseException:  # noqa: BLE001, S112 - that is what this kind is for
            continue


def refuse(_run: TaskRun, args: Arguments) -> object:
    """Fail as `how` says: domain, temporary, code, memory, kill, full, result."""
    how = args["how"]
    if how == "domain":
        raise DomainError("The shelf is empty.")
    if how == "temporary":
        raise ConnectionError("nobody answers")
    if how == "code":
        raise KeyError("surname")
    if how == "memory":
        bytearray(64 << 30)
    if how == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if how == "full":
        Path("/dev/full").write_text("result")
    return object()


def query(run: TaskRun, args: Arguments) -> None:
    """One query that takes `seconds`."""
    with run.transaction() as session:
        session.execute(text("SELECT pg_sleep(:seconds)"), {"seconds": args["seconds"]})


def hoard(_run: TaskRun, _args: Arguments) -> None:
    """Take more and more memory, in pieces as small as those of a table's rows."""
    kept = []
    while True:
        kept.append(os.urandom(1000))


def write(_run: TaskRun, args: Arguments) -> str:
    """A result of `size` characters, of the kind that does not get smaller when it is packed."""
    return os.urandom(args["size"] // 2).hex()


def character(_run: TaskRun, args: Arguments) -> str:
    """A text of the one character of that number."""
    return chr(args["number"])


def languages(run: TaskRun, _args: Arguments) -> list[str]:
    """What the company speaks, after a transaction of the work's own."""
    with run.transaction() as session:
        session.execute(text("SELECT 1"))
    return list(offered_languages())


KINDS = (
    TaskKind("test.count", TITLE, count),
    TaskKind("test.work", TITLE, sleep, attempts=30),
    TaskKind("test.once", TITLE, count, key=lambda args: str(args["n"])),
    TaskKind("test.alone", TITLE, count, alone=lambda _args: "test.alone"),
    TaskKind("test.tell", TITLE, tell),
    TaskKind("test.sleep", TITLE, sleep),
    TaskKind("test.short", TITLE, sleep, soft_limit=1, hard_limit=2),
    TaskKind("test.deaf", TITLE, deaf, soft_limit=1, hard_limit=2),
    TaskKind("test.late", TITLE, sleep, deadline=1),
    TaskKind("test.query", TITLE, query, deadline=1),
    TaskKind("test.long_query", TITLE, query),
    TaskKind("test.hoard", TITLE, hoard),
    TaskKind("test.character", TITLE, character),
    TaskKind("test.write", TITLE, write),
    TaskKind("test.languages", TITLE, languages),
    TaskKind("test.refuse", TITLE, refuse, attempts=3, backoff=0.1),
)


def declare(app: Flask) -> None:
    """Add the kinds to an application."""
    app.extensions["task_kinds"].update({kind.name: kind for kind in KINDS})


def main() -> int:
    """`python -m tests.rooms.tasks.kinds worker [PROCESSES]` or `… scheduler`."""
    app = create_app()
    declare(app)
    if sys.argv[1] == "worker":
        with app.app_context():
            return work(app, processes=int(sys.argv[2]), names=queues(app))
    scheduler = Scheduler(app)
    signal.signal(signal.SIGTERM, lambda *_: scheduler.leave.set())
    scheduler.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
