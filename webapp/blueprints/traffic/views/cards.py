"""A panel: a table of figures, each row leading to its lines, with a drawing above it where one helps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import format_decimal
from flask_babel import gettext as _

from webapp.core.charts import Spec
from webapp.core.exports import Cell
from webapp.core.wording import number

UNITS = ("B", "kB", "MB", "GB", "TB", "PB")


@dataclass(frozen=True)
class Line:
    """A row: where it leads, its cells in words, where each of them leads ("" nowhere of its own), and its values."""

    url: str
    cells: tuple[str, ...]
    data: tuple[Cell, ...]
    urls: tuple[str, ...] = ()


@dataclass(frozen=True)
class Panel:
    """What `ui/charts.html` draws, and `traffic/_panel.html` without a `spec`. The first `texts` columns are words."""

    key: str
    title: str
    sentence: str
    columns: tuple[str, ...]
    data_columns: tuple[str, ...]
    lines: tuple[Line, ...]
    texts: int = 1
    spec: Spec | None = None
    wide: bool = False


@dataclass(frozen=True)
class Column:
    """A column of figures: its heading, its name in a file, and how its values are written."""

    title: str
    name: str
    kind: str = "number"  # number, bytes, percent (of a share 0 to 1), seconds, text, time (words and a moment)


def table(
    key: str, title: str, columns: Sequence[Column], rows: Sequence[tuple[str, Sequence[Any]]], *, sentence: str = "",
    texts: int = 1, spec: Spec | None = None, wide: bool = False, urls: Sequence[tuple[str, ...]] = (),
) -> Panel:  # fmt: skip
    """A panel of rows, each an address and the values of the columns."""
    lines = tuple(
        Line(
            url, tuple(written(value, column.kind) for value, column in zip(values, columns, strict=True)),
            tuple(_plain(value, column.kind) for value, column in zip(values, columns, strict=True)),
            urls[place] if urls else (),
        )
        for place, (url, values) in enumerate(rows)
    )  # fmt: skip
    names = tuple(column.name for column in columns)
    return Panel(key, title, sentence, tuple(column.title for column in columns), names, lines, texts, spec, wide)


def written(value: Any, kind: str) -> str:
    """A value in words."""
    if value is None:
        return _("none") if kind == "text" else "—"
    if kind in ("text", "time"):
        return str(value[0] if kind == "time" else value) or _("none")
    if kind == "bytes":
        return size(int(value))
    if kind == "percent":
        return f"{format_decimal(round(value * 100, 1))}\xa0%"
    if kind == "seconds":
        return f"{format_decimal(round(float(value), 3))}\xa0s"
    return number(value)


def size(count: int) -> str:
    """Bytes in the unit that makes them short, by thousands."""
    value, place = float(count), 0
    while value >= 999.5 and place < len(UNITS) - 1:
        value, place = value / 1000, place + 1
    return f"{format_decimal(round(value, 1 if place and value < 100 else 0))}\xa0{UNITS[place]}"


def share(part: int, whole: int) -> float:
    """`part` of `whole`, 0 of nothing."""
    return part / whole if whole else 0.0


def _plain(value: Any, kind: str) -> Cell:
    if value is None:
        return ""
    if kind == "time":
        return value[1].isoformat()  # type: ignore[no-any-return]  # a moment, or a day
    return f"{float(value):.6g}" if kind in ("percent", "seconds") else value
