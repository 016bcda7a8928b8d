"""What people do with products and categories: create, change and delete them."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from webapp.blueprints.catalogue.models import Category, Product
from webapp.blueprints.catalogue.permissions import CataloguePermission as May
from webapp.blueprints.catalogue.queries import find_category, get_category, get_product
from webapp.core.errors import DomainError, EditConflict, NotAllowed
from webapp.core.security import Actor
from webapp.core.storing import store

log = logging.getLogger(__name__)


class SkuTaken(DomainError):
    """Another product has this SKU."""

    field = "sku"

    def __init__(self) -> None:
        super().__init__(_("Another product has this SKU."))


class CategoryNameTaken(DomainError):
    """Another category has this name."""

    field = "name"

    def __init__(self) -> None:
        super().__init__(_("Another category has this name."))


class CategoryMissing(DomainError):
    """No category has this name."""

    status = 422
    field = "category"

    def __init__(self) -> None:
        super().__init__(_("There is no category of this name."))


PRODUCT_PROBLEMS = {
    "uq_catalogue_products_sku": SkuTaken,
    "fk_catalogue_products_category_id_catalogue_categories": CategoryMissing,
}
CATEGORY_PROBLEMS = {"uq_catalogue_categories_name": CategoryNameTaken}


def create_product(session: Session, *, by: Actor, values: Mapping[str, Any]) -> Product:
    """A new product; `values` are its columns, the category by name.

    Raises NotAllowed (for a cost by who may not change it), SkuTaken, CategoryMissing.
    """
    product = Product(**_columns(session, values, by))
    session.add(product)
    store(session, PRODUCT_PROBLEMS)
    log.info("product %s created by %s", product.id, by.name)
    return product


def update_product(session: Session, *, by: Actor, product_id: int, version: int, values: Mapping[str, Any]) -> Product:
    """Change the product that the actor saw as `version`; columns that `values` leave out stay as they are.

    Raises NotFound, NotAllowed (for a cost by who may not change it), EditConflict, SkuTaken, CategoryMissing.
    """
    product = get_product(session, product_id, lock=True)
    if product.version != version:
        raise EditConflict
    for name, value in _columns(session, values, by).items():
        setattr(product, name, value)
    store(session, PRODUCT_PROBLEMS)
    log.info("product %s changed by %s", product.id, by.name)
    return product


def delete_product(session: Session, *, by: Actor, product_id: int, version: int) -> None:
    """Delete the product that the actor saw as `version`. Raises NotFound, EditConflict, InUse (it was sold)."""
    product = get_product(session, product_id, lock=True)
    if product.version != version:
        raise EditConflict
    session.delete(product)
    store(session)
    log.info("product %s deleted by %s", product_id, by.name)


def create_category(session: Session, *, by: Actor, name: str) -> Category:
    """A new category. Raises CategoryNameTaken."""
    category = Category(name=name)
    session.add(category)
    store(session, CATEGORY_PROBLEMS)
    log.info("category %s created by %s", category.id, by.name)
    return category


def update_category(session: Session, *, by: Actor, category_id: int, version: int, name: str) -> Category:
    """Rename the category that the actor saw as `version`. Raises NotFound, EditConflict, CategoryNameTaken."""
    category = get_category(session, category_id, lock=True)
    if category.version != version:
        raise EditConflict
    category.name = name
    store(session, CATEGORY_PROBLEMS)
    log.info("category %s changed by %s", category.id, by.name)
    return category


def delete_category(session: Session, *, by: Actor, category_id: int, version: int) -> None:
    """Delete the category that the actor saw as `version`. Raises NotFound, EditConflict, InUse (it has products)."""
    category = get_category(session, category_id, lock=True)
    if category.version != version:
        raise EditConflict
    session.delete(category)
    store(session)
    log.info("category %s deleted by %s", category_id, by.name)


def _columns(session: Session, values: Mapping[str, Any], by: Actor) -> dict[str, Any]:
    if "cost" in values and not by.may(May.COSTS_WRITE):
        raise NotAllowed(_("Your role does not let you change what products cost."))
    columns = dict(values)
    name = columns.pop("category", None)
    category = find_category(session, name) if name else None
    if name and category is None:
        raise CategoryMissing
    return columns | {"category": category}
