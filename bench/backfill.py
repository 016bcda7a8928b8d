"""A backfill of all days of the real file: on one worker process beside two, on real `bottega worker`s."""

from __future__ import annotations

import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import select, text

from bench.context import Context
from bench.rows import Row
from webapp.blueprints.tasks.public import Task, ask
from webapp.core.db import db, gold_engine, transaction
from webapp.core.security import SYSTEM

LIMIT = 0.65
ROUNDS = 5
PATIENCE = 120.0
PERIOD = {"start": "2009-01-01", "end": "2012-12-31"}
PLAN, FINISH = "pipelines.backfill", "pipelines.backfill_finish"


def measure(context: Context) -> list[Row]:
    """The median of some backfills over GOLD as it is, and once each after nearly all facts were lost."""
    with context.app.app_context():
        one, two = (_on(context, processes) for processes in (1, 2))
    reference = f"on one worker process: {statistics.median(one[0]):.2f} s"
    lost_reference = f"on one worker process: {one[1]:.2f} s"
    ratio = statistics.median(two[0]) / statistics.median(one[0])
    return [
        Row("backfill of all days on two workers", statistics.median(two[0]), "s", reference, ratio, LIMIT),
        Row("backfill after nearly all facts were lost", two[1], "s", lost_reference, two[1] / one[1]),
    ]


def _on(context: Context, processes: int) -> tuple[list[float], float]:
    """Seconds of the backfills over GOLD as it is, and of the one without facts, on a worker of so many processes."""
    with _worker(context, processes):
        for _ in range(2):  # the first ones load pandas into each process
            _seconds()
        times = [_seconds() for _ in range(ROUNDS)]
        before = _facts()
        with gold_engine().begin() as gold:
            gold.execute(text("DELETE FROM fact_sale_line WHERE line_key % 1000 <> 0"))
        after_loss = _seconds()
        if _facts() != before:
            raise SystemExit("the backfill did not bring back what was lost, its time says nothing")
        return times, after_loss


def _facts() -> tuple[int, str]:
    with gold_engine().connect() as gold:
        count, net = gold.execute(text("SELECT count(*), sum(net) FROM fact_sale_line")).one()
        return int(count), str(net)


@contextmanager
def _worker(context: Context, processes: int) -> Iterator[None]:
    command = [sys.executable, "-m", "webapp.cli", "worker", "--processes", str(processes)]
    worker = subprocess.Popen(command, env=context.environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        worker.send_signal(signal.SIGTERM)
        worker.wait()


def _seconds() -> float:
    """Ask for a backfill; how long it took from the asking to the last word, by the database's clock."""
    with transaction() as session:
        plan = ask(session, PLAN, PERIOD, by=SYSTEM).id
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        time.sleep(0.1)
        with transaction() as session:
            asked = session.get_one(Task, plan)
            last = session.scalars(select(Task).where(Task.kind == FINISH, Task.id > plan)).one_or_none()
            bad = session.scalars(select(Task.error).where(Task.id >= plan, Task.state.in_(("failed", "lost")))).first()
            if bad:
                raise SystemExit(f"the backfill failed, its time says nothing: {bad}")
            if last is not None and last.state == "done" and last.finished_at:
                return (last.finished_at - asked.created_at).total_seconds()
    db.session.remove()
    raise SystemExit(f"the backfill did not end within {PATIENCE:.0f} s")
