"""What a room says of a list: its columns, filters, search and order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from sqlalchemy import ColumnElement
from sqlalchemy.sql.expression import SQLColumnExpression

from webapp.core.lists.cursors import READERS
from webapp.core.lists.filters import Filter, Label, type_of

Kind = Literal["text", "number", "money", "price", "percent", "date", "choice", "person"]
RESERVED = frozenset({"q", "sort", "columns", "size", "at", "format"})


@dataclass(frozen=True)
class Column:
    """A column of a list. `sort_by` is what it is ordered by (None: it cannot be); it must never be NULL.

    Kinds: `money` in the company's currency to the cent, `price` with up to four decimals, `percent` of a number
    0-100, `date` an aware moment shown in the company's zone, `choice` a code shown by its label in `choices`,
    `person` the name of who did it, which may be the house itself.
    Without the `permission` the column is not there (`webapp.core.policy.visible`).
    """

    key: str
    label: Label
    expression: SQLColumnExpression[Any]
    kind: Kind = "text"
    sort_by: SQLColumnExpression[Any] | None = None
    choices: Mapping[Any, Label] = field(default_factory=dict)
    shown: bool = True
    permission: str = ""

    @property
    def numeric(self) -> bool:
        """Whether it is set to the right."""
        return self.kind in ("number", "money", "price", "percent")


@dataclass(frozen=True)
class Search:
    """An expression that the search box looks into, without regard to case: from its start, or anywhere."""

    expression: SQLColumnExpression[Any]
    match: Literal["prefix", "contains"] = "contains"


@dataclass(frozen=True)
class ListSpec:
    """A list of records. `source` is a mapped class or an ORM join that yields each `id` once.

    `sort` is the key of a sortable column, with a leading "-" for descending. `extras` are read with each row for the
    template's use but never shown. `name` names the exported file.
    """

    name: str
    source: Any
    id: SQLColumnExpression[int]
    columns: tuple[Column, ...]
    sort: str
    filters: tuple[Filter, ...] = ()
    search: tuple[Search, ...] = ()
    search_hint: Label = ""
    extras: Mapping[str, SQLColumnExpression[Any]] = field(default_factory=dict)
    conditions: tuple[ColumnElement[bool], ...] = ()
    size: int = 50

    def __post_init__(self) -> None:
        if self.sort.removeprefix("-") not in self.sortable:
            raise ValueError(f"list {self.name}: the default order {self.sort!r} names no sortable column")
        for column in self.sortable.values():
            if type_of(self.sort_expression(column.key)).python_type not in READERS:
                raise ValueError(f"list {self.name}: what {column.key} is ordered by needs a type; see folded()")
        names = [name for each in self.filters for name in each.names]
        if len(names) != len(set(names)) or RESERVED.intersection(names):
            raise ValueError(f"list {self.name}: filter names must be unique and none of {sorted(RESERVED)}")

    @property
    def sortable(self) -> dict[str, Column]:
        """The columns that the list can be ordered by."""
        return {column.key: column for column in self.columns if column.sort_by is not None}

    def sort_expression(self, key: str) -> SQLColumnExpression[Any]:
        """What the list is ordered by when it is ordered by that column. Raises KeyError for one that it cannot be."""
        for column in self.columns:
            if column.key == key and column.sort_by is not None:
                return column.sort_by
        raise KeyError(key)

    def only(self, *conditions: ColumnElement[bool]) -> ListSpec:
        """The same list of those records alone that meet the `conditions`."""
        return replace(self, conditions=(*self.conditions, *conditions))
