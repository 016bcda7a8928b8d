"""The sales aggregates: days from the facts, longer periods from the days, only where something changed.

An order has one day and one country, so the counts of orders add up. An incremental run adds to each day what its orders
changed; `etl.audits.totals` then adds up the facts of those days, as an independent computation.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import Connection, text

from etl.gold.tables import GRAINS

LONGER = GRAINS[1:]
MEASURES = ("orders", "cancellations", "lines", "units", "net")
COUNTED = (
    "date_key AS period_start, country_key, count(DISTINCT order_key) AS orders, "
    "count(DISTINCT order_key) FILTER (WHERE order_kind = 'cancellation') AS cancellations, count(*) AS lines, "
    "sum(quantity) AS units, sum(net) AS net"
)
DAYS = (
    f"INSERT INTO agg_sales_day (period_start, country_key, {', '.join(MEASURES)}) SELECT {COUNTED} FROM fact_sale_line"
)


def touched_cells(gold: Connection, loaded: str, orders: Sequence[int] | None) -> bool:
    """Note by how much these orders change the days and countries in which they stand, or will once `loaded` is settled.

    The temporary table `touched_day` has the differences, `touched_week` to `touched_year` the periods around them. Returns
    False, and notes nothing, when `orders` is None: everything is touched.
    """
    if orders is None:
        return False
    per_order = (
        "SELECT date_key, country_key, {sign} 1 AS orders, {sign} (order_kind = 'cancellation')::int AS cancellations, "
        "{sign} count(*) AS lines, {sign} sum(quantity) AS units, {sign} sum(net) AS net FROM {table} {where} "
        "GROUP BY order_key, date_key, country_key, order_kind"
    )
    was = per_order.format(sign="-", table="fact_sale_line", where="WHERE order_key = ANY(:orders)")
    will_be = per_order.format(sign="+", table=loaded, where="")
    gold.execute(
        text(
            "CREATE TEMP TABLE touched_day ON COMMIT DROP AS SELECT date_key AS period_start, country_key, "
            f"{_sums('c')} FROM ({was} UNION ALL {will_be}) c GROUP BY 1, 2"
        ),
        {"orders": list(orders)},
    )
    for grain in LONGER:
        gold.exec_driver_sql(
            f"CREATE TEMP TABLE touched_{grain} ON COMMIT DROP AS SELECT DISTINCT "
            f"date_trunc('{grain}', period_start)::date AS period_start, country_key FROM touched_day"
        )
    for grain in GRAINS:
        gold.exec_driver_sql(f"ANALYZE touched_{grain}")
    return True


def recount(gold: Connection, days: Sequence[dt.date]) -> None:
    """Count these days anew from their facts, and all longer periods from the days.

    Notes the cells of those days, as `touched_cells` does, for the audits.
    """
    these = {"days": list(days)}
    gold.execute(
        text(
            "CREATE TEMP TABLE touched_day ON COMMIT DROP AS SELECT period_start, country_key FROM agg_sales_day "
            "WHERE period_start = ANY(:days) UNION SELECT date_key, country_key FROM fact_sale_line WHERE date_key = ANY(:days)"
        ),
        these,
    )
    gold.exec_driver_sql("ANALYZE touched_day")
    gold.execute(text("DELETE FROM agg_sales_day WHERE period_start = ANY(:days)"), these)
    gold.execute(text(f"{DAYS} WHERE date_key = ANY(:days) GROUP BY 1, 2"), these)
    _refresh_longer(gold, touched=False)


def refresh(gold: Connection, *, touched: bool) -> None:
    """Bring the five tables up to the facts: where `touched_cells` noted something, or everywhere."""
    if touched:
        _add_to_days(gold)
    else:
        gold.exec_driver_sql("DELETE FROM agg_sales_day")
        gold.exec_driver_sql(f"{DAYS} GROUP BY 1, 2")
    _refresh_longer(gold, touched=touched)


def _refresh_longer(gold: Connection, *, touched: bool) -> None:
    for grain in LONGER:
        start = f"date_trunc('{grain}', a.period_start)::date"
        old = f"USING touched_{grain} t WHERE a.period_start = t.period_start AND a.country_key = t.country_key"
        new = f"JOIN touched_{grain} t ON t.country_key = a.country_key AND t.period_start = {start}"
        gold.exec_driver_sql(f"DELETE FROM agg_sales_{grain} a {old if touched else ''}")
        gold.exec_driver_sql(
            f"INSERT INTO agg_sales_{grain} (period_start, country_key, {', '.join(MEASURES)}) "
            f"SELECT {start}, a.country_key, {_sums('a')} FROM agg_sales_day a {new if touched else ''} GROUP BY 1, 2"
        )


def _add_to_days(gold: Connection) -> None:
    added = ", ".join(f"{name} = a.{name} + t.{name}" for name in MEASURES)
    cell = "a.period_start = t.period_start AND a.country_key = t.country_key"
    gold.exec_driver_sql(f"UPDATE agg_sales_day a SET {added} FROM touched_day t WHERE {cell}")
    gold.exec_driver_sql(f"DELETE FROM agg_sales_day a USING touched_day t WHERE {cell} AND a.lines = 0")
    columns = ", ".join(("period_start", "country_key", *MEASURES))
    gold.exec_driver_sql(
        f"INSERT INTO agg_sales_day ({columns}) SELECT {columns} FROM touched_day t "
        f"WHERE lines > 0 AND NOT EXISTS (SELECT FROM agg_sales_day a WHERE {cell})"
    )


def country_texts(gold: Connection) -> list[str]:
    """The countries of all facts, in order."""
    return list(gold.execute(text("SELECT DISTINCT country_key FROM agg_sales_year ORDER BY 1")).scalars())


def _sums(table: str) -> str:
    return ", ".join(f"sum({table}.{name}) AS {name}" for name in MEASURES)
