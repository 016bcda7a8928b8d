"""Records that the administration shows, and what its forms send of them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.blueprints.catalogue.models import Product
from webapp.blueprints.sales.models import Order, OrderLine

NOON = dt.datetime(2026, 3, 1, 11, 0, tzinfo=dt.UTC)


def make_product(session: Session, **changes: Any) -> Product:
    product = Product(
        **{"sku": f"P{session.scalar(select(func.count()).select_from(Product))}", "name": "A cup"} | changes
    )
    session.add(product)
    session.flush()
    return product


def make_order(session: Session, lines: int = 1, **changes: Any) -> Order:
    product = make_product(session)
    count = session.scalar(select(func.count()).select_from(Order))
    order = Order(**{"number": f"A{count}", "ordered_at": NOON} | changes)
    order.lines = [
        OrderLine(product=product, position=number + 1, quantity=Decimal(2), unit_price=Decimal("1.5"))
        for number in range(lines)
    ]
    session.add(order)
    session.commit()
    return order


def order_fields(order: Order) -> dict[str, Any]:
    return {
        "number": order.number,
        "kind": "sale",
        "customer": "",
        "country": "Italy",
        "ordered_at": "2026-03-01T12:00:00",
        "opened_version": order.version,
    }


def line_fields(number: int, sku: str, **changes: str) -> dict[str, str]:
    fields = {"product": sku, "description": "", "quantity": "3", "unit_price": "2", "discount": "10"} | changes
    return {f"lines-{number}-{name}": value for name, value in fields.items()}
