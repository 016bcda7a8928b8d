"""Products on the public site for tests."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from tests.rooms.catalogue.makers import make_product
from webapp.blueprints.shopfront.models import ShopGood
from webapp.blueprints.shopfront.services import GoodValues, Text, arrange_product
from webapp.core.security import SYSTEM


def make_good(session: Session, *, words: dict[str, Text] | None = None, **changes: Any) -> ShopGood:
    """A product that is shown; columns of the catalogue and of the shopfront may be given."""
    names = ("pictures", "shown", "featured", "pricing", "availability", "position")
    own = {name: changes.pop(name) for name in names if name in changes}
    product = make_product(session, **changes)
    values = GoodValues(words=words or {}, **own)
    good = arrange_product(session, by=SYSTEM, product_id=product.id, version=0, values=values)
    session.commit()
    return good
