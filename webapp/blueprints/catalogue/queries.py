"""The questions to the records of the catalogue room: the lists of products and categories, one of them, suggestions."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import or_, select
from sqlalchemy.orm import Session, outerjoin

from webapp.blueprints.catalogue.models import Category, Product
from webapp.blueprints.catalogue.permissions import CataloguePermission as May
from webapp.core.errors import NotFound
from webapp.core.lists import Column, ListSpec, NaturalKey, NumberRange, Search, distinct_values, folded, matches

SUGGESTIONS = 20


def list_category_names(session: Session) -> tuple[str, ...]:
    """The names of the categories in order."""
    return distinct_values(session, Category.name)


PRODUCTS = ListSpec(
    name="products",
    source=outerjoin(Product, Category, Product.category_id == Category.id),
    id=Product.id,
    columns=(
        Column("sku", _l("SKU"), Product.sku, sort_by=Product.sku),
        Column("name", _l("Name"), Product.name, sort_by=folded(Product.name)),
        Column("category", _l("Category"), Category.name),
        Column("price", _l("Price, net"), Product.price, kind="price", sort_by=Product.price),
        Column("vat_rate", _l("VAT rate"), Product.vat_rate, kind="percent"),
        Column("cost", _l("Purchase cost"), Product.cost, kind="price", permission=May.COSTS_READ),
        Column("created_at", _l("Created"), Product.created_at, kind="date", shown=False),
        Column("updated_at", _l("Changed"), Product.updated_at, kind="date", shown=False),
    ),
    sort="sku",
    filters=(
        NaturalKey(
            "category",
            _l("Category"),
            Category.name,
            Category.id,
            lambda category_id: Product.category_id == category_id,
            suggestions=list_category_names,
        ),
        NumberRange("price", _l("Price from"), _l("Price to"), Product.price),
    ),
    search=(Search(Product.sku, "prefix"), Search(Product.name)),
    search_hint=_l("SKU or name"),
)

CATEGORIES = ListSpec(
    name="categories",
    source=Category,
    id=Category.id,
    columns=(
        Column("name", _l("Name"), Category.name, sort_by=folded(Category.name)),
        Column("created_at", _l("Created"), Category.created_at, kind="date"),
        Column("updated_at", _l("Changed"), Category.updated_at, kind="date"),
    ),
    sort="name",
    search=(Search(Category.name),),
    search_hint=_l("Name"),
)


def get_product(session: Session, product_id: int, *, lock: bool = False) -> Product:
    """The product with this id, read again and kept from others until the end if it is to `lock`. Raises NotFound."""
    product = session.get(Product, product_id, with_for_update={"of": Product} if lock else None)
    if product is None:
        raise NotFound(_("This product does not exist, or does not any more."))
    return product


def get_category(session: Session, category_id: int, *, lock: bool = False) -> Category:
    """The category with this id, read again and kept from others until the end if it is to `lock`. Raises NotFound."""
    category = session.get(Category, category_id, with_for_update=lock or None)
    if category is None:
        raise NotFound(_("This category does not exist, or does not any more."))
    return category


def find_category(session: Session, name: str) -> Category | None:
    """The category of exactly this name."""
    return session.scalars(select(Category).where(Category.name == name)).one_or_none()


def suggest_products(session: Session, text: str) -> list[tuple[str, str]]:
    """A few products as (SKU, name) whose SKU begins with `text` or whose name contains it, by SKU."""
    found = or_(matches(Product.sku, text, "prefix"), matches(Product.name, text, "contains"))
    rows = session.execute(select(Product.sku, Product.name).where(found).order_by(Product.sku).limit(SUGGESTIONS))
    return [(row.sku, row.name) for row in rows]
