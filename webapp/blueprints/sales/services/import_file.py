"""A sales file as a stream of rows, read once and in bounded memory: CSV here, workbooks by `import_xlsx`."""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from flask_babel import gettext

from webapp.blueprints.sales.services.import_kind import kind_of, mark_of
from webapp.blueprints.sales.services.import_mapping import Mapping
from webapp.blueprints.sales.services.import_problems import UNREADABLE, ImportRefused, RowProblem
from webapp.blueprints.sales.services.import_xlsx import WorkbookRows

KEEP_BYTES = "bottega-keep-bytes"
LINE_PIECE = 1 << 20
LONGEST_RECORD = 16 * (1 << 20)
MOST_LINES_IN_RECORD = 10_000
PIECE_LINES = 4_096
UNCLOSED = "unexpected end of data"  # what the csv module says of a quote that is open at the end
ESCAPES = {0: "\\x00", ord("\\"): "\\\\", **{0xDC00 + byte: f"\\x{byte:02x}" for byte in range(1, 256)}}
ESCAPED = re.compile(r"\\(\\|x[0-9a-f]{2})")


class Rows(Protocol):
    """A table that is read from top to bottom. `None` in the stream is a row that could not be read: see `problem`."""

    format: str
    header: list[str]
    line: int
    problem: RowProblem
    unreadable: bool

    def __iter__(self) -> Iterator[list[str] | None]: ...

    def raw(self) -> str:
        """The current row, verbatim."""

    def sha256(self) -> str:
        """The digest of the file, once all of it was read."""

    def close(self) -> None:
        """Let go of the file."""


def open_rows(path: Path, mapping: Mapping) -> Rows:
    """The rows of the file, after its header. Raises ImportRefused naming file and line when it is no table at all."""
    kind = kind_of(path)
    if kind == "xlsx":
        return WorkbookRows(path, mapping)
    return CsvRows(path, mapping)


def escape_unreadable(text: str) -> str:
    r"""`text` with undecodable bytes and NUL written as \xHH, and \ as \\; `unescape_unreadable` undoes it."""
    return text.translate(ESCAPES)


def unescape_unreadable(text: str) -> str:
    """What `escape_unreadable` was given."""
    return ESCAPED.sub(lambda found: "\\" if found[1] == "\\" else _kept_byte(int(found[1][1:], 16)), text)


def find_unreadable(fields: list[str], header: list[str], encoding: str) -> RowProblem | None:
    """The problem of the first field with a NUL or an undecodable byte."""
    for place, text in enumerate(fields):
        if found := UNREADABLE.search(text):
            column = header[place] if place < len(header) else f"#{place + 1}"
            if found[0] == "\0":
                return RowProblem("nul", column)
            return RowProblem("undecodable", column, byte=f"0x{ord(found[0]) & 0xFF:02X}", encoding=encoding)
    return None


def reader_of(lines: Iterator[str], mapping: Mapping) -> Any:
    """A csv reader that speaks the mapping's dialect and refuses broken quotes."""
    if not mapping.quote:
        return csv.reader(lines, delimiter=mapping.delimiter, quotechar=None, quoting=csv.QUOTE_NONE, strict=True)
    return csv.reader(lines, delimiter=mapping.delimiter, quotechar=mapping.quote, strict=True)


def read_one_row(text: str, mapping: Mapping) -> list[str]:
    """The fields of a text that is one row. Raises RowProblem when it is none or several, or its quotes are broken."""
    try:
        rows = [row for row in reader_of(iter(io.StringIO(text, newline="")), mapping) if row]
    except csv.Error as error:
        raise RowProblem(_quote_problem(str(error)), most=csv.field_size_limit()) from None
    if len(rows) != 1:
        raise RowProblem("not_one_row")
    return list(rows[0])


def _kept_byte(byte: int) -> str:
    return chr(0xDC00 + byte) if byte else "\0"


class _Kept:
    """How many times a decoder of this process met what it could not decode."""

    times = 0


