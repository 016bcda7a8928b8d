"""Kinds that may be scheduled, and schedules of them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.blueprints.tasks.models import Alarm, Schedule, Task
from webapp.blueprints.tasks.services.schedules import create_schedule
from webapp.core.jobs import Argument, HouseSchedule, TaskKind
from webapp.core.security import SYSTEM

TITLE = _l("Tasks")
MAY = "tasks:tasks:all"
REPORT = TaskKind(
    "test.report",
    TITLE,
    lambda _run, _args: None,
    permission=MAY,
    schedulable=True,
    arguments=(
        Argument("days", TITLE, int, required=True, least=1, most=31),
        Argument("full", TITLE, bool, default=False),
        Argument("shop", TITLE, choices=(("rome", TITLE), ("milan", TITLE))),
        Argument("since", TITLE, dt.date),
    ),
)
HOUSE = TaskKind("test.house", TITLE, lambda _run, _args: None)
EVERY = {"name": "Report", "kind": "test.report", "args": {"days": 7}, "missed": "once", "alarm_minutes": 15}
OWN = HouseSchedule("test.nightly", "Nightly", "test.house", "15 3 * * *")


def at(moment: str) -> dt.datetime:
    return dt.datetime.fromisoformat(moment + "+00:00")


def make_schedule(session: Session, cron: str = "0 * * * *", **changes: Any) -> Schedule:
    now = changes.pop("now", None)
    number = (session.scalar(select(func.count()).select_from(Schedule)) or 0) + 1
    values = EVERY | {"cron": cron, "name": f"Report {number}"} | changes
    return create_schedule(session, by=SYSTEM, values=values, now=now)


def slots(session: Session, schedule: Schedule) -> list[str]:
    keys = session.scalars(select(Task.key).where(Task.schedule_id == schedule.id).order_by(Task.id))
    return [key.split(":", 2)[2].removesuffix(":00+00:00") for key in keys]


def reasons(session: Session, schedule: Schedule) -> list[tuple[str, str]]:
    found = session.scalars(select(Alarm).where(Alarm.schedule_id == schedule.id).order_by(Alarm.due_at))
    return [(f"{alarm.due_at:%H:%M}", alarm.reason) for alarm in found]
