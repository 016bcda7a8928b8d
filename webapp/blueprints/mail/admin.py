"""Mails in the administration: only to look at, without what they say."""

from __future__ import annotations

from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l

from webapp.blueprints.mail.models import Delivery, MailAttachment, OutgoingMail
from webapp.core.admin import FromDay, ReadOnlyModelView, ToDay


class MailAdmin(ReadOnlyModelView):
    """Every mail."""

    column_list = ("id", "address", "subject", "template", "state", "attempts", "created_at", "sent_at", "error")
    column_details_exclude_list = ("text", "html", "sealed")
    column_searchable_list = ("address", "subject")
    column_filters = (
        "state",
        "template",
        "address",
        FromDay(OutgoingMail.created_at, _l("Created")),
        ToDay(OutgoingMail.created_at, _l("Created")),
    )
    column_labels: ClassVar[dict[str, Any]] = {
        "address": _l("Recipient"),
        "subject": _l("Subject"),
        "template": _l("Template"),
        "state": _l("State"),
        "attempts": _l("Attempts"),
        "created_at": _l("Created"),
        "sent_at": _l("Sent"),
        "error": _l("Error"),
    }


class DeliveryAdmin(ReadOnlyModelView):
    """The lines of all delivery logs."""

    column_list = ("id", "mail_id", "at", "outcome", "words")
    column_searchable_list = ("words",)
    column_filters = ("mail_id", "outcome")
    column_labels: ClassVar[dict[str, Any]] = {
        "mail_id": _l("Mail"),
        "at": _l("When"),
        "outcome": _l("Outcome"),
        "words": _l("Line"),
    }


class AttachmentAdmin(ReadOnlyModelView):
    """The files that go with mails, without what is in them."""

    column_list = ("id", "mail_id", "name", "type", "size")
    column_details_exclude_list = ("content",)
    column_filters = ("mail_id", "name")
    column_labels: ClassVar[dict[str, Any]] = {
        "mail_id": _l("Mail"),
        "name": _l("Name"),
        "type": _l("Type"),
        "size": _l("Size"),
    }


def admin_views() -> list[Any]:
    """The views of the room's models."""
    return [
        MailAdmin(OutgoingMail, _l("Mails")),
        DeliveryAdmin(Delivery, _l("Deliveries")),
        AttachmentAdmin(MailAttachment, _l("Attachments")),
    ]
