"""The long work of the discovery room: the index, counting what was noted, letting go of what is old."""

from __future__ import annotations

import time
from typing import Any

from flask_babel import lazy_gettext as _l

from webapp.blueprints.discovery.permissions import DiscoveryPermission as May
from webapp.blueprints.discovery.services.drawing import tidy_pictures
from webapp.blueprints.discovery.services.indexing import refresh_index
from webapp.blueprints.discovery.services.notes import count_notes, forget_old, take_notes
from webapp.core.jobs import Arguments, HouseSchedule, TaskKind, TaskRun

INDEX = "discovery.index"
REFRESH = "discovery.refresh"
FORGET = "discovery.forget"
PATIENCE = 2.0  # seconds that the index waits for the other changes of a moment


def index(run: TaskRun, args: Arguments) -> dict[str, Any]:
    """Bring the index up to date after changes: those of the moment `after` (seconds) are told by this one task."""
    time.sleep(min(PATIENCE, max(0.0, float(args.get("after", 0)) - time.time())))
    with run.transaction() as session:
        return refresh_index(session, force=True) or {}


def refresh(run: TaskRun, _args: Arguments) -> dict[str, Any]:
    """Count what was noted, and bring the index up to date where anything changed."""
    notes = take_notes()
    with run.transaction() as session:
        counted = count_notes(session, notes)
    with run.transaction() as session:
        return counted | (refresh_index(session) or {})


def forget(run: TaskRun, _args: Arguments) -> None:
    """Let go of old searches and missing addresses."""
    with run.transaction() as session:
        forget_old(session)
    tidy_pictures()


TASKS = (
    TaskKind(
        name=INDEX,
        title=_l("Index the pages that changed"),
        work=index,
        permission=May.REDIRECTS_WRITE,
        alone=lambda _args: INDEX,
        attempts=2,
    ),
    TaskKind(
        name=REFRESH, title=_l("Look after the site's search"), work=refresh, alone=lambda _args: INDEX, attempts=1
    ),
    TaskKind(name=FORGET, title=_l("Forget old searches"), work=forget),
)
SCHEDULES = (
    HouseSchedule(origin=REFRESH, name="Look after the site's search", kind=REFRESH, cron="* * * * *", missed="skip"),
    HouseSchedule(origin=FORGET, name="Forget old searches", kind=FORGET, cron="10 4 * * *"),
)
