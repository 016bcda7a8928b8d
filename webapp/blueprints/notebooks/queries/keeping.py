"""Questions about what is kept: how full homes are, what goes with projects, what was used, and the tasks at it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import takewhile

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.blueprints.notebooks.models import Backup, Notebook, Usage, Volume
from webapp.blueprints.tasks.public import State, Task

SHOWN_TASKS = 3
FRESH = {"populate_existing": True}


@dataclass(frozen=True)
class Kept:
    """What would go: notebooks, their volumes and backups, and the bytes in both, as measured last."""

    notebooks: int
    running: int
    volumes: int
    backups: int
    bytes: int


@dataclass(frozen=True)
class Used:
    """What one notebook, or a whole project, used in a span of days."""

    notebook_id: int | None
    name: str
    slug: str | None
    seconds: Decimal
    cpu_seconds: Decimal
    memory_mb_seconds: Decimal
    memory_peak_mb: Decimal

    @property
    def memory_mb(self) -> Decimal:
        """Memory on the average of the time that it ran."""
        return self.memory_mb_seconds / self.seconds if self.seconds else Decimal(0)


def count_kept(session: Session, *, project_ids: Collection[int] = (), notebook_ids: Collection[int] = ()) -> Kept:
    """What belongs to these projects, or to these notebooks alone."""
    chosen = Notebook.project_id.in_(project_ids) | Notebook.id.in_(notebook_ids)
    numbers = select(Notebook.id).where(chosen)
    counted = select(func.count(Notebook.id), func.count(Notebook.id).filter(Notebook.state != "stopped"))
    notebooks, running = session.execute(counted.where(chosen)).one()
    mine = Volume.notebook_id.in_(numbers) | Volume.project_id.in_(project_ids)
    volumes, size = session.execute(
        select(func.count(Volume.id), func.coalesce(func.sum(Volume.size), 0)).where(mine, Volume.remove_at.is_(None))
    ).one()
    backups, saved = session.execute(
        select(func.count(Backup.id), func.coalesce(func.sum(Backup.size), 0)).where(Backup.notebook_id.in_(numbers))
    ).one()
    return Kept(notebooks, running, volumes, backups, int(size or 0) + int(saved or 0))


def list_usage(session: Session, project_id: int, *, since: dt.date, until: dt.date) -> Sequence[Used]:
    """What each notebook of the project used from one day to another, both included; the one that ran longest first."""
    total = func.sum(Usage.seconds)
    asked = (
        select(
            Usage.notebook_id,
            func.max(Usage.notebook_name).label("name"),
            func.max(Notebook.slug).label("slug"),
            total.label("seconds"),
            func.sum(Usage.cpu_seconds).label("cpu"),
            func.sum(Usage.memory_mb_seconds).label("memory"),
            func.max(Usage.memory_peak_mb).label("peak"),
        )
        .outerjoin(Notebook, Notebook.id == Usage.notebook_id)
        .where(Usage.project_id == project_id, Usage.day.between(since, until))
        .group_by(Usage.notebook_id)
        .order_by(total.desc(), Usage.notebook_id)
    )
    return [
        Used(row.notebook_id, row.name, row.slug, row.seconds, row.cpu, row.memory, row.peak)
        for row in session.execute(asked)
    ]


def list_usage_days(
    session: Session, project_id: int, *, since: dt.date, until: dt.date
) -> Sequence[tuple[dt.date, Decimal, Decimal]]:
    """Day, seconds that notebooks ran, and seconds of a core, for each day on which one ran, in order."""
    asked = (
        select(Usage.day, func.sum(Usage.seconds).label("seconds"), func.sum(Usage.cpu_seconds).label("cpu"))
        .where(Usage.project_id == project_id, Usage.day.between(since, until))
        .group_by(Usage.day)
        .order_by(Usage.day)
    )
    return [(row.day, row.seconds, row.cpu) for row in session.execute(asked)]


def total_of(rows: Sequence[Used]) -> Used:
    """All of them together."""
    return Used(
        None,
        "",
        None,
        sum((row.seconds for row in rows), Decimal(0)),
        sum((row.cpu_seconds for row in rows), Decimal(0)),
        sum((row.memory_mb_seconds for row in rows), Decimal(0)),
        max((row.memory_peak_mb for row in rows), default=Decimal(0)),
    )


def list_tasks(session: Session, kinds: Collection[str], argument: str, number: int) -> Sequence[Task]:
    """The latest tasks of these kinds about one thing: those under way, and those that went wrong since the last that did not."""
    asked = select(Task).where(Task.kind.in_(kinds), Task.args[argument].as_integer() == number)
    return _of_interest(session.scalars(asked.order_by(Task.id.desc()).limit(SHOWN_TASKS), execution_options=FRESH))


def list_house_tasks(session: Session, kinds: Collection[str]) -> Sequence[Task]:
    """The same for kinds that are about the house as a whole."""
    asked = select(Task).where(Task.kind.in_(kinds))
    return _of_interest(session.scalars(asked.order_by(Task.id.desc()).limit(SHOWN_TASKS), execution_options=FRESH))


def _of_interest(latest: Iterable[Task]) -> list[Task]:
    return list(takewhile(lambda task: task.state != State.DONE, latest))


def find_task(session: Session, task_id: int | None) -> Task | None:
    """The task with this number as it is now; None when there is none or it was forgotten since."""
    return session.get(Task, task_id, populate_existing=True) if task_id is not None else None
