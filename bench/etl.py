"""The ETL of the real file: a full run beside the floor, its memory, and an incremental run beside the full one."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text

from bench.command import Run, run
from bench.context import Context
from bench.floor import REFERENCE, beside
from bench.rows import Row
from webapp.core.db import db

MOST_TIMES_THE_FLOOR = 6
MOST_MEGABYTES = 800
MOST_OF_THE_FULL_RUN = 0.1
CHANGED_ORDERS = 100
ROUNDS = 3


def measure(context: Context) -> list[Row]:
    """Refine the imported file into an empty GOLD, once more in full over what is there, then after changes (median)."""
    first, first_floor = beside(context, lambda: _run(context))
    again, again_floor = beside(context, lambda: _run(context, "--full"))
    changed = sorted((_run_after_changes(context, number) for number in range(ROUNDS)), key=_work)[ROUNDS // 2]
    idle = _run(context)
    modes = [_sales(run)["mode"] for run in (first, again, changed, idle)]
    if modes != ["full", "full", "incremental", "incremental"] or _sales(first)["loaded"] != _sales(again)["loaded"]:
        raise SystemExit(f"the ETL did not run as it should, its time says nothing: {modes}")
    full = min(_work(first), _work(again))
    reference = "work of the full run"
    return [
        Row("full ETL, the first", first.seconds, "s", REFERENCE, first.seconds / first_floor, MOST_TIMES_THE_FLOOR),
        Row("full ETL over what is there", again.seconds, "s", REFERENCE, again.seconds / again_floor, MOST_TIMES_THE_FLOOR),
        Row("full ETL, peak memory", max(first.megabytes, again.megabytes), "MB", "resident memory of the command", limit=MOST_MEGABYTES),
        Row(f"ETL after {CHANGED_ORDERS} changed orders", _work(changed), "s", reference, _work(changed) / full, MOST_OF_THE_FULL_RUN),
        Row("ETL after no change", _work(idle), "s", reference, _work(idle) / full, MOST_OF_THE_FULL_RUN),
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
    return run(context, "etl", "run", *options)


def _work(run: Run) -> float:
    """Seconds of the run itself, without the start of the process."""
    return float(run.printed["seconds"])


def _sales(run: Run) -> dict[str, Any]:
    record: dict[str, Any] = next(flow for flow in run.printed["flows"] if flow["flow"] == "sales")
    return record
