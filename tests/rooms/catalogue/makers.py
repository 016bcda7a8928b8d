"""Products and categories for tests."""

from __future__ import annotations

import itertools
from typing import Any

from sqlalchemy.orm import Session

from webapp.blueprints.catalogue.models import Category, Product

_numbers = itertools.count(1)


def make_category(session: Session, **changes: Any) -> Category:
    """A stored category."""
    category = Category(**{"name": f"Category {next(_numbers)}"} | changes)
    session.add(category)
    session.flush()
    return category


def make_product(session: Session, **changes: Any) -> Product:
    """A stored product; only what the test speaks of is given."""
    number = next(_numbers)
    product = Product(**{"sku": f"S{number:05}", "name": f"Product {number}"} | changes)
    session.add(product)
    session.flush()
    return product
