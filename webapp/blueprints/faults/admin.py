"""Errors in the administration: only to look at, since their own pages resolve them."""

from __future__ import annotations

from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l

from webapp.blueprints.faults.models import Fault, Occurrence
from webapp.core.admin import FromDay, ReadOnlyModelView, ToDay


class FaultAdmin(ReadOnlyModelView):
    """Errors, alike ones together."""

    column_list = ("id", "kind", "place", "state", "count", "returns", "first_at", "last_at")
    column_searchable_list = ("kind", "message", "place")
    column_filters = ("kind", "state", FromDay(Fault.last_at, _l("Last time")), ToDay(Fault.last_at, _l("Last time")))
    column_labels: ClassVar[dict[str, Any]] = {
        "kind": _l("Error"),
        "message": _l("Message"),
        "place": _l("Where"),
        "state": _l("State"),
        "count": _l("Times"),
        "returns": _l("Came again"),
        "first_at": _l("First time"),
        "last_at": _l("Last time"),
    }


class OccurrenceAdmin(ReadOnlyModelView):
    """The latest times that each came."""

    column_list = ("id", "fault_id", "at", "method", "route", "task", "request_id")
    column_searchable_list = ("route", "task")
    column_filters = ("fault_id", "request_id", FromDay(Occurrence.at, _l("At")), ToDay(Occurrence.at, _l("At")))
    column_labels: ClassVar[dict[str, Any]] = {
        "fault_id": _l("Error"),
        "at": _l("At"),
        "method": _l("Method"),
        "route": _l("Address"),
        "task": _l("Task"),
        "request_id": _l("Request"),
    }


def admin_views() -> list[Any]:
    """The views of the room's models."""
    return [FaultAdmin(Fault, _l("Errors")), OccurrenceAdmin(Occurrence, _l("Occurrences"))]
