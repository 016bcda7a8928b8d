"""Customers for tests."""

from __future__ import annotations

import itertools
from typing import Any

from sqlalchemy.orm import Session

from webapp.blueprints.crm.models import Customer

_numbers = itertools.count(1)


def make_customer(session: Session, **changes: Any) -> Customer:
    """A stored customer; only what the test speaks of is given."""
    number = next(_numbers)
    customer = Customer(**{"number": f"T{number:05}", "name": f"Customer {number}"} | changes)
    session.add(customer)
    session.flush()
    return customer
