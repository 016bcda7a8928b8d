"""The sitemap: all pages of the index by path, in parts of at most 5,000, with their languages and dates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape, quoteattr

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.blueprints.discovery.models import IndexedPage
from webapp.core.company import get_company

PART = 5000
OPENING = '<?xml version="1.0" encoding="UTF-8"?>\n'
SCHEMA = "http://www.sitemaps.org/schemas/sitemap/0.9"


def count_parts(session: Session) -> tuple[int, dt.datetime | None]:
    """How many parts there are (one at least), and when a page changed last."""
    languages = get_company(session).language_codes
    query = select(func.count(), func.max(IndexedPage.modified)).where(IndexedPage.language.in_(languages))
    count, modified = session.execute(query).one()
    return max(1, -(-count // PART)), modified


def index_xml(parts: Sequence[str], modified: dt.datetime | None) -> str:
    """The index of the parts, whose whole addresses are given."""
    when = f"<lastmod>{when_of(modified)}</lastmod>" if modified else ""
    rows = "".join(f"<sitemap><loc>{escape(part)}</loc>{when}</sitemap>\n" for part in parts)
    return f'{OPENING}<sitemapindex xmlns="{SCHEMA}">\n{rows}</sitemapindex>\n'


def part_xml(session: Session, number: int, root: str) -> Iterator[bytes]:
    """A part, from 1, piece by piece; `root` is the scheme and host that paths follow."""
    languages = get_company(session).language_codes
    yield f'{OPENING}<urlset xmlns="{SCHEMA}" xmlns:xhtml="http://www.w3.org/1999/xhtml">\n'.encode()
    query = (
        select(IndexedPage.path, IndexedPage.modified, IndexedPage.others)
        .where(IndexedPage.language.in_(languages))
        .order_by(IndexedPage.path)
        .limit(PART)
        .offset((number - 1) * PART)
    )
    for rows in session.execute(query).partitions(500):
        yield "".join(_entry(root, path, modified, others, languages) for path, modified, others in rows).encode()
    yield b"</urlset>\n"


def when_of(moment: dt.datetime) -> str:
    """A moment as sitemaps write it, in UTC."""
    return moment.astimezone(dt.UTC).isoformat(timespec="seconds")


def _entry(root: str, path: str, modified: dt.datetime, others: dict[str, str], languages: tuple[str, ...]) -> str:
    links = [(language, others[language]) for language in languages if language in others]
    if len(links) > 1:
        links.append(("x-default", links[0][1]))
        told = "".join(
            f'<xhtml:link rel="alternate" hreflang="{language}" href={quoteattr(root + each)}/>'
            for language, each in links
        )
    else:
        told = ""
    return f"<url><loc>{escape(root + path)}</loc><lastmod>{when_of(modified)}</lastmod>{told}</url>\n"
