"""Totals agree: GOLD with its source, aggregates with facts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

import pandas as pd
from sqlalchemy import Connection, text

from etl.audits.offenders import offenders

MEASURES = ("orders", "cancellations", "lines", "units", "net")
STARTS = {"week": "week_start", "month": "month_start", "quarter": "quarter_start", "year": "year_start"}


def net_differs(gold: Connection, source: Decimal, aside: Decimal) -> pd.DataFrame:
    """The tables, facts and aggregates, whose whole net is not the source's net without the lines put aside.

    `source` and `aside` are in the company's currency; the comparison is exact.
    """
    expected = source - aside
    query = "SELECT 'fact_sale_line' AS name, coalesce(sum(net), 0) AS net FROM fact_sale_line"
    for grain in ("day", *STARTS):
        query += f" UNION ALL SELECT 'agg_sales_{grain}', coalesce(sum(net), 0) FROM agg_sales_{grain}"
    return _other_nets([(name, net) for name, net in gold.execute(text(query))], expected)


def net_of_days_differs(
    gold: Connection, days: tuple[dt.date, dt.date], source: Decimal, aside: Decimal
) -> pd.DataFrame:
    """As `net_differs`, of the facts and the sums of the days between two, both included."""
    query = (
        "SELECT 'fact_sale_line' AS name, coalesce(sum(net), 0) FROM fact_sale_line WHERE date_key BETWEEN :first AND :last "
        "UNION ALL SELECT 'agg_sales_day', coalesce(sum(net), 0) FROM agg_sales_day WHERE period_start BETWEEN :first AND :last"
    )
    found = gold.execute(text(query), {"first": days[0], "last": days[1]}).all()
    return _other_nets([(name, net) for name, net in found], source - aside)


def days_differ(gold: Connection, *, touched: bool) -> pd.DataFrame:
    """Days and countries whose aggregate is not what its facts say."""
    join = "JOIN touched_day t ON t.period_start = f.date_key AND t.country_key = f.country_key" if touched else ""
    orders = (
        "SELECT f.date_key, f.country_key, f.order_kind, count(*) AS lines, sum(f.quantity) AS units, sum(f.net) AS net "
        f"FROM fact_sale_line f {join} GROUP BY f.order_key, f.date_key, f.country_key, f.order_kind"
    )
    facts = (
        "SELECT date_key AS period_start, country_key, count(*) AS orders, "
        "count(*) FILTER (WHERE order_kind = 'cancellation') AS cancellations, sum(lines) AS lines, sum(units) AS units, "
        f"sum(net) AS net FROM ({orders}) o GROUP BY 1, 2"
    )
    return _differences(gold, facts, "day", touched=touched)


def periods_differ(gold: Connection, grain: str, *, touched: bool) -> pd.DataFrame:
    """Periods and countries whose aggregate is not the sum of its days, as dim_date places them."""
    join = f"JOIN touched_{grain} t ON t.period_start = d.{STARTS[grain]} AND t.country_key = a.country_key"
    sums = ", ".join(f"sum(a.{name}) AS {name}" for name in MEASURES)
    days = (
        f"SELECT d.{STARTS[grain]} AS period_start, a.country_key, {sums} FROM agg_sales_day a "
        f"JOIN dim_date d ON d.date_key = a.period_start {join if touched else ''} GROUP BY 1, 2"
    )
    return _differences(gold, days, grain, touched=touched)


def _other_nets(found: Sequence[tuple[str, Decimal]], expected: Decimal) -> pd.DataFrame:
    wrong = [
        {"table": name, "gold": str(net), "source": str(expected), "difference": str(net - expected)}
        for name, net in found
        if net != expected
    ]
    return pd.DataFrame(wrong)


def _differences(gold: Connection, expected: str, grain: str, *, touched: bool) -> pd.DataFrame:
    cells = f"JOIN touched_{grain} USING (period_start, country_key)" if touched else ""
    columns = ", ".join(f"a.{name}" for name in MEASURES)
    different = " OR ".join(f"e.{name} IS DISTINCT FROM f.{name}" for name in MEASURES)
    query = (
        f"SELECT period_start, country_key, e.net AS expected_net, f.net AS aggregate_net FROM ({expected}) e FULL JOIN "
        f"(SELECT period_start, country_key, {columns} FROM agg_sales_{grain} a {cells}) f "
        f"USING (period_start, country_key) WHERE {different}"
    )
    return offenders(gold, query)
