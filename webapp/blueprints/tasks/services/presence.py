"""Who is at work: workers and schedulers say so every few seconds."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import delete, func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from webapp.blueprints.tasks.models import Process

ALIVE = dt.timedelta(seconds=30)
FORGOTTEN = dt.timedelta(days=1)


def say_alive(session: Session, *, name: str, role: str, note: str = "") -> None:
    """Write down that this process works now; `note` is what hinders it, "" for nothing."""
    values = {"name": name[:200], "role": role, "note": note[:500], "seen_at": func.clock_timestamp()}
    statement = insert(Process).values(values)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=[Process.name], set_={"seen_at": func.clock_timestamp(), "note": values["note"]}
        )
    )


def say_goodbye(session: Session, *, name: str) -> None:
    """This process ends in order."""
    session.execute(delete(Process).where(Process.name == name[:200]))


def forget_processes(session: Session) -> None:
    """Those not seen for a day are history."""
    session.execute(delete(Process).where(Process.seen_at < func.clock_timestamp() - FORGOTTEN))
