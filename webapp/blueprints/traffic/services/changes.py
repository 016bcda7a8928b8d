"""Writing down which records a request changes, in the transaction that changes them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import event, insert, inspect
from sqlalchemy.orm import Session

from webapp.blueprints.traffic.models import RecordChange
from webapp.core.db import Editable
from webapp.core.jobs import request_under_way

KEPT_BY_ITSELF = frozenset({"version", "created_at", "updated_at", "changed_xid"})


def follow_changes() -> None:
    """From now on each flush of a request is looked at, in the applications in which the room is open."""
    if not event.contains(Session, "after_flush", _note):
        event.listen(Session, "after_flush", _note)


def _note(session: Session, _context: Any) -> None:
    request_id = request_under_way("traffic")
    if not request_id:
        return
    rows = [
        {"request_id": request_id, "action": action, "record": str(inspect(record).mapper.local_table), "record_id": record.id, "fields": fields}
        for action, records in (("made", session.new), ("changed", session.dirty), ("deleted", session.deleted))
        for record in records
        if isinstance(record, Editable) and ((fields := _fields(record)) or action == "deleted")
    ]  # fmt: skip
    if rows:
        session.connection().execute(insert(RecordChange), rows)


def _fields(record: Editable) -> list[str]:
    """The names of the columns that the flush wrote."""
    state = inspect(record)
    names = [attribute.key for attribute in state.mapper.column_attrs]
    written = [name for name in names if state.attrs[name].history.has_changes()]
    return sorted(name for name in written if name not in KEPT_BY_ITSELF)
