"""Read a period again and make GOLD equal to its source there: planned in parts that run side by side, then brought in.

    number, parts = plan(source, gold, first, last, name=...)
    run_part(source, gold, number, part.number)     # for each part, in any process, in any order, as often as one likes
    finish(source, gold, number)                    # when `waiting` says that none is left

Until the finish, no table that is read changes; the finish is one transaction, like every run. Runs in between are welcome.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping

from sqlalchemy import Connection, Engine, text

from etl.contracts import fingerprint
from etl.flows import sales
from etl.flows.sale_parts import prepare
from etl.gold.parts import (
    Part,
    PartsUnfit,
    close_part,
    is_finished,
    keep_plan,
    list_parts,
    open_part,
    unfinished_parts,
)
from etl.gold.tables import FIRST_DAY, LAST_DAY
from etl.run import RunFailed, run_flows
from etl.runlog import Cursor, Run
from etl.sources.bottega import Snapshot, snapshot

PARTS = 16
LEAST_LINES = 5_000
MOST_LINES = 50_000


def plan(
    source: Engine, gold: Engine, first: dt.date, last: dt.date, *, name: str, actor: str = ""
) -> tuple[int, list[Part]]:
    """Split the company's local days from `first` to `last`, both included, into parts of about equally many lines.

    Returns the backfill's number and its parts; the same again when there is one of this name. No part when GOLD has no
    facts yet: then the finish reads everything. Raises RunFailed when the period is none.
    """
    first, last = max(first, dt.date.fromisoformat(FIRST_DAY)), min(last, dt.date.fromisoformat(LAST_DAY))
    if first > last:
        raise RunFailed(f"The period from {first} to {last} has no day between {FIRST_DAY} and {LAST_DAY}.")
    with gold.begin() as connection, snapshot(source) as now:
        parts: list[Part] = []
        if _has_facts(connection):
            counts = now.lines_by_day(first, last)
            for day, lines in _counted(connection, first, last).items():
                counts[day] = max(lines, counts.get(day, 0))
            parts = split(first, last, counts)
        return keep_plan(connection, name, (first, last), actor, parts)


def split(first: dt.date, last: dt.date, lines: Mapping[dt.date, int]) -> list[Part]:
    """The days from `first` to `last` as parts of about equally many lines: a day is never split, none is left out."""
    total = sum(lines.values())
    count = max(1, -(-total // min(MOST_LINES, max(LEAST_LINES, -(-total // PARTS)))))
    parts: list[Part] = []
    start, here, before = first, 0, 0
    for day in sorted(lines):
        # a day goes where the part's end comes nearest to its share of all
        share = total * (len(parts) + 1) / count
        if here and before + lines[day] - share > share - before:
            parts.append(Part(len(parts) + 1, start, day - dt.timedelta(days=1), here))
            start, here = day, 0
        here += lines[day]
        before += lines[day]
    return [*parts, Part(len(parts) + 1, start, last, here)]


def run_part(
    source: Engine, gold: Engine, backfill: int, number: int, *, say: Callable[[int], None] = lambda _: None
) -> tuple[int, int]:
    """Do one part: how many lines were read, and how many of them GOLD lacks or has otherwise.

    It may run twice, even at the same time: the last one counts. `say` is told how many lines were read so far. Raises
    RunFailed when there is no such part, or nothing is left to prepare because the backfill was brought in.
    """
    with gold.begin() as connection:
        part = _find(connection, backfill, number)
        connection.exec_driver_sql("SET LOCAL work_mem = '64MB'")
        connection.exec_driver_sql("SET LOCAL client_encoding = 'UTF8'")
        table = open_part(connection, backfill, number)
        with snapshot(source) as now:
            found = prepare(now, connection, part, table=table, cursor=_cursor(now), say=say)
        close_part(connection, backfill, number, found)
        return found.rows, found.changed


def waiting(gold: Engine, backfill: int) -> list[int]:
    """The numbers of the parts that have not ended; none when it is time for the finish, or after it."""
    with gold.connect() as connection:
        return unfinished_parts(connection, backfill)


def finish(
    source: Engine,
    gold: Engine,
    backfill: int,
    *,
    actor: str = "",
    now: dt.datetime | None = None,
    wait: float = 60,
    say: Callable[[str], None] = lambda _: None,
) -> list[Run]:
    """Bring in what the parts prepared and return the records of the run; none when it was brought in before.

    Raises RunFailed as `run_flows` does, and when a part has not ended.
    """
    return run_flows(source, gold, actor=actor, now=now, wait=wait, say=say, backfill=backfill)


def _find(gold: Connection, backfill: int, number: int) -> Part:
    try:
        if is_finished(gold, backfill):
            raise RunFailed(f"Backfill {backfill} was brought in already.")
    except PartsUnfit as problem:
        raise RunFailed(str(problem)) from None
    for part in list_parts(gold, backfill):
        if part.number == number:
            return part
    raise RunFailed(f"Backfill {backfill} has no part {number}.")


def _cursor(now: Snapshot) -> Cursor:
    return Cursor(now.position, now.identity, fingerprint(sales.FLOW.tables, sales.FLOW.version), now.time_zone)


def _has_facts(gold: Connection) -> bool:
    names = ["etl_quarantine", *(table.name for table in sales.FLOW.tables)]
    there = " AND ".join(f"to_regclass('{name}') IS NOT NULL" for name in names)
    if not gold.execute(text(f"SELECT {there}")).scalar_one():
        return False
    return bool(gold.execute(text("SELECT EXISTS (SELECT FROM fact_sale_line)")).scalar_one())


def _counted(gold: Connection, first: dt.date, last: dt.date) -> dict[dt.date, int]:
    """The lines of each day as GOLD has them."""
    query = "SELECT period_start, sum(lines)::bigint FROM agg_sales_day WHERE period_start BETWEEN :first AND :last GROUP BY 1"
    return {day: int(lines) for day, lines in gold.execute(text(query), {"first": first, "last": last})}
