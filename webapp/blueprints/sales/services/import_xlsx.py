"""The rows of an XLSX workbook, streamed; an archive that would unpack to more than a workbook holds is refused first."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flask_babel import gettext

from webapp.blueprints.sales.services.import_mapping import Mapping, nearest
from webapp.blueprints.sales.services.import_problems import UNREADABLE, ImportRefused, RowProblem

STEP = 1 << 16
LARGEST_SHEET = 1 << 30
LARGEST_PART = 64 << 20  # any other part is held in memory as a whole
MOST_PARTS = 2_000
LONGEST_TEXT = 1 << 20  # bytes between two tags; Excel's own limit is 32,767 characters a cell
LARGEST_RATIO, RATIO_FROM = 200, 16 << 20
MOST_ROWS = 1_048_576
BROKEN = (
    zipfile.BadZipFile, zlib.error, KeyError, ValueError, TypeError, SyntaxError, EOFError,
    OSError, IndexError, AttributeError, NotImplementedError, RuntimeError, OverflowError, LookupError,
)  # fmt: skip


class WorkbookRows:
    """The rows of one sheet as texts: dates in ISO form, numbers with the mapping's decimal sign."""

    format = "xlsx"

    def __init__(self, path: Path, mapping: Mapping) -> None:
        self.path = path
        self.line = 0
        self.problem = RowProblem("columns")
        self.unreadable = False
        self._decimal = mapping.decimal
        self._fields: list[str] = []
        self._ahead: list[str] | None = None
        check_archive(path)
        self._file = path.open("rb")
        try:
            self._cells = self._open_sheet(mapping)
            for _ in range(mapping.skip_lines):
                self._next()
            self.header = self._read_header(mapping)
        except BaseException:
            self.close()
            raise

    def __iter__(self) -> Iterator[list[str] | None]:
        width = len(self.header)
        while (fields := self._next()) is not None:
            while len(fields) > width and not fields[-1]:
                fields.pop()
            if any(fields):
                fields += [""] * (width - len(fields))  # a sheet does not write its empty cells
                self._fields = fields
                self.unreadable = UNREADABLE.search("".join(fields)) is not None
                yield fields

    def raw(self) -> str:
        """The current row, written as CSV."""
        line = io.StringIO()
        csv.writer(line, lineterminator="").writerow(self._fields)
        return line.getvalue()

    def sha256(self) -> str:
        """The digest of the file."""
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def _open_sheet(self, mapping: Mapping) -> Iterator[tuple[Any, ...]]:
        path = self.path
        try:
            from openpyxl import load_workbook  # see webapp.core.exports

            book = load_workbook(self._file, read_only=True, data_only=True, keep_links=False)
        except BROKEN as error:
            raise ImportRefused(
                gettext(
                    "%(file)s: wrong type: not a readable XLSX workbook (%(problem)s). Open it and save it again.",
                    file=path,
                    problem=type(error).__name__,
                )
            ) from None
        names = [sheet.title for sheet in book.worksheets]
        if not names:
            raise ImportRefused(gettext("%(file)s: the workbook has no sheet.", file=path))
        if mapping.sheet and mapping.sheet not in names:
            raise ImportRefused(
                gettext(
                    "%(file)s: there is no sheet %(sheet)s; there are %(names)s.",
                    file=path,
                    sheet=repr(mapping.sheet) + nearest(mapping.sheet, names),
                    names=", ".join(names),
                )
            )
        self.sheets = names
        self.sheet = mapping.sheet or names[0]
        sheet: Any = book[self.sheet]
        sheet.reset_dimensions()  # what the file declares may be wrong
        cells: Iterator[tuple[Any, ...]] = sheet.iter_rows(values_only=True)
        return cells

    def _next(self) -> list[str] | None:
        if self._ahead is not None:
            fields, self._ahead = self._ahead, None
            return fields
        try:
            values = next(self._cells, None)
        except BROKEN as error:
            raise ImportRefused(
                gettext(
                    "%(file)s: sheet %(sheet)s, after row %(line)s: cannot be read (%(problem)s).",
                    file=self.path,
                    sheet=repr(self.sheet),
                    line=self.line,
                    problem=type(error).__name__,
                )
            ) from None
        if values is None:
            return None
        self.line += 1
        if self.line > MOST_ROWS:
            raise ImportRefused(
                gettext(
                    "%(file)s: sheet %(sheet)s has more than %(count)s rows; no workbook has.",
                    file=self.path,
                    sheet=repr(self.sheet),
                    count=MOST_ROWS,
                )
            )
        return [self._text(value) for value in values]

    def _text(self, value: object) -> str:
        if value is None:
            return ""
        if isinstance(value, str):
            return value
        if isinstance(value, bool):
            return "TRUE" if value else "FALSE"
        if isinstance(value, float):
            return f"{value:.15g}".replace(".", self._decimal)  # fifteen digits are what a sheet stores
        if isinstance(value, dt.datetime):
            return value.isoformat(" ", "seconds" if not value.microsecond else "microseconds")
        return str(value)

    def _read_header(self, mapping: Mapping) -> list[str]:
        while (fields := self._next()) is not None:
            while fields and not fields[-1].strip():
                fields.pop()
            if not fields:
                continue
            if mapping.header:
                return [text.strip() for text in fields]
            self._ahead = fields
            return [f"#{place}" for place in range(1, len(fields) + 1)]
        raise ImportRefused(
            gettext(
                "%(file)s: sheet %(sheet)s, line %(line)s: the sheet is empty.",
                file=self.path,
                sheet=repr(self.sheet),
                line=self.line + 1,
            )
        )


