"""The parts of the tables by day: made when the first row of a day comes, dropped whole when their time is over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from sqlalchemy import delete, func, select, text
from sqlalchemy.orm import Session

from webapp.blueprints.traffic.models import Part

SCHEMA = "traffic_days"
LOCK = 0x74726166  # "traf"
PATIENCE = "2s"  # for readers of a table from which a part is to be dropped


def ensure_parts(session: Session, parent: str, days: Iterable[dt.date]) -> None:
    """Make the parts of a table for these days where they lack. Readers and writers of other days go on meanwhile."""
    names = {f"{parent}_{day:%Y%m%d}": day for day in days}
    if not names or not (missing := set(names) - _there(session, names)):
        return
    session.execute(select(func.pg_advisory_xact_lock(LOCK)))
    for name in sorted(missing - _there(session, missing)):
        day = names[name]
        if session.scalar(select(func.to_regclass(f"{SCHEMA}.{name}"))) is None:  # the note of it can be gone alone
            _make(session, parent, name, day)
        session.add(Part(name=name, parent=parent, day=day))
        session.flush()


def _make(session: Session, parent: str, name: str, day: dt.date) -> None:
    # attaching takes a lighter lock than making a part at once
    session.execute(text(f"CREATE TABLE {SCHEMA}.{name} (LIKE {parent} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)"))
    bounds = f"FROM ('{day}') TO ('{day + dt.timedelta(days=1)}')"
    session.execute(text(f"ALTER TABLE {parent} ATTACH PARTITION {SCHEMA}.{name} FOR VALUES {bounds}"))


def drop_parts(
    session: Session, parent: str, *, before: dt.date, made_before: dt.datetime | None = None
) -> list[dt.date]:
    """Drop the parts of a table for days before `before`; only those made before a moment, if one is given. Their days."""
    old = select(Part).where(Part.parent == parent, Part.day < before).order_by(Part.day)
    if made_before:
        old = old.where(Part.made_at < made_before)
    parts = session.scalars(old).all()
    if parts:
        session.execute(text(f"SET LOCAL lock_timeout = '{PATIENCE}'"))
    for part in parts:
        session.execute(text(f"DROP TABLE IF EXISTS {SCHEMA}.{part.name}"))
        session.execute(delete(Part).where(Part.name == part.name))
    return [part.day for part in parts]


def _there(session: Session, names: Iterable[str]) -> set[str]:
    return set(session.scalars(select(Part.name).where(Part.name.in_(list(names)))))
