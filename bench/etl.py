"""The ETL of the real file: a full run beside the floor, its memory, and an incremental run beside the full one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from bench.context import Context
from bench.floor import REFERENCE, floor_seconds
from bench.rows import Row
from webapp.core.db import db

COMMAND = (sys.executable, "-c", "from webapp.cli import main; main()", "etl", "run", "--json")
MOST_TIMES_THE_FLOOR = 6
MOST_MEGABYTES = 800
MOST_OF_THE_FULL_RUN = 0.1
CHANGED_ORDERS = 100
ROUNDS = 3


@dataclass(frozen=True)
class Run:
    """One run of the command: wall clock, seconds of work without its start, peak of its resident memory, its record."""

    wall: float
    work: float
    megabytes: float
    sales: dict[str, Any]


def measure(context: Context) -> list[Row]:
    """Refine the imported file into an empty GOLD, once more in full over what is there, then after changes (median)."""
    floor = floor_seconds(context)
    first = _run(context)
    again = _run(context, "--full")
    changed = sorted((_run_after_changes(context, number) for number in range(ROUNDS)), key=lambda run: run.work)[
        ROUNDS // 2
    ]
    idle = _run(context)
    modes = [run.sales["mode"] for run in (first, again, changed, idle)]
    if modes != ["full", "full", "incremental", "incremental"] or first.sales["loaded"] != again.sales["loaded"]:
        raise SystemExit(f"the ETL did not run as it should, its time says nothing: {modes}")
    full = min(first.work, again.work)
    beside = "work of the full run"
    return [
        Row("full ETL, the first", first.wall, "s", REFERENCE, first.wall / floor, MOST_TIMES_THE_FLOOR),
        Row("full ETL over what is there", again.wall, "s", REFERENCE, again.wall / floor, MOST_TIMES_THE_FLOOR),
        Row("full ETL, peak memory", max(first.megabytes, again.megabytes), "MB", "resident memory of the command", limit=MOST_MEGABYTES),
        Row(f"ETL after {CHANGED_ORDERS} changed orders", changed.work, "s", beside, changed.work / full, MOST_OF_THE_FULL_RUN),
        Row("ETL after no change", idle.work, "s", beside, idle.work / full, MOST_OF_THE_FULL_RUN),
    ]  # fmt: skip


def _run_after_changes(context: Context, number: int) -> Run:
    """Change one line in each of a hundred orders all over the file, and run."""
    change = (
        "UPDATE sales_order_lines SET quantity = quantity + 1 WHERE id IN (SELECT min(l.id) FROM sales_order_lines l JOIN "
        "(SELECT id FROM sales_orders WHERE line_count > 0 ORDER BY md5(number || :round) LIMIT :orders) o ON o.id = l.order_id "
        "GROUP BY o.id)"
    )
    with context.app.app_context(), db.engine.begin() as connection:
        connection.execute(text(change), {"round": str(number), "orders": CHANGED_ORDERS})
    return _run(context)


def _run(context: Context, *options: str) -> Run:
    began = time.perf_counter()
    process = subprocess.Popen([*COMMAND, *options], env=context.environ, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    printed = process.stdout.read()
    process.stdout.close()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"the ETL ended with {process.returncode}")
    told = json.loads(printed)
    return Run(wall, told["seconds"], usage.ru_maxrss / 1024, told["flows"][-1])
