"""What a flow has at hand: the source's snapshot, GOLD, what to read, and the record of what it did."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pandas as pd

from etl.contracts import Table
from etl.gold.parts import Parts
from etl.gold.writer import Gold, orders_of_members
from etl.runlog import Audit, Run, put_aside, put_aside_keys, quarantined_sum, take_back
from etl.sources.bottega import Changes, Snapshot

SHOWN = 20


class AuditFailed(Exception):
    """An audit found offenders: nothing of the run is kept."""


@dataclass
class Work:
    """One flow at work. `since` is the cursor of an incremental run, None when everything is read.

    `parts` is what a backfill prepared for this flow, if it is one that ends.
    """

    source: Snapshot
    gold: Gold
    run: Run
    since: int | None
    now: pd.Timestamp
    say: Callable[[str], None]
    parts: Parts | None = None
    keys: list[pd.Series] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Take the rows in quarantine back: they are read again."""
        self.retried = put_aside_keys(self.gold.connection, self.run.flow)
        self.retried_orders = put_aside_keys(self.gold.connection, self.run.flow, "order_key")
        take_back(self.gold.connection, self.run.flow)

    @property
    def whole(self) -> bool:
        """Whether everything is read."""
        return self.since is None

    def changes(self, again: Sequence[int]) -> Changes:
        """What this flow reads of a table, the rows `again` besides."""
        return Changes(self.since, tuple(again))

    def sift(self, table: Table, frame: pd.DataFrame, more: pd.Series | None = None) -> pd.DataFrame:
        """The rows that keep the contract and have no reason in `more`; the others go to quarantine. Counts both, notes the keys."""
        reasons = table.reasons(frame)
        if more is not None and len(more):
            reasons = pd.concat([reasons, more[~more.index.isin(reasons.index)]])
        if len(reasons):
            wrong = frame.loc[reasons.index]
            put_aside(self.gold.connection, self.run.flow, table.key[0], table.in_words(wrong), list(reasons))
            self.run.quarantined += len(wrong)
            frame = frame.drop(reasons.index)
        self.run.loaded += len(frame)
        self.keys.append(frame[table.key[0]])
        return frame

    def members_aside(self) -> dict[str, list[int]]:
        """The customers and products in quarantine, by the column that names them in the facts."""
        connection = self.gold.connection
        return {f"{flow[:-1]}_key": put_aside_keys(connection, flow) for flow in ("customers", "products")}

    def orders_again(self, aside: Mapping[str, Sequence[int]]) -> list[int]:
        """The orders to read beside those that changed: with lines in quarantine, or facts of members that now are there."""
        if self.whole:
            return []
        return sorted({*self.retried_orders, *orders_of_members(self.gold.connection, aside)})

    def net_aside(self) -> Decimal:
        """The net of the lines in quarantine, as far as they have one."""
        return quarantined_sum(self.gold.connection, self.run.flow, "net")

    def audit(self, **offenders: pd.DataFrame) -> None:
        """Record these audits, named by their keywords. Raises AuditFailed when one found offenders."""
        audit(self.run, **offenders)


@dataclass(frozen=True)
class Flow:
    """A flow: its name, the flows that must run before it, the tables it owns and what it does.

    `sources` are the tables of the rooms that it reads beside the records of deletions: they are shown, and tested to be
    the truth. Raise `version` when its transforms change the figures: then the next run reads everything. With tables that
    are empty it reads everything too, unless it finds by itself what lacks (`finds_gaps`).
    """

    name: str
    tables: tuple[Table, ...]
    work: Callable[[Work], None]
    sources: tuple[str, ...]
    needs: tuple[str, ...] = ()
    version: int = 1
    finds_gaps: bool = False


def audit(run: Run, **offenders: pd.DataFrame) -> None:
    """Record audits of a run, named by their keywords. Raises AuditFailed when one found offenders."""
    verdicts = [
        Audit(name.replace("_", " "), len(found), [_plain(row) for row in found.head(SHOWN).to_dict("records")])
        for name, found in offenders.items()
    ]
    run.audits += verdicts
    if failed := [verdict for verdict in verdicts if verdict.offenders]:
        said = "; ".join(
            f"{verdict.name}: {verdict.offenders} offenders, first {verdict.sample[0]}" for verdict in failed
        )
        raise AuditFailed(f"Audit failed in flow {run.flow}, nothing was loaded: {said}")


def _plain(row: dict[Any, Any]) -> dict[str, Any]:
    return {str(name): value if isinstance(value, int | str) else str(value) for name, value in row.items()}
