"""The import of a sales file: every row becomes a stored line, a line known already, or a row in quarantine.

The whole import is one transaction of the caller: a crash leaves nothing of it, and the next run starts anew. Two
imports at once read side by side and store one after the other (an advisory lock).
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psycopg2
from flask_babel import gettext
from sqlalchemy import BigInteger, String, cast, func, select
from sqlalchemy.orm import Session

from webapp.blueprints.sales.models import SalesImport
from webapp.blueprints.sales.services import import_sieve, import_store, import_tables
from webapp.blueprints.sales.services.import_file import escape_unreadable, open_rows
from webapp.blueprints.sales.services.import_mapping import Mapping, load_mapping
from webapp.blueprints.sales.services.import_problems import ImportRefused, RowProblem
from webapp.blueprints.sales.services.import_staging import Aside, BlockFile, Stager
from webapp.core.clock import utc_now
from webapp.core.company import get_company
from webapp.core.security import Actor

SPOOL = 1 << 20

STEPS = import_store.STEPS + 4  # how often progress is told of "storing"

Progress = Callable[[int, str], None]


@dataclass(frozen=True)
class ImportResult:
    """Where the rows of a file went: rows = accepted + already_known + quarantined.

    `orders`, `customers` and `products` are the distinct ones among the accepted rows; `net` is their sum. `stored` says
    more of them, `reasons` how many rows went to quarantine for which reason (a key of REASONS).
    """

    id: int | None
    file: str
    rows: int
    accepted: int
    already_known: int
    quarantined: int
    orders: int
    customers: int
    products: int
    net: Decimal
    seconds: float
    stored: import_store.Stored
    reasons: dict[str, int]

    def as_json(self) -> dict[str, Any]:
        """The result as commands print it: `net` a decimal string with four places."""
        values = asdict(self)
        del values["id"], values["stored"], values["reasons"]
        return {**values, "net": f"{self.net:.4f}", "seconds": round(self.seconds, 3)}


def import_sales(
    session: Session,
    *,
    path: Path,
    mapping: Mapping | str,
    by: Actor,
    dry_run: bool = False,
    progress: Progress | None = None,
    name: str = "",
) -> ImportResult:
    """Import the sales file at `path`, called `name` where that is not its own, by a mapping, a preset or a mapping file.

    Raises ImportRefused when the file or the mapping cannot be used as a whole; nothing is stored then. With `dry_run`
    all is done and undone. Rows that cannot be taken are quarantined. Does not commit. `progress` is told the rows
    read so far and the phase ("reading", "waiting", then "storing" before each step of that).
    """
    tell = progress or (lambda _rows, _phase: None)
    how = mapping if isinstance(mapping, Mapping) else load_mapping(mapping)
    with session.begin_nested() as savepoint:
        try:
            result = _Import(session, Path(path), how, by, tell, name=name).run()
        except psycopg2.DataError as error:
            first = str(error).strip().splitlines()[0]
            raise ImportRefused(
                gettext(
                    "%(file)s: the database cannot hold a value of this file: %(problem)s.", file=path, problem=first
                )
            ) from error
        except UnicodeError as error:
            raise ImportRefused(
                gettext(
                    "%(file)s: cannot be read as %(encoding)s: %(problem)s.",
                    file=path,
                    encoding=how.encoding,
                    problem=error,
                )
            ) from error
        if dry_run:
            savepoint.rollback()
    session.expire_all()
    return result


def newest_imports(session: Session, *, limit: int) -> list[SalesImport]:
    """The last imports, the newest first."""
    return list(session.scalars(select(SalesImport).order_by(SalesImport.id.desc()).limit(limit)))


def zone_of(session: Session, mapping: Mapping) -> ZoneInfo:
    """The zone of the file's local times: the mapping's, else the company's."""
    return ZoneInfo(mapping.time_zone) if mapping.time_zone else get_company(session).zone


