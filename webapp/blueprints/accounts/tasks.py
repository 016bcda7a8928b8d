"""The long work of the accounts room: forgetting what is old."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webapp.blueprints.accounts.permissions import AccountsPermission as May
from webapp.blueprints.accounts.services.attempts import forget_attempts
from webapp.blueprints.accounts.services.links import forget_links
from webapp.blueprints.accounts.services.sessions import forget_old
from webapp.core.jobs import Arguments, HouseSchedule, TaskKind, TaskRun


def forget(run: TaskRun, _args: Arguments) -> str:
    """Delete sessions and sign-ins older than half a year, old links, and counts of attempts whose time is over."""
    with run.transaction() as session:
        count = forget_old(session)
        forget_attempts(session)
        forget_links(session)
    return str(count)


TASKS = (
    TaskKind(
        name="accounts.forget",
        title=_l("Forgetting of old sessions and sign-ins"),
        work=forget,
        permission=May.USERS_EDIT,
        schedulable=True,
    ),
)
SCHEDULES = (
    HouseSchedule(
        origin="accounts.forget", name="Forget old sessions and sign-ins", kind="accounts.forget", cron="40 3 * * *"
    ),
)
