"""Tasks and schedules in the administration: only to look at, since the pages of tasks know what may change."""

from __future__ import annotations

from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l

from webapp.blueprints.tasks.models import Alarm, LogLine, Schedule, Task
from webapp.core.admin import FromDay, ReadOnlyModelView, ToDay


class TaskAdmin(ReadOnlyModelView):
    """Every task of everybody."""

    column_list = ("id", "kind", "state", "actor", "attempts", "created_at", "started_at", "finished_at", "error")
    column_searchable_list = ("kind", "actor", "error")
    column_filters = (
        "kind",
        "state",
        "actor",
        "request_id",
        FromDay(Task.created_at, _l("Created")),
        ToDay(Task.created_at, _l("Created")),
    )
    column_labels: ClassVar[dict[str, Any]] = {
        "kind": _l("Kind"),
        "state": _l("State"),
        "actor": _l("Asked by"),
        "attempts": _l("Attempts"),
        "created_at": _l("Created"),
        "started_at": _l("Started"),
        "finished_at": _l("Finished"),
        "error": _l("Error"),
    }


class LogLineAdmin(ReadOnlyModelView):
    """The lines of all logs."""

    column_list = ("id", "task_id", "at", "level", "words")
    column_searchable_list = ("words",)
    column_filters = ("task_id", "level", FromDay(LogLine.at, _l("At")), ToDay(LogLine.at, _l("At")))
    column_labels: ClassVar[dict[str, Any]] = {
        "task_id": _l("Task"),
        "at": _l("At"),
        "level": _l("Level"),
        "words": _l("Line"),
    }


class ScheduleAdmin(ReadOnlyModelView):
    """Every schedule."""

    column_list = ("id", "name", "kind", "cron", "missed", "paused", "next_at", "last_at")
    column_searchable_list = ("name", "kind")
    column_labels: ClassVar[dict[str, Any]] = {
        "name": _l("Name"),
        "kind": _l("Kind"),
        "cron": _l("Cron line"),
        "missed": _l("Missed runs"),
        "paused": _l("Paused"),
        "next_at": _l("Next run"),
        "last_at": _l("Last run"),
    }


class AlarmAdmin(ReadOnlyModelView):
    """Slots that were due and did not run."""

    column_list = ("id", "schedule", "due_at", "reason", "raised_at", "seen_at", "seen_by")
    column_labels: ClassVar[dict[str, Any]] = {
        "schedule": _l("Schedule"),
        "due_at": _l("Due"),
        "reason": _l("Reason"),
        "raised_at": _l("Raised"),
        "seen_at": _l("Seen"),
        "seen_by": _l("Seen by"),
    }


def admin_views() -> list[Any]:
    """The views of the room's models."""
    return [
        TaskAdmin(Task, _l("Tasks")),
        LogLineAdmin(LogLine, _l("Log lines")),
        ScheduleAdmin(Schedule, _l("Schedules")),
        AlarmAdmin(Alarm, _l("Alarms")),
    ]
