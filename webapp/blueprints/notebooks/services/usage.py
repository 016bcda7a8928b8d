"""What notebooks use: hours, seconds of a core and memory over time, added up by notebook and company's day."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from sqlalchemy import func, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from webapp.blueprints.notebooks.models import Notebook, State, Usage
from webapp.blueprints.notebooks.ports import Used
from webapp.core.clock import local_day
from webapp.core.company import get_company


def count_usage(session: Session, notebook_id: int, generation: int, used: Used, *, now: dt.datetime) -> None:
    """Add what a running notebook has used since it was last counted, or since it began to answer.

    `used` counts the seconds of a core since the container's start. Nothing when a newer wish is there.
    """
    notebook = session.get(Notebook, notebook_id, with_for_update={"of": Notebook}, populate_existing=True)
    if notebook is None or notebook.generation != generation or notebook.state != State.RUNNING:
        return
    began = notebook.ready_at or now
    is_first = notebook.used_at is None or notebook.used_at < began
    since = began if is_first else notebook.used_at or began
    seconds = Decimal(str(round(max((now - since).total_seconds(), 0.0), 1)))
    whole = Decimal(str(round(used.cpu_seconds, 2)))
    # less than before: the container was started anew in between
    cpu = whole if is_first or whole < notebook.used_cpu else whole - notebook.used_cpu
    memory = Decimal(str(round(used.memory_mb, 1)))
    peak = Decimal(str(round(max(used.memory_peak_mb, used.memory_mb), 1)))
    row = insert(Usage).values(
        notebook_id=notebook.id,
        day=local_day(now, get_company(session).zone),
        project_id=notebook.project_id,
        notebook_name=notebook.name,
        seconds=seconds,
        cpu_seconds=cpu,
        memory_mb_seconds=seconds * memory,
        memory_peak_mb=peak,
    )
    session.execute(
        row.on_conflict_do_update(
            index_elements=[Usage.notebook_id, Usage.day],
            set_={
                "project_id": row.excluded.project_id,
                "notebook_name": row.excluded.notebook_name,
                "seconds": Usage.seconds + row.excluded.seconds,
                "cpu_seconds": Usage.cpu_seconds + row.excluded.cpu_seconds,
                "memory_mb_seconds": Usage.memory_mb_seconds + row.excluded.memory_mb_seconds,
                "memory_peak_mb": func.greatest(Usage.memory_peak_mb, row.excluded.memory_peak_mb),
            },
        )
    )
    session.execute(
        update(Notebook)
        .where(Notebook.id == notebook.id)
        .values(used_at=now, used_cpu=whole, updated_at=Notebook.updated_at)
        .execution_options(synchronize_session=False)
    )
