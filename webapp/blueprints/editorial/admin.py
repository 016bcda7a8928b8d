"""The records of the editorial room in the administration."""

from __future__ import annotations

from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l

from webapp.blueprints.editorial.models import BranchRight, FoundLink, JournalEntry, LinkCheck
from webapp.core.admin import ReadOnlyModelView


class RightAdmin(ReadOnlyModelView):
    """Rights on branches."""

    note = _l("Given and taken back on the page of rights, which writes it into the journal.")
    column_list = ("id", "page_id", "collection", "user_id", "role", "deed")
    column_labels: ClassVar[dict[str, Any]] = {
        "page_id": _l("Number of the page"),
        "collection": _l("Collection"),
        "user_id": _l("Number of the person"),
        "role": _l("Role"),
        "deed": _l("May"),
    }


class EntryAdmin(ReadOnlyModelView):
    """The journal."""

    column_list = ("id", "at", "by_name", "part", "deed", "title", "path")
    column_searchable_list = ("by_name", "title", "path")
    column_filters = ("part", "deed")
    column_labels: ClassVar[dict[str, Any]] = {
        "at": _l("When"),
        "by_name": _l("Who"),
        "part": _l("What"),
        "deed": _l("Deed"),
        "title": _l("Title"),
        "path": _l("Address"),
    }


class CheckAdmin(ReadOnlyModelView):
    """Checks of the links."""

    column_list = ("id", "ended_at", "pages", "links", "broken", "outside", "failed")
    column_labels: ClassVar[dict[str, Any]] = {
        "ended_at": _l("Ended"),
        "pages": _l("Pages"),
        "links": _l("Links"),
        "broken": _l("Lead nowhere"),
        "outside": _l("Lead to another site"),
        "failed": _l("Pages that could not be drawn"),
    }


class LinkAdmin(ReadOnlyModelView):
    """What the last check found."""

    column_list = ("id", "state", "path", "title", "target", "words")
    column_searchable_list = ("path", "target", "words")
    column_filters = ("state",)
    column_labels: ClassVar[dict[str, Any]] = {
        "state": _l("State"),
        "path": _l("Stands on"),
        "title": _l("Title of the page"),
        "target": _l("Leads to"),
        "words": _l("Words"),
    }


def admin_views() -> list[Any]:
    """The views of the room's models."""
    return [
        RightAdmin(BranchRight, _l("Rights on branches")),
        EntryAdmin(JournalEntry, _l("Journal of the site")),
        CheckAdmin(LinkCheck, _l("Checks of links")),
        LinkAdmin(FoundLink, _l("Links found")),
    ]
