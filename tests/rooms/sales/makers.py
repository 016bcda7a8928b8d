"""Orders for tests."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

from sqlalchemy.orm import Session

from tests.rooms.catalogue.makers import make_product
from webapp.blueprints.catalogue.models import Product
from webapp.blueprints.sales.models import Order, OrderLine

_numbers = itertools.count(1)
NOON = dt.datetime(2024, 3, 15, 11, 0, tzinfo=dt.UTC)


def make_order(session: Session, *products: Product, **changes: Any) -> Order:
    """A stored order with one line of each product (one of its own when none is given), at 1 x 10."""
    order = Order(**{"number": f"O{next(_numbers):05}", "ordered_at": NOON} | changes)
    session.add(order)
    session.flush()
    for position, product in enumerate(products or (make_product(session),), 1):
        session.add(OrderLine(order_id=order.id, product_id=product.id, position=position, quantity=1, unit_price=10))
    session.flush()
    session.refresh(order)
    return order
