"""What rooms give to the public site: kinds of blocks, the pages that can be found, and addresses in each language.

The floor knows no room: one shows pages (`website`), another finds them (`discovery`), and all of them offer what they have.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from flask import Blueprint, current_app
from flask_babel.speaklater import LazyString
from sqlalchemy.orm import Session
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import RequestRedirect

from webapp.core.company import LANGUAGES
from webapp.core.security import public

FieldKind = Literal["line", "text", "markdown", "number", "switch", "choice", "link", "image", "images", "rows"]
Values = Mapping[str, Any]
Choices = Callable[[Session, str], Iterable[tuple[str, str]]]
"""Value and label of what can be chosen now, in a language."""


@dataclass(frozen=True)
class BlockField:
    """A value of a block as the editor asks for it.

    line, text, markdown: texts of at most `most` signs. number: from `least` to `most`. choice: one value of `choices`.
    link: an address of this site (`/it/…`), a whole one, `mailto:` or `tel:`. image, images: numbers of the room `media`.
    A link that is `abroad` leads to a page of another site alone.
    rows: a list of objects with the fields of `columns`, in an order that people change.
    """

    name: str
    label: LazyString
    kind: FieldKind = "line"
    required: bool = False
    help: LazyString | None = None
    choices: Choices | None = None
    columns: tuple[BlockField, ...] = ()
    abroad: bool = False
    least: int = 0
    most: int = 300
    default: Any = None


@dataclass(frozen=True)
class BlockKind:
    """A kind of block that pages are made of.

    `context` asks what the template needs beside `values` (a mapping by field name), `language` and `number` (of the block
    on its page, for ids); it may read the database and writes nothing. `words` is what a search finds in it.
    `template` is included with these names; it brings its own heading of the second level.
    """

    name: str
    title: LazyString
    icon: str
    template: str
    fields: tuple[BlockField, ...] = ()
    context: Callable[[Session, Values, str], Mapping[str, Any]] | None = None
    words: Callable[[Values], str] | None = None
    order: int = 50


@dataclass(frozen=True)
class PublicPage:
    """A page of the public site in one language, as sitemap, search and lists of links know it.

    `path` begins with the language (`/it/…`). `others` are the paths of its translations by language. `modified` is UTC.
    `picture` is the path of an image that stands for it. `kind` is the name of the sort of page: page, article, product.
    `edit` is the path in the back office where people change what stands on it, or "": reports lead there.
    """

    path: str
    language: str
    title: str
    kind: str
    modified: dt.datetime
    description: str = ""
    text: str = ""
    picture: str = ""
    edit: str = ""
    others: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class PageDraft:
    """What is written for the public site and not shown yet. `page` is what it will be; `draw` gives what it says as HTML.

    `draw` is called in a request in the language of the page.
    """

    page: PublicPage
    draw: Callable[[], str]


Pages = Callable[[Session], Iterable[PublicPage]]
Drafts = Callable[[Session], Iterable[PageDraft]]
OpensPath = Callable[[Session, str], bool]
"""Whether a room shows a page of its own at a path now."""


@dataclass(frozen=True)
class PageMoved:
    """What was found at `old_path` is found at `new_path` from now on. Announced by the room whose page it is."""

    old_path: str
    new_path: str
    by_name: str


def block_kinds() -> dict[str, BlockKind]:
    """The kinds of blocks that the open rooms offer, by name, in their order."""
    kinds = [kind for room in current_app.extensions["rooms"] for kind in room.blocks]
    return {kind.name: kind for kind in sorted(kinds, key=lambda kind: kind.order)}


def public_pages(session: Session) -> Iterator[PublicPage]:
    """All pages of the public site, room by room."""
    for room in current_app.extensions["rooms"]:
        if room.public_pages:
            yield from room.public_pages(session)


def page_drafts(session: Session) -> Iterator[PageDraft]:
    """All that is written for the public site and not shown yet, room by room."""
    for room in current_app.extensions["rooms"]:
        if room.drafts:
            yield from room.drafts(session)


def company_facts(session: Session, language: str) -> dict[str, Any]:
    """What the open rooms know of the company, as properties of schema.org's LocalBusiness."""
    found: dict[str, Any] = {}
    for room in current_app.extensions["rooms"]:
        if room.facts:
            found |= room.facts(session, language)
    return found


def address_of_room(path: str, own: str) -> bool:
    """Whether a path of this site leads to a page of a room, `own` being the endpoint that answers where nothing else does."""
    adapter = current_app.url_map.bind("")
    try:
        return bool(adapter.match(path, method="GET")[0] != own)
    except RequestRedirect:
        return True
    except (NotFound, MethodNotAllowed) as refusal:
        return isinstance(refusal, MethodNotAllowed)


def opens_page(session: Session, path: str, others: Callable[[], Collection[str]]) -> bool:
    """Whether a public page of a room stands at that path now.

    Rooms with many pages are asked for this one; `others` are the paths of the pages of those that cannot be asked so.
    """
    rooms = current_app.extensions["rooms"]
    return any(room.opens_path(session, path) for room in rooms if room.opens_path) or path in others()


def pages_of_small_rooms(session: Session) -> Iterator[PublicPage]:
    """The pages of the rooms that are not asked for one path alone (`Room.opens_path`): there are few of them."""
    for room in current_app.extensions["rooms"]:
        if room.public_pages and not room.opens_path:
            yield from room.public_pages(session)


def localized(blueprint: Blueprint, view: Callable[..., Any], addresses: Mapping[str, str], **options: Any) -> None:
    """Open a public view under one address a language: `{"it": "/it/notizie", "en": "/en/news"}`.

    The view is given `language`, and `url_for(endpoint, language="it")` makes the address of that language.
    In a language that the company does not have it answers 404.
    """
    public(view)
    for language in LANGUAGES:
        rule = addresses[language]
        if not rule.startswith(f"/{language}"):
            raise ValueError(f"the address {rule!r} does not begin with its language, /{language}")
        blueprint.add_url_rule(rule, view_func=view, defaults={"language": language}, **options)


def office_path(endpoint: str, **values: str | int) -> str:
    """The path of a page of the back office, wherever it is asked for: in a request, or in a task that has none."""
    return current_app.url_map.bind("localhost").build(endpoint, values)
