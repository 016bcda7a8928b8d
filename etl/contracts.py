"""What a GOLD table promises: grain, columns, units, owner; it checks a frame, makes the table and the data dictionary.

How a frame carries a value: whole numbers as int64; decimals as int64 scaled by ten to the declared places (so that money
never passes through a float; `MISSING` stands for none); dates as midnight without zone; moments in UTC; texts as str or
category.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Any

import numpy as np
import pandas as pd

MISSING = int(np.iinfo(np.int64).min)


class ContractBroken(Exception):
    """A frame does not have the columns or the kinds of value that its table promises: an error in the code."""


class Kind(Enum):
    """How a value is carried in a frame."""

    WHOLE = "whole"
    DECIMAL = "decimal"
    FLAG = "flag"
    DATE = "date"
    MOMENT = "moment"
    TEXT = "text"


@dataclass(frozen=True)
class Type:
    """A PostgreSQL type and how a frame carries it. `size` is in bytes for whole numbers, `scale` in decimal places."""

    sql: str
    kind: Kind
    size: int = 8
    precision: int = 0
    scale: int = 0


BIGINT = Type("bigint", Kind.WHOLE)
SMALLINT = Type("smallint", Kind.WHOLE, size=2)
FLAG = Type("boolean", Kind.FLAG)
DATE = Type("date", Kind.DATE)
MOMENT = Type("timestamptz", Kind.MOMENT)
TEXT = Type("text", Kind.TEXT)


def decimal(precision: int, scale: int) -> Type:
    """A decimal of `precision` digits, `scale` of them after the point."""
    return Type(f"numeric({precision},{scale})", Kind.DECIMAL, precision=precision, scale=scale)


@dataclass(frozen=True)
class Column:
    """A column of a GOLD table. `between` bounds dates (ISO text, both ends belong); `default` is SQL, "" for none."""

    name: str
    type: Type
    description: str
    unit: str = ""
    nullable: bool = False
    one_of: tuple[str, ...] = ()
    between: tuple[str, str] | None = None
    default: str = ""

    def offenders(self, values: pd.Series) -> pd.Series:
        """Which values break this column's rules, as a boolean series of the same index."""
        missing = values.eq(MISSING) if self.type.kind is Kind.DECIMAL else values.isna()
        wrong = missing & (not self.nullable)
        if self.one_of:
            wrong |= ~missing & ~values.isin(self.one_of)
        if self.between:
            wrong |= ~missing & ~values.between(pd.Timestamp(self.between[0]), pd.Timestamp(self.between[1]))
        return wrong

    def rule(self) -> str:
        """The column's rule as the words of a quarantine reason."""
        if self.one_of:
            return f"{self.name} is not one of {', '.join(self.one_of)}"
        if self.between:
            return f"{self.name} is missing or not between {self.between[0]} and {self.between[1]}"
        return (
            f"{self.name} is missing or not a number" if self.type.kind is Kind.DECIMAL else f"{self.name} is missing"
        )


@dataclass(frozen=True)
class Guard:
    """Which rows of a table a reader sees who is not the house itself: the condition, as SQL over the table's columns.

    `etl.gold.access` has the conditions in use.
    """

    condition: str

    def statements(self, table: str) -> list[str]:
        """The statements that keep the other rows from readers; whoever owns the table goes on seeing all."""
        return [
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
            f"CREATE POLICY reach ON {table} FOR SELECT USING ({self.condition})",
        ]


