"""The first rows of a sales file as a mapping reads them, which may be unfinished: what is understood, and what is not."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
from collections.abc import Mapping as Dictionary
from contextlib import closing
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from webapp.blueprints.sales.models import OrderKind
from webapp.blueprints.sales.services.import_cells import DECIMALS, Parser, parser_of
from webapp.blueprints.sales.services.import_file import Rows, find_unreadable, open_rows
from webapp.blueprints.sales.services.import_mapping import ALIASES, MEANINGS, Mapping, writing_problems
from webapp.blueprints.sales.services.import_problems import ImportRefused, RowProblem
from webapp.blueprints.sales.services.import_staging import Aside, Stager, find_column, for_format
from webapp.blueprints.sales.services.import_xlsx import WorkbookRows

SHOWN = 20
LONGEST_SHOWN = 80
LISTS = ("date_format", "order_keys")

Value = str | Decimal | dt.datetime


@dataclass(frozen=True)
class Cell:
    """A cell: its text in the file, and what it means (moments are UTC) or why it means nothing."""

    text: str
    value: Value | None = None
    problem: str = ""


@dataclass(frozen=True)
class PreviewRow:
    """A row: its line in the file, its cells in the order of the preview's meanings, what kind of order it makes.

    `problem` is of the row as a whole; `text` then is the row.
    """

    line: int
    cells: tuple[Cell, ...] = ()
    kind: str = ""
    problem: str = ""
    text: str = ""

    @property
    def taken(self) -> bool:
        """Whether an import would take it, as far as the row alone shows."""
        return not self.problem and not any(cell.problem for cell in self.cells)


@dataclass(frozen=True)
class Preview:
    """The first rows. `header` names the columns, `samples` gives a value of each; `refusal` says why there is nothing."""

    format: str = "csv"
    header: tuple[str, ...] = ()
    samples: tuple[str, ...] = ()
    sheets: tuple[str, ...] = ()
    meanings: tuple[str, ...] = ()
    rows: tuple[PreviewRow, ...] = ()
    refusal: str = ""


def draft_mapping(content: Dictionary[str, Any]) -> Mapping:
    """The mapping that a document describes, though something may still lack; `mapping_from` is the strict one."""
    known = {item.name for item in dataclasses.fields(Mapping)}
    values = {key: value for key, value in content.items() if key in known}
    for key in LISTS:
        if key in values:
            values[key] = tuple([values[key]] if isinstance(values[key], str | int) else values[key])
    values["delimiter"] = ALIASES.get(values.get("delimiter", ","), values.get("delimiter", ","))
    values["constants"] = {key: str(value) for key, value in values.get("constants", {}).items()}
    return Mapping(**{"columns": {}, **values})


def read_header(path: Path, content: Dictionary[str, Any]) -> tuple[str, ...]:
    """The names of the file's columns as the mapping in `content` finds them; none when the file cannot be read so."""
    mapping = draft_mapping(content)
    if writing_problems(mapping):
        return ()
    try:
        with closing(open_rows(path, mapping)) as rows:
            return tuple(rows.header)
    except (ImportRefused, UnicodeError):
        return ()


def read_preview(path: Path, content: Dictionary[str, Any], zone: ZoneInfo, *, name: str) -> Preview:
    """The first rows of the file, known as `name`, as the mapping in `content` reads them; `zone` is of its local times.

    Never raises ImportRefused: a file that cannot be read so is told in `refusal`.
    """
    mapping = draft_mapping(content)
    if problems := writing_problems(mapping):
        return Preview(refusal=f"{name}: {'; '.join(problems)}.")
    try:
        with closing(open_rows(path, mapping)) as rows:
            return _Reading(path, rows, mapping, zone).preview()
    except (ImportRefused, UnicodeError) as refusal:
        return Preview(refusal=str(refusal).replace(str(path), name))


