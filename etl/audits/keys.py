"""Keys name one row, and every fact finds its dimensions."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from sqlalchemy import Connection

from etl.audits.offenders import offenders


def repeated_keys(keys: Sequence[pd.Series]) -> pd.DataFrame:
    """The keys that occur more than once among all that were read, given in parts."""
    if not keys:
        return pd.DataFrame()
    together = pd.concat(keys, ignore_index=True)
    return together[together.duplicated()].drop_duplicates().to_frame("key")


def lost_facts(gold: Connection, orders: Sequence[int] | None) -> pd.DataFrame:
    """Facts (of these orders, or of all) whose day, customer, product or country is in no dimension."""
    within = "" if orders is None else "AND f.order_key = ANY(:orders)"
    members = (
        ("date_key", "dim_date"), ("customer_key", "dim_customer"), ("product_key", "dim_product"),
        ("country_key", "dim_country"),
    )  # fmt: skip
    query = " UNION ALL ".join(
        f"SELECT f.line_key, f.order_number, '{name}' AS lacks, f.{name}::text AS value FROM fact_sale_line f "
        f"WHERE NOT EXISTS (SELECT FROM {table} d WHERE d.{name} = f.{name}) {within}"
        for name, table in members
    )
    return offenders(gold, query, {"orders": list(orders)} if orders is not None else {})