def _keep_bytes(error: UnicodeError) -> tuple[str, int]:
    """Decode what cannot be decoded into lone surrogates, one a byte; no text has them, so that a row shows it."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    _Kept.times += 1
    return "".join(chr(0xDC00 + byte) for byte in error.object[error.start : error.end]), error.end


codecs.register_error(KEEP_BYTES, _keep_bytes)


class _Feed(io.RawIOBase):
    """The bytes of the file on their way to the decoder: digested, and looked through for NUL."""

    def __init__(self, file: BinaryIO, *, wide: bool) -> None:
        self.file = file
        self.digest = hashlib.sha256()
        self.with_nul = wide  # where every character has two bytes or more, NUL bytes say nothing: look at all rows

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # typeshed has no name for a buffer here
        piece = self.file.read(len(buffer))
        self.digest.update(piece)
        self.with_nul = self.with_nul or b"\0" in piece
        buffer[: len(piece)] = piece
        return len(piece)


class CsvRows:
    """The rows of a CSV file. A row whose quotes are broken costs that line only: reading goes on with the next one."""

    format = "csv"

    def __init__(self, path: Path, mapping: Mapping) -> None:
        self.path = path
        self.mapping = mapping
        self.line = 0
        self.problem = RowProblem("columns")
        self.unreadable = False
        self._file = path.open("rb")
        start = self._file.read(4)
        self._file.seek(0)
        self.encoding = mark_of(start) or mapping.encoding
        wide = codecs.lookup(self.encoding).name.startswith(("utf-16", "utf-32"))
        self._feed = _Feed(self._file, wide=wide)
        self._kept_before = _Kept.times
        text = io.TextIOWrapper(io.BufferedReader(self._feed, 1 << 18), self.encoding, KEEP_BYTES, newline="")
        self._readline: Callable[[int], str] = text.readline
        self._text = text
        self._pushed: list[io.StringIO] = []
        self._pending: list[str] = []
        self._taken = 0
        try:
            for _ in range(mapping.skip_lines):
                self._taken += bool(next(self._lines(), ""))
            self.header = self._read_header()
        except BaseException:
            self.close()
            raise

    def __iter__(self) -> Iterator[list[str] | None]:
        pending = self._pending
        width = len(self.header)
        feed, kept_before = self._feed, self._kept_before
        while True:
            reader = self._reader()
            base = self._taken
            pending.clear()
            self.line = base + 1
            try:
                for fields in reader:
                    if fields:
                        if len(fields) != width and len(pending) > 1 and self._swallowed(width):
                            self._break_off("unclosed_quote")
                            yield None
                            break
                        if feed.with_nul or _Kept.times != kept_before:
                            self.unreadable = UNREADABLE.search("".join(fields)) is not None
                        if fields[0] or any(fields):
                            yield fields
                    pending.clear()
                    self.line = base + reader.line_num + 1
                else:
                    return
            except csv.Error as error:
                self._break_off(_quote_problem(str(error)))
                yield None

    def raw(self) -> str:
        """The current row, verbatim, without its line end."""
        return "".join(self._pending).rstrip("\r\n")

    def sha256(self) -> str:
        """The digest of the bytes read so far."""
        return self._feed.digest.hexdigest()

    def close(self) -> None:
        """Let go of the file."""
        self._text.close()
        self._file.close()

    def _reader(self) -> Any:
        return reader_of(self._lines(), self.mapping)

    def _lines(self) -> Iterator[str]:
        pending = self._pending
        while self._pushed and (line := self._next_line()):
            pending.append(line)
            yield line
        readline = self._readline  # nothing is pushed back while a reader lives: the way of nearly all lines is short
        while line := readline(LINE_PIECE):
            if len(line) == LINE_PIECE and line[-1] != "\n":
                line = self._whole_line(line)
            pending.append(line)
            if len(pending) > MOST_LINES_IN_RECORD:
                raise csv.Error(UNCLOSED)
            yield line

    def _next_line(self) -> str:
        while self._pushed:
            if line := self._pushed[-1].readline():
                return line
            self._pushed.pop()
        line = self._readline(LINE_PIECE)
        return self._whole_line(line) if len(line) == LINE_PIECE and line[-1] != "\n" else line

    def _whole_line(self, start: str) -> str:
        pieces = [start]
        while pieces[-1] and pieces[-1][-1] not in "\r\n":
            pieces.append(self._readline(LINE_PIECE))
            if len(pieces) * LINE_PIECE > LONGEST_RECORD:
                raise ImportRefused(
                    gettext(
                        "%(file)s: line %(line)s: the line has more than %(count)s million characters; "
                        "this is not a table of sales.",
                        file=self.path,
                        line=self.line + len(self._pending),
                        count=LONGEST_RECORD >> 20,
                    )
                )
        return "".join(pieces)

    def _swallowed(self, width: int) -> bool:
        """Whether a row of several lines looks like several rows: its second line, read alone, is a whole row."""
        try:
            alone: list[str] = next(reader_of(iter(self._pending[1:2]), self.mapping), [])
        except csv.Error:
            return False
        return len(alone) == width

    def _break_off(self, code: str) -> None:
        """Put the current row aside: whole, if it is one enormous row, else its first line, and read the others again."""
        most = csv.field_size_limit()
        taken = len(self._pending)
        if code != "stray_quote" and (lines := self._read_on()):
            self._taken = self.line + lines - 1
            code = "huge_field"
        else:
            first, *others = self._pending
            if others:
                self._pushed.append(io.StringIO("".join(others), newline=""))
            code = "unclosed_quote" if others or taken > 1 else code
            self._pending[:] = [first]
            self._taken = self.line
        self.problem = RowProblem(code, most=most)
        self.unreadable = any(UNREADABLE.search(text) for text in self._pending)

    def _read_on(self) -> int:
        """Read to the end of a row whose quoted field is enormous; how many lines it has, 0 when it is no whole row.

        The lines read stand in `_pending`, joined to a few pieces.
        """
        quote = self.mapping.quote
        pieces = ["".join(self._pending)]
        rest: list[str] = []
        first_lines = lines = len(self._pending)
        quotes, size = pieces[0].count(quote) if quote else 0, len(pieces[0])
        while quotes % 2 and size <= LONGEST_RECORD and (line := self._next_line()):
            rest.append(line)
            lines += 1
            quotes += line.count(quote)
            size += len(line)
            if len(rest) == PIECE_LINES:
                pieces.append("".join(rest))
                rest.clear()
        pieces.append("".join(rest))
        whole = quotes % 2 == 0 and size <= LONGEST_RECORD and self._width_of("".join(pieces)) == len(self.header)
        if whole:
            self._pending[:] = pieces
            return lines
        if lines > first_lines:
            self._pushed.append(io.StringIO("".join(pieces[1:]), newline=""))
        return 0

    def _width_of(self, text: str) -> int:
        """How many columns a row has, whatever the length of its fields; 0 when its quotes are broken."""
        usual = csv.field_size_limit(LONGEST_RECORD + 1)
        try:
            return len(next(reader_of(iter(io.StringIO(text, newline="")), self.mapping), []))
        except csv.Error:
            return 0
        finally:
            csv.field_size_limit(usual)

    def _read_header(self) -> list[str]:
        self._pending.clear()
        reader = self._reader()
        self.line = first = self._taken + 1
        try:
            fields = next((fields for fields in reader if any(text.strip() for text in fields)), None)
        except csv.Error as error:
            sentence = RowProblem(_quote_problem(str(error)), most=csv.field_size_limit()).sentence
            raise ImportRefused(
                gettext("%(file)s: line %(line)s: %(problem)s.", file=self.path, line=first, problem=sentence)
            ) from None
        if fields is None:
            if skipped := self.mapping.skip_lines:
                words = gettext(
                    "%(file)s: line %(line)s: the file is empty after the %(count)s lines that the mapping skips.",
                    file=self.path,
                    line=first,
                    count=skipped,
                )
                raise ImportRefused(words)
            raise ImportRefused(gettext("%(file)s: line %(line)s: the file is empty.", file=self.path, line=first))
        self.line = last = self._taken + reader.line_num
        if problem := find_unreadable(fields, [], self.encoding):
            raise ImportRefused(
                gettext(
                    "%(file)s: line %(line)s: column %(column)s: %(problem)s.",
                    file=self.path,
                    line=last,
                    column=problem.column,
                    problem=problem.sentence,
                )
            )
        if not self.mapping.header:
            self._pushed.append(io.StringIO("".join(self._pending), newline=""))
            self._taken = last - len(self._pending)
            self._pending.clear()
            return [f"#{place}" for place in range(1, len(fields) + 1)]
        self._pending.clear()
        self._taken = last
        return [text.strip() for text in fields]


def _quote_problem(message: str) -> str:
    if "field larger" in message:
        return "huge_field"
    return "unclosed_quote" if message == UNCLOSED else "stray_quote"


def count_lines(path: Path) -> int | None:
    """About how many rows a CSV file has, by its line ends; None for a workbook, which does not tell so cheaply."""
    if kind_of(path) != "csv":
        return None
    lines = 0
    with path.open("rb") as file:
        while piece := file.read(LINE_PIECE):
            lines += piece.count(b"\n")
    return max(lines, 1)
