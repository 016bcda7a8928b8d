"""What people do with menus and the notice: write entries, put them in order, hide them, tell something above every page."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.blueprints.navigation.models import Item, Notice
from webapp.blueprints.navigation.queries import MENUS, NESTED, THE_NOTICE, find_notice, get_item, is_inside, list_items
from webapp.core.errors import DomainError, EditConflict, FieldProblems
from webapp.core.events import announce
from webapp.core.security import Actor
from webapp.core.site_events import SiteChanged
from webapp.core.site_paths import SitePaths, plain_path
from webapp.core.storing import store

log = logging.getLogger(__name__)
MOST = 60  # entries of a menu: they are part of every page
SCHEMES = ("https://", "http://", "mailto:", "tel:")


class MenuFull(DomainError):
    """The menu has as many entries as a page can bear."""

    status = 422

    def __init__(self) -> None:
        super().__init__(_("A menu holds at most %(most)s entries: it is part of every page.", most=MOST))


class ParentWrong(DomainError):
    """The entry cannot stand below that one."""

    status = 422
    field = "parent_id"

    def __init__(self) -> None:
        super().__init__(
            _("Choose an entry of the first level of this menu; one that has entries below it stays there itself.")
        )


class NoticeWithoutWords(DomainError):
    """A notice that is on says something in the company's first language."""

    status = 422

    def __init__(self, language: str) -> None:
        self.field = f"text_{language}"
        super().__init__(_("Write what the notice says, or turn it off."))


class NoticeEndsFirst(DomainError):
    """The end of the notice is not after its start."""

    status = 422
    field = "ends_at"

    def __init__(self) -> None:
        super().__init__(_("The end must be after the start."))


def create_item(
    session: Session, *, by: Actor, menu: str, values: Mapping[str, Any], languages: Sequence[str], paths: SitePaths
) -> Item:
    """A new entry at the end of its menu. Raises FieldProblems, ParentWrong, MenuFull."""
    if (session.scalar(select(func.count()).where(Item.menu == menu)) or 0) >= MOST:
        raise MenuFull
    item = Item(menu=menu)
    _write(session, item, values, languages, paths)
    item.position = (session.scalar(select(func.max(Item.position)).where(Item.menu == menu)) or 0) + 1
    session.add(item)
    store(session)
    announce(session, SiteChanged(by, "menu", "created", item.name))
    log.info("menu entry %s created by %s", item.id, by.name)
    return item


def update_item(
    session: Session,
    *,
    by: Actor,
    item_id: int,
    version: int,
    values: Mapping[str, Any],
    languages: Sequence[str],
    paths: SitePaths,
) -> Item:
    """Change the entry that the actor saw as `version`. Raises NotFound, EditConflict, FieldProblems, ParentWrong."""
    item = get_item(session, item_id, lock=True)
    if item.version != version:
        raise EditConflict
    _write(session, item, values, languages, paths)
    store(session)
    announce(session, SiteChanged(by, "menu", "changed", item.name))
    log.info("menu entry %s changed by %s", item.id, by.name)
    return item


def delete_item(session: Session, *, by: Actor, item_id: int, version: int) -> None:
    """Delete the entry that the actor saw as `version`, with all below it. Raises NotFound, EditConflict."""
    item = get_item(session, item_id, lock=True)
    if item.version != version:
        raise EditConflict
    session.delete(item)
    store(session)
    announce(session, SiteChanged(by, "menu", "deleted", item.name))
    log.info("menu entry %s deleted by %s", item_id, by.name)


def show_item(session: Session, *, by: Actor, item_id: int, visible: bool) -> Item:
    """Show an entry to strangers, or hide it with all below it. Raises NotFound."""
    item = get_item(session, item_id, lock=True)
    item.visible = visible
    store(session)
    announce(session, SiteChanged(by, "menu", "changed", item.name))
    log.info("menu entry %s %s by %s", item_id, "shown" if visible else "hidden", by.name)
    return item


