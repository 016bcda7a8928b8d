"""Keys in the administration: only to look at. Their own page makes and revokes them."""

from __future__ import annotations

from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l

from webapp.blueprints.keys.models import Key, Secret
from webapp.core.admin import FromDay, ReadOnlyModelView


class KeyAdmin(ReadOnlyModelView):
    """Every key of people and services."""

    column_list = ("id", "name", "user_id", "role_id", "created_at", "expires_at", "last_used_at", "revoked_at")
    column_details_list = (*column_list[1:], "scopes", "created_by", "last_used_from", "revoked_by")
    column_searchable_list = ("name", "created_by")
    column_filters = ("user_id", "role_id", FromDay(Key.created_at, _l("Created")))
    column_labels: ClassVar[dict[str, Any]] = {
        "name": _l("Name"),
        "user_id": _l("User"),
        "role_id": _l("Role"),
        "expires_at": _l("Expires"),
        "last_used_at": _l("Last used"),
        "last_used_from": _l("Last used from"),
        "revoked_at": _l("Revoked"),
        "revoked_by": _l("Revoked by"),
        "scopes": _l("Scopes"),
        "created_by": _l("Created by"),
    }


class SecretAdmin(ReadOnlyModelView):
    """The secrets of all keys, without what could be tried against them."""

    column_list = ("id", "key", "prefix", "created_at", "valid_until")
    column_details_list = column_list[1:]
    column_labels: ClassVar[dict[str, Any]] = {
        "key": _l("Key"),
        "prefix": _l("Begins with"),
        "valid_until": _l("Valid until"),
    }


def admin_views() -> list[Any]:
    """The views of the room's models."""
    return [KeyAdmin(Key, _l("API keys")), SecretAdmin(Secret, _l("Secrets of keys"))]
