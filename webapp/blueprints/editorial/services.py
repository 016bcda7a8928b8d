"""What people do with rights on branches, the answer to who may change a page, the journal, and the check of links."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from flask_babel import gettext as _
from sqlalchemy import Connection, delete, event, insert, select
from sqlalchemy.orm import Mapper, Session

from webapp.blueprints.editorial.models import BranchRight, FoundLink, JournalEntry, LinkCheck
from webapp.blueprints.editorial.permissions import EditorialPermission as May
from webapp.blueprints.editorial.queries import DEEDS, get_right, list_rights, rights_on_collection
from webapp.blueprints.media.public import MayKeep
from webapp.blueprints.website.public import (
    MayChange,
    PagePublished,
    PageTakenOff,
    PageText,
    Refusal,
    Revision,
    WebsitePermission,
)
from webapp.core.directory import directory
from webapp.core.errors import DomainError, EditConflict
from webapp.core.security import Actor, CorePermission
from webapp.core.site import PageMoved, PublicPage
from webapp.core.site_events import SiteChanged
from webapp.core.storing import store

log = logging.getLogger(__name__)
ORIGIN = "http://this.site"
KEPT_CHECKS = 100


class WhoMissing(DomainError):
    """A right is for one person or for one role."""

    status = 422
    field = "user_id"

    def __init__(self) -> None:
        super().__init__(_("Choose a person or a role, one of the two."))


class PageUnknown(DomainError):
    """No page of the tree stands at that address."""

    status = 422
    field = "path"

    def __init__(self) -> None:
        super().__init__(_("No page of the tree has this address: choose one of the list."))


class PlaceMissing(DomainError):
    """A right is on a page or on a collection of images."""

    status = 422
    field = "path"

    def __init__(self) -> None:
        super().__init__(_("Write the address of a page or a collection of images, one of the two."))


class RightTwice(DomainError):
    """They have a right on this branch already."""

    status = 422
    field = "user_id"

    def __init__(self) -> None:
        super().__init__(_("They have this right already: remove that one first."))


PROBLEMS = {"uq_editorial_rights_who": RightTwice}


# --- rights ---


def give_right(
    session: Session,
    *,
    by: Actor,
    user_id: int | None,
    role: str | None,
    deed: str,
    path: str = "",
    collection: str = "",
) -> BranchRight:
    """Let a person, or everybody with a role, write (or write and publish) below the page at `path`.

    With a `collection` instead: change its images. Raises PlaceMissing, PageUnknown, WhoMissing, RightTwice.
    """
    if bool(path) == bool(collection):
        raise PlaceMissing
    page_id = (
        session.scalar(select(PageText.page_id).where(PageText.path == (path.rstrip("/") or "/"))) if path else None
    )
    if path and page_id is None:
        raise PageUnknown
    known = {number for number, _name in directory().people()}
    if (user_id is None) == (role is None) or (user_id is not None and user_id not in known):
        raise WhoMissing
    if (role is not None and role not in directory().roles()) or deed not in DEEDS:
        raise WhoMissing
    right = BranchRight(page_id=page_id, collection=collection, user_id=user_id, role=role, deed=deed)
    session.add(right)
    store(session, PROBLEMS)
    who = role or directory().person_name(user_id or 0)
    _note(session, by.name, "rights", "created", who, path or collection)
    log.info("right %s on %s given by %s", deed, page_id or collection, by.name)
    return right


def take_right(session: Session, *, by: Actor, right_id: int, version: int) -> None:
    """Take back the right that the actor saw as `version`. Raises NotFound, EditConflict."""
    right = get_right(session, right_id, lock=True)
    if right.version != version:
        raise EditConflict
    path = session.scalar(select(PageText.path).where(PageText.page_id == right.page_id).limit(1)) or right.collection
    who = right.role or directory().person_name(right.user_id or 0)
    session.delete(right)
    store(session)
    _note(session, by.name, "rights", "deleted", who, path)
    log.info("right %s taken back by %s", right_id, by.name)


def refuse_change(session: Session, question: MayChange) -> Iterable[Refusal]:
    """Why the actor may not change the page, as far as rights on its branch say; nothing where there are none.

    Rights add up from the root downwards. Owners, and whoever decides on these rights, are never refused.
    """
    by = question.by
    rights = [] if _is_owner(by) else list_rights(session, question.branch)
    if not rights:
        return []
    wanted = ("publish",) if question.permission == WebsitePermission.PAGES_PUBLISH else ("edit", "publish")
    own = [right for right in rights if _is_for(right, by)]
    if any(right.deed in wanted for right in own):
        return []
    if own:
        return [Refusal(_("On this branch of the site you may write, and others publish."))]
    return [Refusal(_("This branch of the site is kept by others. Ask the owner for the right to write here."))]


def refuse_keeping(session: Session, question: MayKeep) -> Iterable[str]:
    """Why the actor may not change the images of a collection: rights on it were given, to others."""
    rights = [] if _is_owner(question.by) else rights_on_collection(session, question.collection)
    if not rights or any(_is_for(right, question.by) for right in rights):
        return []
    words = _(
        "The collection “%(name)s” is kept by others. Ask the owner for the right to change its images.",
        name=question.collection,
    )
    return [str(words)]


def _is_owner(by: Actor) -> bool:
    return by.everything or by.may(CorePermission.ADMIN_USE) or by.may(May.RIGHTS_MANAGE)


def _is_for(right: BranchRight, by: Actor) -> bool:
    if by.user_id is None:
        return False
    if right.user_id is not None:
        return right.user_id == by.user_id
    return any(reader.user_id == by.user_id for reader in directory().readers((), (right.role or "",)))


# --- journal ---


def note_published(session: Session, told: PagePublished) -> None:
    """Strangers see another text."""
    _note(session, told.by_name, "page", "published", told.title, told.path)


def note_taken_off(session: Session, told: PageTakenOff) -> None:
    """Strangers see a page no more; that it was deleted is told apart, as it may be one that they never saw."""
    if not told.deleted:
        _note(session, told.by_name, "page", "taken off", told.title, told.path)


def note_moved(session: Session, told: PageMoved) -> None:
    """A public page has another address."""
    _note(session, told.by_name, "page", "moved", told.old_path, told.new_path)


def note_changed(session: Session, told: SiteChanged) -> None:
    """A part of the site was changed, be it one that strangers do not see."""
    _note(session, told.by.name, told.part, told.deed, told.title, told.path)


def follow_revisions(still_open: Callable[[], bool]) -> None:
    """Note each revision that is stored, in the transaction that stores it, while the room is open."""

    @event.listens_for(Revision, "after_insert")
    def _(_mapper: Mapper[Revision], connection: Connection, revision: Revision) -> None:
        if still_open():
            path = connection.scalar(select(PageText.path).where(PageText.id == revision.text_id)) or ""
            line = {"by_name": revision.by_name, "part": "page", "deed": "saved", "title": revision.title, "path": path}
            connection.execute(insert(JournalEntry).values(**line))


def _note(session: Session, by_name: str, part: str, deed: str, title: str, path: str) -> None:  # noqa: PLR0917 - one line of the journal
    session.add(JournalEntry(by_name=by_name[:200], part=part, deed=deed, title=title[:300], path=path[:600]))


# --- links ---


@dataclass(frozen=True)
class Link:
    """A link of a page with its words."""

    target: str
    words: str


class _Links(HTMLParser):
    """Collects the links of a page's main part."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[Link] = []
        self._inside = 0
        self._target: str | None = None
        self._words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Enter the main part or a link."""
        told = dict(attrs)
        if tag == "main":
            self._inside += 1
        elif self._inside and tag == "a" and told.get("href"):
            self._target, self._words = told["href"], [told.get("aria-label") or ""]
        elif self._target is not None and tag == "img":
            self._words.append(told.get("alt") or "")

    def handle_endtag(self, tag: str) -> None:
        """Leave it."""
        if tag == "main":
            self._inside -= 1
        elif tag == "a" and self._target is not None:
            self.found.append(Link(self._target, " ".join(" ".join(self._words).split())))
            self._target = None

    def handle_data(self, data: str) -> None:
        """Words of a link."""
        if self._target is not None:
            self._words.append(data)


def links_of(html: str) -> list[Link]:
    """The links of a page's main part in their order, as they are written."""
    reader = _Links()
    reader.feed(html)
    reader.close()
    return reader.found


