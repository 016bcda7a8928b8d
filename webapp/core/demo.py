"""The demo company: each open room stores its part, all in one transaction, into an empty installation."""

from __future__ import annotations

from sqlalchemy import Table, delete, exists, select
from sqlalchemy.orm import Session

from webapp.core.db import Base, Editable
from webapp.core.room import in_order, opened


def is_empty(session: Session) -> bool:
    """Whether nobody has stored a record of their own in any open room."""
    mapped = {
        mapper.local_table
        for mapper in Base.registry.mappers
        if issubclass(mapper.class_, Editable) and mapper.class_.counts_as_data
    }
    return not any(session.scalar(select(exists().select_from(table))) for table in _tables() if table in mapped)


def load(session: Session, *, large: bool = False) -> None:
    """Store the part of every room that offers one, each after the rooms it requires; then what makes it `large`."""
    rooms = in_order(opened())
    parts = [room.demo for room in rooms] + [room.demo_large for room in rooms if large]
    for store in parts:
        if store:
            store(session)
            session.flush()


def clear(session: Session) -> None:
    """Delete all records of all open rooms, one by one for the database, so that the ETL learns of every one."""
    for table in reversed(_tables()):
        session.execute(delete(table))
    session.expunge_all()


def notes(session: Session) -> list[str]:
    """What the visitor of the demo company must know; empty when this installation is not the demo."""
    return [note for room in in_order(opened()) if room.demo_note and (note := room.demo_note(session))]


def _tables() -> list[Table]:
    """The tables of the open rooms, each after those it refers to."""
    prefixes = tuple(f"{room.name}_" for room in opened())
    return [table for table in Base.metadata.sorted_tables if table.name.startswith(prefixes)]
