"""The draft that a link shows to whoever has it."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.blueprints.website.models import Draft, Page, PageText, PreviewLink, Revision
from webapp.blueprints.website.queries.shown import Shown, live_texts
from webapp.core.errors import NotFound


def hash_of(token: str) -> str:
    """What is stored of a link's token."""
    return hashlib.sha256(token.encode()).hexdigest()


def list_drafts(session: Session, *, now: dt.datetime) -> Iterator[Shown]:
    """The drafts that say something else than strangers see, or that strangers do not see."""
    live = live_texts(now, PageText.id.label("text_id"), Revision.blocks).subquery()
    drafts = (
        select(Page, PageText, Draft)
        .join(PageText, PageText.page_id == Page.id)
        .join(Draft, Draft.text_id == PageText.id)
        .outerjoin(live, live.c.text_id == PageText.id)
        .where(live.c.blocks.is_distinct_from(Draft.blocks))
    )
    for page, text, draft in session.execute(drafts.order_by(PageText.path)):
        yield _shown(page, text, draft)


def find_preview(session: Session, token: str, *, language: str, now: dt.datetime) -> Shown:
    """The draft behind a link, as it is now. Raises NotFound for a link that is none, or none any more."""
    found = session.execute(
        select(Page, PageText, Draft)
        .join(PageText, PageText.page_id == Page.id)
        .join(Draft, Draft.text_id == PageText.id)
        .join(PreviewLink, PreviewLink.text_id == PageText.id)
        .where(PreviewLink.token_hash == hash_of(token), PreviewLink.expires_at > now, PageText.language == language)
    ).first()
    if found is None:
        raise NotFound(_("This preview is over, or its link is not complete. Ask for a new one."))
    return _shown(*found)


def _shown(page: Page, text: PageText, draft: Draft) -> Shown:
    return Shown(
        page_id=page.id,
        parent_id=page.parent_id,
        language=text.language,
        path=text.path,
        title=draft.title,
        menu_title=draft.menu_title,
        description=draft.description,
        blocks=draft.blocks,
        published=None,
        modified=draft.updated_at,
    )
