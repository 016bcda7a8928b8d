"""How an audit asks GOLD for its offenders."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from sqlalchemy import Connection, text

MOST = 1_000


def offenders(gold: Connection, query: str, parameters: Mapping[str, Any] | None = None) -> pd.DataFrame:
    """The rows that a query finds, at most a thousand of them: enough to see what is wrong."""
    found = gold.execute(text(f"SELECT * FROM ({query}) offenders LIMIT {MOST}"), parameters or {}).mappings()
    return pd.DataFrame([dict(row) for row in found])
