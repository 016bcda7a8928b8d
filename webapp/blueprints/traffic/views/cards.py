"""A panel: a table of figures, each row leading to its lines, with a drawing above it where one helps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask_babel import format_decimal
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp.core.charts import Spec
from webapp.core.exports import Cell
from webapp.core.wording import number, share_in_percent, size

SHOWN = 20  # rows of a table
Way = str | Callable[[], str]


@dataclass(frozen=True)
class Column:
    """A column of figures: its heading, its name in a file, and how its values are written.

    The kind `time` has words and a moment, `percent` a share 0 to 1, `change` what `change_of` says.
    """

    title: str
    name: str
    kind: str = "number"  # number, bytes, percent, seconds, text, time, change


@dataclass(frozen=True)
class Line:
    """A row: its values, the ways to where it leads and to where each of them leads ("" nowhere of its own).

    More rows are read than shown: what a page says of one is made when it is asked.
    """

    way: Way
    values: tuple[Any, ...]
    kinds: tuple[str, ...]
    ways: tuple[Way, ...] = ()

    @property
    def url(self) -> str:
        """Where it leads."""
        return _followed(self.way)

    @property
    def urls(self) -> tuple[str, ...]:
        """Where each of its cells leads, "" nowhere of its own; nothing where none does."""
        return tuple(_followed(way) for way in self.ways)

    @property
    def cells(self) -> tuple[str, ...]:
        """The values in words."""
        return tuple(written(value, kind) for value, kind in zip(self.values, self.kinds, strict=True))

    @property
    def data(self) -> tuple[Cell, ...]:
        """The values in a file."""
        return tuple(_plain(value, kind) for value, kind in zip(self.values, self.kinds, strict=True))


@dataclass(frozen=True)
class Panel:
    """What `ui/charts.html` draws, and `traffic/_panel.html` without a `spec`. The first `texts` columns are words.

    `figure` names the column that is compared with another time, "" where none can be; `most` of the lines are shown.
    """

    key: str
    title: str
    sentence: str
    headings: tuple[Column, ...]
    lines: tuple[Line, ...]
    texts: int = 1
    spec: Spec | None = None
    wide: bool = False
    figure: str = ""
    most: int = SHOWN

    @property
    def columns(self) -> tuple[str, ...]:
        """The headings of the page."""
        return tuple(column.title for column in self.headings)

    @property
    def data_columns(self) -> tuple[str, ...]:
        """The headings of a file."""
        return tuple(column.name for column in self.headings)


def table(
    key: str, title: str, columns: Sequence[Column], rows: Sequence[tuple[Way, Sequence[Any]]], *, sentence: str = "",
    texts: int = 1, spec: Spec | None = None, wide: bool = False, urls: Sequence[tuple[Way, ...]] = (), figure: str = "",
    most: int = SHOWN,
) -> Panel:  # fmt: skip
    """A panel of rows, each the way to its lines and the values of the columns."""
    kinds = tuple(column.kind for column in columns)
    lines = tuple(
        Line(way, tuple(values), kinds, urls[place] if urls else ()) for place, (way, values) in enumerate(rows)
    )
    return Panel(key, title, sentence, tuple(columns), lines, texts, spec, wide, figure, most)


CHANGES = {"new": _l("new"), "gone": _l("gone")}


def change_of(now: float, then: float) -> float | str | None:
    """By how much of `then` a figure differs, or that it is new or gone; None where both are nothing."""
    if not then:
        return "new" if now else None
    return (now - then) / then if now else "gone"


def written(value: Any, kind: str) -> str:
    """A value in words."""
    if value is None:
        return _("none") if kind == "text" else "—"
    if kind in ("text", "time"):
        return str(value[0] if kind == "time" else value) or _("none")
    if kind == "bytes":
        return size(int(value))
    if kind in ("percent", "change"):
        return str(CHANGES[value]) if value in CHANGES else share_in_percent(value, signed=kind == "change")
    if kind == "seconds":
        return f"{format_decimal(round(float(value), 3))}\xa0s"
    return number(value)


def _followed(way: Way) -> str:
    return way if isinstance(way, str) else way()


def share(part: int, whole: int) -> float:
    """`part` of `whole`, 0 of nothing."""
    return part / whole if whole else 0.0


def _plain(value: Any, kind: str) -> Cell:
    if value is None:
        return ""
    if kind == "change" and value in CHANGES:
        return str(value)
    if kind == "time":
        return value[1].isoformat()  # type: ignore[no-any-return]  # a moment, or a day
    if kind == "change":
        return Decimal(f"{value:.6f}").normalize()  # a text that begins with a minus would be taken for a formula
    return f"{float(value):.6g}" if kind in ("percent", "seconds") else value