@dataclass(frozen=True)
class Table:
    """The contract of a GOLD table. `indexes` are lists of columns beside the key; without a `guard` readers see all rows."""

    name: str
    grain: str
    owner: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    indexes: tuple[tuple[str, ...], ...] = ()
    guard: Guard | None = None

    @property
    def names(self) -> list[str]:
        """The column names in their order."""
        return [column.name for column in self.columns]

    def arrange(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The frame with exactly this table's columns, in order. Raises ContractBroken when one lacks or has another kind."""
        if lacking := [name for name in self.names if name not in frame.columns]:
            raise ContractBroken(f"{self.name}: the frame lacks {', '.join(lacking)}")
        arranged = frame[self.names]
        for column in self.columns:
            if not _carries(arranged[column.name], column.type.kind):
                found = arranged[column.name].dtype
                raise ContractBroken(f"{self.name}.{column.name} carries {found}, not a {column.type.kind.value} value")
        return arranged

    def reasons(self, frame: pd.DataFrame) -> pd.Series:
        """For each row that breaks a rule, the first reason in words; rows in order have no entry."""
        found: list[pd.Series] = []
        for column in self.columns:
            wrong = column.offenders(frame[column.name])
            if wrong.any():
                found.append(pd.Series(column.rule(), index=frame.index[wrong.to_numpy()]))
        if not found:
            return pd.Series(dtype="str")
        reasons: pd.Series = pd.concat(found)
        return reasons[~reasons.index.duplicated()]

    def in_words(self, frame: pd.DataFrame) -> list[dict[str, Any]]:
        """The rows for people: decimals as texts in their unit, days and moments in ISO form, None for what is missing."""
        shown = {column.name: _in_words(frame[column.name], column.type) for column in self.columns}
        return [dict(zip(shown, values, strict=True)) for values in zip(*shown.values(), strict=True)]

    def create(self, schema: str) -> str:
        """The statement that makes the table, without its key and indexes."""
        columns = ", ".join(
            f"{column.name} {column.type.sql}{'' if column.nullable else ' NOT NULL'}"
            f"{f' DEFAULT {column.default}' if column.default else ''}"
            for column in self.columns
        )
        return f"CREATE TABLE {schema}.{self.name} ({columns})"

    def describe(self, schema: str) -> list[str]:
        """The statements that write grain and descriptions into the database, for whoever looks at it with other tools."""
        said = [f"COMMENT ON TABLE {schema}.{self.name} IS {_quoted(f'{self.grain} Owner: {self.owner}.')}"]
        for column in self.columns:
            words = f"{column.description}{f' [{column.unit}]' if column.unit else ''}"
            said.append(f"COMMENT ON COLUMN {schema}.{self.name}.{column.name} IS {_quoted(words)}")
        return said

    def secure(self, schema: str) -> list[str]:
        """The statements that let readers see their rows alone: to be run before there are any."""
        return self.guard.statements(f"{schema}.{self.name}") if self.guard else []

    def finish(self, schema: str) -> list[str]:
        """The statements that add key and indexes once the rows are in."""
        statements = [f"ALTER TABLE {schema}.{self.name} ADD PRIMARY KEY ({', '.join(self.key)})"]
        for columns in self.indexes:
            name = f"ix_{self.name}_{'_'.join(columns)}"
            statements.append(f"CREATE INDEX {name} ON {schema}.{self.name} ({', '.join(columns)})")
        return statements


def fingerprint(tables: Iterable[Table], version: int) -> str:
    """A short text that changes when a table's shape or the flow's `version` changes: then the flow starts anew."""
    said = [f"version {version}"]
    for table in tables:
        said += [table.create("gold"), *table.secure("gold"), *table.finish("gold")]
    return hashlib.sha256("\n".join(said).encode()).hexdigest()[:16]


def dictionary(tables: Iterable[Table]) -> str:
    """The data dictionary of the tables, as Markdown."""
    parts = ["# Data dictionary of GOLD", ""]
    for table in tables:
        parts += [f"## {table.name}", "", f"Grain: {table.grain}  ", f"Owner: {table.owner}  "]
        parts += [f"Key: {', '.join(f'`{name}`' for name in table.key)}", ""]
        parts += ["| column | type | unit | empty | description |", "|---|---|---|---|---|"]
        for column in table.columns:
            empty = "yes" if column.nullable else "no"
            parts.append(f"| `{column.name}` | {column.type.sql} | {column.unit} | {empty} | {column.description} |")
        parts.append("")
    return "\n".join(parts)


def _carries(values: pd.Series, kind: Kind) -> bool:
    dtype = values.dtype
    if kind in (Kind.WHOLE, Kind.DECIMAL):
        return bool(pd.api.types.is_signed_integer_dtype(dtype)) and isinstance(dtype, np.dtype)
    if kind is Kind.FLAG:
        return bool(pd.api.types.is_bool_dtype(dtype))
    if kind is Kind.DATE:
        return bool(pd.api.types.is_datetime64_dtype(dtype))
    if kind is Kind.MOMENT:
        return isinstance(dtype, pd.DatetimeTZDtype)
    return isinstance(dtype, pd.StringDtype | pd.CategoricalDtype | np.dtypes.ObjectDType)


def _in_words(values: pd.Series, type_: Type) -> list[Any]:
    if type_.kind is Kind.DECIMAL:
        return [None if value == MISSING else str(Decimal(int(value)).scaleb(-type_.scale)) for value in values]
    if type_.kind is Kind.DATE:
        return [None if pd.isna(value) else str(value.date()) for value in values]
    if type_.kind is Kind.MOMENT:
        return [None if pd.isna(value) else value.isoformat() for value in values]
    return [None if pd.isna(value) else value for value in values.tolist()]


def _quoted(words: str) -> str:
    return "'" + words.replace("'", "''") + "'"
