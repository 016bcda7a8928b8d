"""Menu entries and the notice in the administration."""

from __future__ import annotations

from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l

from webapp.blueprints.navigation.models import Item, Notice
from webapp.blueprints.navigation.queries import KINDS, MENUS
from webapp.core.admin import OwnerModelView


class ItemAdmin(OwnerModelView):
    """Entries of menus."""

    column_list = ("id", "menu", "position", "label_it", "label_en", "target_it", "target_en", "visible")
    column_searchable_list = ("label_it", "label_en", "target_it", "target_en")
    column_filters = ("menu", "visible")
    column_sortable_list = ("menu", "position")
    column_choices: ClassVar[dict[str, Any]] = {"menu": list(MENUS.items())}
    form_choices: ClassVar[dict[str, Any]] = {"menu": list(MENUS.items())}
    form_columns = ("menu", "position", "label_it", "label_en", "target_it", "target_en", "visible")
    column_labels: ClassVar[dict[str, Any]] = {
        "menu": _l("Menu"),
        "position": _l("Order"),
        "label_it": _l("Label in Italian"),
        "label_en": _l("Label in English"),
        "target_it": _l("Page or address in Italian"),
        "target_en": _l("Page or address in English"),
        "visible": _l("Shown on the site"),
    }


class NoticeAdmin(OwnerModelView):
    """The notice bar."""

    can_create = False
    column_list = ("id", "text_it", "text_en", "kind", "starts_at", "ends_at", "active")
    column_searchable_list = ("text_it", "text_en")
    column_filters = ("kind", "active")
    column_sortable_list = ("starts_at", "ends_at")
    column_choices: ClassVar[dict[str, Any]] = {"kind": list(KINDS.items())}
    form_choices: ClassVar[dict[str, Any]] = {"kind": list(KINDS.items())}
    form_columns = (
        "text_it", "text_en", "link_it", "link_en", "link_label_it", "link_label_en", "kind", "starts_at", "ends_at",
        "dismissable", "active",
    )  # fmt: skip
    column_labels: ClassVar[dict[str, Any]] = {
        "text_it": _l("Text in Italian"),
        "text_en": _l("Text in English"),
        "link_it": _l("Link in Italian"),
        "link_en": _l("Link in English"),
        "link_label_it": _l("Words of the link in Italian"),
        "link_label_en": _l("Words of the link in English"),
        "kind": _l("Colour"),
        "starts_at": _l("From"),
        "ends_at": _l("Until"),
        "dismissable": _l("Visitors may put it away"),
        "active": _l("On"),
    }


def admin_views() -> list[Any]:
    """The views of the room's models."""
    return [ItemAdmin(Item, _l("Menu entries")), NoticeAdmin(Notice, _l("Notice"))]
