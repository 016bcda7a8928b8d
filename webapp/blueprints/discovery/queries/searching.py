"""Searching the index of pages, and its report."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import case, cast, func, literal, select
from sqlalchemy.dialects.postgresql import REGCONFIG, distinct_on
from sqlalchemy.orm import Session

from webapp.blueprints.discovery.models import IndexedPage, Promotion, Search
from webapp.blueprints.discovery.queries.words import BEGIN, END, all_of, any_of, config_of, marked, noted, words_of

PAGE = 10
MOST_PAGES = 50
HEADLINE = f'StartSel={BEGIN}, StopSel={END}, MaxWords=32, MinWords=16, MaxFragments=2, FragmentDelimiter=" … "'
KINDS = {"page": _l("Page"), "article": _l("News"), "product": _l("Product")}


@dataclass(frozen=True)
class Found:
    """A page that was found. `snippet` is safe HTML."""

    path: str
    title: str
    snippet: str
    kind: str
    promoted: bool = False


@dataclass(frozen=True)
class Results:
    """A page of results; `total` are all there are. `loose`: nothing has all the words, these have some of them."""

    found: tuple[Found, ...]
    total: int
    page: int
    loose: bool = False

    @property
    def pages(self) -> int:
        """How many pages of results there are."""
        return min(MOST_PAGES, -(-self.total // PAGE))


def search_pages(session: Session, asked: str, *, language: str, page: int = 1) -> Results:
    """The pages of a language that have all the words, the best first; else those that have any of them.

    Titles count most, then descriptions. What is promoted for these words comes first, on the first page.
    """
    words = words_of(asked)
    page = min(max(page, 1), MOST_PAGES)
    if not words:
        return Results((), 0, page)
    promoted = _promoted(session, noted(asked), language)
    for loose, query in ((False, all_of(words)), (True, any_of(words))):
        if not query:
            continue
        results = _ask(session, query, language=language, page=page, without=promoted)
        if results.total or promoted:
            first = tuple(promoted.values()) if page == 1 else ()
            return Results(first + results.found, results.total + len(promoted), page, loose and not promoted)
    return Results((), 0, page)


def _ask(session: Session, query: str, *, language: str, page: int, without: dict[str, Found]) -> Results:
    config = cast(literal(config_of(language)), REGCONFIG)
    asked = func.to_tsquery(config, query)
    where = (IndexedPage.language == language, IndexedPage.search.op("@@")(asked), IndexedPage.path.not_in(without))
    total = session.scalar(select(func.count()).select_from(IndexedPage).where(*where)) or 0
    if not total:
        return Results((), 0, page)
    rank = func.ts_rank_cd(IndexedPage.search, asked, 1)
    best = select(IndexedPage.path, rank.label("rank")).where(*where).order_by(rank.desc(), IndexedPage.path)
    top = best.limit(PAGE).offset((page - 1) * PAGE).subquery()
    said = case((IndexedPage.body == "", IndexedPage.description), else_=IndexedPage.body)
    rows = session.execute(
        select(
            IndexedPage.path,
            IndexedPage.title,
            IndexedPage.kind,
            IndexedPage.description,
            func.ts_headline(config, said, asked, HEADLINE),
        )
        .join(top, top.c.path == IndexedPage.path)
        .order_by(top.c.rank.desc(), IndexedPage.path)
    )
    found = tuple(
        Found(path, title, marked(headline if BEGIN in headline else description or headline), kind)
        for path, title, kind, description, headline in rows
    )
    return Results(found, total, page)


def _promoted(session: Session, words: str, language: str) -> dict[str, Found]:
    rows = session.execute(
        select(IndexedPage.path, IndexedPage.title, IndexedPage.description, IndexedPage.kind)
        .join(Promotion, Promotion.path == IndexedPage.path)
        .where(Promotion.words == words, Promotion.language == language)
        .order_by(Promotion.id)
    )
    return {
        path: Found(path, title, marked(description), kind, promoted=True) for path, title, description, kind in rows
    }


def pages_like(session: Session, path: str, *, language: str, most: int = 3) -> list[tuple[str, str]]:
    """Path and title of the pages whose titles have most of the words of a path at which there is nothing, the best first.

    The words of the last part of the path count first.
    """
    words = [word for word in words_of(path) if len(word) > 2 and not word.isdecimal()]
    if not words:
        return []
    config = cast(literal(config_of(language)), REGCONFIG)
    last = set(words_of(path.rstrip("/").rpartition("/")[2]))
    asked = func.to_tsquery(config, " | ".join(f"{word}:*A" for word in words))
    best = func.to_tsquery(config, " | ".join(f"{word}:*A" for word in words if word in last))
    rank = func.ts_rank(IndexedPage.search, best), func.ts_rank(IndexedPage.search, asked)
    rows = session.execute(
        select(IndexedPage.path, IndexedPage.title)
        .where(IndexedPage.language == language, IndexedPage.search.op("@@")(asked))
        .order_by(*(each.desc() for each in rank), func.length(IndexedPage.title), IndexedPage.path)
        .limit(most)
    )
    return [(found, title) for found, title in rows]


def list_searched(session: Session, *, since: dt.date, nothing: bool, most: int = 50) -> Sequence[Any]:
    """What was searched for since a day, the most frequent first: words, language, count, found; or what found `nothing`."""
    last = func.min(Search.found) if nothing else func.max(Search.found)
    count = func.sum(Search.count)
    query = (
        select(Search.words, Search.language, count.label("count"), last.label("found"))
        .where(Search.day >= since)
        .group_by(Search.words, Search.language)
        .order_by(count.desc(), Search.words)
        .limit(most)
    )
    if nothing:
        newest = (
            select(Search.words, Search.language, Search.found)
            .ext(distinct_on(Search.words, Search.language))
            .order_by(Search.words, Search.language, Search.day.desc())
            .subquery()
        )
        query = query.join(
            newest, (newest.c.words == Search.words) & (newest.c.language == Search.language) & (newest.c.found == 0)
        )
    return session.execute(query).all()


def list_promotions(session: Session) -> Sequence[Promotion]:
    """The promoted results, by words."""
    return session.scalars(select(Promotion).order_by(Promotion.language, Promotion.words, Promotion.id)).all()


def page_choices(session: Session, *, most: int = 2000) -> list[tuple[str, str]]:
    """Path and title of pages, to choose among."""
    rows = session.execute(select(IndexedPage.path, IndexedPage.title).order_by(IndexedPage.path).limit(most))
    return [(path, title) for path, title in rows]
