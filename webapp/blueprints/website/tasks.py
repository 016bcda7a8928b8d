"""The clock of the website: pages that are due are published, those whose time is over taken off."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp.blueprints.website.services.publishing import do_what_is_due
from webapp.core.clock import utc_now
from webapp.core.jobs import Arguments, HouseSchedule, TaskKind, TaskRun

DUE = "website.do_what_is_due"


def do_due(run: TaskRun, _args: Arguments) -> dict[str, int]:
    """Publish and take off what is due."""
    with run.transaction() as session:
        shown, ended = do_what_is_due(session, now=utc_now())
    run.progress(shown + ended, None, _("%(shown)s published, %(ended)s taken off", shown=shown, ended=ended))
    return {"shown": shown, "ended": ended}


TASKS = (
    TaskKind(name=DUE, title=_l("Planned publishing of pages"), work=do_due, soft_limit=50, hard_limit=60, attempts=1),
)
SCHEDULES = (
    HouseSchedule(origin=DUE, name="Publish and take off planned pages", kind=DUE, cron="* * * * *", missed="once"),
)
