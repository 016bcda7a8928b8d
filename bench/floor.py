"""The floor of the bench: COPY of the sales file into an untyped table plus one typed INSERT … SELECT."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from bench.context import Context
from webapp.core.db import db

COLUMNS = ("invoice", "code", "description", "quantity", "moment", "price", "customer", "country")
TYPES = {"quantity": "numeric", "moment": "timestamp", "price": "numeric"}
REFERENCE = "floor: COPY + typed INSERT … SELECT"
Result = TypeVar("Result")


def beside(context: Context, work: Callable[[], Result]) -> tuple[Result, float]:
    """What `work` returns, and the floor in seconds: the mean of one run just before and one just after it.

    The speed of a shared machine drifts; what is compared must have run next to each other.
    """
    before = _once(context.sales_file)
    result = work()
    return result, (before + _once(context.sales_file)) / 2


def _once(path: Path) -> float:
    raw: Any = db.engines[None].raw_connection()
    try:
        with raw.cursor() as cursor, path.open("rb") as file:
            began = time.perf_counter()
            cursor.execute(f"CREATE TABLE floor_text ({', '.join(f'{name} text' for name in COLUMNS)})")
            cursor.copy_expert("COPY floor_text FROM STDIN (FORMAT csv, HEADER)", file, size=1 << 16)
            typed = ", ".join(f"{name} {TYPES.get(name, 'text')}" for name in COLUMNS)
            cursor.execute(f"CREATE TABLE floor_typed ({typed})")
            values = ", ".join(f"{name}::{TYPES.get(name, 'text')}" for name in COLUMNS)
            cursor.execute(f"INSERT INTO floor_typed SELECT {values} FROM floor_text")
            raw.commit()
            seconds = time.perf_counter() - began
            cursor.execute("DROP TABLE floor_text, floor_typed")
            raw.commit()
            return seconds
    finally:
        raw.close()
