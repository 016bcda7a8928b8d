"""Forms and messages in the administration."""

from __future__ import annotations

from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l

from webapp.blueprints.forms.models import Entry, Form, FormField, Knock, Submission
from webapp.core.admin import ReadOnlyModelView


class FormAdmin(ReadOnlyModelView):
    """The forms; they are made on their own pages, which check what belongs together."""

    column_list = ("id", "name", "state", "slug_it", "slug_en", "keep_months", "updated_at")
    column_searchable_list = ("name",)
    column_filters = ("state",)
    column_labels: ClassVar[dict[str, Any]] = {
        "name": _l("Name"),
        "state": _l("State"),
        "slug_it": _l("Address, Italian"),
        "slug_en": _l("Address, English"),
        "keep_months": _l("Kept for months"),
    }


class FieldAdmin(ReadOnlyModelView):
    """The fields of all forms."""

    column_list = ("id", "form_id", "position", "kind", "required", "check", "text_version")
    column_filters = ("form_id", "kind")
    column_labels: ClassVar[dict[str, Any]] = {
        "form_id": _l("Form"),
        "position": _l("Place"),
        "kind": _l("Kind"),
        "required": _l("Must be filled in"),
        "check": _l("Check"),
        "text_version": _l("Version of the words"),
    }


class SubmissionAdmin(ReadOnlyModelView):
    """What people wrote."""

    column_list = ("id", "form_id", "state", "sender_name", "sender_email", "summary", "received_at")
    column_searchable_list = ("sender_name", "sender_email")
    column_filters = ("form_id", "state", "language")
    column_labels: ClassVar[dict[str, Any]] = {
        "form_id": _l("Form"),
        "state": _l("State"),
        "sender_name": _l("Sender"),
        "sender_email": _l("E-mail"),
        "summary": _l("Message"),
        "received_at": _l("Received"),
    }


class EntryAdmin(ReadOnlyModelView):
    """What was answered and noted."""

    column_list = ("id", "submission_id", "kind", "subject", "by_name", "at")
    column_filters = ("submission_id", "kind")
    column_labels: ClassVar[dict[str, Any]] = {
        "submission_id": _l("Message"),
        "kind": _l("Kind"),
        "subject": _l("Subject"),
        "by_name": _l("By"),
        "at": _l("When"),
    }


class KnockAdmin(ReadOnlyModelView):
    """From how many places something came lately; from which ones, nobody can tell."""

    column_list = ("id", "form_id", "at")
    column_details_exclude_list = ("address",)
    column_filters = ("form_id",)
    column_labels: ClassVar[dict[str, Any]] = {"form_id": _l("Form"), "at": _l("When")}


def admin_views() -> list[Any]:
    """The views of the room's models."""
    return [
        FormAdmin(Form, _l("Forms")),
        FieldAdmin(FormField, _l("Fields of forms")),
        SubmissionAdmin(Submission, _l("Messages")),
        EntryAdmin(Entry, _l("Answers and notes")),
        KnockAdmin(Knock, _l("Sendings of the last day")),
    ]
