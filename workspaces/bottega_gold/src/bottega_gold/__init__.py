"""The figures of the house as DataFrames: facts, dimensions and metrics of GOLD, by the names of its dictionary.

import bottega_gold as gold
gold.net_revenue(by="country", grain="month")
gold.dim_customer()
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from bottega_gold.asking import floats, sql
from bottega_gold.connection import GoldNotThere
from bottega_gold.dictionary import dimensions, metrics, tables
from bottega_gold.figures import metric
from bottega_gold.rows import dimension, fact, table

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "GoldNotThere",
    "dimension",
    "dimensions",
    "fact",
    "floats",
    "metric",
    "metrics",
    "sql",
    "table",
    "tables",
]


def __getattr__(name: str) -> Callable[..., pd.DataFrame]:
    """A table or a metric under its own name: `gold.fact_sale_line()`, `gold.orders(by="country")`."""
    if name.startswith("_"):
        raise AttributeError(name)
    if name.startswith(("dim_", "fact_", "agg_")):
        return partial(table, name)
    if name in set(metrics()["metric"]):
        return partial(metric, name)
    raise AttributeError(f"GOLD has no table and no metric {name!r}: see gold.tables() and gold.metrics()")


def __dir__() -> list[str]:
    """What can be asked for, for the completion of the notebook."""
    try:
        named = [*tables()["table"].unique(), *metrics()["metric"]]
    except GoldNotThere:
        named = []
    return sorted({*__all__, *named})
