"""Who edits a text now."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.blueprints.website.models import Presence

AWAY = dt.timedelta(minutes=2)
"""Who was not heard of for so long has gone."""


def list_others_here(session: Session, text_id: int, user_id: int | None, *, now: dt.datetime) -> list[Presence]:
    """Those besides that person who edit the text now, the first to come first."""
    statement = (
        select(Presence)
        .where(Presence.text_id == text_id, Presence.user_id != (user_id or 0), Presence.seen_at >= now - AWAY)
        .order_by(Presence.since)
    )
    return list(session.scalars(statement))
