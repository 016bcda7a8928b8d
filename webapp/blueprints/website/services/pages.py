"""The tree of pages: creating, moving, addressing and deleting them; who may do so on which branch."""

from __future__ import annotations

import copy
import logging
import re
import unicodedata
from collections.abc import Sequence
from typing import Literal

from flask_babel import gettext as _
from sqlalchemy import delete, func, or_, select
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.orm import Session

from webapp.blueprints.website.events import PageTakenOff
from webapp.blueprints.website.models import HOME, PAGE, PATH, SLUG, TITLE, Blocks, Draft, Page, PageText, Publication
from webapp.blueprints.website.permissions import WebsitePermission as May
from webapp.blueprints.website.ports import MayChange, refusals
from webapp.blueprints.website.queries.pages import (
    branch_of,
    find_home,
    find_text,
    find_written,
    get_page,
    get_written,
    list_siblings,
    subtree_of,
)
from webapp.blueprints.website.queries.shown import is_shown_now
from webapp.blueprints.website.services.problems import (
    AddressTaken,
    AddressTooLong,
    AddressWrong,
    CannotMoveThere,
    HasPagesBelow,
    HomeStays,
)
from webapp.core.clock import utc_now
from webapp.core.company import get_company
from webapp.core.errors import DomainError, EditConflict, NotAllowed
from webapp.core.events import announce
from webapp.core.security import Actor
from webapp.core.site import PageMoved, address_of_room
from webapp.core.site_events import tell_of_change
from webapp.core.storing import store

log = logging.getLogger(__name__)
Direction = Literal["up", "down", "in", "out"]
SLUG_FORM = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
TWICE = {
    "uq_website_texts_path": lambda: AddressTaken("…"),
    "uq_website_pages_home": HomeStays,
    "uq_website_texts_page_id_language": EditConflict,
}
MOST_TWINS = 50  # below a word that is another part's, no number helps
CATCH_ALL = "website.page"


class TitleMissing(DomainError):
    """A page has a title."""

    status = 422
    field = "title"

    def __init__(self) -> None:
        super().__init__(_("Give the page a title of at most %(count)s characters.", count=TITLE))


def may_edit(session: Session, by: Actor, page: Page, permission: str = May.PAGES_EDIT) -> bool:
    """Whether the actor has the permission on this page: by their rights, unless another room minds."""
    return by.may(permission) and not refusals(session, MayChange(by, permission, branch_of(session, page.id)))


def demand_page(session: Session, by: Actor, page: Page, permission: str = May.PAGES_EDIT) -> None:
    """Raise NotAllowed unless the actor has the permission on this page, in the words of the room that minds."""
    _demand(session, by, branch_of(session, page.id), permission)


def _demand(session: Session, by: Actor, branch: tuple[int, ...], permission: str) -> None:
    if not by.may(permission):
        raise NotAllowed(_("You may not do this with pages of the site."))
    if against := refusals(session, MayChange(by, permission, branch)):
        raise NotAllowed(against[0].sentence)


