"""The demo company's redirects from the site that it had before, and what its visitors looked for."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from webapp.blueprints.discovery.models import Missing, Redirect, Search
from webapp.core.clock import local_day, utc_now
from webapp.core.company import get_company

REDIRECTS = (
    ("/index.php", "/it", 301),
    ("/dove-siamo.html", "/it/dove-siamo", 301),
    ("/orari", "/it/dove-siamo", 301),
    ("/natale", "/it", 302),
    ("/offerte-2019", "", 410),
)
SEARCHES = (
    ("it", "orari", 14, 2), ("it", "piatti", 9, 3), ("it", "olio", 7, 2), ("it", "garofano", 4, 1), ("it", "lista nozze", 5, 0),
    ("it", "corso di ceramica", 3, 0), ("en", "opening hours", 6, 2), ("en", "shipping", 4, 1), ("en", "wedding gifts", 2, 0),
)  # fmt: skip
MISSING = (("/it/listino-2023", 11), ("/it/contatto", 6), ("/en/shop", 4))


def load_demo(session: Session) -> None:
    """Store them."""
    today = local_day(utc_now(), get_company(session).zone)
    session.add_all(Redirect(source=source, target=target, kind=kind) for source, target, kind in REDIRECTS)
    session.add_all(
        Search(day=today - dt.timedelta(number % 5), language=language, words=words, count=count, found=found)
        for number, (language, words, count, found) in enumerate(SEARCHES)
    )
    session.add_all(Missing(path=path, count=count) for path, count in MISSING)
    session.flush()
