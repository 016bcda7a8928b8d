"""Sites for tests."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from webapp.blueprints.places.models import Site

SPLIT = [[540, 750], [930, 1170]]
USUAL: list[Any] = [[SPLIT[1]], SPLIT, SPLIT, SPLIT, SPLIT, [[540, 780]], []]


def make_site(session: Session, **changes: Any) -> Site:
    """A stored site with split hours, closed on Monday morning and Sunday; only what the test speaks of is given."""
    site = Site(**{"name_it": "Bottega", "name_en": "Shop", "week": USUAL, "holiday_country": "IT"} | changes)
    session.add(site)
    session.flush()
    return site
