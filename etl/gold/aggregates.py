"""The sales aggregates: days from the facts, longer periods from the days, only where something changed.

An order has one day and one country, so the counts of orders of a longer period are the sums of its days.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from sqlalchemy import Connection, text

from etl.gold.tables import GRAINS

LONGER = GRAINS[1:]
MEASURES = "orders, cancellations, lines, units, net"
SUMS = "sum(a.orders), sum(a.cancellations), sum(a.lines), sum(a.units), sum(a.net)"


def touched_cells(gold: Connection, loaded: str, orders: Sequence[int] | None) -> bool:
    """Note the periods and countries in which these orders stand, or will stand once `loaded` is settled.

    They are kept in the temporary tables `touched_day` to `touched_year`. Returns False, and notes nothing, when `orders` is
    None: everything is touched.
    """
    if orders is None:
        return False
    gold.exec_driver_sql("CREATE TEMP TABLE touched_day (period_start date, country_key text) ON COMMIT DROP")
    gold.execute(
        text(
            "INSERT INTO touched_day SELECT date_key, country_key FROM fact_sale_line WHERE order_key = ANY(:orders) "
            f"UNION SELECT date_key, country_key FROM {loaded}"
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


def refresh(gold: Connection, *, touched: bool) -> None:
    """Compute the cells of the five tables anew: those that `touched_cells` noted, or all."""
    for grain in GRAINS:
        cells = f"USING touched_{grain} t WHERE a.period_start = t.period_start AND a.country_key = t.country_key"
        gold.exec_driver_sql(f"DELETE FROM agg_sales_{grain} a {cells if touched else ''}")
    gold.exec_driver_sql(_days(touched=touched))
    for grain in LONGER:
        start = f"date_trunc('{grain}', a.period_start)::date"
        cells = f"JOIN touched_{grain} t ON t.country_key = a.country_key AND t.period_start = {start}"
        gold.exec_driver_sql(
            f"INSERT INTO agg_sales_{grain} (period_start, country_key, {MEASURES}) SELECT {start}, a.country_key, {SUMS} "
            f"FROM agg_sales_day a {cells if touched else ''} GROUP BY 1, 2"
        )


def country_texts(gold: Connection) -> pd.Series:
    """The countries of all facts."""
    return pd.read_sql(text("SELECT DISTINCT country_key FROM agg_sales_year"), gold)["country_key"]


def _days(*, touched: bool) -> str:
    cells = "JOIN touched_day t ON t.period_start = f.date_key AND t.country_key = f.country_key" if touched else ""
    return (
        f"INSERT INTO agg_sales_day (period_start, country_key, {MEASURES}) "
        "SELECT date_key, country_key, count(*), count(*) FILTER (WHERE order_kind = 'cancellation'), sum(lines), sum(units), "
        "sum(net) FROM (SELECT f.date_key, f.country_key, f.order_key, f.order_kind, count(*) AS lines, "
        f"sum(f.quantity) AS units, sum(f.net) AS net FROM fact_sale_line f {cells} "
        "GROUP BY f.order_key, f.date_key, f.country_key, f.order_kind) o GROUP BY 1, 2"
    )
