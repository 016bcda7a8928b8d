"""Run the flows: `python -m etl.run [FLOW...]` with DATABASE_URL and GOLD_DATABASE_URL, or `run_flows` with two engines.

All flows of a run read one snapshot of the source and write one transaction of GOLD, with their cursors and the run log:
GOLD is as before or as after, whatever happens.
"""

from __future__ import annotations

import argparse
import datetime as dt
import getpass
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd
from sqlalchemy import Engine, create_engine
from sqlalchemy.exc import SQLAlchemyError

from etl.audits.keys import lost_facts
from etl.contracts import dictionary, fingerprint
from etl.flows import calendar, customers, products, sales, traffic
from etl.flows.work import AuditFailed, Flow, Work, audit
from etl.gold import access
from etl.gold.parts import Parts, PartsUnfit, close, gather, is_finished
from etl.gold.tables import FACT_SALE_LINE, TABLES
from etl.gold.writer import Gold, GoldBusy
from etl.runlog import AnotherRun, Cursor, Run, enter, read_cursor, write_cursor, write_lineage, write_run
from etl.sources.bottega import Snapshot, snapshot

FLOWS: dict[str, Flow] = {
    flow.name: flow for flow in (calendar.FLOW, customers.FLOW, products.FLOW, sales.FLOW, traffic.FLOW)
}


class RunFailed(Exception):
    """A run failed and left GOLD as it was; the message says in which flow and why, `runs` what was recorded of it."""

    def __init__(self, sentence: str, runs: Sequence[Run] = ()) -> None:
        super().__init__(sentence)
        self.runs = tuple(runs)


class RunBusy(RunFailed):
    """Another run is under way: nothing was done, later it can be."""


def run_flows(
    source: Engine,
    gold: Engine,
    names: Sequence[str] = (),
    *,
    full: bool = False,
    actor: str = "",
    now: dt.datetime | None = None,
    wait: float = 60,
    say: Callable[[str], None] = lambda _: None,
    backfill: int | None = None,
) -> list[Run]:
    """Run the named flows (all when none is named) and those they need, and return their records.

    Incremental unless `full` or unless something else than rows changed. `now` is an aware moment, for the calendar.
    `backfill` is one whose parts have all ended: what they prepared is brought in; if it was already, nothing is done.
    Raises RunFailed when a flow or an audit fails: then GOLD is as it was, and the failure is in etl_runs. Raises RunBusy
    when another run is under way after `wait` seconds.
    """
    flows = plan(names)
    runs: list[Run] = []
    order = _Order(full, actor or _user(), pd.Timestamp(now or dt.datetime.now(dt.UTC)), say, backfill)
    try:
        with gold.begin() as connection:
            enter(connection, wait)
            access.prepare(connection)
            if backfill is not None and is_finished(connection, backfill):
                return []
            with snapshot(source) as source_now:
                _run_all(flows, source_now, Gold(connection), order, runs)
    except AnotherRun as refusal:
        raise RunBusy(str(refusal)) from None
    except Exception as error:
        sentence = _record_failure(gold, runs, _sentence(error, runs[-1].flow if runs else ""), wait)
        raise RunFailed(sentence, runs) from error
    return runs


def plan(names: Sequence[str]) -> list[Flow]:
    """The named flows with those they need, in the order in which they run. Raises RunFailed for an unknown name."""
    if unknown := [name for name in names if name not in FLOWS]:
        raise RunFailed(f"There is no flow {', '.join(unknown)}; the flows are {', '.join(FLOWS)}.")
    wanted = set(names or FLOWS)
    for name in names:
        wanted.update(FLOWS[name].needs)
    return [flow for flow in FLOWS.values() if flow.name in wanted]


def data_dictionary() -> str:
    """The data dictionary of GOLD, as Markdown."""
    return dictionary(TABLES)


@dataclass(frozen=True)
class _Order:
    """What the caller asked for."""

    full: bool
    actor: str
    now: pd.Timestamp
    say: Callable[[str], None]
    backfill: int | None


def _run_all(flows: Sequence[Flow], source: Snapshot, gold: Gold, order: _Order, runs: list[Run]) -> None:
    for flow in flows:
        after = Cursor(source.position, source.identity, fingerprint(flow.tables, flow.version), source.time_zone)
        since, reason = _prepare(flow, gold, after, order)
        window = f"transactions from {since} on" if since is not None else f"everything ({reason})"
        mode = "full" if since is None else "incremental"
        parts = _gather(flow, gold, after, since, order)
        if parts and since is not None:
            since = min(since, parts.position or since)
            mode, window = (
                "backfill",
                f"days {parts.first} to {parts.last} in {parts.count} parts, transactions from {since} on",
            )
        runs.append(Run(flow.name, mode, f"{window}, before {after.position}", order.actor, dt.datetime.now(dt.UTC)))
        order.say(f"{flow.name}: {mode}")
        flow.work(Work(source, gold, runs[-1], since, order.now, order.say, parts))
        runs[-1].finished_at = dt.datetime.now(dt.UTC)
        write_cursor(gold.connection, flow.name, after)
    if sales.FLOW not in flows and gold.has([FACT_SALE_LINE]):
        audit(runs[-1], every_fact_finds_its_dimensions=lost_facts(gold.connection, None))
    for run in runs:
        write_run(gold.connection, run)
    write_lineage(gold.connection, [(each.name, each.needs, each.sources, _names(each)) for each in FLOWS.values()])
    if order.backfill is not None:
        close(gold.connection, order.backfill)
    gold.publish()
    access.open_tables(gold.connection, TABLES)