def slug_of(title: str) -> str:
    """A title as a part of an address: small letters without accents, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    plain = re.sub(r"[^a-z0-9]+", "-", plain.replace("'", "-")).strip("-")
    return plain[:SLUG].strip("-") or "page"


def create_page(
    session: Session, *, by: Actor, parent_id: int | None, language: str, title: str, copy_of: int | None = None
) -> Page:
    """A new page at the end of those below `parent_id`, its text begun in one language; the first of all is the start page.

    With `copy_of` its draft says what that page's draft in the same language says.

    Raises NotFound, NotAllowed, TitleMissing, AddressTooLong.
    """
    home = find_home(session)
    if home is None or parent_id is None:
        if home is not None:
            raise HomeStays
        if not by.may(May.PAGES_EDIT):
            raise NotAllowed(_("You may not do this with pages of the site."))
        page = Page(kind=HOME)
    else:
        above = get_page(session, parent_id, lock=True)
        demand_page(session, by, above)
        last = max((each.position for each in list_siblings(session, parent_id)), default=-1)
        page = Page(kind=PAGE, parent_id=parent_id, position=last + 1)
    session.add(page)
    store(session, TWICE)
    source = find_written(session, copy_of, language) if copy_of is not None else None
    blocks = copy.deepcopy(source.draft.blocks) if source else []
    text = begin_text(session, by=by, page=page, language=language, title=title, blocks=blocks)
    tell_of_change(session, by=by, part="page", deed="created", title=title, path=text.path)
    log.info("page %s created by %s", page.id, by.name)
    return page


def begin_text(
    session: Session, *, by: Actor, page: Page, language: str, title: str, blocks: Blocks, slug: str = ""
) -> PageText:
    """Begin a page in a language, with an address made of its title where none is given.

    Raises NotAllowed, TitleMissing, AddressWrong, AddressTaken (of a given one), AddressTooLong, EditConflict.
    """
    demand_page(session, by, page)
    title = " ".join(title.replace("\x00", "").split())
    if not 1 <= len(title) <= TITLE:
        raise TitleMissing
    if find_text(session, page.id, language):
        raise EditConflict
    above = _path_above(session, page, language)
    wanted = "" if page.kind == HOME else slug or slug_of(title)
    if slug:
        _check_slug(slug)
    number, path = 1, _path(above, wanted, page)
    while page.kind != HOME and _taken(session, path, but=None):
        if slug or number == MOST_TWINS:
            raise AddressTaken(path)
        number += 1
        path = _path(above, f"{wanted[: SLUG - 5]}-{number}", page)
    text = PageText(page_id=page.id, language=language, slug=path.rpartition("/")[2] if wanted else "", path=path)
    session.add(text)
    store(session, TWICE)
    session.add(Draft(text_id=text.id, title=title, blocks=blocks, saved_by=by.name))
    store(session, TWICE)
    rebuild_paths(session, by, page)
    return text


def change_address(session: Session, *, by: Actor, page_id: int, language: str, slug: str) -> PageText:
    """Give a page another last word of its address; pages below it follow. Announces PageMoved for what strangers see.

    Raises NotFound, NotAllowed, HomeStays, AddressWrong, AddressTaken, AddressTooLong.
    """
    written = get_written(session, page_id, language, lock=True)
    demand_page(session, by, written.page)
    if written.page.kind == HOME:
        raise HomeStays
    _demand_branch(session, by, subtree_of(session, page_id))
    slug = slug.strip().strip("/")
    _check_slug(slug)
    path = _path(_path_above(session, written.page, language), slug, written.page)
    if _taken(session, path, but=written.text.id):
        raise AddressTaken(path)
    before, written.text.slug = written.text.slug, slug
    if not rebuild_paths(session, by, written.page) and slug != before:
        tell_of_change(session, by=by, part="page", deed="moved", title=written.draft.title, path=path)
    log.info("page %s has the address %s, by %s", page_id, path, by.name)
    return written.text


def move_page(session: Session, *, by: Actor, page_id: int, direction: Direction) -> Page:
    """Move a page a step up or down among its siblings, into the one above it, or out beside its parent.

    A step that leads nowhere changes nothing. Raises NotFound, NotAllowed, HomeStays, AddressTaken.
    """
    _one_at_a_time(session)
    page = get_page(session, page_id, lock=True)
    if page.parent_id is None:
        raise HomeStays
    siblings = list_siblings(session, page.parent_id)
    place = siblings.index(page)
    if direction in ("up", "down"):
        other = place + (-1 if direction == "up" else 1)
        if 0 <= other < len(siblings):
            siblings.insert(other, siblings.pop(place))
            arrange_pages(session, by=by, order=[each.id for each in siblings])
        return page
    if direction == "in":
        return put_page(session, by=by, page_id=page_id, parent_id=siblings[place - 1].id) if place else page
    above = get_page(session, page.parent_id)
    if above.parent_id is None:
        return page
    order = [each.id for each in list_siblings(session, above.parent_id)]
    order.insert(order.index(above.id) + 1, page_id)
    return put_page(session, by=by, page_id=page_id, parent_id=above.parent_id, order=order)


def put_page(session: Session, *, by: Actor, page_id: int, parent_id: int, order: Sequence[int] = ()) -> Page:
    """Put a page at the end of those below another, or into this order; its addresses follow. Announces PageMoved.

    Raises NotFound, NotAllowed, HomeStays, CannotMoveThere, AddressTaken, AddressTooLong.
    """
    _one_at_a_time(session)
    page, above = get_page(session, page_id, lock=True), get_page(session, parent_id)
    if page.kind == HOME:
        raise HomeStays
    public = _demand_branch(session, by, subtree_of(session, page.id))
    demand_page(session, by, above, May.PAGES_PUBLISH if public else May.PAGES_EDIT)  # nobody publishes by moving
    if page.id in branch_of(session, above.id):
        raise CannotMoveThere
    page.position = max((each.position for each in list_siblings(session, parent_id)), default=-1) + 1
    page.parent_id = parent_id
    store(session, TWICE)
    if not rebuild_paths(session, by, page):
        _tell(session, by, "moved", [page_id])
    _arrange(session, by, order)
    log.info("page %s moved below %s by %s", page_id, parent_id, by.name)
    return page


def arrange_pages(session: Session, *, by: Actor, order: Sequence[int]) -> None:
    """Put pages in this order, each among those beside it: together, from where the first of them stood on.

    Those not named keep their places before and behind. Raises NotFound, NotAllowed.
    """
    _one_at_a_time(session)
    _tell(session, by, "ordered", _arrange(session, by, order))


def _arrange(session: Session, by: Actor, order: Sequence[int]) -> list[int]:
    """The same, telling nobody; the pages below which something stands elsewhere now."""
    changed = []
    wanted = {number: place for place, number in enumerate(order)}
    parents = session.scalars(select(Page.parent_id).where(Page.id.in_(wanted), Page.parent_id.is_not(None)).distinct())
    for parent_id in sorted(number for number in parents if number is not None):
        siblings = list_siblings(session, parent_id)
        first = next(place for place, each in enumerate(siblings) if each.id in wanted)
        named = sorted((each for each in siblings if each.id in wanted), key=lambda each: wanted[each.id])
        behind = [each for each in siblings[first:] if each.id not in wanted]
        sorted_anew = [*siblings[:first], *named, *behind]
        if sorted_anew == siblings:
            continue
        demand_page(session, by, get_page(session, parent_id, lock=True))
        for place, page in enumerate(sorted_anew):
            page.position = place
        changed.append(parent_id)
    store(session)
    return changed


def _tell(session: Session, by: Actor, deed: str, numbers: Sequence[int]) -> None:
    """Tell of these pages at once, as the company's first language calls them, with the address of the first."""
    preferred = func.array_position(array(get_company(session).language_codes), PageText.language)
    asked = select(PageText.page_id, Draft.title, PageText.path).join(Draft, Draft.text_id == PageText.id)
    texts = session.execute(asked.where(PageText.page_id.in_(numbers)).order_by(preferred.desc().nulls_first()))
    found = {text.page_id: text for text in texts}  # the last one of a page stays
    if lines := [found[number] for number in numbers if number in found]:
        title = ", ".join(line.title for line in lines)
        tell_of_change(session, by=by, part="page", deed=deed, title=title, path=lines[0].path)


