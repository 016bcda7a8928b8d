"""The shopfront in the administration."""

from __future__ import annotations

from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l

from webapp.blueprints.shopfront.models import Shelf, ShopGood
from webapp.blueprints.shopfront.queries.office import AVAILABILITIES, PRICINGS
from webapp.core.admin import OwnerModelView


class GoodAdmin(OwnerModelView):
    """Products on the public site: what is said of them is written in the back office."""

    can_create = False
    column_list = ("id", "product_id", "shown", "featured", "pricing", "availability", "position")
    column_filters = ("shown", "featured", "pricing", "availability")
    column_sortable_list = ("product_id", "position")
    column_choices: ClassVar[dict[str, Any]] = {
        "pricing": list(PRICINGS.items()),
        "availability": list(AVAILABILITIES.items()),
    }
    form_choices: ClassVar[dict[str, Any]] = column_choices
    form_columns = ("shown", "featured", "pricing", "availability", "position")
    column_labels: ClassVar[dict[str, Any]] = {
        "shown": _l("Shown"),
        "featured": _l("Featured"),
        "pricing": _l("Shown as price"),
        "availability": _l("Availability"),
        "position": _l("Place"),
    }


class ShelfAdmin(OwnerModelView):
    """Categories on the public site."""

    can_create = False
    column_list = ("id", "category_id", "position")
    column_sortable_list = ("position",)
    form_columns = ("position",)
    column_labels: ClassVar[dict[str, Any]] = {"position": _l("Place")}


def admin_views() -> list[Any]:
    """The views of the room's models."""
    return [GoodAdmin(ShopGood, _l("Products on the site")), ShelfAdmin(Shelf, _l("Categories on the site"))]
