"""A public page as it is sent: what search engines and other sites read of it, and its answers in other languages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from flask import Flask, Response, abort, current_app, request
from flask_babel import gettext

from webapp.core.i18n import offered_languages
from webapp.core.page_cache import mark_shared
from webapp.core.web import show

LONGEST_NUMBER = 5  # figures of a page's number


@dataclass(frozen=True)
class Head:
    """What the head of a public page says.

    `others` are the paths of this page by language, its own one included. `crumbs` are name and path of the pages above it
    and of itself, the start page first. `facts` are schema.org objects without their `@context`. `picture` is a path.
    `kind` is Open Graph's type. A page that is not `indexed` is kept out of search engines.
    """

    title: str
    description: str = ""
    others: Mapping[str, str] = field(default_factory=dict)
    crumbs: tuple[tuple[str, str], ...] = ()
    facts: tuple[Mapping[str, Any], ...] = ()
    picture: str = ""
    kind: str = "website"
    published: dt.datetime | None = None
    modified: dt.datetime | None = None
    indexed: bool = True


def set_up_site_pages(app: Flask) -> None:
    """Give the layout of public pages what it asks for."""
    app.jinja_env.globals.update(whole_address=whole_address, structured=structured)
    app.before_request(_refuse_unspoken)


def in_own_languages(paths: Mapping[str, str]) -> dict[str, str]:
    """The paths in the languages that the company offers, its first one first."""
    return {language: paths[language] for language in offered_languages() if language in paths}


def home_crumb(language: str) -> tuple[str, str]:
    """The start page, as the first of a page's crumbs."""
    return gettext("Home"), f"/{language}"


def asked_page(count: int, size: int) -> tuple[int, int]:
    """Which page of a list the address asks for, and how many there are of `count` entries. One that is not there: 404."""
    text, pages = request.args.get("page", "1"), max(1, -(-count // size))
    if not (text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER and 1 <= int(text) <= pages):
        abort(404)
    return int(text), pages


def share(
    template: str,
    head: Head,
    *,
    status: int = 200,
    until: dt.datetime | None = None,
    keep: bool = True,
    **context: Any,
) -> Response:
    """Answer with a page that is the same for every stranger: `template` extends `layouts/site.html` and is given `head`.

    It is kept until a row of the tables changes that rooms name in `shows`, and a minute at most. One that shows what
    appears by the clock names the moment when what it says stops to be true: `until` (UTC; see `holds_until`).
    `keep=False` is for what must run each time, such as a search whose words are noted.
    """
    offer: Callable[[str, Head], str] | None = current_app.extensions.get("bottega_page_picture")
    if offer and head.indexed and not head.picture:
        head = replace(head, picture=offer(request.path, head))
    response = show(template, status=status, head=head, **context)
    if keep and status == 200:
        mark_shared(until)
    return response


def whole_address(path: str) -> str:
    """The address of a path of this site with scheme and host."""
    return request.url_root.rstrip("/") + path


def structured(head: Head) -> dict[str, Any]:
    """The JSON-LD graph of a page: its facts and its place in the tree (schema.org BreadcrumbList)."""
    graph = [dict(each) for each in head.facts]
    if len(head.crumbs) > 1:
        places = [
            {"@type": "ListItem", "position": number, "name": name, "item": whole_address(path)}
            for number, (name, path) in enumerate(head.crumbs, start=1)
        ]
        graph.append({"@type": "BreadcrumbList", "itemListElement": places})
    return {"@context": "https://schema.org", "@graph": graph}


def _refuse_unspoken() -> None:
    """A page that `localized` opened is not there in a language that the company lacks, nor is what no database could hold."""
    rule, values = request.url_rule, request.view_args or {}
    if rule is None or "language" not in (rule.defaults or {}):
        return
    if values["language"] not in offered_languages() or any("\x00" in str(value) for value in values.values()):
        abort(404)
