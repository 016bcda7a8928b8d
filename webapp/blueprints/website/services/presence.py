"""Who has a page open in the editor: each is told of the others, and stopped by nobody."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from webapp.blueprints.website.models import Presence
from webapp.blueprints.website.queries.pages import get_written
from webapp.blueprints.website.queries.presence import AWAY
from webapp.blueprints.website.services.pages import demand_page
from webapp.core.clock import utc_now
from webapp.core.security import Actor


def tell_presence(session: Session, *, by: Actor, page_id: int, language: str) -> None:
    """Note that the actor edits this text now. Raises NotFound, NotAllowed."""
    written = get_written(session, page_id, language)
    demand_page(session, by, written.page)
    if by.user_id is None:
        return
    now: dt.datetime = utc_now()
    session.execute(delete(Presence).where(Presence.seen_at < now - AWAY))
    row = {"text_id": written.text.id, "user_id": by.user_id, "name": by.name, "since": now, "seen_at": now}
    session.execute(
        insert(Presence)
        .values(row)
        .on_conflict_do_update(index_elements=["text_id", "user_id"], set_={"seen_at": now, "name": by.name})
    )
