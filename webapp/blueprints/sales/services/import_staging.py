"""The streaming half of an import: rows of the file become COPY text for the staging table, or go aside with a reason."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from operator import getitem, itemgetter
from typing import IO, Any
from zoneinfo import ZoneInfo

import psycopg2
from flask_babel import gettext

from webapp.blueprints.sales.services.import_cells import Cells, escape, parser_of, read_text
from webapp.blueprints.sales.services.import_file import Rows, escape_unreadable, find_unreadable
from webapp.blueprints.sales.services.import_mapping import MEANINGS, Mapping, nearest
from webapp.blueprints.sales.services.import_problems import ImportRefused, RowProblem

BLOCK = 1_000
TELL_EVERY = 50
PERIOD_LENGTH = {"year": 4, "month": 7, "day": 10}
LONGEST_COLUMN = 120

Fields = list[str]


class Stager:
    """Turns the rows of one file into blocks of COPY text for `import_lines`; what cannot be taken goes to `aside`.

    `copied` names the staging columns after `line`, `constants` gives those that the file does not have. Raises
    ImportRefused naming `place` when a column is not there or a constant makes no sense.
    """

    def __init__(self, rows: Rows, mapping: Mapping, place: str, zone: ZoneInfo, aside: Aside) -> None:
        self.file = rows
        self.rows = 0
        self.aside = aside
        self.mapping = for_format(mapping, rows.format)
        line = max(rows.line, 1 + mapping.skip_lines)
        where = gettext("%(file)s: line %(line)s", file=place, line=line)
        self._width = len(rows.header)
        self._keys = [find_column(column, rows.header, where) for column in mapping.order_keys]
        self._own_numbers = bool(mapping.order_keys or mapping.order_per)
        self._meanings = [meaning for meaning in MEANINGS if meaning in mapping.columns]
        places = [find_column(mapping.columns[meaning], rows.header, where) for meaning in self._meanings]
        self._cells = [
            Cells(rows.header[at], parser_of(meaning, self.mapping, zone))
            for meaning, at in zip(self._meanings, places, strict=True)
        ]
        self._pick = _picker(places)
        self.constants = self._read_constants(place, zone)
        self.copied = [name for meaning in self._meanings for name in _staged(meaning)]
        if self._own_numbers and "order_number" not in self._meanings:
            self.copied.append("order_number")
            self._prefix = self.constants.pop("order_number", "")

    def blocks(self, tell: Callable[[int, str], None]) -> Iterator[bytes]:
        """The COPY text of all rows, block by block; `tell` hears of the rows read."""
        block: list[str] = []
        cells, pick, width, rows = self._cells, self._pick, self._width, self.file
        count = told = 0
        for fields in rows:
            count += 1
            try:
                if fields is None:
                    raise rows.problem
                if len(fields) != width:
                    raise RowProblem("columns", found=len(fields), expected=width)
                if rows.unreadable:
                    self._refuse_unreadable(fields)
                if self._own_numbers:
                    block.append(f"{rows.line}\t{self._with_own_number(fields)}")
                else:
                    text = "\t".join(map(getitem, cells, pick(fields)))
                    block.append(f"{rows.line}\t{text}\n")
            except RowProblem as problem:
                self.aside.add(rows, problem)
            if len(block) >= BLOCK:
                yield "".join(block).encode()
                block.clear()
                if (told := told + 1) % TELL_EVERY == 0:
                    tell(count, "reading")
        self.rows = count
        tell(count, "reading")
        yield "".join(block).encode()

    def one(self, fields: Fields, line: int) -> bytes:
        """The COPY text of a single row. Raises RowProblem."""
        if len(fields) != self._width:
            raise RowProblem("columns", found=len(fields), expected=self._width)
        self._refuse_unreadable(fields)
        if self._own_numbers:
            return f"{line}\t{self._with_own_number(fields)}".encode()
        text = "\t".join(map(getitem, self._cells, self._pick(fields)))
        return f"{line}\t{text}\n".encode()

    def _refuse_unreadable(self, fields: Fields) -> None:
        if problem := find_unreadable(fields, self.file.header, self.mapping.encoding):
            raise problem

    def _with_own_number(self, fields: Fields) -> str:
        """The cells of a row with an order number made of its keys, its period and, where nothing else, its customer."""
        parsed = list(map(getitem, self._cells, self._pick(fields)))
        values = dict(zip(self._meanings, parsed, strict=True))
        pieces = [values.get("order_number", "") or getattr(self, "_prefix", "")]
        if self.mapping.order_per:
            written = values["date"].split("\t")[1] if "date" in values else self.constants["written_at"]
            pieces.append(written[: PERIOD_LENGTH[self.mapping.order_per]])
        pieces += [fields[at].strip() for at in self._keys]
        if "order_number" not in values:
            pieces.append(values.get("customer_number", ""))
        try:
            number = escape(read_text("-".join(piece for piece in pieces if piece), "order_number"))
        except RowProblem as problem:
            problem.column = "order_number"
            raise
        if "order_number" in values:
            parsed[self._meanings.index("order_number")] = number
            return "\t".join(parsed) + "\n"
        return "\t".join([*parsed, number]) + "\n"

    def _read_constants(self, place: str, zone: ZoneInfo) -> dict[str, str]:
        constants: dict[str, str] = {}
        for meaning, text in self.mapping.constants.items():
            how = (
                replace(self.mapping, decimal=".", thousands="")
                if meaning in ("quantity", "unit_price")
                else self.mapping
            )
            try:
                value = parser_of(meaning, how, zone)(text)
            except RowProblem as problem:
                raise ImportRefused(f"{place}: [constants] {meaning}: {problem.sentence}.") from None
            constants.update(zip(_staged(meaning), value.split("\t"), strict=True))
        return constants


class Aside:
    """The rows put aside, kept in a spool until COPY is free: a small one in memory, a large one on the disk."""

    def __init__(self, spool: IO[bytes], header: list[str], encoding: str) -> None:
        self.spool = spool
        self.header = "\x1f".join(header)
        self.encoding = encoding
        self.count = 0

    def add(self, rows: Rows, problem: RowProblem) -> None:
        """Put the current row of `rows` aside, verbatim."""
        raw = rows.raw()
        escaped = rows.unreadable
        text = escape_unreadable(raw) if escaped else raw
        digest = hashlib.md5(f"{self.header}\x1f{text}".encode(), usedforsecurity=False).hexdigest()
        cells = (
            str(rows.line), text, "t" if escaped else "f", digest, problem.column[:LONGEST_COLUMN], problem.reason[:1000],
            problem.code, json.dumps(problem.values),
        )  # fmt: skip
        self.spool.write(("\t".join(map(escape, cells)) + "\n").encode())
        self.count += 1

    def copy(self, cursor: Any) -> None:
        """Move the rows into `import_quarantine`."""
        self.spool.seek(0)
        cursor.copy_expert("COPY import_quarantine FROM STDIN", self.spool, size=1 << 16)


class BlockFile:
    """What COPY reads from: the blocks of an iterator, one a call."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._problem: BaseException | None = None

    def copy(self, cursor: Any, statement: str) -> None:
        """Run the COPY. Raises what the iterator raised, not what the database made of it."""
        try:
            cursor.copy_expert(statement, self, size=1 << 16)
        except psycopg2.Error:
            if self._problem is not None:
                raise self._problem from None
            raise

    def read(self, _size: int = -1) -> bytes:
        """The next block that is not empty; nothing at the end."""
        try:
            return next((block for block in self._blocks if block), b"")
        except BaseException as problem:
            self._problem = problem
            raise


