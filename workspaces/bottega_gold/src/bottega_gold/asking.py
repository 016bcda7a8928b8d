"""A question in SQL and its answer as a DataFrame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import pandas as pd
import psycopg2

from bottega_gold.connection import connection, forget, is_lost

ROWS_AT_ONCE = 50_000
NUMERIC, BOOLEAN = 1700, 16
WHOLE = {20, 21, 23}
DATE, MOMENT, LOCAL = 1082, 1184, 1114
TEXTS = {25, 1042, 1043}


def sql(query: str, parameters: Mapping[str, Any] | None = None, *, exact: bool = True, **more: Any) -> pd.DataFrame:
    """The answer to a query of GOLD. Values are named in it as `%(name)s` and given as keywords, or together as a mapping.

    Days and moments come as datetime64 (moments in UTC), decimals as Decimal, or as floats unless `exact`. Raises
    GoldNotThere when there is no way to GOLD, and psycopg2's own errors for what is wrong with the query.
    """
    values = {**(parameters or {}), **more}
    try:
        frame = _answer(query, values)
    except (psycopg2.OperationalError, psycopg2.InterfaceError):
        if not is_lost():
            raise
        forget()  # the server was started anew, or the connection ended after a long pause: once more
        frame = _answer(query, values)
    return frame if exact else floats(frame)


def floats(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with floats in the place of exact decimals, for charts and statistics."""
    changed = {
        str(name): frame[name].astype("float64")
        for name in frame
        if frame[name].dtype == object and frame[name].map(lambda value: isinstance(value, Decimal)).any()
    }
    return frame.assign(**changed)


def _answer(query: str, values: Mapping[str, Any]) -> pd.DataFrame:
    with connection().cursor() as cursor:
        cursor.execute(query, values or None)
        if cursor.description is None:
            return pd.DataFrame()
        kinds = {column.name: column.type_code for column in cursor.description}
        known: list[dict[Any, Any]] = [{} for _name in kinds]
        parts = [_frame(rows, kinds, known) for rows in iter(lambda: cursor.fetchmany(ROWS_AT_ONCE), [])]
    return pd.concat(parts, ignore_index=True) if parts else _frame([], kinds, known)


def _frame(rows: Sequence[tuple[Any, ...]], kinds: Mapping[str, int], known: list[dict[Any, Any]]) -> pd.DataFrame:
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(kinds)
    series = (_column(values, kind, seen) for values, kind, seen in zip(columns, kinds.values(), known, strict=True))
    return pd.DataFrame(dict(zip(kinds, series, strict=True)))


def _column(values: Sequence[Any], kind: int, known: dict[Any, Any]) -> pd.Series:
    if kind in (DATE, LOCAL):
        return pd.Series(pd.to_datetime(pd.Series(values, dtype=object)), dtype="datetime64[us]")
    if kind == MOMENT:
        return pd.to_datetime(pd.Series(values, dtype=object), utc=True).astype("datetime64[us, UTC]")
    if kind in (*WHOLE, BOOLEAN):
        plain, nullable = ("bool", "boolean") if kind == BOOLEAN else ("int64", "Int64")
        return pd.Series(values, dtype=nullable if None in values else plain)
    if kind in (NUMERIC, *TEXTS):  # a price or a name comes a thousand times: it is kept once
        kept = [known.setdefault(value, value) for value in values]
        return pd.Series(kept, dtype=object if kind == NUMERIC else None)
    return pd.Series(values)
