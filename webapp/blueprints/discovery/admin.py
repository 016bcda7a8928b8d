"""Redirects, promoted results, searches and missing addresses in the administration."""

from __future__ import annotations

from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l

from webapp.blueprints.discovery.models import IndexState, Missing, Promotion, Redirect, Search
from webapp.core.admin import OwnerModelView, ReadOnlyModelView

LABELS = {
    "source": _l("Old address"),
    "target": _l("Leads to"),
    "kind": _l("Kind"),
    "origin": _l("Origin"),
    "hits": _l("Times used"),
    "last_hit": _l("Last time"),
    "language": _l("Language"),
    "words": _l("Words searched for"),
    "path": _l("Address"),
    "count": _l("Times"),
    "found": _l("Found"),
    "day": _l("Day"),
    "first_at": _l("First time"),
    "last_at": _l("Last time"),
    "signature": _l("State of the tables"),
    "made_at": _l("At"),
}


class RedirectAdmin(ReadOnlyModelView):
    """Redirects; they are changed on their own pages, which keep loops and chains away."""

    column_list = ("id", "source", "target", "kind", "hits", "origin")
    column_searchable_list = ("source", "target")
    column_labels: ClassVar[dict[str, Any]] = LABELS


class PromotionAdmin(OwnerModelView):
    """Promoted results."""

    column_list = ("id", "language", "words", "path")
    form_columns = ("language", "words", "path")
    column_labels: ClassVar[dict[str, Any]] = LABELS


class SearchAdmin(ReadOnlyModelView):
    """What was searched for, by day."""

    column_list = ("id", "day", "language", "words", "count", "found")
    column_searchable_list = ("words",)
    column_labels: ClassVar[dict[str, Any]] = LABELS


class MissingAdmin(ReadOnlyModelView):
    """Missing addresses."""

    column_list = ("id", "path", "count", "last_at")
    column_searchable_list = ("path",)
    column_labels: ClassVar[dict[str, Any]] = LABELS


class StateAdmin(ReadOnlyModelView):
    """When the index was made."""

    column_list = ("id", "signature", "made_at")
    column_labels: ClassVar[dict[str, Any]] = LABELS


def admin_views() -> list[Any]:
    """The views of the room's models."""
    return [
        RedirectAdmin(Redirect, _l("Redirects")),
        PromotionAdmin(Promotion, _l("Promoted results")),
        SearchAdmin(Search, _l("Searches")),
        MissingAdmin(Missing, _l("Missing addresses")),
        StateAdmin(IndexState, _l("Index of pages")),
    ]
