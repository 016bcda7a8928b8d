"""What the forms room does by the clock: forgetting."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webapp.blueprints.forms.services.answering import forget_old
from webapp.blueprints.forms.services.receiving import forget_knocks
from webapp.core.clock import utc_now
from webapp.core.jobs import Arguments, HouseSchedule, TaskKind, TaskRun


def forget(run: TaskRun, _args: Arguments) -> int:
    """Delete messages that are older than their form keeps them, and who sent something yesterday; how many messages."""
    now = utc_now()
    with run.transaction() as session:
        forget_knocks(session, now)
        return forget_old(session, now)


KINDS = (TaskKind(name="forms.forget", title=_l("Forget old messages"), work=forget),)
SCHEDULES = (HouseSchedule(origin="forms.forget", name="Forget old messages", kind="forms.forget", cron="50 3 * * *"),)
