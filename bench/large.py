"""A large site: 10,000 pages and 50,000 images. What editors and visitors ask for stays fast."""

from __future__ import annotations

import statistics
import time
from typing import Any

from sqlalchemy import text

from bench.context import Context
from bench.dashboard import signed_in
from bench.house import House, open_house
from bench.rows import Row
from webapp.blueprints.discovery.services.indexing import refresh_index
from webapp.core.db import db, transaction
from webapp.core.site import public_pages

RUNS = 5
# what is asked for, by whom, the milliseconds that it may take, and words that show that the answer is not an empty one
ASKED = (
    ("the tree of pages", True, "/backoffice/site/pages/", 500.0, "/backoffice/site/pages/1"),
    ("the images of the archive", True, "/backoffice/site/images/", 500.0, "/media/"),
    ("a search in Italian", False, "/it/cerca?q=melagrana", 500.0, "search-pages"),
    ("a search in English", False, "/en/search?q=pomegranate", 500.0, "search-pages"),
    ("the index of the sitemap", False, "/sitemap.xml", 500.0, "/sitemap-5.xml"),
    ("5,000 addresses of the sitemap", False, "/sitemap-1.xml", 2000.0, "<lastmod>"),
    ("a page that nobody has kept", False, "", 200.0, "<h1"),
)


def measure(context: Context) -> list[Row]:
    """Each the median of a few, in this process, nothing kept."""
    begun = time.perf_counter()
    with open_house(context, "--size", "large", PAGE_CACHE_MEGABYTES="0") as house:
        loading = time.perf_counter() - begun
        with house.app.app_context():
            page = next(each.path for each in public_pages(db.session()) if each.path.count("/") == 3)
            said = ", ".join(f"{number:,} {name}" for name, number in _counted().items())
            db.session.remove()
        rows = [Row("large: databases made and the demo loaded", loading, "s", said), _index(house)]
        editor, stranger = signed_in(house.app), house.app.test_client()
        for name, signed, address, limit, holds in ASKED:
            taken = _milliseconds(editor if signed else stranger, address or page, holds)
            rows.append(Row(f"large: {name}", taken, "ms", address or page, limit=limit))
    return rows


def _counted() -> dict[str, int]:
    tables = {"pages": "website_pages", "texts": "website_texts", "images": "media_images"}
    session = db.session()
    return {name: session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() for name, table in tables.items()}


def _milliseconds(client: Any, address: str, holds: str) -> float:
    """The median of an answer that must hold these words."""
    taken = []
    for _ in range(RUNS + 1):
        begun = time.perf_counter()
        answer = client.get(address)
        body = answer.get_data(as_text=True)
        taken.append(time.perf_counter() - begun)
        if answer.status_code != 200 or holds not in body:
            raise SystemExit(f"{address}: {answer.status}, without {holds}")
    return statistics.median(taken[1:]) * 1000


def _index(house: House) -> Row:
    """The index that search and sitemap ask, made for the first time of all public pages."""
    with house.app.app_context():
        begun = time.perf_counter()
        with transaction() as session:
            made = refresh_index(session) or {}
        seconds = time.perf_counter() - begun
        db.session.remove()
    return Row("large: the index of search and sitemap made", seconds, "s", f"{made['pages']:,} pages", limit=60.0)
