"""What is asked of menus and the notice: as editors see them, and as strangers do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.blueprints.navigation.models import Item, Notice
from webapp.core.errors import NotFound
from webapp.core.site_paths import plain_path

MENUS: Mapping[str, LazyString] = {
    "main": _l("Main menu"),
    "footer": _l("Columns of the footer"),
    "legal": _l("Last line of the footer"),
}
NESTED = ("main", "footer")  # menus whose entries may have others below them
KINDS: Mapping[str, LazyString] = {
    "brand": _l("In the company's colour"),
    "info": _l("Information (blue)"),
    "good": _l("Good news (green)"),
    "warning": _l("Warning (amber)"),
}
THE_NOTICE = 1

Opens = Callable[[str], bool]
"""Whether a stranger gets an answer at a path of this site."""


@dataclass(frozen=True)
class Entry:
    """An entry of a menu as a stranger sees it. `current`: page (this one), true (one above this one) or ""."""

    label: str
    target: str
    current: str = ""
    below: tuple[Entry, ...] = ()


@dataclass
class Line:
    """An entry of a menu as its editors see it; `problems` say why strangers do not see all of it."""

    item: Item
    problems: list[str] = field(default_factory=list)
    below: list[Line] = field(default_factory=list)


def list_items(session: Session, menu: str | None = None) -> list[Item]:
    """The entries of one menu or all, in their order."""
    asked = select(Item).order_by(Item.menu, Item.position, Item.id)
    return list(session.scalars(asked.where(Item.menu == menu) if menu else asked))


def get_item(session: Session, item_id: int, *, lock: bool = False) -> Item:
    """One entry. Raises NotFound."""
    item = session.get(Item, item_id, with_for_update=lock, populate_existing=lock)
    if item is None:
        raise NotFound(_("This entry is not there (any more)."))
    return item


def find_notice(session: Session, *, lock: bool = False) -> Notice | None:
    """The notice, whether it is shown now or not."""
    return session.get(Notice, THE_NOTICE, with_for_update=lock, populate_existing=lock)


def is_shown(notice: Notice, now: dt.datetime) -> bool:
    """Whether strangers see the notice at an aware moment: from its start until just before its end."""
    return (
        notice.active
        and (notice.starts_at is None or notice.starts_at <= now)
        and (notice.ends_at is None or now < notice.ends_at)
    )


def is_inside(target: str) -> bool:
    """Whether a target is a path of this site."""
    return target.startswith("/")


def show_menu(items: Iterable[Item], language: str, *, path: str, opens: Opens) -> tuple[Entry, ...]:
    """The entries of a menu for strangers at `path`.

    Left out are hidden ones, those without a label in the language, those whose page is not public, and headings that
    have nothing below them.
    """
    items = [item for item in items if item.visible and item.label(language)]
    below: dict[int | None, list[Entry]] = {}
    for item in items:
        if item.parent_id is not None and _leads(item, language, opens):
            below.setdefault(item.parent_id, []).append(_entry(item, language, path))
    shown = []
    for item in items:
        if item.parent_id is None:
            inner = tuple(below.get(item.id, ()))
            leads = _leads(item, language, opens)
            if leads or inner:
                shown.append(_entry(item, language, path, inner, leads=leads))
    return tuple(shown)


def tell_lines(items: Iterable[Item], languages: Iterable[str], names: Mapping[str, str], opens: Opens) -> list[Line]:
    """The entries of a menu for their editors. `names` are the languages' own by code."""
    items, languages = list(items), tuple(languages)
    lines = {item.id: Line(item) for item in items}
    for item in items:
        line = lines[item.id]
        if item.parent_id in lines:
            lines[item.parent_id].below.append(line)
        line.problems += [_("%(language)s: no label, so it is not shown.", language=names[code])
                          for code in languages if not item.label(code)]  # fmt: skip
        line.problems += [
            _("%(language)s: %(path)s is no public page (any more), so it is not shown.",
              language=names[code], path=item.target(code))
            for code in languages
            if item.label(code) and is_inside(item.target(code)) and not opens(item.target(code))
        ]  # fmt: skip
    for line in lines.values():
        line.problems += [
            _("%(language)s: no page and nothing below it, so it is not shown.", language=names[code])
            for code in languages
            if line.item.label(code) and not line.item.target(code) and not line.below
        ]
    return [line for line in lines.values() if line.item.parent_id is None]


def _leads(item: Item, language: str, opens: Opens) -> bool:
    target = item.target(language)
    return bool(target) and (not is_inside(target) or opens(target))


def _entry(item: Item, language: str, path: str, below: tuple[Entry, ...] = (), *, leads: bool = True) -> Entry:
    target = item.target(language) if leads else ""
    current = ""
    if is_inside(target):
        own = plain_path(target)
        if own == plain_path(path):
            current = "page"
        elif own.count("/") > 1 and path.startswith(f"{own}/"):
            current = "true"
    if not current and any(each.current for each in below):
        current = "true"
    return Entry(item.label(language), target, current, below)