@dataclass
class _Reading:
    path: Path
    rows: Rows
    mapping: Mapping
    zone: ZoneInfo
    columns: dict[str, int] = field(default_factory=dict)
    refusal: str = ""

    def preview(self) -> Preview:
        header = self.rows.header
        self.mapping = for_format(self.mapping, self.rows.format)
        for meaning, column in self.mapping.columns.items():
            try:
                self.columns[meaning] = find_column(column, header, self.path.name)
            except ImportRefused as refusal:
                self.refusal = str(refusal).partition(": ")[2]
        stager = self._stager()
        given = {*self.columns, *self.mapping.constants}
        dated = "date" in given or not self.mapping.order_per  # a period is of a date
        own_number = bool(stager and dated and (self.mapping.order_per or self.mapping.order_keys))
        given |= {"order_number"} if own_number else set()
        meanings = tuple(meaning for meaning in MEANINGS if meaning in given)
        parsers = {meaning: parser_of(meaning, self.mapping, self.zone) for meaning in meanings}
        shown: list[PreviewRow] = []
        samples = [""] * len(header)
        for fields in self.rows:
            shown.append(self._row(fields, meanings, parsers, stager if own_number else None))
            for at, text in enumerate(fields or ()):
                if at < len(samples) and not samples[at]:
                    samples[at] = _short(text, 24)
            if len(shown) == SHOWN:
                break
        sheets = tuple(self.rows.sheets) if isinstance(self.rows, WorkbookRows) else ()
        return Preview(
            self.rows.format, tuple(header), tuple(samples), sheets, meanings, tuple(shown), self.refusal
        )  # fmt: skip

    def _stager(self) -> Stager | None:
        """What makes order numbers, when the mapping is far enough for it."""
        try:
            aside = Aside(io.BytesIO(), self.rows.header, self.mapping.encoding)
            return Stager(self.rows, self.mapping, self.path.name, self.zone, aside)
        except ImportRefused:
            return None

    def _row(
        self, fields: list[str] | None, meanings: tuple[str, ...], parsers: dict[str, Parser], stager: Stager | None
    ) -> PreviewRow:
        line, header = self.rows.line, self.rows.header
        problem = self.rows.problem if fields is None else None
        if fields is not None and len(fields) != len(header):
            problem = RowProblem("columns", found=len(fields), expected=len(header))
        if fields is None or problem is not None:
            return PreviewRow(
                line, problem=(problem or RowProblem("columns")).sentence, text=_short(self.rows.raw(), 200)
            )
        unreadable = find_unreadable(fields, header, self.mapping.encoding) if self.rows.unreadable else None
        if unreadable is not None:
            return PreviewRow(
                line, problem=f"{unreadable.column}: {unreadable.sentence}", text=_short(self.rows.raw(), 200)
            )
        cells = {}
        for meaning in meanings:
            if meaning == "order_number" and stager is not None:
                cells[meaning] = _own_number(stager, fields, line)
            elif meaning in self.columns:
                cells[meaning] = _cell(meaning, fields[self.columns[meaning]], parsers[meaning])
            else:
                cells[meaning] = self._constant(meaning)
        return PreviewRow(line, tuple(cells[meaning] for meaning in meanings), kind=self._kind(cells))

    def _constant(self, meaning: str) -> Cell:
        numeric = dataclasses.replace(self.mapping, decimal=".", thousands="") if meaning in DECIMALS else self.mapping
        return _cell(meaning, self.mapping.constants[meaning], parser_of(meaning, numeric, self.zone))

    def _kind(self, cells: dict[str, Cell]) -> str:
        number, quantity = cells.get("order_number"), cells.get("quantity")
        prefix = self.mapping.cancellation_prefix
        if prefix and number and str(number.value).startswith(prefix):
            return OrderKind.CANCELLATION.value
        if quantity and isinstance(quantity.value, Decimal):
            return OrderKind.RETURN.value if quantity.value < 0 else OrderKind.SALE.value
        return ""


def _cell(meaning: str, text: str, parse: Parser) -> Cell:
    shown = _short(text.strip(), LONGEST_SHOWN)
    try:
        parsed = parse(text)
    except RowProblem as problem:
        return Cell(shown, problem=problem.sentence)
    if meaning == "date":
        return Cell(shown, dt.datetime.fromisoformat(parsed.partition("\t")[0]))
    if meaning in DECIMALS:
        return Cell(shown, Decimal(parsed))
    escaped = "\\" in parsed  # then it is shown as it came
    return Cell(shown, shown if escaped else _short(parsed, LONGEST_SHOWN))


def _own_number(stager: Stager, fields: list[str], line: int) -> Cell:
    try:
        values = stager.one(fields, line).decode().rstrip("\n").split("\t")[1:]
    except RowProblem as problem:  # told in the cell that has it
        return Cell("", "", problem.sentence if problem.column == "order_number" else "")
    number = dict(zip(stager.copied, values, strict=True))["order_number"]
    return Cell(number, number)


def _short(text: str, most: int) -> str:
    plain = "".join(c if c.isprintable() else "·" for c in text[: most + 1])
    return plain if len(plain) <= most else f"{plain[:most]}…"
