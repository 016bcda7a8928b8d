"""The deepest page of each list, and the filters that the dashboard drills into, as server time."""

from __future__ import annotations

import time

from flask.testing import FlaskClient
from sqlalchemy import text

from bench.context import Context
from bench.rows import Row
from webapp.core.db import db
from webapp.core.security import SYSTEM, Actor

LIMIT = 50.0
RUNS = 5
PAGES = (
    ("customers, deepest page", "/backoffice/customers/?at=last"),
    ("products, deepest page", "/backoffice/products/?at=last"),
    ("products by price, deepest page", "/backoffice/products/?sort=price&at=last"),
    ("orders, first page", "/backoffice/orders/"),
    ("orders, deepest page", "/backoffice/orders/?at=last"),
    ("orders by amount, deepest page", "/backoffice/orders/?sort=net&at=last"),
    ("orders by number, deepest page", "/backoffice/orders/?sort=number&at=last"),
    ("orders of a product, deepest page", "/backoffice/orders/?product=85123A&at=last"),
    ("orders of a country and weekday, deepest page", "/backoffice/orders/?country=France&weekday=2&at=last"),
    ("orders searched by name, nothing found", "/backoffice/orders/?q=nobody"),
)


def measure(context: Context) -> list[Row]:
    """The best of some runs of each page, whole page rendered, in milliseconds; signing in is not part of it."""
    with db.engines[None].connect() as connection:
        connection.execute(text("ANALYZE"))
        connection.commit()
    known = context.app.extensions.get("bottega_actor")
    context.app.extensions["bottega_actor"] = lambda: Actor(SYSTEM.name, user_id=0, everything=True)
    try:
        client = context.app.test_client()
        return [Row(name, _best(client, url), "ms", "50 ms of server time", limit=LIMIT) for name, url in PAGES]
    finally:
        context.app.extensions["bottega_actor"] = known


def _best(client: FlaskClient, url: str) -> float:
    times = []
    for _ in range(RUNS):
        begun = time.perf_counter()
        answer = client.get(url)
        times.append((time.perf_counter() - begun) * 1000)
        if answer.status_code != 200:
            raise RuntimeError(f"{url} answered {answer.status_code}")
    return min(times)