def delete_page(session: Session, *, by: Actor, page_id: int, version: int, with_below: bool) -> None:
    """Delete a page in all languages, and those below it if `with_below`. Announces PageTakenOff for what strangers saw.

    Raises NotFound, NotAllowed, HomeStays, EditConflict, HasPagesBelow.
    """
    page = get_page(session, page_id, lock=True)
    demand_page(session, by, page)
    if page.version != version:
        raise EditConflict
    numbers = subtree_of(session, page_id)
    if page.kind == HOME and len(numbers) > 1:
        raise HomeStays
    if len(numbers) > 1 and not with_below:
        raise HasPagesBelow(len(numbers) - 1)
    texts = select(PageText.id).where(PageText.page_id.in_(numbers))
    drafts = session.execute(select(Draft.text_id, Draft.title).where(Draft.text_id.in_(texts)))
    titles = {draft.text_id: draft.title for draft in drafts}
    for text, publication in _demand_branch(session, by, numbers):
        if is_shown_now(publication, now=utc_now()):
            title = titles[text.id]
            announce(session, PageTakenOff(text.page_id, text.language, text.path, title, by.name, deleted=True))
    _tell(session, by, "deleted", numbers)
    session.execute(delete(Publication).where(Publication.text_id.in_(texts)))
    session.execute(delete(Page).where(Page.id.in_(numbers)))
    session.expire_all()
    log.info("pages %s deleted by %s", numbers, by.name)