def judge(
    page: PublicPage, links: Iterable[Link], hosts: Sequence[str], opens: Callable[[str], bool], *, draft: bool = False
) -> list[FoundLink]:
    """The links of a page that lead nowhere here or to another site. Nothing is ever asked of another host.

    `hosts` are the names of this site; a whole address with one of them is a path of it.
    """
    found = []
    for link in links:
        try:
            parts = urlsplit(urljoin(f"{ORIGIN}{page.path}", link.target.strip()))
        except ValueError:
            found.append(_found("broken", page, link))
            continue
        if parts.scheme not in ("http", "https"):
            continue
        if f"{parts.scheme}://{parts.netloc}" != ORIGIN and (parts.hostname or "") not in hosts:
            found.append(_found("outside", page, link))
        elif not opens(parts.path or "/"):
            found.append(_found("broken", page, link))
    for each in found:
        each.draft = draft
    return found


def _found(state: str, page: PublicPage, link: Link) -> FoundLink:
    return FoundLink(
        state=state,
        path=page.path[:600],
        title=page.title[:300],
        target=link.target[:2000],
        words=link.words[:300],
        edit=page.edit[:600],
    )


def keep_findings(session: Session, found: Sequence[FoundLink], *, pages: int, links: int, failed: int) -> LinkCheck:
    """Store what a check found in place of what the last one did."""
    session.execute(delete(FoundLink))
    session.add_all(found)
    broken = sum(each.state == "broken" for each in found)
    check = LinkCheck(pages=pages, links=links, broken=broken, outside=len(found) - broken, failed=failed)
    session.add(check)
    store(session)
    session.execute(delete(LinkCheck).where(LinkCheck.id <= check.id - KEPT_CHECKS))
    return check
