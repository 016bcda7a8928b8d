"""The rooms' database as the ETL reads it: one snapshot, whole or only what changed since a cursor.

Every frame comes through COPY. Decimals are scaled to whole numbers by the database, so they never pass through a float;
what is not a number (NUMERIC knows NaN) arrives as `MISSING`, a moment beyond all calendars as no value.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Connection, Engine, text

from etl.contracts import MISSING

Part = tuple[pd.DataFrame, pd.DataFrame]
LINES_AT_ONCE = 100_000
ORDERS_AT_ONCE = 5_000
TABLES = ("crm_customers", "catalogue_categories", "catalogue_products", "sales_orders", "sales_order_lines")


def _scaled(column: str, places: int) -> str:
    return f"CASE WHEN {column} = 'NaN' THEN {MISSING} ELSE ({column} * {10**places})::bigint END"


ORDERS = f"""
    SELECT id AS order_key, number AS order_number, kind AS order_kind, coalesce(customer_id, 0) AS customer_key,
           country AS country_key, coalesce(owner_id, 0) AS owner_key, coalesce(group_id, 0) AS group_key,
           CASE WHEN ordered_at BETWEEN '0001-01-02' AND '9999-12-30' THEN (extract(epoch FROM ordered_at) * 1000000)::bigint
           ELSE {MISSING} END AS ordered_at
    FROM sales_orders
"""
LINES = f"""
    SELECT id AS line_key, order_id AS order_key, product_id AS product_key, {_scaled("quantity", 3)} AS quantity,
           {_scaled("unit_price", 4)} AS unit_price, {_scaled("discount", 2)} AS discount, {_scaled("net", 4)} AS net
    FROM sales_order_lines
"""
CUSTOMERS = (
    "SELECT id AS customer_key, number, name, kind, country, coalesce(owner_id, 0) AS owner_key, "
    "coalesce(group_id, 0) AS group_key FROM crm_customers"
)
PRODUCTS = f"""
    SELECT p.id AS product_key, p.sku, p.name, coalesce(c.name, '') AS category, {_scaled("p.price", 4)} AS price,
           {_scaled("p.vat_rate", 2)} AS vat_rate
    FROM catalogue_products p LEFT JOIN catalogue_categories c ON c.id = p.category_id
