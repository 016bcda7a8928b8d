"""What people do with the shopfront: show and hide products, say how they stand there, and put them in order."""

from __future__ import annotations

import logging
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import func, select
from sqlalchemy.orm import Session

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
from webapp.blueprints.shopfront.queries.office import (
    find_good,
    get_product,
    get_shelf,
    list_goods_of,
    list_shelves,
    taken_slugs,
)
from webapp.blueprints.shopfront.settings import category_path, product_path
from webapp.core.clock import utc_now
from webapp.core.company import LANGUAGES
from webapp.core.errors import DomainError, EditConflict, FieldProblems
from webapp.core.events import announce
from webapp.core.security import Actor
from webapp.core.site import PageMoved
from webapp.core.site_events import tell_of_change
from webapp.core.slugs import free_slug, slug_of
from webapp.core.storing import store

log = logging.getLogger(__name__)
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
MOST_AT_ONCE = 1000


class ShopAddressTaken(DomainError):
    """Another product or category has this address in its language."""

    def __init__(self) -> None:
        super().__init__(_("Another one has just taken this address: write another one and save again."))


class ShopPictureGone(DomainError):
    """A chosen picture was deleted meanwhile."""

    status = 422

    def __init__(self) -> None:
        super().__init__(_("A chosen picture is not there any more: choose again."))


class NothingChosen(DomainError):
    """No product was chosen."""

    status = 422

    def __init__(self) -> None:
        super().__init__(_("Choose products first: tick the boxes in front of them."))


class AnotherOrder(DomainError):
    """What was put in order is not what is there now."""

    def __init__(self) -> None:
        super().__init__(_("Something came or went meanwhile: look at the order again and repeat yours."))


PROBLEMS = {
    "uq_shopfront_good_words_slug": ShopAddressTaken,
    "uq_shopfront_shelf_words_slug": ShopAddressTaken,
    "uq_shopfront_goods_product_id": EditConflict,
    "uq_shopfront_shelves_category_id": EditConflict,
    "fk_shopfront_good_pictures_picture_id_media_images": ShopPictureGone,
    "fk_shopfront_shelves_picture_id_media_images": ShopPictureGone,
}


@dataclass(frozen=True)
class Text:
    """What is to be said in a language. Without a name: the catalogue's; without an address: one made of the name."""

    name: str = ""
    slug: str = ""
    description: str = ""


@dataclass(frozen=True)
class GoodValues:
    """How a product is to stand on the public site; languages that are not named stay as they are."""

    words: Mapping[str, Text] = field(default_factory=dict)
    pictures: tuple[int, ...] = ()
    shown: bool = True
    featured: bool = False
    pricing: Pricing = Pricing.SHOWN
    availability: Availability = Availability.IN_STOCK
    position: int = 0


@dataclass(frozen=True)
class ShelfValues:
    """How a category is to stand on the public site; languages that are not named stay as they are."""

    words: Mapping[str, Text] = field(default_factory=dict)
    picture_id: int | None = None


def show_products(session: Session, *, by: Actor, product_ids: Collection[int]) -> int:
    """Show these products of the catalogue, as they stood the last time or with the catalogue's words; how many are new.

    Their categories come along. Raises NothingChosen.
    """
    changed = 0
    for product in _products(session, product_ids):
        good = find_good(session, product.id)
        if good is None:
            good = _new_good(session, product)
        if not good.shown:
            good.shown = True
            changed += 1
        _stand_shelf(session, product.category)
    store(session, PROBLEMS)
    if changed:
        tell_of_change(session, by=by, part="product", deed="published", title=shown_words(changed))
    log.info("%s products shown by %s", changed, by.name)
    return changed


def hide_products(session: Session, *, by: Actor, product_ids: Collection[int]) -> int:
    """Hide these products; their words and pictures are kept. How many were shown. Raises NothingChosen."""
    changed = 0
    for product in _products(session, product_ids):
        good = find_good(session, product.id)
        if good is not None and good.shown:
            good.shown = False
            changed += 1
    store(session, PROBLEMS)
    if changed:
        tell_of_change(session, by=by, part="product", deed="taken off", title=hidden_words(changed))
    log.info("%s products hidden by %s", changed, by.name)
    return changed


def arrange_product(session: Session, *, by: Actor, product_id: int, version: int, values: GoodValues) -> ShopGood:
    """Say how the product stands that the actor saw as `version` (0: it was not arranged yet).

    A new address of a shown one is announced (PageMoved). Raises NotFound, EditConflict, FieldProblems,
    ShopAddressTaken, ShopPictureGone.
    """
    product = get_product(session, product_id, lock=True)
    good = find_good(session, product_id)
    if (good.version if good else 0) != version:
        raise EditConflict
    good = good or _new_good(session, product)
    before = {language: words.slug for language, words in good.words.items()} if good.shown else {}
    with session.no_autoflush:
        for language, text in values.words.items():
            _write_words(session, good, language, text)
        _write_pictures(good, values.pictures)
    good.shown, good.featured, good.position = values.shown, values.featured, values.position
    good.pricing, good.availability = values.pricing, values.availability
    good.updated_at = utc_now()  # so that its version counts though only its words changed
    _stand_shelf(session, product.category)
    store(session, PROBLEMS)
    for language, old in before.items():
        if (new := good.words[language].slug) != old:
            announce(session, PageMoved(product_path(language, old), product_path(language, new), by.name))
    tell_of_change(session, by=by, part="product", deed="changed", title=good)
    log.info("product %s arranged on the public site by %s", product_id, by.name)
    return good


