"""What a backfill keeps in GOLD until it ends: its plan, and for each part the rows that differ from the facts.

A part writes a table of its own in the schema `etl_backfill`, which no reader of GOLD looks at; the finish brings all of
them into the facts in one transaction and drops them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, text

from etl.runlog import Cursor

SCHEMA = "etl_backfill"
LOCK = 0x626F7475
KEPT_DAYS = 7
STATE = f"""
CREATE SCHEMA IF NOT EXISTS {SCHEMA};
CREATE TABLE IF NOT EXISTS etl_backfills (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE,
    first_day date NOT NULL,
    last_day date NOT NULL,
    actor text NOT NULL,
    planned_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    CHECK (first_day <= last_day)
);
CREATE TABLE IF NOT EXISTS etl_backfill_parts (
    backfill bigint NOT NULL REFERENCES etl_backfills ON DELETE CASCADE,
    number integer NOT NULL,
    first_day date NOT NULL,
    last_day date NOT NULL,
    lines bigint NOT NULL,
    position bigint,
    source text,
    contract text,
    time_zone text,
    rows_read bigint,
    rows_changed bigint,
    again bigint[],
    days date[],
    finished_at timestamptz,
    PRIMARY KEY (backfill, number)
)
"""


class PartsUnfit(Exception):
    """What the parts of a backfill prepared cannot be brought in; the message says why."""


@dataclass(frozen=True)
class Part:
    """Some days of a backfill, both ends included, with about so many order lines."""

    number: int
    first: dt.date
    last: dt.date
    lines: int


@dataclass(frozen=True)
class Prepared:
    """What a part found. `position`: all that transactions before it wrote was seen.

    `changed` of the `rows` read are in the part's table: those that the facts lack or have otherwise. `again`: orders to
    read once more at the end; `days`: days whose sums are not those of the rows read.
    """

    cursor: Cursor
    rows: int
    changed: int
    again: list[int]
    days: list[dt.date]


@dataclass(frozen=True)
class Parts:
    """All that the parts of a backfill prepared, together. `rows` is a query of the changed rows, "" without any."""

    first: dt.date
    last: dt.date
    count: int
    position: int | None
    rows: str
    read: int
    again: list[int]
    days: list[dt.date]


def keep_plan(
    gold: Connection, name: str, days: tuple[dt.date, dt.date], actor: str, parts: Sequence[Part]
) -> tuple[int, list[Part]]:
    """Remember a plan under its name; when there is one of that name, it stays. The backfill's number, and its parts."""
    _prepare_tables(gold)
    _forget_old(gold)
    number = gold.execute(
        text(
            "INSERT INTO etl_backfills (name, first_day, last_day, actor) VALUES (:name, :first, :last, :actor) "
            "ON CONFLICT (name) DO NOTHING RETURNING id"
        ),
        {"name": name, "first": days[0], "last": days[1], "actor": actor},
    ).scalar()
    if number is None:
        number = gold.execute(text("SELECT id FROM etl_backfills WHERE name = :name"), {"name": name}).scalar_one()
        return number, list_parts(gold, number)
    for part in parts:
        gold.execute(
            text("INSERT INTO etl_backfill_parts (backfill, number, first_day, last_day, lines) VALUES (:b, :n, :f, :l, :c)"),
            {"b": number, "n": part.number, "f": part.first, "l": part.last, "c": part.lines},
        )  # fmt: skip
    return int(number), list(parts)


def list_parts(gold: Connection, backfill: int) -> list[Part]:
    """The parts of a backfill, in order."""
    found = gold.execute(
        text("SELECT number, first_day, last_day, lines FROM etl_backfill_parts WHERE backfill = :id ORDER BY number"),
        {"id": backfill},
    )
    return [Part(*row) for row in found]


def unfinished_parts(gold: Connection, backfill: int) -> list[int]:
    """The numbers of the parts that have not ended."""
    query = "SELECT number FROM etl_backfill_parts WHERE backfill = :id AND finished_at IS NULL ORDER BY number"
    return [int(number) for number in gold.execute(text(query), {"id": backfill}).scalars()]


