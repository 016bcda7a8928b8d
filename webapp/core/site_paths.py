"""Which addresses of this house a stranger can open: what menus lead to and what links are checked against."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from urllib.parse import unquote, urlsplit

from flask import current_app, g, request
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from webapp.core.company import LANGUAGES
from webapp.core.i18n import offered_languages
from webapp.core.room import opened
from webapp.core.security import LOCK
from webapp.core.site import PublicPage, opens_page, pages_of_small_rooms, public_pages

OFFICE = (
    "backoffice",
    "admin",
    "api",
    "account",
    "static",
)  # what is not the public site, by the first part of its path


class SitePaths:
    """The paths of the public site as they are while one request or task looks at them."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._looked_up: dict[str, bool] = {}

    @cached_property
    def pages(self) -> Mapping[str, PublicPage]:
        """The pages that rooms list, by path."""
        return {page.path: page for page in public_pages(self._session)}

    def opens(self, target: str) -> bool:
        """Whether a stranger gets an answer at `target`, a path of this site with or without `?…` and `#…`.

        Below a language every page is one of `pages`, or stands at an address without a variable part. What a
        variable part of another address (a picture's, a public project's) leads to is not looked up.
        """
        path = plain_path(target)
        language = path.split("/")[1]
        if language in LANGUAGES and language not in offered_languages():
            return False
        try:
            rule, _arguments = current_app.url_map.bind("localhost").match(path, return_rule=True)
        except RequestRedirect as redirect:
            moved = urlsplit(redirect.new_url).path
            return moved != path and plain_path(moved) == path and self._known(path)
        except HTTPException:
            return False
        if getattr(current_app.view_functions[rule.endpoint], LOCK):
            return False
        varies = bool(rule.arguments - set(rule.defaults or ()))
        return self._stands(path) if varies and language in LANGUAGES else True

    def _stands(self, path: str) -> bool:
        if path not in self._looked_up:
            self._looked_up[path] = opens_page(self._session, path, lambda: self._few)
        return self._looked_up[path]

    @cached_property
    def _few(self) -> frozenset[str]:
        return frozenset(page.path for page in pages_of_small_rooms(self._session))

    def _known(self, path: str) -> bool:
        try:
            rule, _arguments = current_app.url_map.bind("localhost").match(f"{path}/", return_rule=True)
        except HTTPException:
            return False
        return not getattr(current_app.view_functions[rule.endpoint], LOCK)


def site_paths(session: Session) -> SitePaths:
    """The paths of the public site, looked up once a request."""
    if "site_paths" not in g:
        g.site_paths = SitePaths(session)
    paths: SitePaths = g.site_paths
    return paths


def plain_path(target: str) -> str:
    """The path of an address of this site as pages are listed by it: without `?…`, `#…` and a slash at the end."""
    return unquote(urlsplit(target).path).rstrip("/") or "/"


def on_public_site() -> bool:
    """Whether this request asks for the public site: a page of it, or an address at which there is nothing at all.

    The rooms of the public site are those that offer blocks or pages, or have tables that strangers see.
    """
    first = request.path.split("/")[1]
    if request.endpoint is None:
        return first not in OFFICE
    if getattr(current_app.view_functions.get(request.endpoint), LOCK, ("locked",)):
        return False
    return first in ("", *LANGUAGES) or request.blueprint in _site_blueprints()


def _site_blueprints() -> frozenset[str]:
    known: frozenset[str] | None = current_app.extensions.get("bottega_site_blueprints")
    if known is None:
        rooms = [room for room in opened() if room.blocks or room.public_pages or room.shows]
        known = frozenset(blueprint.name for room in rooms for blueprint in room.blueprints)
        current_app.extensions["bottega_site_blueprints"] = known
    return known
