"""What the ETL remembers in GOLD: its runs, how far each flow has read, and the rows it put aside."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, text

LOCK = 0x626F7474
STATE = """
CREATE TABLE IF NOT EXISTS etl_runs (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    flow text NOT NULL,
    mode text NOT NULL CHECK (mode IN ('full', 'incremental', 'backfill')),
    started_at timestamptz NOT NULL,
    finished_at timestamptz NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('ok', 'failed')),
    "window" text NOT NULL,
    rows_in bigint NOT NULL,
    loaded bigint NOT NULL,
    quarantined bigint NOT NULL,
    deleted bigint NOT NULL,
    audits jsonb NOT NULL,
    error text,
    duration_seconds numeric(12,3) NOT NULL,
    actor text NOT NULL,
    CHECK (rows_in = loaded + quarantined)
);
CREATE TABLE IF NOT EXISTS etl_cursors (
    flow text PRIMARY KEY,
    position bigint NOT NULL,
    source text NOT NULL,
    contract text NOT NULL,
    time_zone text NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE IF NOT EXISTS etl_flows (
    flow text PRIMARY KEY,
    place integer NOT NULL,
    needs text[] NOT NULL,
    sources text[] NOT NULL,
    tables text[] NOT NULL
);
CREATE TABLE IF NOT EXISTS etl_quarantine (
    flow text NOT NULL,
    key bigint NOT NULL,
    reason text NOT NULL,
    "row" jsonb NOT NULL,
    seen_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (flow, key)
)
"""


class AnotherRun(Exception):
    """Another run holds GOLD and did not end in time."""


@dataclass(frozen=True)
class Cursor:
    """How far a flow has read, and under which circumstances: the source's identity, the contracts, the time zone.

    `position` is the oldest transaction of the source that was still open when the flow read it; whatever was written by
    that one or a later one is read next time.
    """

    position: int
    source: str
    contract: str
    time_zone: str


@dataclass(frozen=True)
class Audit:
    """The verdict of one audit: how many rows offend, and the first of them."""

    name: str
    offenders: int = 0
    sample: list[dict[str, Any]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The verdict with plain values."""
        return {"audit": self.name, "offenders": self.offenders, "sample": self.sample}


@dataclass
class Run:
    """One flow's part of a run. `rows_in` is always `loaded` + `quarantined`; a failed run counts nothing."""

    flow: str
    mode: str
    window: str
    actor: str
    started_at: dt.datetime
    loaded: int = 0
    quarantined: int = 0
    deleted: int = 0
    audits: list[Audit] = field(default_factory=list)
    outcome: str = "ok"
    error: str | None = None
    finished_at: dt.datetime | None = None

    @property
    def rows_in(self) -> int:
        """How many rows were read."""
        return self.loaded + self.quarantined

    @property
    def seconds(self) -> float:
        """How long it took."""
        return (self.finished_at - self.started_at).total_seconds() if self.finished_at else 0.0

    def fail(self, error: str) -> None:
        """Turn into the record of a run of which nothing stayed."""
        self.outcome, self.error = "failed", error
        self.loaded = self.quarantined = self.deleted = 0

    def as_json(self) -> dict[str, Any]:
        """The record with plain values; moments in UTC."""
        return {
            "flow": self.flow, "mode": self.mode, "window": self.window, "outcome": self.outcome,
            "rows_in": self.rows_in, "loaded": self.loaded, "quarantined": self.quarantined, "deleted": self.deleted,
            "audits": [audit.as_json() for audit in self.audits], "error": self.error,
            "started_at": self.started_at.isoformat(), "seconds": round(self.seconds, 3), "actor": self.actor,
        }  # fmt: skip


def enter(gold: Connection, wait: float) -> None:
    """Make this transaction the only run, and make the tables of this module where they lack.

    Raises AnotherRun when another one is still under way after `wait` seconds.
    """
    gold.execute(text("SELECT set_config('lock_timeout', :wait, true)"), {"wait": f"{max(1, int(wait * 1000))}ms"})
    savepoint = gold.begin_nested()
    try:
        gold.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
    except Exception as error:
        savepoint.rollback()
        if getattr(getattr(error, "orig", None), "pgcode", "") != "55P03":
            raise
        raise AnotherRun(
            f"Another ETL run is under way and did not end within {wait:g} seconds. Try again later."
        ) from None
    savepoint.commit()
    gold.execute(text("SET LOCAL lock_timeout = 0"))
    gold.exec_driver_sql(STATE)
    _renew_modes(gold)


def _renew_modes(gold: Connection) -> None:
    """Let the log of a GOLD that is older than the backfill take its mode."""
    old = (
        "SELECT FROM pg_constraint WHERE conrelid = 'etl_runs'::regclass AND conname = 'etl_runs_mode_check' "
        "AND pg_get_constraintdef(oid) NOT LIKE '%backfill%'"
    )
    if gold.exec_driver_sql(f"SELECT EXISTS ({old.replace('%', '%%')})").scalar_one():
        gold.exec_driver_sql(
            "ALTER TABLE etl_runs DROP CONSTRAINT etl_runs_mode_check, "
            "ADD CONSTRAINT etl_runs_mode_check CHECK (mode IN ('full', 'incremental', 'backfill'))"
        )


def write_lineage(gold: Connection, flows: Sequence[tuple[str, Sequence[str], Sequence[str], Sequence[str]]]) -> None:
    """Write down which flows there are, in their order: name, the flows they need, tables they read, tables they make."""
    rows = [
        {"flow": name, "place": place, "needs": list(needs), "sources": list(sources), "tables": list(tables)}
        for place, (name, needs, sources, tables) in enumerate(flows, 1)
    ]
    gold.execute(text("DELETE FROM etl_flows WHERE flow <> ALL(:names)"), {"names": [row["flow"] for row in rows]})
    gold.execute(
        text(
            "INSERT INTO etl_flows AS f (flow, place, needs, sources, tables) "
            "VALUES (:flow, :place, :needs, :sources, :tables) ON CONFLICT (flow) DO UPDATE SET "
            "place = excluded.place, needs = excluded.needs, sources = excluded.sources, tables = excluded.tables "
            "WHERE (f.place, f.needs, f.sources, f.tables) IS DISTINCT FROM "
            "(excluded.place, excluded.needs, excluded.sources, excluded.tables)"
        ),
        rows,
    )


def read_cursor(gold: Connection, flow: str) -> Cursor | None:
    """How far a flow has read; None before its first run."""
    found = gold.execute(
        text("SELECT position, source, contract, time_zone FROM etl_cursors WHERE flow = :flow"), {"flow": flow}
    ).one_or_none()
    return Cursor(*found) if found else None


def write_cursor(gold: Connection, flow: str, cursor: Cursor) -> None:
    """Remember how far a flow has read."""
    gold.execute(
        text(
            "INSERT INTO etl_cursors (flow, position, source, contract, time_zone) "
            "VALUES (:flow, :position, :source, :contract, :time_zone) ON CONFLICT (flow) DO UPDATE SET "
            "position = excluded.position, source = excluded.source, contract = excluded.contract, "
            "time_zone = excluded.time_zone, updated_at = now()"
        ),
        {"flow": flow, **vars(cursor)},
    )


def write_run(gold: Connection, run: Run) -> None:
    """Add a finished run to the log."""
    gold.execute(
        text(
            'INSERT INTO etl_runs (flow, mode, started_at, finished_at, outcome, "window", rows_in, loaded, quarantined, '
            "deleted, audits, error, duration_seconds, actor) VALUES (:flow, :mode, :started_at, :finished_at, :outcome, "
            ":window, :rows_in, :loaded, :quarantined, :deleted, :audits, :error, :seconds, :actor)"
        ),
        {
            **vars(run),
            "rows_in": run.rows_in,
            "seconds": run.seconds,
            "audits": json.dumps([audit.as_json() for audit in run.audits]),
        },
    )


def put_aside(gold: Connection, flow: str, key: str, rows: Sequence[dict[str, Any]], reasons: Sequence[str]) -> None:
    """Keep rows, each named by its number `key`, with the reason against each."""
    kept = [
        {"flow": flow, "key": row[key], "reason": reason, "row": json.dumps(row)}
        for row, reason in zip(rows, reasons, strict=True)
    ]
    if kept:
        gold.execute(
            text('INSERT INTO etl_quarantine (flow, key, reason, "row") VALUES (:flow, :key, :reason, :row)'), kept
        )


def put_aside_keys(gold: Connection, flow: str, member: str = "") -> list[int]:
    """The keys of a flow's rows in quarantine, or the distinct values of the whole number `member` in those rows."""
    value = '("row" ->> :member)::bigint' if member else "key"
    found = gold.execute(
        text(f"SELECT DISTINCT {value} FROM etl_quarantine WHERE flow = :flow AND {value} IS NOT NULL ORDER BY 1"),
        {"flow": flow, "member": member} if member else {"flow": flow},
    )
    return [int(number) for number in found.scalars()]


def quarantined_sum(gold: Connection, flow: str, member: str, days: tuple[dt.date, dt.date] | None = None) -> Decimal:
    """The sum of a decimal of a flow's rows in quarantine (of these days, both included); rows without it count nothing."""
    query = 'SELECT coalesce(sum(("row" ->> :member)::numeric), 0) FROM etl_quarantine WHERE flow = :flow'
    values: dict[str, Any] = {"flow": flow, "member": member}
    if days:
        query += """ AND ("row" ->> 'date_key')::date BETWEEN :first AND :last"""
        values |= {"first": days[0], "last": days[1]}
    return Decimal(gold.execute(text(query), values).scalar_one())


def take_back(gold: Connection, flow: str) -> None:
    """Empty a flow's quarantine: its rows were read again in this run, and those still wrong are put aside anew."""
    gold.execute(text("DELETE FROM etl_quarantine WHERE flow = :flow"), {"flow": flow})


def present(gold: Connection) -> bool:
    """Whether there has been a run at all, so that this module's tables are there."""
    return bool(gold.execute(text("SELECT to_regclass('etl_runs') IS NOT NULL")).scalar_one())


def last_runs(gold: Connection) -> list[dict[str, Any]]:
    """Of each flow the last run and the last one that went well, with what is in quarantine; moments in UTC."""
    query = """
        SELECT DISTINCT ON (r.flow, r.outcome) r.flow, r.outcome, r.mode, r."window", r.started_at, r.finished_at,
               r.rows_in, r.loaded, r.quarantined, r.deleted, r.audits, r.error, r.duration_seconds, r.actor,
               (SELECT count(*) FROM etl_quarantine q WHERE q.flow = r.flow) AS in_quarantine,
               r.id = max(r.id) OVER (PARTITION BY r.flow) AS is_last
        FROM etl_runs r ORDER BY r.flow, r.outcome, r.id DESC
    """
    return [dict(row) for row in gold.execute(text(query)).mappings()]


def quarantined_rows(gold: Connection) -> list[dict[str, Any]]:
    """All rows in quarantine: flow, key, reason, the row itself, and when it was last read."""
    query = 'SELECT flow, key, reason, "row", seen_at FROM etl_quarantine ORDER BY flow, key'
    return [dict(row) for row in gold.execute(text(query)).mappings()]
