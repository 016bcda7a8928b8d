"""What there is in GOLD, as GOLD itself tells it: tables with their columns, metrics, dimensions."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Literal

import pandas as pd

from bottega_gold.asking import sql

_TABLES = """
    SELECT t.name AS table, obj_description(c.oid, 'pg_class') AS grain, a.attname AS column,
           format_type(a.atttypid, a.atttypmod) AS type, col_description(c.oid, a.attnum) AS description
    FROM gold_access.tables t JOIN pg_class c ON c.oid = to_regclass('public.' || t.name)
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    ORDER BY t.name, a.attnum
"""


def tables() -> pd.DataFrame:
    """All tables and columns: table, grain, column, type, description."""
    return sql(_TABLES)


def metrics(language: str = "") -> pd.DataFrame:
    """The metrics: metric, label, definition, unit. `language` is en or it; that of the notebook when none is named."""
    spoken = _spoken(language)
    return sql(
        f"SELECT name AS metric, label_{spoken} AS label, definition_{spoken} AS definition, unit "
        "FROM gold_access.metrics ORDER BY place"
    )


def dimensions(language: str = "") -> pd.DataFrame:
    """By what the metrics are split and filtered: dimension, label."""
    return sql(
        f"SELECT name AS dimension, label_{_spoken(language)} AS label FROM gold_access.dimensions ORDER BY place"
    )


def definitions(kind: Literal["metrics", "dimensions"]) -> Mapping[str, Mapping[str, Any]]:
    """The metrics or the dimensions with all that their SQL is made of, by name."""
    rows = sql(f"SELECT * FROM gold_access.{kind} ORDER BY place").to_dict("records")
    return {str(row["name"]): {str(key): value for key, value in row.items()} for row in rows}


def _spoken(language: str) -> str:
    wanted = language or os.environ.get("BOTTEGA_LANGUAGE", "en")
    if wanted not in ("en", "it"):
        raise ValueError(f"there is no language {wanted!r}; there are en, it")
    return wanted
