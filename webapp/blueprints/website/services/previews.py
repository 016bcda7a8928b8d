"""Links that show a draft to somebody who has no account, for a while."""

from __future__ import annotations

import datetime as dt
import secrets

from sqlalchemy import delete
from sqlalchemy.orm import Session

from webapp.blueprints.website.models import PreviewLink
from webapp.blueprints.website.queries.pages import get_written
from webapp.blueprints.website.queries.previews import hash_of
from webapp.blueprints.website.services.pages import demand_page
from webapp.core.clock import utc_now
from webapp.core.security import Actor
from webapp.core.storing import store

LIFE = dt.timedelta(days=7)


def make_preview(session: Session, *, by: Actor, page_id: int, language: str) -> str:
    """The token of a new link to a draft, told once; it holds for a week. Raises NotFound, NotAllowed."""
    written = get_written(session, page_id, language)
    demand_page(session, by, written.page)
    now, token = utc_now(), secrets.token_urlsafe(24)
    session.execute(delete(PreviewLink).where(PreviewLink.expires_at <= now))
    session.add(PreviewLink(text_id=written.text.id, token_hash=hash_of(token), expires_at=now + LIFE, by_name=by.name))
    store(session)
    return token


def end_previews(session: Session, *, by: Actor, page_id: int, language: str) -> int:
    """End all links to a draft; how many there were. Raises NotFound, NotAllowed."""
    written = get_written(session, page_id, language)
    demand_page(session, by, written.page)
    done = session.execute(delete(PreviewLink).where(PreviewLink.text_id == written.text.id))
    return int(getattr(done, "rowcount", 0))
