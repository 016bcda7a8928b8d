"""Days that are over, in the order of how long their answers took: the slowest of months are found without reading them all.

The day under way has no such index, so that its lines are stored as fast as they come.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from webapp.blueprints.traffic.models import MILLISECONDS
from webapp.blueprints.traffic.services.classifying import LOCK
from webapp.blueprints.traffic.services.partitions import SCHEMA

NEXT = text(f"""
    SELECT name, day FROM traffic_parts WHERE parent = 'traffic_hits' AND day < CURRENT_DATE
    AND to_regclass('{SCHEMA}.' || name) IS NOT NULL AND to_regclass('{SCHEMA}.' || name || '_slow') IS NULL
    ORDER BY day DESC LIMIT 1
""")  # noqa: S608 - a name of this house


def order_day(session: Session) -> dt.date | None:
    """Index one day that is over, the newest first; the day, or None when none is left.

    In a transaction of its own: it waits for who stores lines of that day, and they for it.
    """
    session.execute(select(func.pg_advisory_xact_lock(LOCK)))
    found = session.execute(NEXT).one_or_none()
    if found is None:
        return None
    session.execute(text(f"CREATE INDEX {found.name}_slow ON {SCHEMA}.{found.name} (({MILLISECONDS}))"))
    day: dt.date = found.day
    return day