def check_archive(path: Path) -> None:
    """Refuse (ImportRefused) an archive that is no workbook, or whose parts are larger than any workbook's.

    Looks at what the archive declares and then at what really comes out of it, part by part, holding none of it.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            names = {part.filename for part in parts}
            if not any(name.endswith("workbook.xml") for name in names):
                raise ImportRefused(
                    gettext("%(file)s: wrong type: a ZIP archive, but not an XLSX workbook.", file=path)
                )
            if len(parts) > MOST_PARTS or len(names) != len(parts):
                raise ImportRefused(
                    gettext(
                        "%(file)s: the archive has %(count)s parts; this is no workbook (a ZIP bomb?).",
                        file=path,
                        count=len(parts),
                    )
                )
            for part in parts:
                _check_size(path, part, part.file_size)
            if sum(part.file_size for part in parts) > LARGEST_SHEET:
                raise ImportRefused(
                    gettext(
                        "%(file)s: unpacks to more than %(count)s MB (a ZIP bomb?).",
                        file=path,
                        count=LARGEST_SHEET >> 20,
                    )
                )
            for part in parts:
                _check_content(path, archive, part)
    except BROKEN as error:
        raise ImportRefused(
            gettext(
                "%(file)s: wrong type: the archive is damaged or encrypted (%(problem)s): save the workbook again, without a password.",
                file=path,
                problem=type(error).__name__,
            )
        ) from None


def _check_size(path: Path, part: zipfile.ZipInfo, size: int) -> None:
    most = LARGEST_SHEET if part.filename.startswith("xl/worksheets/") else LARGEST_PART
    ratio = size / max(part.compress_size, 1)
    if size > most or (size > RATIO_FROM and ratio > LARGEST_RATIO):
        raise ImportRefused(
            gettext(
                "%(file)s: %(part)s unpacks to %(size)s MB, %(ratio)s times its size in the file (a ZIP bomb?).",
                file=path,
                part=part.filename,
                size=size >> 20,
                ratio=f"{ratio:.0f}",
            )
        )


def _check_content(path: Path, archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    markup = part.filename.endswith((".xml", ".rels", ".vml"))
    size = gap = 0
    before = b""
    with archive.open(part) as stream:
        while piece := stream.read(STEP):
            size += len(piece)
            _check_size(path, part, size)
            if not markup:
                continue
            if b"<!DOCTYPE" in before + piece or b"<!ENTITY" in before + piece:
                raise ImportRefused(
                    gettext(
                        "%(file)s: %(part)s declares XML entities; no workbook does.", file=path, part=part.filename
                    )
                )
            before = piece[-16:]
            first = piece.find(b"<")
            gap = gap + len(piece) if first < 0 else len(piece) - piece.rfind(b"<")
            if gap > LONGEST_TEXT:
                raise ImportRefused(
                    gettext(
                        "%(file)s: %(part)s: a cell has more than a million characters; no sheet holds it.",
                        file=path,
                        part=part.filename,
                    )
                )