def _demand_branch(session: Session, by: Actor, numbers: Sequence[int]) -> Sequence[tuple[PageText, Publication]]:
    """What strangers see of these pages, or will by a plan.

    Raises NotAllowed unless the actor may change all of them, and publish those that are published.
    """
    coming = or_(Publication.revision_id.is_not(None), Publication.next_id.is_not(None))
    texts = select(PageText, Publication).join(Publication, Publication.text_id == PageText.id)
    found = session.execute(texts.where(PageText.page_id.in_(numbers), coming))
    published = [(text, publication) for text, publication in found]
    if published and not by.may(May.PAGES_PUBLISH):
        raise NotAllowed(_("Strangers see this page, or one below it: only who may publish may do this."))
    public = {text.page_id for text, _publication in published}
    rows = session.execute(select(Page.id, Page.parent_id).where(Page.id.in_(numbers)))
    parents = {row.id: row.parent_id for row in rows}
    branches = {parents[numbers[0]]: branch_of(session, numbers[0])[1:]}
    for number in numbers:  # each after the one above it; a page below may be kept for others
        branches[number] = (number, *branches[parents[number]])
        _demand(session, by, branches[number], May.PAGES_PUBLISH if number in public else May.PAGES_EDIT)
    return published


def rebuild_paths(session: Session, by: Actor, page: Page) -> bool:
    """Make the addresses of a page and of all below it what the tree says. Announces PageMoved for what strangers see.

    A page lies below the next one above it that has a text in its language. Returns whether strangers see one of them.
    Raises AddressTaken, AddressTooLong.
    """
    seen = False
    numbers = subtree_of(session, page.id)
    pages = {each.id: each for each in session.scalars(select(Page).where(Page.id.in_(numbers)))}
    rows = session.execute(
        select(PageText, Publication)
        .outerjoin(Publication, Publication.text_id == PageText.id)
        .where(PageText.page_id.in_(numbers))
    ).all()
    texts = {(text.page_id, text.language): (text, publication) for text, publication in rows}
    for language in {language for _page, language in texts}:
        above: dict[int, str] = {}  # the address that pages below a page begin with
        for number in numbers:  # each after the one above it
            each = pages[number]
            base = above.get(each.parent_id or 0) or _path_above(session, each, language)
            found = texts.get((number, language))
            above[number] = _path(base, found[0].slug, each) if found else base
            if found and found[0].path != above[number]:
                seen |= _readdress(session, by, *found, above[number])
    store(session, TWICE)
    return seen


def _one_at_a_time(session: Session) -> None:
    """Until the end nobody else moves pages: two at once could put each of two pages below the other."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended("website tree", 0))))


def _readdress(session: Session, by: Actor, text: PageText, publication: Publication | None, path: str) -> bool:
    if _taken(session, path, but=text.id):
        raise AddressTaken(path)
    old, text.path = text.path, path
    seen = is_shown_now(publication, now=utc_now())
    if seen:
        announce(session, PageMoved(old, path, by.name))
    return seen


def _check_slug(slug: str) -> None:
    if len(slug) > SLUG or not SLUG_FORM.fullmatch(slug):
        raise AddressWrong


def _path_above(session: Session, page: Page, language: str) -> str:
    """The address that the page's own begins with: of the next page above it that has a text in that language."""
    for number in branch_of(session, page.id)[1:]:
        if text := find_text(session, number, language):
            return text.path
    return f"/{language}"


def _path(above: str, slug: str, page: Page) -> str:
    path = above if page.kind == HOME else f"{above}/{slug}"
    if len(path) > PATH:
        raise AddressTooLong
    return path


def _taken(session: Session, path: str, *, but: int | None) -> bool:
    """Whether another page, or a page of a room, has this address."""
    other = session.scalar(select(PageText.id).where(PageText.path == path))
    return (other is not None and other != but) or address_of_room(path, CATCH_ALL)
