"""How rows get into GOLD: a new table is filled aside and swapped in, a table in use is merged with what is staged.

All happens in the caller's transaction. A merge takes row locks only, so readers go on seeing the table as it was; a swap
happens for a table that is absent, empty or of an older contract, and locks it for the moment before the commit.
"""

from __future__ import annotations

import io
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any

import pandas as pd
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from etl.contracts import Table
from etl.gold.binary import encode

NEXT = "etl_next"
ROWS_AT_ONCE = 100_000
SWAP_ATTEMPTS = 60


class GoldBusy(Exception):
    """A reader keeps a table so long that its new form cannot be put in place."""


class Gold:
    """The GOLD database inside one transaction of a run."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._new: dict[str, Table] = {}
        self._staged: set[str] = set()
        connection.execute(text(f"DROP SCHEMA IF EXISTS {NEXT} CASCADE"))
        connection.execute(text(f"SET LOCAL search_path TO {NEXT}, public, pg_temp"))
        connection.execute(text("SET LOCAL work_mem = '64MB'"))
        connection.execute(text("SET LOCAL maintenance_work_mem = '128MB'"))
        # the days that changed are looked up once each: caching them costs more than it saves
        connection.execute(text("SET LOCAL enable_memoize = off"))
        connection.execute(text("SET LOCAL client_encoding = 'UTF8'"))

    def has(self, tables: Sequence[Table], *, filled: bool = True) -> bool:
        """Whether all of these tables are there and, if they must be `filled`, the last one is not empty."""
        if any(self._value(f"SELECT to_regclass('{table.name}') IS NULL") for table in tables):
            return False
        return not filled or bool(self._value(f"SELECT EXISTS (SELECT FROM {tables[-1].name})"))

    def extremes(self, table: Table, column: str) -> tuple[Any, Any]:
        """The least and the greatest value of a column."""
        least, greatest = self.connection.execute(text(f"SELECT min({column}), max({column}) FROM {table.name}")).one()
        return least, greatest

    def keys(self, table: Table) -> list[Any]:
        """The keys of a table, in order; for one with a single key column and few rows."""
        [key] = table.key
        return list(self.connection.execute(text(f"SELECT {key} FROM {table.name} ORDER BY 1")).scalars())

    def begin_anew(self, tables: Sequence[Table]) -> None:
        """Make these tables aside; under their names, this transaction now sees them and nobody else does."""
        self.connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {NEXT}"))
        for table in tables:
            for statement in (table.create(NEXT), *table.secure(NEXT), *table.describe(NEXT)):
                self.connection.exec_driver_sql(statement)
            self._new[table.name] = table

    def load(self, table: Table, frame: pd.DataFrame) -> None:
        """Copy rows into a new table, or to the stage of a table in use until it is merged."""
        arranged = table.arrange(frame)
        target = self.loaded(table)
        copy_rows(self.connection, table, arranged, target, frozen=target in self._new)

    def loaded(self, table: Table) -> str:
        """Where the loaded rows of a table are until they are settled."""
        return table.name if table.name in self._new else self._stage(table)

    def settle(self, table: Table, scope: Mapping[str, Sequence[Any]] | None = None) -> int:
        """Make the loaded rows the table's content; returns how many keys are gone.

        `scope` limits a merge to the rows whose column has one of the values; None is the whole table. Rows that did not
        change are not touched.
        """
        if table.name in self._new:
            self.finish([table])
            return 0
        stage = self._stage(table)
        # the planner may take many rows that are gone for one: without this, it looks for each in the whole stage
        self.connection.exec_driver_sql(f"CREATE INDEX ON {stage} ({', '.join(table.key)})")
        self.connection.exec_driver_sql(f"ANALYZE {stage}")
        return self._merge(table, stage, scope)

    def finish(self, tables: Sequence[Table]) -> None:
        """Add key and indexes to those of these tables that are new."""
        for table in tables:
            if table.name in self._new:
                for statement in (*table.finish(NEXT), f"ANALYZE {NEXT}.{table.name}"):
                    self.connection.exec_driver_sql(statement)

    def publish(self) -> None:
        """Put the new tables in the place of the old ones: the last step before the commit."""
        if not self._new:
            return
        self._lock([name for name in self._new if self._value(f"SELECT to_regclass('public.{name}') IS NOT NULL")])
        for name in self._new:
            self.connection.exec_driver_sql(f"DROP TABLE IF EXISTS public.{name}")
            self.connection.exec_driver_sql(f"ALTER TABLE {NEXT}.{name} SET SCHEMA public")
        self.connection.exec_driver_sql(f"DROP SCHEMA {NEXT}")
        self._new.clear()

    def _stage(self, table: Table) -> str:
        name = f"stage_{table.name}"
        if table.name not in self._staged:
            self.connection.exec_driver_sql(f"CREATE TEMP TABLE {name} (LIKE {table.name}) ON COMMIT DROP")
            self._staged.add(table.name)
        return name

    def _merge(self, table: Table, stage: str, scope: Mapping[str, Sequence[Any]] | None) -> int:
        keys = " AND ".join(f"s.{name} = t.{name}" for name in table.key)
        same = same_row(table, "s", "t")
        within = "".join(f"t.{name} = ANY(:{name}) AND " for name in scope or {})
        parameters: dict[str, Any] = {name: list(numbers) for name, numbers in (scope or {}).items()}
        key_list = ", ".join(f"t.{name}" for name in table.key)
        gone = self.connection.execute(
            text(
                f"WITH t AS (DELETE FROM {table.name} t WHERE {within}NOT EXISTS (SELECT FROM {stage} s WHERE {same}) "
                f"RETURNING {key_list}) SELECT count(*) FROM t WHERE NOT EXISTS (SELECT FROM {stage} s WHERE {keys})"
            ),
            parameters,
        ).scalar_one()
        self.connection.exec_driver_sql(
            f"INSERT INTO {table.name} SELECT s.* FROM {stage} s WHERE NOT EXISTS (SELECT FROM {table.name} t WHERE {keys})"
        )
        return int(gone)

    def _lock(self, names: Sequence[str]) -> None:
        """Lock tables against readers without making later readers queue behind a long one: ask briefly, many times."""
        if not names:
            return
        self.connection.exec_driver_sql("SET LOCAL lock_timeout = '100ms'")
        for attempt in range(SWAP_ATTEMPTS):
            savepoint = self.connection.begin_nested()
            try:
                self.connection.exec_driver_sql(f"LOCK TABLE {', '.join(f'public.{name}' for name in names)}")
            except OperationalError as error:
                savepoint.rollback()
                if getattr(error.orig, "pgcode", "") != "55P03":
                    raise
                if attempt + 1 == SWAP_ATTEMPTS:
                    raise GoldBusy(
                        f"Somebody has been reading {', '.join(names)} for too long; nothing was loaded."
                    ) from None
                time.sleep(0.5)
            else:
                savepoint.commit()
                break
        self.connection.exec_driver_sql("SET LOCAL lock_timeout = 0")

    def _value(self, query: str) -> Any:
        return self.connection.execute(text(query)).scalar_one()


def copy_rows(gold: Connection, table: Table, arranged: pd.DataFrame, target: str, *, frozen: bool = False) -> None:
    """Copy the rows of a frame, arranged as the contract of `table` says, into `target`. `frozen`: it is of this transaction."""
    options = "FORMAT binary, FREEZE" if frozen else "FORMAT binary"
    for start in range(0, len(arranged), ROWS_AT_ONCE):
        content = io.BytesIO(encode(table, arranged.iloc[start : start + ROWS_AT_ONCE]))
        with closing(gold.connection.cursor()) as cursor:
            cursor.copy_expert(f"COPY {target} FROM STDIN ({options})", content, 1 << 20)


def same_row(table: Table, one: str, other: str) -> str:
    """The condition that two rows of a table, under these names in a query, are equal in everything."""
    # only the key is for the join's hash: "is not distinct" cannot be one
    keys = [f"{one}.{name} = {other}.{name}" for name in table.key]
    return " AND ".join([*keys, *(f"{one}.{name} IS NOT DISTINCT FROM {other}.{name}" for name in table.names)])


def orders_of_members(gold: Connection, members: Mapping[str, Sequence[int]]) -> list[int]:
    """The orders whose facts name one of these members, given by the column that names them."""
    found: set[int] = set()
    for column, keys in members.items():
        if keys:
            query = f"SELECT DISTINCT order_key FROM fact_sale_line WHERE {column} = ANY(:keys)"
            found.update(gold.execute(text(query), {"keys": list(keys)}).scalars())
    return sorted(found)
