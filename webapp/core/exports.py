"""Exports of what a list shows, as CSV and XLSX: streamed, exact, and harmless when a spreadsheet opens them."""

from __future__ import annotations

import csv
import datetime as dt
import io
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import IO, Any, TypeAlias

CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")  # noqa: RUF001 - the wide ones count too
BOM = "\ufeff"
BATCH = 64 * 1024
LONGEST_CELL = 32_767
SHEET_ROWS = 1_048_576

Cell: TypeAlias = str | int | Decimal | dt.datetime | dt.date | None
Cells: TypeAlias = Sequence[Cell]


def harmless(text: str) -> str:
    """`text`, with an apostrophe before it where a spreadsheet would take it for a formula.

    Source: OWASP, CSV Injection. Leading blanks do not hide the sign.
    """
    return f"'{text}" if text.startswith(FORMULA_SIGNS) or text.lstrip().startswith(FORMULA_SIGNS) else text


def csv_chunks(header: Sequence[str], rows: Iterable[Cells], *, comma: bool = False) -> Iterator[bytes]:
    """A CSV file in UTF-8 with a byte order mark, in pieces. Moments must be in the zone in which they are to be read.

    `comma`: as spreadsheets of decimal-comma countries read it, cells set apart by semicolons; else RFC 4180.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";" if comma else ",", lineterminator="\r\n")
    buffer.write(BOM)
    writer.writerow([harmless(title) for title in header])
    for row in rows:
        writer.writerow([_csv_text(cell, comma=comma) for cell in row])
        if buffer.tell() > BATCH:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def _csv_text(cell: Cell, *, comma: bool) -> str:
    match cell:
        case None:
            return ""
        case str():
            return harmless(cell)
        case Decimal():
            text = f"{cell:f}"
            return text.replace(".", ",") if comma else text
        case dt.datetime():
            return cell.strftime("%Y-%m-%d %H:%M:%S")
        case _:
            return str(cell)


def write_xlsx(header: Sequence[str], rows: Iterable[Cells], title: str) -> IO[bytes]:
    """An XLSX file, open at its start and deleted when closed; memory does not grow with the rows.

    What one sheet cannot hold goes on in the next. Moments must be in the zone in which they are to be read.
    """
    from openpyxl import Workbook  # 17 MB, which no process holds that writes no such file

    book = Workbook(write_only=True)
    waiting = iter(rows)
    row = next(waiting, None)
    number = 1
    while row is not None or number == 1:
        sheet = book.create_sheet(_sheet_title(title, number))
        sheet.freeze_panes = "A2"
        sheet.append([_bold(sheet, name) for name in header])
        for _ in range(SHEET_ROWS - 1):
            if row is None:
                break
            sheet.append([_xlsx_value(cell) for cell in row])
            row = next(waiting, None)
        number += 1
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    book.save(file)
    file.seek(0)
    return file


def _sheet_title(title: str, number: int) -> str:
    plain = "".join(sign for sign in title if sign not in "[]:*?/\\")[:25] or "Sheet"
    return plain if number == 1 else f"{plain} {number}"


def _bold(sheet: Any, name: str) -> Any:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    cell = WriteOnlyCell(sheet, value=str(_xlsx_value(name)))
    cell.font = Font(bold=True)
    return cell


def _xlsx_value(cell: Cell) -> Cell:
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    match cell:
        case str():
            return harmless(ILLEGAL_CHARACTERS_RE.sub("", cell))[:LONGEST_CELL]
        case dt.datetime():
            return cell.replace(tzinfo=None)
        case _:
            return cell


def file_chunks(file: IO[bytes]) -> Iterator[bytes]:
    """The content of an open file in pieces; closes it at the end."""
    with file:
        while piece := file.read(BATCH):
            yield piece
