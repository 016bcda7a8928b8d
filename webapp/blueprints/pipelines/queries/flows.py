"""The flows as GOLD knows them: how they last went, how fresh their tables are, and where the figures come from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from sqlalchemy import inspect, select, text
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from webapp.blueprints.gold.public import DIMENSIONS, METRICS, read_gold
from webapp.blueprints.pipelines.models import LoggedRun
from webapp.core.errors import NotFound
from webapp.core.lists import Choice, Column, DateRange, ListSpec, Search

TITLES: Mapping[str, LazyString] = {
    "calendar": _l("Calendar"),
    "customers": _l("Customers"),
    "products": _l("Products"),
    "sales": _l("Sales"),
    "traffic": _l("Traffic"),
}
MODES = {"incremental": _l("what changed"), "full": _l("everything"), "backfill": _l("backfill")}
OUTCOMES = {"ok": _l("went well"), "failed": _l("failed")}


@dataclass(frozen=True)
class Flow:
    """A flow with its last run, the moment (UTC) up to which its tables are, and how many rows it put aside."""

    name: str
    needs: tuple[str, ...]
    sources: tuple[str, ...]
    tables: tuple[str, ...]
    last: LoggedRun | None
    fresh_at: dt.datetime | None
    in_quarantine: int

    @property
    def title(self) -> str:
        """Its name in words."""
        return str(TITLES.get(self.name, self.name))


@dataclass(frozen=True)
class TableUse:
    """Tables of GOLD with the metrics computed from them and the dimensions named by them."""

    tables: tuple[str, ...]
    metrics: tuple[str, ...]
    dimensions: tuple[str, ...]


def has_runs(session: Session) -> bool:
    """Whether the ETL has ever written to GOLD."""
    return inspect(session.get_bind(LoggedRun)).has_table("etl_flows")


def list_flows(session: Session) -> list[Flow]:
    """The flows in the order in which they run; none before the first run."""
    if not has_runs(session):
        return []
    newest = select(LoggedRun).ext(distinct_on(LoggedRun.flow)).order_by(LoggedRun.flow, LoggedRun.id.desc())
    last = {run.flow: run for run in session.scalars(newest)}
    with read_gold() as gold:
        found = gold.execute(
            text(
                "SELECT f.flow, f.needs, f.sources, f.tables, c.updated_at, "
                "(SELECT count(*) FROM etl_quarantine q WHERE q.flow = f.flow) "
                "FROM etl_flows f LEFT JOIN etl_cursors c USING (flow) ORDER BY f.place"
            )
        ).all()
    return [
        Flow(name, tuple(needs), tuple(sources), tuple(tables), last.get(name), fresh_at, aside)
        for name, needs, sources, tables, fresh_at, aside in found
    ]


def table_uses(tables: Sequence[str]) -> list[TableUse]:
    """What the tables of GOLD are good for; those that serve the same stand together."""
    together: dict[tuple[tuple[str, ...], tuple[str, ...]], list[str]] = {}
    for name in tables:
        together.setdefault((_metrics_of(name), _dimensions_of(name)), []).append(name)
    return [TableUse(tuple(names), *uses) for uses, names in together.items()]


def _metrics_of(table: str) -> tuple[str, ...]:
    rolled = table.startswith("agg_sales_")
    return tuple(
        str(metric.label)
        for metric in METRICS.values()
        if table == "fact_sale_line" or (rolled and metric.rollup is not None)
    )


def _dimensions_of(table: str) -> tuple[str, ...]:
    if table == "dim_country":
        return (str(DIMENSIONS["country"].label),)
    return tuple(
        str(each.label) for each in DIMENSIONS.values() if table in (each.table, *each.join.replace(".", " ").split())
    )


def list_of_runs() -> ListSpec:
    """The log of all runs."""
    return ListSpec(
        name="runs",
        source=LoggedRun,
        id=LoggedRun.id,
        columns=(
            Column("number", _l("Number"), LoggedRun.id, sort_by=LoggedRun.id),
            Column("flow", _l("Flow"), LoggedRun.flow, kind="choice", choices=TITLES, sort_by=LoggedRun.flow),
            Column("outcome", _l("Outcome"), LoggedRun.outcome, kind="choice", choices=OUTCOMES),
            Column("mode", _l("What it read"), LoggedRun.mode, kind="choice", choices=MODES),
            Column("finished_at", _l("Ended at"), LoggedRun.finished_at, kind="date", sort_by=LoggedRun.finished_at),
            Column("seconds", _l("Seconds"), LoggedRun.duration_seconds, kind="number", sort_by=LoggedRun.duration_seconds),
            Column("rows_in", _l("Rows read"), LoggedRun.rows_in, kind="number", sort_by=LoggedRun.rows_in),
            Column("quarantined", _l("In quarantine"), LoggedRun.quarantined, kind="number"),
            Column("deleted", _l("Deleted"), LoggedRun.deleted, kind="number"),
            Column("actor", _l("By"), LoggedRun.actor),
            Column("loaded", _l("Loaded"), LoggedRun.loaded, kind="number", shown=False),
            Column("window", _l("Window"), LoggedRun.window, shown=False),
            Column("error", _l("Error"), LoggedRun.error, shown=False),
        ),
        sort="-number",
        filters=(
            Choice("flow", _l("Flow"), LoggedRun.flow, TITLES),
            Choice("outcome", _l("Outcome"), LoggedRun.outcome, OUTCOMES),
            Choice("mode", _l("What it read"), LoggedRun.mode, MODES),
            DateRange(_l("From"), _l("To"), LoggedRun.finished_at),
        ),
        search=(Search(LoggedRun.actor), Search(LoggedRun.error)),
        search_hint=_l("Person, or words of the error"),
    )  # fmt: skip


def get_run(session: Session, run_id: int) -> LoggedRun:
    """One run of the log. Raises NotFound."""
    run = session.get(LoggedRun, run_id) if has_runs(session) else None
    if run is None:
        raise NotFound(_l("This run does not exist, or does not any more."))
    return run