class _Import:
    """One import under way."""

    def __init__(self, session: Session, path: Path, mapping: Mapping, by: Actor, tell: Progress, *, name: str) -> None:
        self.session = session
        self.name = name or escape_unreadable(path.name)
        self.path = path
        self.mapping = mapping
        self.by = by
        self.tell = tell
        self.began = time.monotonic()
        self.started_at = utc_now()
        self.rows = 0
        self.zone = zone_of(session, mapping)

    def run(self) -> ImportResult:
        raw: Any = self.session.connection().connection
        with raw.cursor() as cursor, tempfile.SpooledTemporaryFile(SPOOL) as aside:
            with closing(open_rows(self.path, self.mapping)) as rows:
                self.quarantine = Aside(aside, rows.header, self.mapping.encoding)
                stager = Stager(rows, self.mapping, str(self.path), self.zone, self.quarantine)
                import_tables.create_staging(cursor, stager.constants)
                self.tell(0, "reading")
                copy = f"COPY import_lines (line, {', '.join(stager.copied)}) FROM STDIN"
                BlockFile(stager.blocks(self.tell)).copy(cursor, copy)
                self.rows = stager.rows
                digest = rows.sha256()
                header, kind = rows.header, rows.format
            record = self._record(digest, header, kind)
            if not import_tables.try_lock(cursor):
                self.tell(self.rows, "waiting")
                import_tables.wait_for_lock(cursor)
            self._step()
            return self._store(cursor, record)

    def _store(self, cursor: Any, record: SalesImport) -> ImportResult:
        known = import_sieve.drop_known(cursor)
        self._step()
        if import_sieve.move_offenders(cursor):
            self._quarantine_offenders(cursor)
        self._step()
        stored = import_store.store(cursor, record.id, self.mapping, known, self._step)
        self._step()
        self.quarantine.copy(cursor)
        cursor.execute("SELECT reason_code, count(*) FROM import_quarantine GROUP BY reason_code ORDER BY 2 DESC, 1")
        reasons = dict(cursor.fetchall())
        open_rows_, settled = import_store.store_quarantine(cursor, record.id, record.file_sha256)
        import_tables.drop_staging(cursor)
        record.rows = self.rows
        record.accepted = stored.accepted
        record.already_known = stored.already_known + settled
        record.quarantined = open_rows_
        record.orders, record.customers, record.products = stored.orders, stored.customers, stored.products
        record.net = stored.net
        record.finished_at = utc_now()
        self.session.flush()
        return ImportResult(
            record.id, str(self.path), self.rows, stored.accepted, record.already_known, open_rows_, stored.orders,
            stored.customers, stored.products, stored.net, time.monotonic() - self.began, stored, reasons,
        )  # fmt: skip

    def _step(self) -> None:
        self.tell(self.rows, "storing")

    def _record(self, digest: str, header: list[str], kind: str) -> SalesImport:
        record = SalesImport(
            filename=self.name[:300],
            file_sha256=digest,
            mapping={"mapping": self.mapping.as_json(), "header": header, "format": kind},
            actor=self.by.name[:200],
            started_at=self.started_at,
            xid=cast(cast(func.pg_current_xact_id(), String), BigInteger),
        )
        self.session.add(record)
        self.session.flush()
        return record

    def _quarantine_offenders(self, cursor: Any) -> None:
        """Read the file again for the text of the lines that only the database could find wrong."""
        cursor.execute("SELECT line, meaning, code, order_number, expected, found FROM import_offenders ORDER BY line")
        with closing(open_rows(self.path, self.mapping)) as rows:
            stream = iter(rows)
            for line, meaning, code, order, expected, found in cursor:
                for _ in stream:
                    if rows.line == line:
                        break
                column = self.mapping.columns.get(meaning, meaning)
                problem = RowProblem(code, str(column), order=order, expected=expected, found=found)
                self.quarantine.add(rows, problem)
