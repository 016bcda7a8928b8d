"""What the consents room does by the clock: forgetting."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webapp.blueprints.consents.services import forget_old
from webapp.core.clock import utc_now
from webapp.core.jobs import Arguments, HouseSchedule, TaskKind, TaskRun
from webapp.core.settings import house_settings

FORGET = "consents.forget"


def forget(run: TaskRun, _args: Arguments) -> int:
    """Delete consents that nobody needs to be shown any more; how many."""
    with run.transaction() as session:
        return forget_old(session, utc_now(), months=house_settings().consent_months)


KINDS = (TaskKind(name=FORGET, title=_l("Forget old consents"), work=forget),)
SCHEDULES = (HouseSchedule(origin=FORGET, name="Forget old consents", kind=FORGET, cron="55 3 * * *"),)
