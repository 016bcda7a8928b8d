"""The records of the push room in the administration: looked at, not changed."""

from __future__ import annotations

from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l

from webapp.blueprints.push.models import PushDelivery, PushKey, PushMessage, PushSubscription, PushTopic
from webapp.core.admin import ReadOnlyModelView


class KeyAdmin(ReadOnlyModelView):
    """The public half of the house's key."""

    column_list = ("id", "public_key", "created_at")
    column_details_list = column_list
    column_export_list = column_list
    column_labels: ClassVar[dict[str, Any]] = {"public_key": _l("Public key"), "created_at": _l("Created")}


class TopicAdmin(ReadOnlyModelView):
    """The topics."""

    column_list = ("id", "names", "event", "position", "offered")
    column_labels: ClassVar[dict[str, Any]] = {
        "names": _l("Names"),
        "event": _l("What is sent"),
        "position": _l("Place in the list"),
        "offered": _l("Offered to visitors"),
    }


class SubscriptionAdmin(ReadOnlyModelView):
    """The browsers, without what would let somebody else send to them."""

    column_list = ("id", "host", "language", "user_id", "failures", "created_at", "last_success_at")
    column_details_list = column_list
    column_export_list = column_list
    column_filters = ("host", "language", "user_id")
    column_labels: ClassVar[dict[str, Any]] = {
        "host": _l("Push service"),
        "language": _l("Language"),
        "user_id": _l("User"),
        "failures": _l("Refusals since it last worked"),
        "created_at": _l("Created"),
        "last_success_at": _l("Last reached"),
    }


class MessageAdmin(ReadOnlyModelView):
    """The messages."""

    column_list = ("id", "titles", "audience", "state", "counts", "actor", "created_at", "started_at", "ended_at")
    column_filters = ("audience", "state")
    column_labels: ClassVar[dict[str, Any]] = {
        "titles": _l("Titles"),
        "audience": _l("To whom"),
        "state": _l("State"),
        "counts": _l("Counted"),
        "actor": _l("By"),
        "created_at": _l("Was written"),
        "started_at": _l("Was sent"),
        "ended_at": _l("Ended"),
    }


class DeliveryAdmin(ReadOnlyModelView):
    """What became of each message in each browser."""

    column_list = ("id", "message_id", "subscription_id", "state", "attempts", "not_before", "words", "at")
    column_filters = ("message_id", "state")
    column_labels: ClassVar[dict[str, Any]] = {
        "message_id": _l("Notification"),
        "subscription_id": _l("Browser"),
        "state": _l("State"),
        "attempts": _l("Attempts"),
        "not_before": _l("Not before"),
        "words": _l("What the service said"),
        "at": _l("When"),
    }


def admin_views() -> list[Any]:
    """The views of the room's models."""
    return [
        TopicAdmin(PushTopic, _l("Topics of notifications")),
        MessageAdmin(PushMessage, _l("Notifications")),
        DeliveryAdmin(PushDelivery, _l("Sent notifications")),
        SubscriptionAdmin(PushSubscription, _l("Browsers with notifications")),
        KeyAdmin(PushKey, _l("Key for notifications")),
    ]
