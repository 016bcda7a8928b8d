"""The only way to full addresses and to rejected lines as they were: each reading is written down first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.blueprints.traffic.models import RejectedLine, TrafficFile, VaultAddress, VaultReading
from webapp.blueprints.traffic.services.lines import visible
from webapp.core.errors import NotFound
from webapp.core.security import Actor

SHOWN = 200


def read_address(session: Session, *, by: Actor, day: dt.date, visitor: int) -> str:
    """The full address behind a visitor of a day. Raises NotFound when the vault has none, or none any more."""
    note_reading(session, by, f"address of visitor {visitor} of {day}")
    address = session.scalar(
        select(VaultAddress.address).where(VaultAddress.day == day, VaultAddress.visitor == visitor)
    )
    if address is None:
        raise NotFound(gettext("The vault has no address of this visitor, or not any more."))
    return address


def read_rejected(session: Session, *, by: Actor, file: TrafficFile, after: int = 0) -> Sequence[tuple[int, str, str]]:
    """Lines of a file that no format knows, as they were: number, reason and text; the first ones after a line number."""
    note_reading(session, by, f"rejected lines of file {file.id}, {file.path}, after line {after}")
    return [(place, reason, shown(line)) for place, reason, line in _rejected(session, file, after)]


def shown(line: bytes) -> str:
    """The line as text, with all that is none visible."""
    return visible(line.decode("utf-8", "backslashreplace"))


def _rejected(session: Session, file: TrafficFile, after: int) -> Sequence[tuple[int, str, bytes]]:
    query = select(RejectedLine.place, RejectedLine.reason, RejectedLine.line)
    query = query.where(RejectedLine.file_id == file.id, RejectedLine.place > after).order_by(RejectedLine.place)
    return [(place, reason, bytes(line)) for place, reason, line in session.execute(query.limit(SHOWN))]


def note_reading(session: Session, by: Actor, what: str) -> None:
    """Write down who reads what of the vault, before they do."""
    session.add(VaultReading(user_id=by.user_id, actor=by.name[:200], what=what))
    session.flush()