"""
WHOLE: dict[str, Any] = dict.fromkeys(
    ("order_key", "customer_key", "ordered_at", "line_count", "line_key", "product_key", "quantity", "unit_price", "discount",
     "net", "price", "vat_rate", "owner_key", "group_key"),
    "int64",
)  # fmt: skip
OF_DAYS = (  # the days in the zone, with bounds around them that the index on the moment understands
    "ordered_at BETWEEN :from AND :to AND (ordered_at AT TIME ZONE :zone)::date BETWEEN :first AND :last"
)
REPEATED = ("order_number", "order_kind", "country_key")


@dataclass(frozen=True)
class Changes:
    """What a flow reads: all of it (`since` is None), or what transactions from `since` on wrote, and `again` besides."""

    since: int | None = None
    again: tuple[int, ...] = ()

    def clause(self, key: str, changed: str) -> str:
        """The condition that picks these rows."""
        if self.since is None:
            return "true"
        return f"({changed.format(since=self.since)} OR {key} = ANY('{{{','.join(map(str, self.again))}}}'))"


class Snapshot:
    """One moment of the rooms' database. All that is read from it belongs together."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.position = int(self._value("SELECT pg_snapshot_xmin(pg_current_snapshot())::text"))
        self.identity = self._identity()
        self.time_zone = str(self._value("SELECT time_zone FROM core_company"))

    def customers(self, changes: Changes) -> pd.DataFrame:
        """Customers: customer_key, number, name, kind, country, owner_key, group_key."""
        return self._read(f"{CUSTOMERS} WHERE {changes.clause('id', 'changed_xid >= {since}')} ORDER BY id")

    def products(self, changes: Changes) -> pd.DataFrame:
        """Products with the name of their category; a changed category changes its products."""
        changed = (
            "p.changed_xid >= {since} OR p.category_id IN "
            "(SELECT id FROM catalogue_categories WHERE changed_xid >= {since})"
        )
        return self._read(f"{PRODUCTS} WHERE {changes.clause('p.id', changed)} ORDER BY p.id")

    def deleted(self, table: str, changes: Changes) -> list[int]:
        """The ids of rows of a table that are gone since the cursor."""
        if changes.since is None:
            return []
        found = self.connection.execute(
            text("SELECT DISTINCT row_id FROM core_deletions WHERE table_name = :table AND changed_xid >= :since"),
            {"table": table, "since": changes.since},
        )
        return [int(number) for number in found.scalars()]

    def order_span(self, first: str, last: str) -> tuple[pd.Timestamp, pd.Timestamp] | None:
        """The first and the last moment (UTC) of an order between two days; None when there is no order."""
        earliest, latest = self.connection.execute(
            text("SELECT min(ordered_at), max(ordered_at) FROM sales_orders WHERE ordered_at BETWEEN :first AND :last"),
            {"first": f"{first} 00:00+00", "last": f"{last} 23:59+00"},
        ).one()
        return None if earliest is None else (pd.Timestamp(earliest), pd.Timestamp(latest))

    def order_keys(self, changes: Changes) -> pd.DataFrame:
        """The orders to read: order_key, and the number of their lines as far as known."""
        return self._read(
            "SELECT id AS order_key, line_count FROM sales_orders "
            f"WHERE {changes.clause('id', 'changed_xid >= {since}')} ORDER BY id"
        )

    def lines_by_day(self, first: dt.date, last: dt.date) -> dict[dt.date, int]:
        """How many lines the orders of each of the company's local days have, between two days, both included."""
        found = self.connection.execute(
            text(
                "SELECT (ordered_at AT TIME ZONE :zone)::date, sum(line_count)::bigint FROM sales_orders "
                f"WHERE {OF_DAYS} GROUP BY 1 HAVING sum(line_count) > 0"
            ),
            self._days(first, last),
        )
        return {day: int(lines) for day, lines in found}

    def order_keys_of(self, first: dt.date, last: dt.date) -> pd.DataFrame:
        """The orders of the company's local days between two, both included: order_key, and the number of their lines."""
        found = self.connection.execute(
            text(f"SELECT id, line_count FROM sales_orders WHERE {OF_DAYS} ORDER BY id"), self._days(first, last)
        )
        return pd.DataFrame([tuple(row) for row in found], columns=["order_key", "line_count"], dtype="int64")

    def net_of(self, first: dt.date, last: dt.date) -> Decimal:
        """The net of the lines of these days, as the source adds it up; what is not a number counts nothing."""
        query = (
            "SELECT coalesce(sum(l.net) FILTER (WHERE l.net <> 'NaN'), 0) FROM sales_order_lines l "
            f"JOIN sales_orders o ON o.id = l.order_id WHERE {OF_DAYS}"
        )
        return Decimal(self.connection.execute(text(query), self._days(first, last)).scalar_one())

    def _days(self, first: dt.date, last: dt.date) -> dict[str, Any]:
        around = [
            dt.datetime.combine(day + dt.timedelta(days=margin), dt.time(), dt.UTC)
            for day, margin in ((first, -2), (last, 2))
        ]
        return {"first": first, "last": last, "zone": self.time_zone, "from": around[0], "to": around[1]}

    def orders_with_lines(self, keys: pd.DataFrame, *, whole: bool) -> Generator[Part, None, None]:
        """Orders and their lines, whole orders at a time, so that memory is bounded; one part is read ahead in a thread.

        `whole`: the keys are all there are. Close it before reading anything else.
        """
        with ThreadPoolExecutor(max_workers=1) as reader:
            coming: Future[Part] | None = None
            for part in _parts(keys, whole=whole):
                low, high = int(part.iloc[0]), int(part.iloc[-1])
                picked = f"BETWEEN {low} AND {high}" if whole else f"= ANY('{{{','.join(map(str, part))}}}')"
                here, coming = coming, reader.submit(self._orders_with_lines, picked)
                if here:
                    yield here.result()
            if coming:
                yield coming.result()

    def _orders_with_lines(self, picked: str) -> Part:
        orders = self._read(f"{ORDERS} WHERE id {picked}")
        # numpy's "not a time" is the same number as MISSING
        moments = pd.Series(orders["ordered_at"].to_numpy().view("datetime64[us]")).dt.tz_localize("UTC")
        # read_csv's own categories would make a number of "007"
        texts = {name: orders[name].astype("category") for name in REPEATED}
        lines = self._read(f"{LINES} WHERE order_id {picked} ORDER BY order_id, id")
        return orders.assign(ordered_at=moments, **texts), lines

    def net_total(self, *, whole: bool) -> Decimal:
        """The net of all order lines as the source adds it up; what is not a number counts nothing.

        `whole` adds the lines, else the totals that the source keeps of its orders, unless some is not a number.
        """
        if not whole:
            kept = Decimal(self._value("SELECT coalesce(sum(net), 0) FROM sales_orders"))
            if kept.is_finite():
                return kept
        return Decimal(self._value("SELECT coalesce(sum(net) FILTER (WHERE net <> 'NaN'), 0) FROM sales_order_lines"))

    def _read(self, query: str) -> pd.DataFrame:
        buffer = io.BytesIO()
        with closing(self.connection.connection.cursor()) as cursor:
            cursor.copy_expert(f"COPY ({query}) TO STDOUT (FORMAT csv, HEADER)", buffer, 1 << 20)
        buffer.seek(0)
        header = buffer.readline().decode().strip().split(",")
        return pd.read_csv(
            buffer, header=None, names=header, dtype={name: WHOLE.get(name, "str") for name in header},
            keep_default_na=False, encoding="utf-8",
        )  # fmt: skip

    def _value(self, query: str) -> Any:
        return self.connection.execute(text(query)).scalar_one()

    def _identity(self) -> str:
        """What changes when the source is another one: restored elsewhere or back in time, its tables made anew."""
        system = self._value(
            "SELECT concat_ws('/', system_identifier, timeline_id, current_database()) "
            "FROM pg_control_system(), pg_control_checkpoint()"
        )
        files = [str(self._value(f"SELECT pg_relation_filenode('{table}')")) for table in TABLES]
        return "/".join([system, *files])


@contextmanager
def snapshot(engine: Engine) -> Iterator[Snapshot]:
    """Open one snapshot of the rooms' database, for reading only."""
    options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with engine.connect().execution_options(**options) as connection, connection.begin():
        connection.connection.dbapi_connection.set_client_encoding("UTF8")  # type: ignore[union-attr]  # psycopg2's own
        yield Snapshot(connection)


def _parts(keys: pd.DataFrame, *, whole: bool) -> Iterator[pd.Series]:
    numbers = keys["line_count"].clip(lower=0).cumsum() // LINES_AT_ONCE
    if not whole:
        numbers = numbers + np.arange(len(keys)) // ORDERS_AT_ONCE
    for _, part in keys["order_key"].groupby(numbers.to_numpy(), sort=True):
        yield part


def keys_of(frame: pd.DataFrame, key: str, more: Sequence[int] = ()) -> list[int]:
    """The distinct keys of a frame and of a list."""
    return sorted({*map(int, frame[key].unique()), *more})
