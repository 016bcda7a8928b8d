"""Categories and products in the administration."""

from __future__ import annotations

from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l

from webapp.blueprints.catalogue.models import Category, Product
from webapp.core.admin import KeyLoader, OwnerModelView, shortened


class CategoryAdmin(OwnerModelView):
    """Groups of products."""

    column_list = ("id", "name", "updated_at")
    column_searchable_list = ("name",)
    column_sortable_list = ("name",)
    form_columns = ("name",)
    column_labels: ClassVar[dict[str, Any]] = {"name": _l("Name")}


class ProductAdmin(OwnerModelView):
    """What is sold."""

    column_list = ("id", "sku", "name", "category", "price", "vat_rate", "cost")
    column_details_list = (*column_list[1:], "created_at", "updated_at", "version", "changed_xid")
    column_searchable_list = ("sku", "name")
    column_filters = ("sku", "name", "category.name", "price", "vat_rate")
    column_sortable_list = ("sku", "name", "price", "vat_rate")
    column_formatters: ClassVar[dict[str, Any]] = {"name": shortened}
    column_formatters_detail: ClassVar[dict[str, Any]] = {}
    column_formatters_export: ClassVar[dict[str, Any]] = {}
    form_columns = ("sku", "name", "category", "price", "vat_rate", "cost")
    form_ajax_refs: ClassVar[dict[str, Any]] = {
        "category": KeyLoader("category", Category, key="name", search=("name",))
    }
    column_labels: ClassVar[dict[str, Any]] = {
        "sku": _l("SKU"),
        "name": _l("Name"),
        "category": _l("Category"),
        "category.name": _l("Category"),
        "price": _l("Price without VAT"),
        "vat_rate": _l("VAT rate in percent"),
        "cost": _l("Purchase cost"),
    }


def admin_views() -> list[Any]:
    """The views of the room's models."""
    return [ProductAdmin(Product, _l("Products")), CategoryAdmin(Category, _l("Categories"))]
