"""Publishing: what strangers see of a text, from when until when."""

from __future__ import annotations

import datetime as dt
import logging

from flask_babel import gettext as _
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from webapp.blueprints.website.events import PagePublished, PageTakenOff
from webapp.blueprints.website.models import PageText, Publication, Revision
from webapp.blueprints.website.permissions import WebsitePermission as May
from webapp.blueprints.website.queries.pages import Written, get_written
from webapp.blueprints.website.queries.shown import is_shown_now
from webapp.blueprints.website.services.blocks import lacking, places_of
from webapp.blueprints.website.services.drafts import remember_revision
from webapp.blueprints.website.services.pages import demand_page
from webapp.blueprints.website.services.problems import PageIncomplete, TimesWrong
from webapp.core.clock import utc_now
from webapp.core.errors import EditConflict
from webapp.core.events import announce
from webapp.core.security import SYSTEM, Actor
from webapp.core.storing import store

log = logging.getLogger(__name__)


def publish(session: Session, *, by: Actor, page_id: int, language: str, version: int) -> Publication:
    """Show the draft that the actor saw as `version` to strangers, at once. Announces PagePublished.

    Raises NotFound, NotAllowed, EditConflict, PageIncomplete.
    """
    written = _complete(session, by, page_id, language, version)
    revision = remember_revision(session, by=by, written=written)
    publication = _publication(session, written)
    now = utc_now()
    if publication.expire_at is not None and publication.expire_at <= now:
        publication.expire_at = None
    publication.next_id = publication.publish_at = None
    _show(session, publication, revision, text=written.text, at=now, by=by)
    return publication


def plan(
    session: Session,
    *,
    by: Actor,
    page_id: int,
    language: str,
    version: int,
    publish_at: dt.datetime | None,
    expire_at: dt.datetime | None,
) -> Publication:
    """Show the draft from one moment on, and nothing from another on; None for neither. What is shown now stays until then.

    Raises NotFound, NotAllowed, EditConflict, PageIncomplete, TimesWrong.
    """
    now = utc_now()
    if publish_at is not None and publish_at <= now:
        raise TimesWrong(_("This moment is over: choose a later one, or publish at once."), "publish_at")
    if expire_at is not None and expire_at <= (publish_at or now):
        raise TimesWrong(_("The end must be later than now, and than the moment of publishing."), "expire_at")
    if publish_at is None:
        written = get_written(session, page_id, language, lock=True)
        demand_page(session, by, written.page, May.PAGES_PUBLISH)
        if written.draft.version != version:
            raise EditConflict
    else:
        written = _complete(session, by, page_id, language, version)
    publication = _publication(session, written)
    publication.next_id = remember_revision(session, by=by, written=written).id if publish_at else None
    publication.publish_at = publish_at
    publication.expire_at = expire_at
    store(session)
    log.info("page %s (%s) planned for %s to %s by %s", page_id, language, publish_at, expire_at, by.name)
    return publication


def unpublish(session: Session, *, by: Actor, page_id: int, language: str) -> None:
    """Take a page off the site; its draft, revisions and address stay. Announces PageTakenOff.

    Raises NotFound, NotAllowed.
    """
    written = get_written(session, page_id, language, lock=True)
    demand_page(session, by, written.page, May.PAGES_PUBLISH)
    publication = written.publication
    if publication is None:
        return
    seen = is_shown_now(publication, now=utc_now())
    publication.revision_id = publication.next_id = publication.publish_at = publication.expire_at = None
    store(session)
    if seen:
        announce(session, PageTakenOff(page_id, language, written.text.path, written.draft.title, by.name))
    log.info("page %s (%s) taken off by %s", page_id, language, by.name)


def do_what_is_due(session: Session, *, now: dt.datetime) -> tuple[int, int]:
    """Write down what came to be shown and what expired by then, and announce it: how many of each.

    Strangers see both at the exact moment anyway; pages that are kept for them are made anew by this.
    """
    due = session.execute(
        select(Publication, PageText)
        .join(PageText, PageText.id == Publication.text_id)
        .where(or_(Publication.publish_at <= now, Publication.expire_at <= now))
        .with_for_update(of=Publication, skip_locked=True)
    ).all()
    shown = ended = 0
    for publication, text in due:
        moment = publication.publish_at
        if publication.next_id is not None and moment is not None and moment <= now:
            revision = session.get_one(Revision, publication.next_id)
            publication.next_id = publication.publish_at = None
            _show(session, publication, revision, text=text, at=moment, by=SYSTEM)
            shown += 1
        if publication.expire_at is not None and publication.expire_at <= now:
            over = session.get(Revision, publication.revision_id or 0)
            publication.revision_id = publication.expire_at = None
            store(session)
            title = over.title if over else ""
            announce(session, PageTakenOff(text.page_id, text.language, text.path, title, SYSTEM.name))
            ended += 1
    return shown, ended


def _complete(session: Session, by: Actor, page_id: int, language: str, version: int) -> Written:
    written = get_written(session, page_id, language, lock=True)
    demand_page(session, by, written.page, May.PAGES_PUBLISH)
    if written.draft.version != version:
        raise EditConflict
    if lacks := lacking(written.draft.blocks):
        raise PageIncomplete(places_of(written.draft.blocks, lacks))
    return written


def _publication(session: Session, written: Written) -> Publication:
    if written.publication is not None:
        return written.publication
    made = Publication(text_id=written.text.id)
    session.add(made)
    store(session)
    return made


def _show(
    session: Session, publication: Publication, revision: Revision, *, text: PageText, at: dt.datetime, by: Actor
) -> None:
    publication.revision_id = revision.id
    publication.published_at = at
    publication.first_at = publication.first_at or at
    store(session)
    announce(session, PagePublished(text.page_id, text.language, text.path, revision.title, by.name))
    log.info("page %s (%s) published by %s", text.page_id, text.language, by.name)
