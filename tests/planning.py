"""How PostgreSQL is made to plan a statement as it does on other days."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session


def prefer_nested_loops(session: Session) -> None:
    """Until the transaction ends, let a subquery run once for each row, as the planner may with any statistics."""
    for other in ("hashjoin", "mergejoin", "hashagg", "sort", "material"):
        session.execute(text(f"SET LOCAL enable_{other} = off"))