def find_column(column: str | int, header: list[str], place: str) -> int:
    """The place (from 0) of a column given by its header or its place (from 1). Raises ImportRefused."""
    if isinstance(column, int):
        if not 1 <= column <= len(header):
            raise ImportRefused(
                gettext(
                    "%(place)s: there is no column %(column)s; there are %(count)s.",
                    place=place,
                    column=column,
                    count=len(header),
                )
            )
        return column - 1
    matches = [at for at, name in enumerate(header) if name == column]
    matches = matches or [at for at, name in enumerate(header) if name.lower() == column.strip().lower()]
    if len(matches) > 1:
        raise ImportRefused(
            gettext(
                "%(place)s: column %(column)s is there %(count)s times; give its place instead.",
                place=place,
                column=repr(column),
                count=len(matches),
            )
        )
    if not matches:
        shown = ", ".join(repr(name[:60]) for name in header[:40]) + (", …" if len(header) > 40 else "")
        raise ImportRefused(
            gettext(
                "%(place)s: there is no column %(column)s; there are %(names)s.",
                place=place,
                column=repr(column) + nearest(column, header),
                names=shown,
            )
        )
    return matches[0]


def for_format(mapping: Mapping, kind: str) -> Mapping:
    """A workbook's own dates come in ISO form, whatever its texts look like."""
    if kind == "xlsx" and "iso" not in mapping.date_format:
        return replace(mapping, date_format=("iso", *mapping.date_format))
    return mapping


def _picker(places: list[int]) -> Callable[[Fields], tuple[str, ...]]:
    if not places:
        return lambda _fields: ()
    if len(places) == 1:
        return lambda fields: (fields[places[0]],)
    return itemgetter(*places)


def _staged(meaning: str) -> tuple[str, ...]:
    """The staging columns of a meaning."""
    return ("ordered_at", "written_at", "written_key") if meaning == "date" else (meaning,)
