"""The forms of products and categories."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from webapp.blueprints.catalogue.models import Product
from webapp.blueprints.catalogue.permissions import CataloguePermission as May
from webapp.core.forms import AmountField, Between, CleanField, RecordForm
from webapp.core.security import Actor

LARGEST_PRICE = Decimal("9999999999.9999")


class ProductForm(RecordForm):
    """A product as people edit it; the category by its name. The cost is there for those who may change it."""

    sku = CleanField(_l("SKU"), [DataRequired(), Length(max=60)])
    name = CleanField(_l("Name"), [DataRequired(), Length(max=500)])
    category = CleanField(_l("Category"), [Length(max=120)])
    price = AmountField(_l("Price, net"), [InputRequired(), Between(-LARGEST_PRICE, LARGEST_PRICE)], places=4, least=2)
    vat_rate = AmountField(_l("VAT rate in percent"), [InputRequired(), Between(0, 100)], places=2, default=Decimal(22))
    cost = AmountField(_l("Purchase cost"), [Optional(), Between(0, LARGEST_PRICE)], places=4, least=2)

    def __init__(self, *args: Any, by: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not by.may(May.COSTS_READ, May.COSTS_WRITE):
            del self.cost

    @classmethod
    def of(cls, product: Product, *, by: Actor, **kwargs: Any) -> ProductForm:
        """The form of a stored product; what was submitted goes before what is stored unless `formdata` is None."""
        category = product.category.name if product.category else ""
        return cls(
            by=by,
            data={
                "version": product.version,
                "sku": product.sku,
                "name": product.name,
                "category": category,
                "price": product.price,
                "vat_rate": product.vat_rate,
                "cost": product.cost,
            },
            **kwargs,
        )

    def values(self) -> dict[str, Any]:
        """The columns as they were typed."""
        return {field.short_name: field.data for field in self.own_fields()}


class CategoryForm(RecordForm):
    """A category as people edit it."""

    name = CleanField(_l("Name"), [DataRequired(), Length(max=120)])
