"""What those who arrange the shopfront ask: the products and how they stand there, and the categories in their order."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import case, exists, func, or_, select
from sqlalchemy.orm import Session, outerjoin

from webapp.blueprints.catalogue.public import Category, Product
from webapp.blueprints.shopfront.models import (
    Availability,
    GoodPicture,
    GoodWords,
    Pricing,
    Shelf,
    ShelfWords,
    ShopGood,
)
from webapp.core.errors import NotFound
from webapp.core.lists import Choice, Column, ListSpec, NaturalKey, Search, distinct_values, folded

PRICINGS = {Pricing.SHOWN.value: _l("The price"), Pricing.ASK.value: _l("“Price on request”")}
AVAILABILITIES = {
    Availability.IN_STOCK.value: _l("Available"),
    Availability.IN_STORE.value: _l("In the shop only"),
    Availability.TO_ORDER.value: _l("Made to order"),
    Availability.SOLD_OUT.value: _l("Sold out"),
}
YES_NO = {"yes": _l("Yes"), "no": _l("No")}
WORDING = {"yes": _l("Described"), "no": _l("Not described in every language")}


def list_category_names(session: Session) -> tuple[str, ...]:
    """The names of the categories in order."""
    return distinct_values(session, Category.name)


shown = case((ShopGood.shown.is_(True), "yes"), else_="no")
featured = case((ShopGood.featured.is_(True), "yes"), else_="no")
pictures = select(func.count()).where(GoodPicture.good_id == ShopGood.id).correlate(ShopGood).scalar_subquery()
pictured = case((exists().where(GoodPicture.good_id == ShopGood.id), "yes"), else_="no")
silent = exists().where(GoodWords.good_id == ShopGood.id, GoodWords.description == "")
described = case((or_(ShopGood.id.is_(None), silent), "no"), else_="yes")

GOODS = ListSpec(
    name="shopfront",
    source=outerjoin(
        outerjoin(Product, Category, Product.category_id == Category.id), ShopGood, ShopGood.product_id == Product.id
    ),
    id=Product.id,
    columns=(
        Column("sku", _l("SKU"), Product.sku, sort_by=Product.sku),
        Column("name", _l("Name"), Product.name, sort_by=folded(Product.name)),
        Column("category", _l("Category"), Category.name),
        Column("shown", _l("Shown"), shown, kind="choice", choices=YES_NO),
        Column("featured", _l("Featured"), featured, kind="choice", choices=YES_NO),
        Column("availability", _l("Availability"), ShopGood.availability, kind="choice", choices=AVAILABILITIES),
        Column("pictures", _l("Pictures"), pictures, kind="number"),
        Column("price", _l("Price, net"), Product.price, kind="price", sort_by=Product.price, shown=False),
        Column("pricing", _l("Shown as price"), ShopGood.pricing, kind="choice", choices=PRICINGS, shown=False),
        Column("position", _l("Place"), ShopGood.position, kind="number", shown=False),
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
        Choice("shown", _l("Shown"), shown, YES_NO),
        Choice("featured", _l("Featured"), featured, YES_NO),
        Choice("pictured", _l("With a picture"), pictured, YES_NO),
        Choice("described", _l("Description"), described, WORDING),
    ),
    search=(Search(Product.sku, "prefix"), Search(Product.name)),
    search_hint=_l("SKU or name"),
)


def get_product(session: Session, product_id: int, *, lock: bool = False) -> Product:
    """The product of the catalogue with this id, kept from others until the end if it is to `lock`. Raises NotFound."""
    product = session.get(Product, product_id, with_for_update={"of": Product} if lock else None)
    if product is None:
        raise NotFound(_("This product does not exist, or does not any more."))
    return product


def find_good(session: Session, product_id: int) -> ShopGood | None:
    """How a product stands on the public site; None when nobody ever arranged it."""
    return session.scalars(select(ShopGood).where(ShopGood.product_id == product_id)).one_or_none()


def get_shelf(session: Session, shelf_id: int, *, lock: bool = False) -> Shelf:
    """The category with this number, read again and kept from others until the end if it is to `lock`. Raises NotFound."""
    shelf = session.get(Shelf, shelf_id, with_for_update={"of": Shelf} if lock else None)
    if shelf is None:
        raise NotFound(_("This category is not on the public site."))
    return shelf


def list_shelves(session: Session) -> list[Shelf]:
    """All categories of the public site in their order."""
    asked = select(Shelf).join(Category, Category.id == Shelf.category_id)
    return list(session.scalars(asked.order_by(Shelf.position, folded(Category.name), Shelf.id)))


def list_goods_of(session: Session, shelf: Shelf) -> list[ShopGood]:
    """The shown products of a category in their order."""
    asked = (
        select(ShopGood)
        .join(Product, Product.id == ShopGood.product_id)
        .where(Product.category_id == shelf.category_id, ShopGood.shown)
        .order_by(ShopGood.position, folded(Product.name), ShopGood.id)
    )
    return list(session.scalars(asked))


def taken_slugs(
    session: Session, kind: type[GoodWords | ShelfWords], language: str, *, except_id: int | None
) -> set[str]:
    """The addresses that others than the one with this number have in a language."""
    owner = kind.good_id if issubclass(kind, GoodWords) else kind.shelf_id
    return set(session.scalars(select(kind.slug).where(kind.language == language, owner.is_distinct_from(except_id))))
