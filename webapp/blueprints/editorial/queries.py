"""What is asked of rights, journal and reports."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext
from sqlalchemy import case, select
from sqlalchemy.orm import Session

from webapp.blueprints.editorial.models import BranchRight, FoundLink, JournalEntry, LinkCheck
from webapp.blueprints.website.public import PageText
from webapp.core.errors import NotFound
from webapp.core.lists import Choice, Column, DateRange, ListSpec, Search, folded
from webapp.core.site import PublicPage

DEEDS = {"edit": _l("write"), "publish": _l("write and publish")}
PARTS = {
    "page": _l("Page"),
    "menu": _l("Menu"),
    "notice": _l("Notice"),
    "rights": _l("Rights"),
    "image": _l("Image"),
    "gallery": _l("Gallery"),
    "article": _l("Article"),
    "author": _l("Author"),
    "tag": _l("Tag of articles"),
    "site": _l("Site of the company"),
    "contact": _l("Contact"),
    "hours": _l("Opening hours"),
    "form": _l("Form"),
    "message": _l("Message from a form"),
    "product": _l("Product"),
    "category": _l("Category"),
    "redirect": _l("Redirect"),
    "promotion": _l("Promoted result"),
    "words": _l("Words on privacy and cookies"),
    "installed": _l("Installed site"),
    "push": _l("Push message"),
    "topic": _l("Topic of notifications"),
    "public": _l("The public site"),
}
# nouns: in a language with genders a verb's form would have to go with the part beside it
DONE = {
    "saved": lazy_pgettext("deed", "a save"),
    "published": lazy_pgettext("deed", "publication"),
    "taken off": lazy_pgettext("deed", "removal from the site"),
    "moved": lazy_pgettext("deed", "move"),
    "created": lazy_pgettext("deed", "creation"),
    "changed": lazy_pgettext("deed", "change"),
    "deleted": lazy_pgettext("deed", "deletion"),
    "ordered": lazy_pgettext("deed", "new order"),
    "sent": lazy_pgettext("deed", "sending"),
    "stopped": lazy_pgettext("deed", "stop"),
    "closed": lazy_pgettext("deed", "closing"),
    "opened": lazy_pgettext("deed", "opening"),
}
STATES = {"broken": _l("leads nowhere"), "outside": _l("another site")}
STANDS = {"public": _l("Public"), "draft": _l("Draft")}
STANDING = case((FoundLink.draft, "draft"), else_="public")
CHECK = "editorial.check_links"  # the kind of task
MONTHS = (3, 6, 12, 24)
MOST = 500

JOURNAL = ListSpec(
    name="site-journal",
    source=JournalEntry,
    id=JournalEntry.id,
    columns=(
        Column("at", _l("When"), JournalEntry.at, kind="date", sort_by=JournalEntry.at),
        Column("by_name", _l("Who"), JournalEntry.by_name, kind="person", sort_by=folded(JournalEntry.by_name)),
        Column("part", _l("What"), JournalEntry.part, kind="choice", choices=PARTS),
        Column("deed", _l("Deed"), JournalEntry.deed, kind="choice", choices=DONE),
        Column("title", _l("Title"), JournalEntry.title, sort_by=folded(JournalEntry.title)),
        Column("path", _l("Address"), JournalEntry.path),
    ),
    sort="-at",
    filters=(
        Choice("part", _l("What"), JournalEntry.part, PARTS),
        Choice("deed", _l("Deed"), JournalEntry.deed, DONE),
        DateRange(_l("From"), _l("To"), JournalEntry.at),
    ),
    search=(Search(JournalEntry.by_name), Search(JournalEntry.title), Search(JournalEntry.path)),
    search_hint=_l("Person, title or address"),
)
LINKS = ListSpec(
    name="site-links",
    source=FoundLink,
    id=FoundLink.id,
    columns=(
        Column("path", _l("Stands on"), FoundLink.path, sort_by=FoundLink.path),
        Column("words", _l("Words"), FoundLink.words),
        Column("target", _l("Leads to"), FoundLink.target, sort_by=FoundLink.target),
        Column("state", _l("State"), FoundLink.state, kind="choice", choices=STATES, sort_by=FoundLink.state),
        Column("standing", _l("Page"), STANDING, kind="choice", choices=STANDS),
        Column("title", _l("Title of the page"), FoundLink.title, shown=False),
    ),
    sort="state",
    filters=(
        Choice("state", _l("State"), FoundLink.state, STATES),
        Choice("standing", _l("Page"), STANDING, STANDS),
    ),
    search=(Search(FoundLink.path), Search(FoundLink.target), Search(FoundLink.words)),
    search_hint=_l("Page, address or words"),
)


@dataclass(frozen=True)
class OldPage:
    """A public page that nobody changed for long; `page_id` where it is one of the page tree."""

    page: PublicPage
    page_id: int | None


def list_rights(session: Session, pages: Collection[int] | None = None) -> list[BranchRight]:
    """The rights on these pages, or on all."""
    asked = select(BranchRight).order_by(BranchRight.page_id, BranchRight.id)
    return list(session.scalars(asked.where(BranchRight.page_id.in_(pages)) if pages is not None else asked))


def rights_on_collection(session: Session, collection: str) -> list[BranchRight]:
    """The rights on a collection of images."""
    return list(session.scalars(select(BranchRight).where(BranchRight.collection == collection)))


def get_right(session: Session, right_id: int, *, lock: bool = False) -> BranchRight:
    """One right. Raises NotFound."""
    right = session.get(BranchRight, right_id, with_for_update=lock or None)
    if right is None:
        raise NotFound(_("This right does not exist, or does not any more."))
    return right


def last_check(session: Session) -> LinkCheck | None:
    """The last check of the links that ended."""
    return session.scalars(select(LinkCheck).order_by(LinkCheck.id.desc()).limit(1)).first()


def get_link(session: Session, link_id: int) -> FoundLink:
    """A link that the last check found. Raises NotFound."""
    found = session.get(FoundLink, link_id)
    if found is None:
        raise NotFound(_("A later check has replaced this one: look at the list again."))
    return found


def find_page_text(session: Session, path: str) -> PageText | None:
    """The text of the page tree that stands at a path."""
    return session.scalars(select(PageText).where(PageText.path == path)).first()


def paths_of(session: Session, pages: Iterable[int]) -> dict[int, str]:
    """The path of each of these pages, in the language that comes first by its code."""
    texts = session.execute(
        select(PageText.page_id, PageText.path).where(PageText.page_id.in_(list(pages))).order_by(PageText.language)
    )
    found: dict[int, str] = {}
    for page_id, path in texts:
        found.setdefault(page_id, path)
    return found


def old_pages(session: Session, pages: Iterable[PublicPage], before: dt.datetime) -> tuple[list[OldPage], int]:
    """Public pages that were last changed before an aware moment, the oldest first: MOST at most, and how many there are."""
    old = sorted((page for page in pages if page.modified < before), key=lambda page: page.modified)
    shown = old[:MOST]
    numbers = dict(
        session.execute(
            select(PageText.path, PageText.page_id).where(PageText.path.in_([page.path for page in shown]))
        ).all()
    )
    return [OldPage(page, numbers.get(page.path)) for page in shown], len(old)
