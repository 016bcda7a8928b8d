"""Starting runs and backfills, and stopping a backfill."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from webapp.blueprints.pipelines.queries.under_way import BACKFILL, RUN, find_backfill, find_waiting_run
from webapp.blueprints.tasks.public import Task, TaskEnded, ask, cancel
from webapp.core.errors import DomainError, FieldProblems, NotFound
from webapp.core.security import Actor

ALL = "all"


class NothingToStop(DomainError):
    """The backfill has ended."""

    def __init__(self) -> None:
        super().__init__(_("This backfill has ended already: there is nothing to stop."))


def start_run(session: Session, *, by: Actor, flow: str = ALL, full: bool = False) -> Task:
    """Queue a run of a flow with those it needs, or of all; one of the same that waits already is given instead.

    Raises FieldProblems for a flow that there is not.
    """
    return find_waiting_run(session, flow, full=full) or ask(session, RUN, {"flow": flow, "full": full}, by=by)


def start_backfill(session: Session, *, by: Actor, days: tuple[dt.date, dt.date]) -> Task:
    """Queue a backfill of the company's local days from the first of `days` to the second, both included.

    Raises FieldProblems when the second is before the first.
    """
    start, end = days
    if start > end:
        raise FieldProblems({"end": _("The last day is before the first one.")})
    return ask(session, BACKFILL, {"start": start.isoformat(), "end": end.isoformat()}, by=by)


def stop_backfill(session: Session, *, by: Actor, task_id: int) -> None:
    """Stop what waits and runs of a backfill; GOLD stays as it is. Raises NotFound and NothingToStop."""
    backfill = find_backfill(session, task_id)
    if backfill is None:
        raise NotFound(_("This backfill does not exist, or does not any more."))
    if not backfill.open_tasks:
        raise NothingToStop
    for task in backfill.open_tasks:
        with suppress(TaskEnded):  # the first one's end is that of all it started
            cancel(session, task.id, by=by)
