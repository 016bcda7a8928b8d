"""Customers as GOLD knows them."""

from __future__ import annotations

import pandas as pd

ANONYMOUS = {
    "customer_key": 0, "number": "", "name": "Anonymous", "kind": "anonymous", "country": "", "owner_key": 0, "group_key": 0,
}  # fmt: skip


def with_anonymous(customers: pd.DataFrame) -> pd.DataFrame:
    """The customers and the one that stands for all anonymous sales, under key 0."""
    return pd.concat([pd.DataFrame([ANONYMOUS]), customers], ignore_index=True)
