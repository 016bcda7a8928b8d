"""The website's records in the administration: only to look at, its own pages write them."""

from __future__ import annotations

from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l

from webapp.blueprints.website.models import Draft, Page, PageText, PreviewLink, Revision
from webapp.core.admin import ReadOnlyModelView

LABELS: dict[str, Any] = {
    "by_name": _l("Who"),
    "created_at": _l("Created"),
    "expires_at": _l("Until"),
    "kept": _l("Kept"),
    "kind": _l("Kind"),
    "language": _l("Language"),
    "note": _l("Note"),
    "page_id": _l("Page"),
    "parent_id": _l("Below"),
    "path": _l("Address"),
    "position": _l("Place"),
    "saved_by": _l("Who"),
    "text_id": _l("Text"),
    "title": _l("Title"),
    "updated_at": _l("Changed"),
}


class PageAdmin(ReadOnlyModelView):
    """Places in the tree."""

    column_list = ("id", "kind", "parent_id", "position", "updated_at")
    column_labels: ClassVar[dict[str, Any]] = LABELS


class TextAdmin(ReadOnlyModelView):
    """Addresses."""

    column_list = ("id", "page_id", "language", "path")
    column_searchable_list = ("path",)
    column_labels: ClassVar[dict[str, Any]] = LABELS


class DraftAdmin(ReadOnlyModelView):
    """What is being written."""

    column_list = ("id", "text_id", "title", "saved_by", "updated_at")
    column_searchable_list = ("title",)
    column_labels: ClassVar[dict[str, Any]] = LABELS


class RevisionAdmin(ReadOnlyModelView):
    """What was saved."""

    column_list = ("id", "text_id", "title", "by_name", "created_at", "note", "kept")
    column_searchable_list = ("title", "by_name")
    column_labels: ClassVar[dict[str, Any]] = LABELS


class PreviewAdmin(ReadOnlyModelView):
    """Links to drafts."""

    column_list = ("id", "text_id", "by_name", "created_at", "expires_at")
    column_details_list = column_list
    column_labels: ClassVar[dict[str, Any]] = LABELS


def admin_views() -> list[Any]:
    """The views of the room's models."""
    return [
        PageAdmin(Page, _l("Pages")),
        TextAdmin(PageText, _l("Addresses of pages")),
        DraftAdmin(Draft, _l("Drafts")),
        RevisionAdmin(Revision, _l("Revisions")),
        PreviewAdmin(PreviewLink, _l("Preview links")),
    ]
