"""The records of a list as a file, read in batches."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from flask import g
from flask_babel import get_locale
from werkzeug.wrappers import Response

from webapp.core.clock import local_day, utc_now
from webapp.core.exports import CSV_TYPE, XLSX_TYPE, Cell, csv_chunks, file_chunks, write_xlsx
from webapp.core.web import send_stream

BATCH = 1000


def export_records(
    name: str, columns: list[tuple[str, Any]], query: Any, value_of: Callable[[Any, str], Any], kind: str
) -> Response:
    """All records of `query` as `csv` or `xlsx`, streamed. A text never becomes a formula; numbers stay numbers."""
    zone = g.company.zone
    header = [str(title) for _, title in columns]

    def cell(record: Any, key: str) -> Cell:
        value = value_of(record, key)
        if isinstance(value, dt.datetime):
            return value.astimezone(zone).replace(tzinfo=None)
        if value is None or (isinstance(value, int | Decimal | dt.date) and not isinstance(value, bool)):
            return value
        return str(value)

    def rows() -> Iterator[list[Cell]]:
        for record in query.yield_per(BATCH):
            yield [cell(record, key) for key, _ in columns]

    if kind == "csv":
        comma = str(get_locale()).startswith("it")
        chunks, media = csv_chunks(header, rows(), comma=comma), CSV_TYPE
    else:
        chunks, media = file_chunks(write_xlsx(header, rows(), name)), XLSX_TYPE
    return send_stream(chunks, media=media, name=f"{name}-{local_day(utc_now(), zone).isoformat()}.{kind}")
