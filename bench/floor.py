"""The floor of the bench: COPY of the sales file into an untyped table plus one typed INSERT … SELECT."""

from __future__ import annotations

import functools
import time
from pathlib import Path
from typing import Any

from bench.context import Context
from webapp.core.db import db

COLUMNS = ("invoice", "code", "description", "quantity", "moment", "price", "customer", "country")
TYPES = {"quantity": "numeric", "moment": "timestamp", "price": "numeric"}
REFERENCE = "floor: COPY + typed INSERT … SELECT"
RUNS = 3


@functools.cache
def _measured(app_id: int, path: Path) -> float:
    del app_id  # one measure for each application
    return sorted(_once(path) for _ in range(RUNS))[RUNS // 2]


def floor_seconds(context: Context) -> float:
    """The median of three runs, measured once in a run of the bench."""
    with context.app.app_context():
        return _measured(id(context.app), context.sales_file)


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
