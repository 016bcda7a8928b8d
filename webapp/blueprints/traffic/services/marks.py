"""Marks on the time: one for each version as it is seen first, and notes that people write."""

from __future__ import annotations

import datetime as dt
import logging

from flask_babel import gettext
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from webapp.blueprints.traffic.models import TimeMark
from webapp.blueprints.traffic.queries.marks import get_mark
from webapp.core.errors import DomainError, InUse
from webapp.core.security import Actor

log = logging.getLogger(__name__)
LONGEST = 300


class NoteWrong(DomainError):
    """The note says nothing, or too much."""

    status = 422
    field = "text"


def mark_release(session: Session, *, by: Actor, release: str, at: dt.datetime, text: str = "") -> bool:
    """Mark that a version went live, unless it is marked already: safe with several processes. Whether it was new."""
    release = release.strip()[:100]
    if not release:
        return False
    values = {"at": at, "kind": "deploy", "release": release, "text": text[:LONGEST], **_of(by)}
    made = session.execute(insert(TimeMark).values(values).on_conflict_do_nothing().returning(TimeMark.id))
    new = made.scalar_one_or_none() is not None
    if new:
        log.info("version %s is marked", release)
    return new


def add_note(session: Session, *, by: Actor, at: dt.datetime, text: str) -> TimeMark:
    """Write a note at a moment. Raises NoteWrong."""
    text = text.strip()
    if not text or len(text) > LONGEST:
        raise NoteWrong(gettext("Write a text of at most %(most)s characters.", most=LONGEST))
    mark = TimeMark(at=at, kind="note", text=text, **_of(by))
    session.add(mark)
    session.flush()
    return mark


def remove_note(session: Session, *, by: Actor, mark_id: int) -> None:
    """Remove a note. Raises NotFound, and InUse for a version that went live."""
    mark = get_mark(session, mark_id)
    if mark.kind != "note":
        raise InUse(gettext("That a version went live cannot be removed."))
    session.delete(mark)
    session.flush()
    log.info("note %s removed by %s", mark_id, by.name)


def _of(by: Actor) -> dict[str, object]:
    return {"author": by.name[:200] if by.signed_in else "", "user_id": by.user_id}
