"""The rows of a table, as many as this notebook may see."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import pandas as pd

from bottega_gold.asking import sql
from bottega_gold.dictionary import tables

DAYS = ("date_key", "period_start")
Day = dt.date | str | None


def fact(name: str, **wanted: Any) -> pd.DataFrame:
    """The rows of a fact, as in `fact("sale_line", start="2011-01-01")`; the rest as for `table`."""
    return table(name if name.startswith("fact_") else f"fact_{name}", **wanted)


def dimension(name: str, **wanted: Any) -> pd.DataFrame:
    """The members of a dimension, as in `dimension("customer")`; the rest as for `table`."""
    return table(name if name.startswith("dim_") else f"dim_{name}", **wanted)


def table(
    name: str,
    *,
    columns: Sequence[str] | None = None,
    start: Day = None,
    end: Day = None,
    limit: int | None = None,
    exact: bool = True,
) -> pd.DataFrame:
    """The rows of a table of the dictionary, ordered by nothing in particular.

    `columns`: only these. `start` and `end` are the company's local days, both included, where the table has days. Raises
    KeyError for a table or column that is not there.
    """
    known = tables()
    present = list(known.loc[known["table"] == name, "column"])
    if not present:
        raise KeyError(f"GOLD has no table {name!r}; there are {', '.join(known['table'].unique())}")
    wanted = list(columns or present)
    if unknown := [column for column in wanted if column not in present]:
        raise KeyError(f"{name} has no column {unknown[0]!r}; there are {', '.join(present)}")
    day = next((column for column in DAYS if column in present), None)
    if day is None and (start or end):
        raise KeyError(f"{name} has no days to choose from")
    tests = [f"{day} >= %(start)s"] if start else []
    tests += [f"{day} <= %(end)s"] if end else []
    query = f"SELECT {', '.join(wanted)} FROM {name}{' WHERE ' + ' AND '.join(tests) if tests else ''}"
    if limit is not None:
        query += f" LIMIT {int(limit)}"
    return sql(query, {"start": start, "end": end} if tests else None, exact=exact)