def is_finished(gold: Connection, backfill: int) -> bool:
    """Whether a backfill was brought in. Raises PartsUnfit when nothing is known of it (any more)."""
    found = gold.execute(text("SELECT finished_at IS NOT NULL FROM etl_backfills WHERE id = :id"), {"id": backfill})
    finished = found.scalar()
    if finished is None:
        raise PartsUnfit(f"Backfill {backfill} is not known to GOLD (any more): start a new one.")
    return bool(finished)


def open_part(gold: Connection, backfill: int, number: int) -> str:
    """Keep others from this part until the transaction ends; the name of its table, which is gone now if it was there."""
    gold.execute(text("SELECT pg_advisory_xact_lock(:lock, :part)"), {"lock": LOCK, "part": (backfill * 1009 + number) % 2**31})  # fmt: skip
    table = f"{SCHEMA}.lines_{backfill}_{number}"
    gold.exec_driver_sql(f"DROP TABLE IF EXISTS {table}")
    return table


def close_part(gold: Connection, backfill: int, number: int, found: Prepared) -> None:
    """Write down what a part found: from now on it counts as ended."""
    gold.execute(
        text(
            "UPDATE etl_backfill_parts SET position = :position, source = :source, contract = :contract, "
            "time_zone = :time_zone, rows_read = :rows, rows_changed = :changed, again = :again, days = :days, "
            "finished_at = clock_timestamp() WHERE backfill = :backfill AND number = :number"
        ),
        {"backfill": backfill, "number": number, **vars(found.cursor), "rows": found.rows, "changed": found.changed,
         "again": found.again, "days": found.days},
    )  # fmt: skip


def gather(gold: Connection, backfill: int, now: Cursor) -> Parts:
    """What all parts found. Raises PartsUnfit when one has not ended or ran under other circumstances than `now`'s."""
    if waiting := unfinished_parts(gold, backfill):
        raise PartsUnfit(f"Of backfill {backfill}, part {', '.join(map(str, waiting))} has not ended.")
    plan = gold.execute(text("SELECT first_day, last_day FROM etl_backfills WHERE id = :id"), {"id": backfill}).one()
    found = gold.execute(
        text("SELECT * FROM etl_backfill_parts WHERE backfill = :id ORDER BY number"), {"id": backfill}
    ).all()
    for part in found:
        if (part.source, part.contract, part.time_zone) != (now.source, now.contract, now.time_zone):
            raise PartsUnfit(
                "While the backfill ran, the database was restored, the time zone changed or the software was renewed: "
                "start it once more."
            )
    changed = [part.number for part in found if part.rows_changed]
    return Parts(
        first=plan.first_day,
        last=plan.last_day,
        count=len(found),
        position=min((part.position for part in found), default=None),
        rows=" UNION ALL ".join(f"SELECT * FROM {SCHEMA}.lines_{backfill}_{number}" for number in changed),
        read=sum(part.rows_read for part in found),
        again=sorted({order for part in found for order in part.again}),
        days=sorted({day for part in found for day in part.days}),
    )


def close(gold: Connection, backfill: int) -> None:
    """Mark a backfill as brought in and drop what its parts kept."""
    gold.execute(text("UPDATE etl_backfills SET finished_at = now() WHERE id = :id"), {"id": backfill})
    _drop_tables(gold, backfill)


def _prepare_tables(gold: Connection) -> None:
    gold.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    if gold.execute(text("SELECT to_regclass('etl_backfill_parts') IS NULL")).scalar_one():
        gold.exec_driver_sql(STATE)


def _forget_old(gold: Connection) -> None:
    """Drop what was left by backfills that never came to their end."""
    old = gold.execute(
        text("DELETE FROM etl_backfills WHERE finished_at IS NULL AND planned_at < now() - :kept * interval '1 day' RETURNING id"),
        {"kept": KEPT_DAYS},
    )  # fmt: skip
    for number in old.scalars().all():
        _drop_tables(gold, number)


def _drop_tables(gold: Connection, backfill: int) -> None:
    query = "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname = :schema AND tablename LIKE :names"
    names = {"schema": SCHEMA, "names": rf"lines\_{backfill}\_%"}
    for table in gold.execute(text(query), names).scalars().all():
        gold.exec_driver_sql(f"DROP TABLE {table}")
