"""The metrics by dimensions and periods, counted over the sale lines that this notebook may see.

The SQL of each metric and dimension stands in GOLD's own dictionary: the pages ask with the same.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from bottega_gold.asking import sql
from bottega_gold.dictionary import definitions
from bottega_gold.rows import Day

GRAINS = ("day", "week", "month", "quarter", "year")
_BOUND = re.compile(r"(?<!:):([a-z_]+)")


def metric(
    *names: str,
    by: str | Sequence[str] = (),
    grain: str | None = None,
    start: Day = None,
    end: Day = None,
    exact: bool = True,
    **filters: Any,
) -> pd.DataFrame:
    """The named metrics by dimensions and periods, ordered by them: one column each, under their names.

    `grain` is day, week (ISO), month, quarter or year: then `period` is the first day of each. `start` and `end` are the
    company's local days, both included. Further keywords filter by a dimension, as in `country=["Italy"]`. Raises KeyError
    for a name that the dictionary does not have.
    """
    metrics, dimensions = definitions("metrics"), definitions("dimensions")
    asked = [_get(metrics, name, "metric") for name in names]
    if not asked:
        raise KeyError(f"name a metric; there are {', '.join(metrics)}")
    split = [_get(dimensions, name, "dimension") for name in ([by] if isinstance(by, str) else by)]
    if grain is not None and grain not in GRAINS:
        raise KeyError(f"there is no grain {grain!r}; there are {', '.join(GRAINS)}")
    tests = [_get(dimensions, name, "dimension")["condition"] for name in filters]
    tests += ["s.date_key >= :start"] if start else []
    tests += ["s.date_key <= :end"] if end else []
    values = {name: list(wanted) if _is_many(wanted) else [wanted] for name, wanted in filters.items()}
    query = _statement(asked, split, grain, " AND ".join(f"({test})" for test in tests) or "true")
    return sql(_BOUND.sub(r"%(\1)s", query.replace("%", "%%")), {**values, "start": start, "end": end}, exact=exact)


def _statement(
    metrics: Sequence[Mapping[str, Any]], dimensions: Sequence[Mapping[str, Any]], grain: str | None, where: str
) -> str:
    keys = [f"date_trunc('{grain}', s.date_key::timestamp)::date AS period"] if grain else []
    keys += [f"{each['expression']} AS k{number}" for number, each in enumerate(dimensions)]
    figures = [f"{each['expression']} AS {each['name']}" for each in metrics]
    joined = "".join(str(each["joined"]) for each in dimensions)
    grouped = f"SELECT {', '.join(keys + figures)} FROM fact_sale_line s{joined} WHERE {where}"
    if keys:
        grouped += f" GROUP BY {', '.join(str(place + 1) for place in range(len(keys)))}"
    shown, named = (["g.period"] if grain else []), ""
    for number, each in enumerate(dimensions):
        if each["named_by"]:
            named += f" LEFT JOIN {each['named_by']} d{number} ON d{number}.{each['member']} = g.k{number}"
            shown += [f"{text.replace('d.', f'd{number}.')} AS {name}" for name, text in _columns(each).items()]
        else:
            shown.append(f"g.k{number} AS {each['name']}")
    order = f" ORDER BY {', '.join(str(place + 1) for place in range(len(shown)))}" if shown else ""
    told = ", ".join([*shown, *(f"g.{each['name']}" for each in metrics)])
    return f"SELECT {told} FROM ({grouped}) g{named}{order}"


def _columns(dimension: Mapping[str, Any]) -> dict[str, str]:
    columns = dimension["columns"]
    return dict(columns if isinstance(columns, Mapping) else json.loads(columns))


def _get(known: Mapping[str, Mapping[str, Any]], name: str, what: str) -> Mapping[str, Any]:
    if name not in known:
        raise KeyError(f"there is no {what} {name!r}; there are {', '.join(known)}")
    return known[name]


def _is_many(value: Any) -> bool:
    return isinstance(value, Sequence | set | frozenset | pd.Series | pd.Index) and not isinstance(value, str)