def update_shelf(session: Session, *, by: Actor, shelf_id: int, version: int, values: ShelfValues) -> Shelf:
    """Change how the category stands that the actor saw as `version`; a new address is announced (PageMoved).

    Raises NotFound, EditConflict, FieldProblems, ShopAddressTaken, ShopPictureGone.
    """
    shelf = get_shelf(session, shelf_id, lock=True)
    if shelf.version != version:
        raise EditConflict
    before = {language: words.slug for language, words in shelf.words.items()}
    with session.no_autoflush:
        for language, text in values.words.items():
            _write_words(session, shelf, language, text)
    shelf.picture_id = values.picture_id
    shelf.updated_at = utc_now()  # so that its version counts though only its words changed
    store(session, PROBLEMS)
    for language, old in before.items():
        if (new := shelf.words[language].slug) != old:
            announce(session, PageMoved(category_path(language, old), category_path(language, new), by.name))
    tell_of_change(session, by=by, part="category", deed="changed", title=shelf)
    log.info("category %s arranged on the public site by %s", shelf.category_id, by.name)
    return shelf


def order_shelves(session: Session, *, by: Actor, order: Sequence[int]) -> None:
    """Put the categories in this order of their numbers. Raises AnotherOrder when these are not all of them."""
    shelves = {shelf.id: shelf for shelf in list_shelves(session)}
    _place(shelves, order)
    store(session)
    tell_of_change(
        session, by=by, part="category", deed="ordered", title=", ".join(str(shelves[number]) for number in order)
    )
    log.info("categories put in order by %s", by.name)


def order_goods(session: Session, *, by: Actor, shelf_id: int, order: Sequence[int]) -> None:
    """Put the shown products of a category in this order. Raises NotFound, AnotherOrder when these are not all of them."""
    shelf = get_shelf(session, shelf_id, lock=True)
    goods = {good.id: good for good in list_goods_of(session, shelf)}
    _place(goods, order)
    store(session)
    tell_of_change(session, by=by, part="product", deed="ordered", title=shelf)
    log.info("products of category %s put in order by %s", shelf_id, by.name)


def moved(order: Sequence[int], number: int, step: int) -> list[int]:
    """The order with one number a step further on or back; the same when it cannot go there."""
    turned = list(order)
    if number in turned:
        place = turned.index(number)
        if 0 <= place + step < len(turned):
            turned[place], turned[place + step] = turned[place + step], turned[place]
    return turned


def shown_words(count: int) -> str:
    """How many products were shown, in words."""
    return str(ngettext("%(num)s product is shown now.", "%(num)s products are shown now.", count))


def hidden_words(count: int) -> str:
    """How many products were hidden, in words."""
    return str(ngettext("%(num)s product is hidden now.", "%(num)s products are hidden now.", count))


def _place(records: Mapping[int, Shelf] | Mapping[int, ShopGood], order: Sequence[int]) -> None:
    if sorted(order) != sorted(records):
        raise AnotherOrder
    for position, number in enumerate(order, start=1):
        records[number].position = position


def _products(session: Session, numbers: Collection[int]) -> Iterable[Product]:
    if not numbers:
        raise NothingChosen
    some = sorted(set(numbers))[:MOST_AT_ONCE]
    return session.scalars(select(Product).where(Product.id.in_(some)).order_by(Product.id)).all()


def _new_good(session: Session, product: Product) -> ShopGood:
    good = ShopGood(product=product, shown=False)
    with session.no_autoflush:
        for language in LANGUAGES:
            _write_words(session, good, language, Text())
    session.add(good)
    store(session, PROBLEMS)
    return good


def _stand_shelf(session: Session, category: Category | None) -> None:
    """Give the category a place on the public site when it has none yet."""
    if category is None or session.scalar(select(Shelf.id).where(Shelf.category_id == category.id)):
        return
    last = session.scalar(select(func.max(Shelf.position))) or 0
    shelf = Shelf(category=category, position=last + 1)
    with session.no_autoflush:
        for language in LANGUAGES:
            _write_words(session, shelf, language, Text())
    session.add(shelf)
    store(session, PROBLEMS)


def _write_words(session: Session, record: ShopGood | Shelf, language: str, text: Text) -> None:
    name, slug, description = (UNPRINTABLE.sub("", each).strip() for each in (text.name, text.slug, text.description))
    if slug and not slug_of(slug):
        raise FieldProblems({f"slug_{language}": _("Write the address in letters and digits, or leave it empty.")})
    kind: type[GoodWords | ShelfWords] = GoodWords if isinstance(record, ShopGood) else ShelfWords
    own = record.product.name if isinstance(record, ShopGood) else record.category.name
    number: int | None = record.id  # None while it is new
    taken = taken_slugs(session, kind, language, except_id=number)
    chosen = slug_of(slug) or free_slug(name or own, taken, otherwise="product")
    if chosen in taken:
        raise FieldProblems({f"slug_{language}": _("Another one has this address.")})
    words = record.words.get(language)
    if words is None:
        words = kind(language=language)
        record.words[language] = words  # type: ignore[assignment]  # each kind of record has its own kind of words
    words.name, words.slug, words.description = name, chosen, description


def _write_pictures(good: ShopGood, numbers: tuple[int, ...]) -> None:
    present = {each.picture_id: each for each in good.pictures}
    wanted = list(dict.fromkeys(numbers))
    for number in present.keys() - set(wanted):
        good.pictures.remove(present[number])
    for position, number in enumerate(wanted, start=1):
        if number in present:
            present[number].position = position
        else:
            good.pictures.append(GoodPicture(picture_id=number, position=position))