def order_items(session: Session, *, by: Actor, menu: str, order: Sequence[int]) -> None:
    """Put the entries of a menu in the order of their numbers; those that it does not name come after them as they were."""
    places = {number: place for place, number in enumerate(dict.fromkeys(order))}
    items = sorted(list_items(session, menu), key=lambda item: places.get(item.id, len(places)))
    for place, item in enumerate(items, start=1):
        item.position = place
    store(session)
    announce(session, SiteChanged(by, "menu", "ordered", str(MENUS[menu])))
    log.info("menu %s put in order by %s", menu, by.name)


def move_item(session: Session, *, by: Actor, item_id: int, step: Literal[-1, 1]) -> Item:
    """Move an entry by one place, up (-1) or down (1), among those beside it; at the end it stays. Raises NotFound."""
    item = get_item(session, item_id)
    items = list_items(session, item.menu)
    beside = [each for each in items if each.parent_id == item.parent_id]
    here = beside.index(item)
    there = here + step
    if 0 <= there < len(beside):
        beside[here], beside[there] = beside[there], beside[here]
        others = [each.id for each in items if each.parent_id != item.parent_id]
        order_items(session, by=by, menu=item.menu, order=[each.id for each in beside] + others)
    return item


def save_notice(
    session: Session, *, by: Actor, version: int, values: Mapping[str, Any], languages: Sequence[str]
) -> Notice:
    """Store the notice that the actor saw as `version` (0: there was none).

    Raises EditConflict, FieldProblems, NoticeWithoutWords, NoticeEndsFirst.
    """
    notice = find_notice(session, lock=True)
    if version != (notice.version if notice else 0):
        raise EditConflict
    problems = {}
    for code in languages:
        if problem := problem_of(values.get(f"link_{code}", "")):
            problems[f"link_{code}"] = problem
        elif bool(values.get(f"link_{code}")) != bool(values.get(f"link_label_{code}")):
            problems[f"link_label_{code}"] = _("A link needs both, words and a page.")
    if problems:
        raise FieldProblems(problems)
    if values["active"] and not values.get(f"text_{languages[0]}"):
        raise NoticeWithoutWords(languages[0])
    if values["starts_at"] and values["ends_at"] and values["starts_at"] >= values["ends_at"]:
        raise NoticeEndsFirst
    if notice is None:
        notice = Notice(id=THE_NOTICE)
        session.add(notice)
    for name, value in values.items():
        setattr(notice, name, value)
    store(session, {"pk_navigation_notices": EditConflict})
    announce(session, SiteChanged(by, "notice", "changed", notice.text_it or notice.text_en))
    log.info("notice saved by %s", by.name)
    return notice


def problem_of(target: str) -> str | None:
    """What is wrong with the target of a link; None when it is a path of this site, a whole address, or none at all."""
    if not target:
        return None
    inside = is_inside(target) and not target.startswith("//")
    odd = "\\" in target or re.search(r"[\s\x00-\x1f\x7f]", target)
    if odd or not (inside or target.lower().startswith(SCHEMES)) or target.lower() in SCHEMES:
        return str(
            _(
                "Choose a page of this site, such as /it, or write a whole address that begins with https://, mailto: or tel:."
            )
        )
    return None


def _write(session: Session, item: Item, values: Mapping[str, Any], languages: Sequence[str], paths: SitePaths) -> None:
    """Set the checked values; where one language names a page, the other gets its translation unless it says something."""
    values = dict(values)
    problems = {f"target_{code}": problem for code in languages if (problem := problem_of(values[f"target_{code}"]))}
    if not any(values[f"label_{code}"] for code in languages):
        problems[f"label_{languages[0]}"] = _("Write what the entry is called.")
    if problems:
        raise FieldProblems(problems)
    parent_id = values.pop("parent_id", None)
    if parent_id is not None:
        parent = session.get(Item, parent_id)
        has_own = item in session and session.scalar(select(Item.id).where(Item.parent_id == item.id).limit(1))
        fits = parent is not None and parent.menu == item.menu and parent.parent_id is None and parent is not item
        if not fits or has_own or item.menu not in NESTED:
            raise ParentWrong
    item.parent_id = parent_id
    for code in languages:
        page = paths.pages.get(plain_path(values[f"target_{code}"])) if is_inside(values[f"target_{code}"]) else None
        for other, path in (page.others if page else {}).items():
            if other in languages and not values[f"target_{other}"]:
                values[f"target_{other}"] = path
    for name, value in values.items():
        setattr(item, name, value)
