"""A backfill's parts of the sales: what one finds of its days beside the facts, and how all are brought in at the end.

A part changes no table that is read: it compares the source with GOLD and keeps the rows that differ. At the end, orders
that were written since the parts read them are read again, so that nothing older ever replaces something newer.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing

import pandas as pd
from sqlalchemy import Connection, text

from etl.gold.aggregates import COUNTED, MEASURES
from etl.gold.parts import Part, Parts, Prepared
from etl.gold.tables import FACT_SALE_LINE
from etl.gold.writer import Gold, copy_rows, same_row
from etl.runlog import Cursor, put_aside_keys
from etl.sources.bottega import Snapshot
from etl.transforms.sales import members_aside, sale_lines


def prepare(
    source: Snapshot, gold: Connection, part: Part, *, table: str, cursor: Cursor, say: Callable[[int], None]
) -> Prepared:
    """Read the orders of a part's days and keep in `table` the rows that the facts lack or have otherwise.

    Orders with a row that breaks a rule, and those of facts that the source has no more on these days, are only named.
    `say` is told how many lines were read so far.
    """
    gold.exec_driver_sql("CREATE TEMP TABLE part_line (LIKE fact_sale_line) ON COMMIT DROP")
    aside = {f"{flow[:-1]}_key": put_aside_keys(gold, flow) for flow in ("customers", "products")}
    again: set[int] = set()
    read = 0
    with closing(source.orders_with_lines(source.order_keys_of(part.first, part.last), whole=False)) as chunks:
        for headers, lines in chunks:
            sales, wrong = _right_orders(sale_lines(lines, headers, source.time_zone), aside)
            again.update(wrong)
            copy_rows(gold, FACT_SALE_LINE, FACT_SALE_LINE.arrange(sales), "part_line")
            read += len(sales)
            say(read)
    gold.exec_driver_sql("ANALYZE part_line")
    days = {"first": part.first, "last": part.last}
    again.update(gold.execute(text(_GONE), days).scalars())
    gold.exec_driver_sql(f"CREATE TABLE {table} (LIKE fact_sale_line)")
    changed = gold.execute(text(_CHANGED.format(table=table)), days).rowcount
    other_sums = list(gold.execute(text(_OTHER_SUMS), days).scalars())
    return Prepared(cursor, read, changed, sorted(again), other_sums)


def _right_orders(sales: pd.DataFrame, aside: Mapping[str, Sequence[int]]) -> tuple[pd.DataFrame, list[int]]:
    """The lines of the orders in which every line is right, and the keys of the other orders."""
    wrong = [*FACT_SALE_LINE.reasons(sales).index, *members_aside(sales, aside).index]
    if not wrong:
        return sales, []
    orders = sales.loc[wrong, "order_key"].unique()
    return sales[~sales["order_key"].isin(orders)], [int(key) for key in orders]


_OF_DAYS = "BETWEEN :first AND :last"
_GONE = (
    f"SELECT DISTINCT t.order_key FROM fact_sale_line t WHERE t.date_key {_OF_DAYS} "
    "AND NOT EXISTS (SELECT FROM part_line s WHERE s.line_key = t.line_key)"
)
_CHANGED = (
    "INSERT INTO {table} SELECT s.* FROM part_line s "
    f"WHERE NOT EXISTS (SELECT FROM fact_sale_line t WHERE t.date_key {_OF_DAYS} AND {same_row(FACT_SALE_LINE, 's', 't')})"
)
_OTHER_SUMS = (
    f"SELECT DISTINCT period_start FROM (SELECT {COUNTED} FROM part_line GROUP BY 1, 2) s "
    f"FULL JOIN (SELECT * FROM agg_sales_day WHERE period_start {_OF_DAYS}) a USING (period_start, country_key) "
    f"WHERE {' OR '.join(f's.{name} IS DISTINCT FROM a.{name}' for name in MEASURES)} ORDER BY 1"
)


def orders_to_read_again(gold: Connection, parts: Parts, aside: Mapping[str, Sequence[int]]) -> list[int]:
    """The orders that the parts named, and those with prepared rows whose customer or product is in quarantine now."""
    found = set(parts.again)
    for column, keys in aside.items():
        if keys and parts.rows:
            query = f"SELECT DISTINCT order_key FROM ({parts.rows}) p WHERE {column} = ANY(:keys)"
            found.update(gold.execute(text(query), {"keys": list(keys)}).scalars())
    return sorted(found)


def days_to_count(gold: Connection, parts: Parts, loaded: str, orders: Sequence[int]) -> list[dt.date]:
    """The days on which the facts change when the prepared rows and the `loaded` ones of these orders are brought in."""
    was = "SELECT date_key FROM fact_sale_line WHERE order_key = ANY(:orders)"
    queries = [was, f"SELECT date_key FROM {loaded}"]
    if parts.rows:
        queries += [
            f"SELECT date_key FROM ({parts.rows}) p",
            f"SELECT f.date_key FROM fact_sale_line f JOIN ({parts.rows}) p USING (line_key)",
        ]
    found = gold.execute(text(" UNION ".join(queries)), {"orders": list(orders)}).scalars()
    return sorted({*found, *parts.days})


def bring_in(gold: Gold, parts: Parts, orders: Sequence[int]) -> list[int]:
    """Put the prepared rows in the place of the facts with their keys, but those of these orders, which are read again.

    Where most facts would change, the table is made anew beside the old one: to put as many rows into the indexes of a
    table in use takes longer. Call it last of what changes facts. Returns the orders that the rows belong to.
    """
    if not parts.rows:
        return []
    connection = gold.connection
    connection.exec_driver_sql("CREATE TEMP TABLE read_again (order_key bigint PRIMARY KEY) ON COMMIT DROP")
    connection.execute(
        text("INSERT INTO read_again SELECT unnest(CAST(:orders AS bigint[]))"), {"orders": list(orders)}
    )
    connection.exec_driver_sql(
        f"CREATE TEMP TABLE prepared ON COMMIT DROP AS SELECT p.* FROM ({parts.rows}) p "
        "WHERE NOT EXISTS (SELECT FROM read_again a WHERE a.order_key = p.order_key)"
    )
    connection.exec_driver_sql("ANALYZE prepared")
    if connection.exec_driver_sql(_MOST_CHANGE).scalar_one():
        gold.begin_anew([FACT_SALE_LINE])
        connection.exec_driver_sql(f"INSERT INTO fact_sale_line ({_COLUMNS}) {_KEPT}")
    else:
        connection.exec_driver_sql("DELETE FROM fact_sale_line f USING prepared p WHERE p.line_key = f.line_key")
    connection.exec_driver_sql(f"INSERT INTO fact_sale_line ({_COLUMNS}) SELECT {_COLUMNS} FROM prepared")
    gold.finish([FACT_SALE_LINE])
    return [int(key) for key in connection.exec_driver_sql("SELECT DISTINCT order_key FROM prepared").scalars()]


_COLUMNS = ", ".join(FACT_SALE_LINE.names)
_KEPT = f"SELECT {_COLUMNS} FROM public.fact_sale_line f WHERE NOT EXISTS (SELECT FROM prepared p WHERE p.line_key = f.line_key)"
_MOST_CHANGE = "SELECT (SELECT count(*) FROM prepared) > (SELECT count(*) FROM fact_sale_line) / 2"
