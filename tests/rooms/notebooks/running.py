"""Notebooks that run at a moment of the test's choice, and the keeper's look at them."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from webapp.blueprints.notebooks.models import Notebook, State, Wanted
from webapp.blueprints.notebooks.services.door import TOKEN_PURPOSE
from webapp.blueprints.notebooks.services.keeping import (
    Plan,
    list_running,
    look_after,
)
from webapp.core.sealing import seal

ROME = ZoneInfo("Europe/Rome")
NOON = dt.datetime(2026, 11, 18, 11, 0, tzinfo=dt.UTC)  # a Wednesday, noon in Rome
HOUR = dt.timedelta(hours=1)
MINUTE = dt.timedelta(minutes=1)


def run_since(session: Session, notebook: Notebook, since: dt.datetime = NOON, **changes: object) -> Notebook:
    """As the keeper leaves the row of a notebook that answers since then."""
    notebook.wanted, notebook.state = Wanted.RUNNING, State.RUNNING
    notebook.generation += 1
    notebook.address, notebook.port = "10.213.0.2", 8888
    notebook.ready_at = notebook.last_active_at = since
    notebook.expires_at = since + 24 * HOUR
    notebook.token_sealed = seal("the-token", purpose=TOKEN_PURPOSE)
    for name, value in changes.items():
        setattr(notebook, name, value)
    session.commit()
    return notebook


def look(session: Session, notebook: Notebook, now: dt.datetime) -> Plan | None:
    """One look of the keeper at the notebook."""
    watched = next(each for each in list_running(session) if each.id == notebook.id)
    made = look_after(session, watched, now=now)
    session.refresh(notebook)
    return made
