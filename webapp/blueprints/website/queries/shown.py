"""What strangers see: the published text of a page, exact to the moment at which it is due and at which it expires."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, case, exists, func, literal, or_, select
from sqlalchemy.orm import Session

from webapp.blueprints.website.models import Blocks, Page, PageText, Publication, Revision
from webapp.blueprints.website.queries.kinds import words_of
from webapp.core.clock import utc_now
from webapp.core.site import PublicPage


@dataclass(frozen=True)
class Shown:
    """A page in one language as it is shown: published, or a draft in a preview."""

    page_id: int
    parent_id: int | None
    language: str
    path: str
    title: str
    menu_title: str
    description: str
    blocks: Blocks
    published: dt.datetime | None
    modified: dt.datetime | None
    planned: tuple[dt.datetime, ...] = ()

    def until(self, now: dt.datetime) -> dt.datetime | None:
        """The next moment at which a plan shows something else at this path; None without a plan."""
        return min((moment for moment in self.planned if moment > now), default=None)

    @property
    def short_title(self) -> str:
        """How menus and crumbs call it."""
        return self.menu_title or self.title


def find_shown(session: Session, path: str, *, now: dt.datetime) -> Shown | None:
    """What strangers see at a path at that moment, None for nothing."""
    row = session.execute(live_texts(now).where(PageText.path == path)).first()
    return _shown(row) if row else None


def opens_path(session: Session, path: str) -> bool:
    """Whether strangers see a page at a path now."""
    live = live_texts(utc_now(), PageText.path).where(PageText.path == path)
    return session.scalar(select(exists(live))) or False


def list_others(session: Session, page_id: int, *, now: dt.datetime) -> dict[str, str]:
    """The paths of a page by language, as far as strangers see it in them."""
    live = live_texts(now, PageText.language, PageText.path).where(PageText.page_id == page_id)
    return {row.language: row.path for row in session.execute(live.order_by(PageText.language.desc()))}


def list_crumbs(session: Session, page_id: int, language: str, *, now: dt.datetime) -> list[tuple[str, str]]:
    """Short title and path of the published pages above a page, the start page first."""
    up = select(Page.id, Page.parent_id, literal(0).label("height")).where(Page.id == page_id).cte(recursive=True)
    up = up.union_all(select(Page.id, Page.parent_id, up.c.height + 1).join(up, Page.id == up.c.parent_id))
    live = (
        live_texts(now, PageText.path, Revision.title, Revision.menu_title)
        .join(up, up.c.id == PageText.page_id)
        .where(PageText.language == language, up.c.height > 0)
        .order_by(up.c.height.desc())
    )
    return [(row.menu_title or row.title, row.path) for row in session.execute(live)]


def public_pages(session: Session) -> Iterator[PublicPage]:
    """All published pages, for the site's search, its map and its lists of links."""
    live = live_texts(utc_now(), Page, PageText, Revision, Publication)
    others: dict[int, dict[str, str]] = {}
    for page_id, language, path in session.execute(
        live_texts(utc_now(), PageText.page_id, PageText.language, PageText.path).order_by(PageText.language.desc())
    ):
        others.setdefault(page_id, {})[language] = path
    for row in session.execute(live.order_by(PageText.path), execution_options={"yield_per": 500}):
        shown = _shown(row)
        yield PublicPage(
            path=shown.path,
            language=shown.language,
            title=shown.title,
            kind="page",
            modified=shown.modified or utc_now(),
            description=shown.description,
            text=words_of(shown.blocks),
            others=others.get(shown.page_id, {}),
        )


def list_links(session: Session, language: str, *, most: int) -> list[tuple[str, str]]:
    """Path and title of published pages of a language, at most so many: those nearest to the start page."""
    depth = func.length(PageText.path) - func.length(func.replace(PageText.path, "/", ""))
    live = live_texts(utc_now(), PageText.path, Revision.title).where(PageText.language == language)
    return [(row.path, row.title) for row in session.execute(live.order_by(depth, PageText.path).limit(most))]


def is_shown_now(publication: Publication | None, *, now: dt.datetime) -> bool:
    """Whether strangers see the text of this publication at that moment."""
    if publication is None or (publication.expire_at is not None and publication.expire_at <= now):
        return False
    due = publication.next_id is not None and publication.publish_at is not None and publication.publish_at <= now
    return due or publication.revision_id is not None


def live_texts(now: dt.datetime, *columns: Any) -> Select[Any]:
    """The texts that strangers see at that moment, each with its page, revision and publication, or those `columns`."""
    due = and_(Publication.next_id.is_not(None), Publication.publish_at <= now)
    shown = case((due, Publication.next_id), else_=Publication.revision_id)
    return (
        select(*(columns or (Page, PageText, Revision, Publication)))
        .select_from(PageText)
        .join(Page, Page.id == PageText.page_id)
        .join(Publication, Publication.text_id == PageText.id)
        .join(Revision, Revision.id == shown)
        .where(or_(Publication.expire_at.is_(None), Publication.expire_at > now))
    )


def _shown(row: Any) -> Shown:
    page, text, revision, publication = row
    return Shown(
        page_id=page.id,
        parent_id=page.parent_id,
        language=text.language,
        path=text.path,
        title=revision.title,
        menu_title=revision.menu_title,
        description=revision.description,
        blocks=revision.blocks,
        published=publication.first_at,
        modified=publication.published_at,
        planned=tuple(moment for moment in (publication.publish_at, publication.expire_at) if moment is not None),
    )
