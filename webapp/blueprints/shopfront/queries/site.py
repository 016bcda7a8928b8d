"""What the public asks: the shown products in a language, filtered, sorted and paged, and their categories."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import ColumnElement, Numeric, String, and_, func, not_, or_, select, true
from sqlalchemy.orm import Session

from webapp.blueprints.catalogue.public import Category, Product
from webapp.blueprints.shopfront.models import GoodPicture, GoodWords, Pricing, Shelf, ShelfWords, ShopGood
from webapp.blueprints.shopfront.settings import CATEGORIES, PRODUCTS, category_path, product_path
from webapp.core.lists import matches

Sort = Literal["ours", "name", "price", "-price"]
MOST_WORDS = 6


@dataclass(frozen=True)
class Wish:
    """What somebody looks for. Bounds are of the price with VAT."""

    words: str = ""
    category: str = ""
    least: Decimal | None = None
    most: Decimal | None = None
    sort: Sort = "ours"


@dataclass(frozen=True)
class Place:
    """A category in a language; `others` are its paths by language."""

    id: int
    category_id: int
    name: str
    slug: str
    description: str
    picture_id: int | None
    modified: dt.datetime
    goods: int = 0
    others: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Item:
    """A shown product in a language. `price` is with VAT, to the cent; None: it is to be asked for. `modified` is UTC."""

    id: int
    product_id: int
    sku: str
    language: str
    name: str
    slug: str
    description: str
    price: Decimal | None
    vat_rate: Decimal
    availability: str
    featured: bool
    category_id: int | None
    category: str
    category_slug: str
    modified: dt.datetime
    pictures: tuple[int, ...] = ()
    others: Mapping[str, str] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """Its address."""
        return product_path(self.language, self.slug)


name_of = func.coalesce(func.nullif(GoodWords.name, ""), Product.name, type_=String())
place_name = func.coalesce(func.nullif(ShelfWords.name, ""), Category.name, type_=String())
# as webapp.core.money rounds: PostgreSQL takes the half of a numeric away from zero too
gross = func.round(Product.price * (100 + Product.vat_rate) / 100, 2, type_=Numeric(16, 2))
told = and_(ShopGood.pricing == Pricing.SHOWN, Product.price > 0)


def list_items(
    session: Session, language: str, wish: Wish, *conditions: ColumnElement[bool], size: int, page: int = 1
) -> list[Item]:
    """A page of the shown products that somebody looks for, in the order that they wish."""
    asked = _items(language).where(*_meant(wish), *conditions)
    ours = (ShopGood.featured.desc(), Shelf.position, ShopGood.position, func.lower(name_of))
    orders: dict[str, tuple[Any, ...]] = {
        "ours": ours,
        "name": (func.lower(name_of),),
        "price": (told.desc(), gross),
        "-price": (told.desc(), gross.desc()),
    }
    asked = asked.order_by(*orders[wish.sort], ShopGood.id).limit(size).offset((page - 1) * size)
    return _complete(session, session.execute(asked), language)


def count_items(session: Session, language: str, wish: Wish, *conditions: ColumnElement[bool]) -> int:
    """How many shown products somebody looks for."""
    asked = _items(language).where(*_meant(wish), *conditions).with_only_columns(func.count())
    return session.scalar(asked) or 0


def find_item(session: Session, language: str, slug: str) -> Item | None:
    """The shown product at an address."""
    found = session.execute(_items(language).where(GoodWords.slug == slug))
    return next(iter(_complete(session, found, language)), None)


def list_chosen(session: Session, language: str, numbers: Iterable[int]) -> list[Item]:
    """The shown ones of these products of the catalogue, in this order."""
    wanted = list(dict.fromkeys(numbers))
    found = session.execute(_items(language).where(Product.id.in_(wanted)))
    items = {item.product_id: item for item in _complete(session, found, language)}
    return [items[number] for number in wanted if number in items]


def list_related(session: Session, item: Item, *, size: int = 4) -> list[Item]:
    """Other products of the same category, the featured ones first, then those whose price is nearest."""
    if item.category_id is None:
        return []
    near = func.abs(gross - (item.price or 0))
    asked = _items(item.language).where(Product.category_id == item.category_id, ShopGood.id != item.id)
    asked = asked.order_by(ShopGood.featured.desc(), near, ShopGood.id).limit(size)
    return _complete(session, session.execute(asked), item.language)


def list_places(session: Session, language: str) -> list[Place]:
    """The categories that have shown products, in their order, with how many."""
    return _places(session, language)


def list_hidden_items(session: Session, language: str) -> list[Item]:
    """The arranged products that are not shown."""
    found = session.execute(_items(language, shown=False).order_by(ShopGood.id))
    return _complete(session, found, language)


def list_empty_places(session: Session, language: str) -> list[Place]:
    """The categories that have a place on the site and nothing to show."""
    return [place for place in _places(session, language, true()) if place.goods == 0]


def find_place(session: Session, language: str, slug: str) -> Place | None:
    """The category at an address, though nothing of it may be shown now."""
    return next(iter(_places(session, language, ShelfWords.slug == slug)), None)


def opens_path(session: Session, path: str) -> bool:
    """Whether a page of products stands at a path now, in a language of the company's: one of those that the room lists."""
    language = next((code for code in PRODUCTS if f"{path}/".startswith(f"{PRODUCTS[code]}/")), None)
    if language is None:
        return False
    asked = _items(language).with_only_columns(ShopGood.id)
    match path.removeprefix(PRODUCTS[language]).split("/")[1:]:
        case []:
            pass
        case [slug]:
            asked = asked.where(GoodWords.slug == slug)
        case [kind, slug] if kind == CATEGORIES[language]:
            asked = asked.where(ShelfWords.slug == slug)
        case _:
            return False
    return session.scalar(select(asked.exists())) or False


