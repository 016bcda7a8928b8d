"""Redirects and missing addresses: lists, look-ups, and which page a missing address may have meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.blueprints.discovery.models import FOUND, GONE, LONGEST_PATH, MOVED, IndexedPage, Missing, Redirect
from webapp.blueprints.discovery.queries.words import any_of, config_of, words_of
from webapp.core.company import LANGUAGES
from webapp.core.errors import NotFound
from webapp.core.lists import Choice, Column, ListSpec, Search
from webapp.core.slugs import slug_of

KINDS = {MOVED: _l("For good (301)"), FOUND: _l("For now (302)"), GONE: _l("Gone, with nothing in its place (410)")}
ORIGINS = {"hand": _l("by hand"), "import": _l("imported"), "moved": _l("a page moved")}
COMPARED = 20_000  # paths that a missing one is compared with
PROPOSED = 5
ALIKE = 0.6
SHARED = 0.4  # of the trigrams of two slugs; pg_trgm's own limit is 0.3

REDIRECTS = ListSpec(
    name="redirects",
    source=Redirect,
    id=Redirect.id,
    columns=(
        Column("source", _l("Old address"), Redirect.source, sort_by=Redirect.source),
        Column("target", _l("Leads to"), Redirect.target),
        Column("kind", _l("Kind"), Redirect.kind, kind="choice", choices=KINDS),
        Column("hits", _l("Times used"), Redirect.hits, kind="number", sort_by=Redirect.hits),
        Column("last_hit", _l("Last time"), Redirect.last_hit, kind="date"),
        Column("origin", _l("Origin"), Redirect.origin, kind="choice", choices=ORIGINS),
    ),
    sort="source",
    filters=(Choice("origin", _l("Origin"), Redirect.origin, ORIGINS),),
    search=(Search(Redirect.source), Search(Redirect.target)),
    search_hint=_l("Part of an address"),
)

MISSING = ListSpec(
    name="missing",
    source=Missing,
    id=Missing.id,
    columns=(
        Column("path", _l("Address"), Missing.path),
        Column("count", _l("Times"), Missing.count, kind="number", sort_by=Missing.count),
        Column("last_at", _l("Last time"), Missing.last_at, kind="date", sort_by=Missing.last_at),
        Column("first_at", _l("First time"), Missing.first_at, kind="date", shown=False),
    ),
    sort="-count",
    search=(Search(Missing.path),),
    search_hint=_l("Part of an address"),
)


def plain_address(text: str) -> str:
    """An address of this site as redirects know it: a path without a slash at its end, with its query if it has one."""
    parts = urlsplit(text.strip())
    path = unquote(parts.path).rstrip("/") or "/"
    return f"{path}?{parts.query}" if parts.query else path


def find_redirect(session: Session, path: str, query: str = "") -> Redirect | None:
    """The redirect of a path, one that names the query too before one without."""
    own = plain_address(path)
    asked = [f"{own}?{query}", own] if query else [own]
    found = {
        each.source: each
        for each in session.scalars(
            select(Redirect).where(Redirect.source.in_([a for a in asked if len(a) <= LONGEST_PATH]))
        )
    }
    return next((found[each] for each in asked if each in found), None)


def get_redirect(session: Session, redirect_id: int, *, lock: bool = False) -> Redirect:
    """A redirect. Raises NotFound."""
    found = session.get(Redirect, redirect_id, with_for_update=lock or None, populate_existing=lock)
    if found is None:
        raise NotFound(_("This redirect is not there, or not any more."))
    return found


def each_redirect(session: Session) -> Iterator[tuple[str, str, int]]:
    """All redirects by their address: from, to, kind."""
    rows = session.execute(select(Redirect.source, Redirect.target, Redirect.kind).order_by(Redirect.source))
    yield from ((source, target, kind) for source, target, kind in rows)


def get_missing(session: Session, missing_id: int, *, lock: bool = False) -> Missing:
    """A missing address. Raises NotFound."""
    found = session.get(Missing, missing_id, with_for_update=lock or None, populate_existing=lock)
    if found is None:
        raise NotFound(_("This address is not on the list any more."))
    return found


def is_page(session: Session, path: str) -> bool:
    """Whether there is a page at a path."""
    return session.get(IndexedPage, path) is not None if len(path) <= LONGEST_PATH else False


def propose_pages(session: Session, path: str) -> list[tuple[str, str]]:
    """Path and title of the pages that a missing address may have meant, the likeliest first: like it, or about its words."""
    language = path.split("/")[1] if path.count("/") else ""
    wanted = select(IndexedPage.path, IndexedPage.title)
    if language in LANGUAGES:
        wanted = wanted.where(IndexedPage.language == language)
    slug = path.rstrip("/").rpartition("/")[2].partition(".")[0]
    titles: dict[str, str] = {}
    if slug:
        same_end = wanted.where(func.right(IndexedPage.path, len(slug) + 1) == f"/{slug}")
        titles |= {row.path: row.title for row in session.execute(same_end.limit(PROPOSED))}
    paths = {row.path: row.title for row in session.execute(wanted.order_by(IndexedPage.path).limit(COMPARED))}
    for found in difflib.get_close_matches(path, list(paths), n=PROPOSED, cutoff=ALIKE):
        titles.setdefault(found, paths[found])
    query = any_of(words_of(slug.replace("-", " ")))
    if query:
        asked: Any = func.to_tsquery(config_of(language), query)
        about = wanted.where(IndexedPage.search.op("@@")(asked)).order_by(
            func.ts_rank_cd(IndexedPage.search, asked).desc()
        )
        for row in session.execute(about.limit(PROPOSED)):
            titles.setdefault(row.path, row.title)
    if len(titles) < PROPOSED:  # words that say nothing ("who we are") are in no index, but slugs have them
        for found in _ends_alike(slug, paths):
            titles.setdefault(found, paths[found])
    return list(titles.items())[:PROPOSED]


def _ends_alike(slug: str, titles: Mapping[str, str]) -> list[str]:
    """The paths whose last part, or whose title, shares many groups of three letters with a slug, the likest first."""
    own = _trigrams(slug)
    alike = []
    for path, title in titles.items():
        others = (_trigrams(path.rpartition("/")[2]), _trigrams(slug_of(title)))
        likeness = max(len(own & other) / len(own | other) if own else 0.0 for other in others)
        if likeness >= SHARED:
            alike.append((-likeness, path))
    return [path for _likeness, path in sorted(alike)[:PROPOSED]]


def _trigrams(slug: str) -> set[str]:
    """As PostgreSQL's pg_trgm makes them, which embedded servers lack: of each word, with two blanks before and one after."""
    words = (f"  {word} " for word in slug.lower().split("-") if word)
    return {word[at : at + 3] for word in words for at in range(len(word) - 2)}
