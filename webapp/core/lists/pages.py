"""A list as a page, a fragment or a file: what a room's view answers with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, g, request
from flask_babel import get_locale, gettext
from sqlalchemy.orm import Session

from webapp.core.clock import local_day, utc_now
from webapp.core.exports import CSV_TYPE, XLSX_TYPE, Cell, csv_chunks, file_chunks, write_xlsx
from webapp.core.lists.reading import SIZES, Page, Reading, open_rows, read_arguments, read_page
from webapp.core.lists.spec import Column, Kind, ListSpec
from webapp.core.web import push_address, send_stream, show
from webapp.core.wording import moment, money, number, percent, person, price

FORMATS = ("csv", "xlsx")


def show_list(session: Session, spec: ListSpec, page: str, fragment: str, **context: Any) -> Response:
    """Answer the request for a list: the `fragment` for HTMX, the `page`, or the export that `format` asks for.

    The templates find `table` (a Page), `cell` (value to text), `labels` and `sizes`, and what `context` adds.
    """
    zone: ZoneInfo = g.company.zone
    if request.args.get("format") in FORMATS:
        return export_list(session, spec, request.args["format"], zone)
    found = read_page(session, spec, request.args, zone=zone)
    labels = {column.key: str(column.label) for column in found.reading.columns}
    response = show(page, fragment, table=found, cell=_remembering(), labels=labels, sizes=SIZES, **context)
    push_address(response, _address(found))
    return response


def _address(page: Page) -> str:
    query = page.address
    return request.path if query == "?" else request.path + query


def _remembering() -> Callable[[Column, Any], str]:
    """`cell_text` for one answer, which says the same thing many times: looking up words costs more than the query."""
    known: dict[tuple[str, Any], str] = {}

    def text(column: Column, value: Any) -> str:
        key = (column.key, value)
        if key not in known:
            known[key] = cell_text(column, value)
        return known[key]

    return text


def cell_text(column: Column, value: Any) -> str:
    """What a person reads in a cell, in their language, the company's zone and its currency."""
    if value is None or value == "":
        return ""
    if column.kind == "choice":
        return str(column.choices.get(value, value))
    return str(WORDS[column.kind](value))


WORDS: dict[Kind, Callable[[Any], object]] = {
    "text": str,
    "number": number,
    "money": money,
    "price": price,
    "percent": percent,
    "date": moment,
    "person": person,
}


def export_list(session: Session, spec: ListSpec, kind: str, zone: ZoneInfo) -> Response:
    """All rows that the address asks for, in its order and columns, as `csv` or `xlsx`, streamed.

    Filters that were not understood make no file: 422 with what is wrong, since the file would hold too much.
    """
    reading = read_arguments(session, spec, request.args, zone=zone)
    if reading.problems:
        sentence = " ".join([*reading.problems, gettext("Nothing was exported.")])
        return show(
            "errors/problem.html", status=422, title=gettext("This cannot be exported"), sentence=sentence, code=422
        )
    header = [str(column.label) for column in reading.columns]
    rows = _cells(session, reading, zone)
    name = f"{spec.name}-{local_day(utc_now(), zone).isoformat()}.{kind}"
    if kind == "csv":
        comma = str(get_locale()).startswith("it")
        chunks = csv_chunks(header, rows, comma=comma)
        media = CSV_TYPE
    else:
        chunks = file_chunks(write_xlsx(header, rows, spec.name))
        media = XLSX_TYPE
    return send_stream(chunks, media=media, name=name)


def _cells(session: Session, reading: Reading, zone: ZoneInfo) -> Iterator[list[Cell]]:
    rows = open_rows(session, reading)
    columns = reading.columns
    return ([_value(column, row, zone) for column in columns] for row in rows)


def _value(column: Column, row: Any, zone: ZoneInfo) -> Cell:
    value = getattr(row, column.key)
    if isinstance(value, dt.datetime):
        return value.astimezone(zone).replace(tzinfo=None)
    if column.kind == "choice":
        return str(column.choices.get(value, value))
    if column.kind == "person":
        return cell_text(column, value)
    if value is None or isinstance(value, int | Decimal | dt.date):
        return value
    return str(value)
