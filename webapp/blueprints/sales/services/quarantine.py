"""The rows that an import put aside: list, export, correct and replay, discard."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload

from webapp.blueprints.sales.models import QuarantinedRow, SalesImport
from webapp.blueprints.sales.services import import_sieve, import_store, import_tables
from webapp.blueprints.sales.services.import_file import read_one_row, unescape_unreadable
from webapp.blueprints.sales.services.import_mapping import Mapping, mapping_from
from webapp.blueprints.sales.services.import_problems import UNREADABLE, RowProblem, translated_reason
from webapp.blueprints.sales.services.import_staging import Aside, BlockFile, Stager
from webapp.blueprints.sales.services.importing import zone_of
from webapp.core.clock import utc_now
from webapp.core.errors import DomainError, NotFound
from webapp.core.security import Actor

EXPORTED = ("id", "file", "line", "column", "reason", "state", "raw", "corrected")
OPEN, REPLAYED, DISCARDED = "open", "replayed", "discarded"


class StillWrong(DomainError):
    """The corrected row cannot be taken either; the sentence says why."""

    status = 422
    field = "corrected"


class AlreadyKnown(DomainError):
    """A line with the very content of the corrected row is stored already."""

    status = 422
    field = "corrected"


class NotOpen(DomainError):
    """The row was replayed or discarded before."""


@dataclass
class _Single:
    """One row, in the shape of a file for the stager."""

    format: str
    header: list[str]
    text: str
    line: int
    unreadable: bool
    problem: RowProblem = dataclasses.field(default_factory=lambda: RowProblem("columns"))

    def __iter__(self) -> Iterator[list[str] | None]:
        return iter(())

    def raw(self) -> str:
        return self.text

    def sha256(self) -> str:
        return ""

    def close(self) -> None:
        """Nothing is open."""


def get_quarantined_row(session: Session, row_id: int, *, lock: bool = False) -> QuarantinedRow:
    """The row with its import; locked against others on wish. Raises NotFound."""
    query = select(QuarantinedRow).where(QuarantinedRow.id == row_id).options(joinedload(QuarantinedRow.import_))
    row = session.scalars(query.with_for_update(of=QuarantinedRow) if lock else query).one_or_none()
    if row is None:
        raise NotFound(_l("There is no such row in quarantine."))
    return row


def list_quarantined_rows(
    session: Session, *, state: str | None = OPEN, import_id: int | None = None, limit: int | None = None
) -> Iterator[QuarantinedRow]:
    """The rows in the order of their ids, streamed; `state` None means all."""
    query = select(QuarantinedRow).options(joinedload(QuarantinedRow.import_)).order_by(QuarantinedRow.id)
    if state:
        query = query.where(QuarantinedRow.state == state)
    if import_id:
        query = query.where(QuarantinedRow.import_id == import_id)
    yield from session.scalars(query.limit(limit).execution_options(yield_per=50))


def reason_of(row: QuarantinedRow) -> str:
    """The reason in the reader's language."""
    return translated_reason(row.reason_code, row.reason_values, row.reason)


def exported(row: QuarantinedRow) -> tuple[Any, ...]:
    """The row's values under the names of EXPORTED."""
    return (
        row.id, row.import_.filename, row.line_number, row.column, reason_of(row), row.state, row.raw, row.corrected or "",
    )  # fmt: skip


def replay_row(
    session: Session, *, row_id: int, by: Actor, corrected: str | None = None, even_if_known: bool = False
) -> QuarantinedRow:
    """Take the row, as it is or `corrected`, through the import again, by the mapping of its import.

    It becomes a stored line and its state `replayed`; its import's counts follow. Raises StillWrong with the new reason,
    AlreadyKnown when a line of that very content is stored (`even_if_known` stores one more), NotOpen, NotFound.
    """
    row = get_quarantined_row(session, row_id, lock=True)
    if row.state != OPEN:
        raise NotOpen(_l("This row was dealt with already."))
    mapping, single = _as_single(row, corrected)
    try:
        _store(session, row.import_, mapping, single, even_if_known=even_if_known)
    except RowProblem as problem:
        reason = translated_reason(problem.code, problem.values, problem.reason)
        sentence = f"{problem.column}: {reason}" if problem.column else reason
        raise StillWrong(f"{sentence[:1].upper()}{sentence[1:]}.") from None
    row.state, row.settled_by = REPLAYED, by.name[:200]
    row.corrected = corrected
    row.import_.quarantined -= 1
    session.flush()
    return row


def discard_row(session: Session, *, row_id: int, by: Actor) -> QuarantinedRow:
    """Give the row up: it stays on record and out of the sales. Raises NotOpen, NotFound."""
    row = get_quarantined_row(session, row_id, lock=True)
    if row.state != OPEN:
        raise NotOpen(_l("This row was dealt with already."))
    row.state, row.settled_by = DISCARDED, by.name[:200]
    session.flush()
    return row


def discard_import(session: Session, *, import_id: int, by: Actor) -> int:
    """Give up all open rows of an import; how many those were."""
    query = update(QuarantinedRow).where(QuarantinedRow.import_id == import_id, QuarantinedRow.state == OPEN)
    query = query.values(state=DISCARDED, settled_by=by.name[:200])
    return len(session.scalars(query.returning(QuarantinedRow.id)).all())


def _as_single(row: QuarantinedRow, corrected: str | None) -> tuple[Mapping, _Single]:
    stored = row.import_.mapping
    mapping = mapping_from(stored["mapping"], f"import {row.import_id}")
    if stored["format"] == "xlsx":  # its rows were written down as plain CSV
        mapping = dataclasses.replace(mapping, delimiter=",", quote='"')
    text = corrected if corrected is not None else unescape_unreadable(row.raw) if row.escaped else row.raw
    unreadable = UNREADABLE.search(text) is not None
    return mapping, _Single(stored["format"], stored["header"], text, row.line_number, unreadable)


def _store(session: Session, record: SalesImport, mapping: Mapping, single: _Single, *, even_if_known: bool) -> None:
    raw: Any = session.connection().connection
    place = f"import {record.id}"
    with raw.cursor() as cursor, session.begin_nested():
        aside = Aside(BytesIO(), single.header, mapping.encoding)
        stager = Stager(single, mapping, place, zone_of(session, mapping), aside)
        block = stager.one(read_one_row(single.text, mapping), single.line)
        import_tables.create_staging(cursor, stager.constants)
        BlockFile(iter([block])).copy(cursor, f"COPY import_lines (line, {', '.join(stager.copied)}) FROM STDIN")
        import_tables.wait_for_lock(cursor)
        if import_sieve.drop_known(cursor, even_if_known=even_if_known):
            raise AlreadyKnown(_l("A line with exactly this content is stored already."))
        if import_sieve.move_offenders(cursor):
            cursor.execute("SELECT meaning, code, order_number, expected, found FROM import_offenders")
            meaning, code, order, expected, found = cursor.fetchone()
            column = str(mapping.columns.get(meaning, meaning))
            raise RowProblem(code, column, order=order, expected=expected, found=found)
        stored = import_store.store(cursor, record.id, mapping, 0)
        import_tables.drop_staging(cursor)
    session.expire_all()
    record.accepted += 1
    record.net += stored.net
    record.finished_at = utc_now()
