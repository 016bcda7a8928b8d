"""What nobody expected: a crash of a request or of a task is announced, so that a room may keep it."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from flask import g, request

from webapp.core.db import db, transaction
from webapp.core.events import announce
from webapp.core.logs import actor_id

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Crashed:
    """An error that no code expected, and in which circumstances: a request, or a task of that kind.

    `route` is the rule of the address, never the address itself: secret links are addresses, too.
    """

    error: BaseException
    request_id: str = ""
    user_id: int | None = None
    method: str = ""
    route: str = ""
    task: str = ""
    task_id: int | None = None


def report_crash(error: BaseException) -> None:
    """Announce the crash of the present request, in a transaction of its own. What was under way must be rolled back."""
    route = str(request.url_rule.rule) if request.url_rule else ""
    report(Crashed(error, str(g.get("request_id", "")), actor_id(), request.method, route))


def report(crashed: Crashed) -> None:
    """Announce a crash. It never raises: who tells of one crash must not cause another; the log has both then."""
    try:
        with transaction() as session:
            announce(session, crashed)
    except Exception:
        log.exception("the crash could not be recorded")
        db.session.rollback()