def category_options(session: Session, language: str) -> list[tuple[str, str]]:
    """The categories as a block offers them: number of the category and name."""
    return [(str(place.category_id), place.name) for place in list_places(session, language)]


def product_options(session: Session, language: str) -> list[tuple[str, str]]:
    """The shown products as a block offers them: number of the product and name."""
    asked = _items(language).with_only_columns(Product.id, name_of.label("name"), Product.sku)
    rows = session.execute(asked.order_by(func.lower(name_of), Product.id))
    return [(str(row.id), f"{row.name} ({row.sku})") for row in rows]


def _meant(wish: Wish) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [
        or_(
            matches(name_of, word, "contains"),
            matches(GoodWords.description, word, "contains"),
            matches(func.coalesce(place_name, "", type_=String()), word, "contains"),
            matches(Product.sku, word, "prefix"),
        )
        for word in wish.words.split()[:MOST_WORDS]
    ]
    if wish.category:
        conditions.append(ShelfWords.slug == wish.category)
    if wish.least is not None:
        conditions.append(and_(told, gross >= wish.least))
    if wish.most is not None:
        conditions.append(and_(told, gross <= wish.most))
    return conditions


def _items(language: str, *, shown: bool = True) -> Any:
    return (
        select(
            ShopGood.id,
            ShopGood.product_id,
            ShopGood.availability,
            ShopGood.featured,
            func.greatest(ShopGood.updated_at, Product.updated_at).label("modified"),
            told.label("told"),
            gross.label("gross"),
            name_of.label("name"),
            GoodWords.slug,
            GoodWords.description,
            Product.sku,
            Product.vat_rate,
            Product.category_id,
            place_name.label("category"),
            ShelfWords.slug.label("category_slug"),
        )
        .select_from(ShopGood)
        .join(Product, Product.id == ShopGood.product_id)
        .join(GoodWords, and_(GoodWords.good_id == ShopGood.id, GoodWords.language == language))
        .outerjoin(Category, Category.id == Product.category_id)
        .outerjoin(Shelf, Shelf.category_id == Category.id)
        .outerjoin(ShelfWords, and_(ShelfWords.shelf_id == Shelf.id, ShelfWords.language == language))
        .where(ShopGood.shown if shown else not_(ShopGood.shown))
    )


def _complete(session: Session, rows: Iterable[Any], language: str) -> list[Item]:
    """The items with their pictures and translations: two questions, however many they are."""
    items = [
        Item(
            id=row.id,
            product_id=row.product_id,
            sku=row.sku,
            language=language,
            name=row.name,
            slug=row.slug,
            description=row.description,
            price=row.gross if row.told else None,
            vat_rate=row.vat_rate,
            availability=row.availability,
            featured=row.featured,
            category_id=row.category_id,
            category=row.category or "",
            category_slug=row.category_slug or "",
            modified=row.modified,
        )
        for row in rows
    ]
    numbers = [item.id for item in items]
    if not numbers:
        return []
    pictures: dict[int, list[int]] = {}
    shown = select(GoodPicture.good_id, GoodPicture.picture_id).where(GoodPicture.good_id.in_(numbers))
    for number, picture_id in session.execute(shown.order_by(GoodPicture.position, GoodPicture.picture_id)):
        pictures.setdefault(number, []).append(picture_id)
    paths: dict[int, dict[str, str]] = {}
    said = select(GoodWords.good_id, GoodWords.language, GoodWords.slug).where(GoodWords.good_id.in_(numbers))
    for number, code, slug in session.execute(said.order_by(GoodWords.language.desc())):
        paths.setdefault(number, {})[code] = product_path(code, slug)
    return [replace(each, pictures=tuple(pictures.get(each.id, ())), others=paths[each.id]) for each in items]


def _places(session: Session, language: str, *conditions: ColumnElement[bool]) -> list[Place]:
    goods = (
        select(func.count())
        .select_from(ShopGood)
        .join(Product, Product.id == ShopGood.product_id)
        .join(GoodWords, and_(GoodWords.good_id == ShopGood.id, GoodWords.language == language))
        .where(ShopGood.shown, Product.category_id == Shelf.category_id)
        .correlate(Shelf)
        .scalar_subquery()
    )
    asked = (
        select(
            Shelf.id,
            Shelf.category_id,
            Shelf.picture_id,
            func.greatest(Shelf.updated_at, Category.updated_at).label("modified"),
            place_name.label("name"),
            ShelfWords.slug,
            ShelfWords.description,
            goods.label("goods"),
        )
        .join(Category, Category.id == Shelf.category_id)
        .join(ShelfWords, and_(ShelfWords.shelf_id == Shelf.id, ShelfWords.language == language))
        .where(*(conditions or (goods > 0,)))
        .order_by(Shelf.position, func.lower(place_name), Shelf.id)
    )
    rows = list(session.execute(asked))
    paths: dict[int, dict[str, str]] = {}
    said = select(ShelfWords).where(ShelfWords.shelf_id.in_([row.id for row in rows]))
    for words in session.scalars(said.order_by(ShelfWords.language.desc())):
        paths.setdefault(words.shelf_id, {})[words.language] = category_path(words.language, words.slug)
    return [
        Place(
            id=row.id,
            category_id=row.category_id,
            name=row.name,
            slug=row.slug,
            description=row.description,
            picture_id=row.picture_id,
            modified=row.modified,
            goods=row.goods,
            others=paths[row.id],
        )
        for row in rows
    ]