def _names(flow: Flow) -> list[str]:
    return [table.name for table in flow.tables]


def _gather(flow: Flow, gold: Gold, after: Cursor, since: int | None, order: _Order) -> Parts | None:
    """What a backfill's parts prepared for this flow; None when it reads everything anyway, or there is no backfill."""
    if flow is not sales.FLOW or order.backfill is None or since is None:
        return None
    return gather(gold.connection, order.backfill, after)


def _prepare(flow: Flow, gold: Gold, after: Cursor, order: _Order) -> tuple[int | None, str]:
    """From which transaction on a flow reads, or None and why it reads everything; makes its tables anew where needed."""
    before = read_cursor(gold.connection, flow.name)
    reason = "asked for" if order.full else _everything(before, after)
    if not gold.has(flow.tables, filled=not flow.finds_gaps):
        reason = reason or "its tables are absent or empty"
        gold.begin_anew(flow.tables)
    elif before is None or before.contract != after.contract:
        gold.begin_anew(flow.tables)
    return (None, reason) if reason or before is None else (before.position, "")


def _everything(before: Cursor | None, after: Cursor) -> str:
    """Why everything must be read, in words; empty when the changes are enough."""
    if before is None:
        return "first run"
    if before.source != after.source or before.position > after.position:
        return "the source is another one, or was restored or emptied"
    if before.contract != after.contract:
        return "the contract of its tables changed"
    return "the company's time zone changed" if before.time_zone != after.time_zone else ""


def _user() -> str:
    """Who runs this; in a container the user may have no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}"


def _sentence(error: Exception, flow: str) -> str:
    if isinstance(error, AuditFailed | GoldBusy | PartsUnfit):
        return str(error)
    cause = getattr(error, "orig", None) or error
    said = " ".join(f"{cause.__class__.__name__}: {cause}".split())
    return f"The ETL failed{f' in flow {flow}' if flow else ''}, nothing was loaded. {said}"


def _record_failure(gold: Engine, runs: Sequence[Run], sentence: str, wait: float) -> str:
    """Write the failed run in a transaction of its own; the flows before the failed one were undone with it.

    Returns the sentence, with a word on it when GOLD cannot even take this.
    """
    for run in runs:
        run.finished_at = run.finished_at or dt.datetime.now(dt.UTC)
        run.fail(sentence if run is runs[-1] else f"undone with flow {runs[-1].flow}")
    try:
        with gold.begin() as connection:
            enter(connection, wait)
            for run in runs:
                write_run(connection, run)
    except (SQLAlchemyError, AnotherRun) as problem:
        return f"{sentence} (The failure could not be written to etl_runs: {problem})"
    return sentence


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line: flows from the arguments, databases from the environment; exit code 1 when the run failed."""
    parser = argparse.ArgumentParser(prog="python -m etl.run", description="Refine the rooms' data into GOLD.")
    parser.add_argument("flows", nargs="*", metavar="FLOW", help=f"one or more of {', '.join(FLOWS)}; all when none")
    parser.add_argument("--full", action="store_true", help="read everything, not only what changed")
    options = parser.parse_args(arguments)
    source, gold = (create_engine(_url(name)) for name in ("DATABASE_URL", "GOLD_DATABASE_URL"))
    try:
        for run in run_flows(source, gold, options.flows, full=options.full):
            sys.stdout.write(f"{summary(run)}\n")
    except RunFailed as failure:
        sys.stderr.write(f"{failure}\n")
        return 1
    return 0


def summary(run: Run) -> str:
    """A run in one line."""
    return (
        f"{run.flow:10} {run.mode:12} {run.rows_in:>10,} in = {run.loaded:,} loaded + {run.quarantined:,} quarantined, "
        f"{run.deleted:,} deleted, {len(run.audits)} audits, {run.seconds:.2f} s"
    )


def _url(name: str) -> str:
    url = os.environ.get(name)
    if not url:
        raise SystemExit(f"{name} is not set: it names the database, as postgresql://user@host/name")
    scheme, rest = url.split("://", 1)
    return f"postgresql+psycopg2://{rest}" if scheme in ("postgres", "postgresql") else url


if __name__ == "__main__":
    sys.exit(main())
