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
from webapp.core.db import db
from webapp.core.site import public_pages

RUNS = 5
# what is asked for, by whom, and the milliseconds that it may take; what no open room answers is left out
ASKED = (
    ("the tree of pages", True, "/backoffice/site/pages/", 500.0),
    ("the images of the archive", True, "/backoffice/site/images/", 500.0),
    ("a search in Italian", False, "/it/cerca?q=melagrana", 500.0),
    ("a search in English", False, "/en/search?q=pomegranate", 500.0),
    ("the map for search engines", False, "/sitemap.xml", 2000.0),
    ("a page that nobody has kept", False, "", 200.0),
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
        rows = [Row("large: databases made and the demo loaded", loading, "s", said)]
        editor, stranger = signed_in(house.app), house.app.test_client()
        for name, signed, address, limit in ASKED:
            taken = _milliseconds(editor if signed else stranger, address or page)
            if taken is not None:
                rows.append(Row(f"large: {name}", taken, "ms", address or page, limit=limit))
        rows.append(_listing(house))
    return rows


def _counted() -> dict[str, int]:
    tables = {"pages": "website_pages", "texts": "website_texts", "images": "media_images"}
    session = db.session()
    return {name: session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() for name, table in tables.items()}


def _milliseconds(client: Any, address: str) -> float | None:
    """The median of an answer; None where there is nothing at the address."""
    taken = []
    for _ in range(RUNS + 1):
        begun = time.perf_counter()
        answer = client.get(address)
        answer.get_data()
        taken.append(time.perf_counter() - begun)
        if answer.status_code == 404:
            return None
        if answer.status_code != 200:
            raise SystemExit(f"{address}: {answer.status}")
    return statistics.median(taken[1:]) * 1000


def _listing(house: House) -> Row:
    """All public pages one after the other, as what builds the search and the map reads them."""
    with house.app.app_context():
        begun = time.perf_counter()
        number = sum(1 for _ in public_pages(db.session()))
        seconds = time.perf_counter() - begun
        db.session.remove()
    return Row("large: all public pages read once", seconds, "s", f"{number:,} pages", limit=10.0)
