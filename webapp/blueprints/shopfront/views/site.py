"""The products as the public sees them: lists with search and filters, categories, single products."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, current_app, g, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp.blueprints.media.public import find_images
from webapp.blueprints.shopfront.models import Availability
from webapp.blueprints.shopfront.queries.office import AVAILABILITIES
from webapp.blueprints.shopfront.queries.site import (
    Item,
    Place,
    Sort,
    Wish,
    count_items,
    find_item,
    find_place,
    list_chosen,
    list_empty_places,
    list_hidden_items,
    list_items,
    list_places,
    list_related,
)
from webapp.blueprints.shopfront.settings import CATEGORIES, PRODUCTS, category_path, product_path
from webapp.core.company import get_company
from webapp.core.db import db
from webapp.core.forms import whole_number
from webapp.core.lists.filters import read_number
from webapp.core.markdown import in_one_line, markdown, shortened, under_title
from webapp.core.site import PageDraft, PublicPage, localized, office_path
from webapp.core.site_pages import Head, asked_page, home_crumb, in_own_languages, share, whole_address

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

blueprint = Blueprint("shopfront", __name__, template_folder="../templates")
PAGE, LONGEST_SEARCH, MOST_PAGES = 24, 100, 50_000
TITLE = _l("Products")
TITLES = {"it": "Prodotti", "en": "Products"}  # where pages of both languages are told of at once
SORTS = {
    "ours": _l("As in the shop"),
    "name": _l("By name"),
    "price": _l("Lowest price first"),
    "-price": _l("Highest price first"),
}
SCHEMA = {
    Availability.IN_STOCK: "InStock",
    Availability.IN_STORE: "InStoreOnly",
    Availability.TO_ORDER: "MadeToOrder",
    Availability.SOLD_OUT: "OutOfStock",
}


@blueprint.context_processor
def words() -> dict[str, Any]:
    """What the pages of the products speak and make their links with."""
    return {"availabilities": AVAILABILITIES, "category_path": category_path, "products_path": PRODUCTS}


def products(language: str) -> Response:
    """The shown products, as they are searched, filtered and sorted."""
    return _collection(language, None)


def category(language: str, slug: str) -> Response:
    """The shown products of a category."""
    return _collection(language, find_place(db.session(), language, slug) or abort(404))


def product(language: str, slug: str) -> Response:
    """A product, with what is like it."""
    session = db.session()
    item = find_item(session, language, slug) or abort(404)
    related = list_related(session, item)
    images = _images_of([item, *related])
    picture = picture_of(item)
    crumbs = [home_crumb(language), (str(TITLE), PRODUCTS[language])]
    if item.category_slug:
        crumbs.append((item.category, category_path(language, item.category_slug)))
    head = Head(
        title=item.name,
        description=description_of(item),
        others=in_own_languages(item.others),
        crumbs=(*crumbs, (item.name, item.path)),
        facts=(_facts(item),),
        picture=picture,
        kind="product",
        modified=item.modified,
    )
    return share(
        "shopfront/product.html",
        head,
        language=language,
        item=item,
        related=related,
        images=images,
        description=under_title(markdown(item.description, ours=True)),
    )


def description_of(item: Item) -> str:
    """What a product is, in a line."""
    return shortened(in_one_line(item.description))


def picture_of(item: Item | Place) -> str:
    """The path of the picture that stands for a product or a category, "" when it has none."""
    path_of: Any = current_app.jinja_env.globals["picture_path"]
    number = item.picture_id if isinstance(item, Place) else next(iter(item.pictures), None)
    return str(path_of(number)) if number else ""


def list_public_pages(session: Session) -> Iterator[PublicPage]:
    """All pages of the shopfront that strangers find now: the list, the categories, the products."""
    codes = get_company(session).language_codes
    for language in codes:
        items = list_items(session, language, Wish(), size=MOST_PAGES)
        if not items:
            continue
        latest = max(item.modified for item in items)
        lists = {code: PRODUCTS[code] for code in codes}
        yield PublicPage(PRODUCTS[language], language, TITLES[language], "page", latest, others=lists)
        places = list_places(session, language)
        images = find_images(session, {number for item in items for number in item.pictures[:1]})
        for place in places:
            yield PublicPage(
                path=category_path(language, place.slug),
                language=language,
                title=place.name,
                kind="page",
                modified=max(
                    place.modified, *(each.modified for each in items if each.category_id == place.category_id)
                ),
                text=in_one_line(place.description),
                picture=picture_of(place),
                edit=office_path("shopfront_office.edit_shelf", shelf_id=place.id),
                others={code: path for code, path in place.others.items() if code in codes},
            )
        for item in items:
            words = in_one_line(item.description)
            yield PublicPage(
                path=item.path,
                language=language,
                title=item.name,
                kind="product",
                modified=item.modified,
                description=shortened(words),
                text=f"{item.sku} {item.category} {words}",
                picture=picture_of(item),
                edit=office_path("shopfront_office.edit_good", product_id=item.product_id),
                others={code: path for code, path in item.others.items() if code in codes},
            )
        del images  # held so far, so that each picture was found without asking again


def tell_drafts(session: Session) -> Iterator[PageDraft]:
    """What is said of products that are not shown, and of categories with none that is."""
    for language in get_company(session).language_codes:
        for item in list_hidden_items(session, language):
            edit = office_path("shopfront_office.edit_good", product_id=item.product_id)
            page = PublicPage(item.path, language, item.name, "product", item.modified, edit=edit)
            yield PageDraft(page, partial(markdown, item.description, ours=True))
        for place in list_empty_places(session, language):
            edit = office_path("shopfront_office.edit_shelf", shelf_id=place.id)
            path = category_path(language, place.slug)
            page = PublicPage(path, language, place.name, "page", place.modified, edit=edit)
            yield PageDraft(page, partial(markdown, place.description, ours=True))


def chosen_products(session: Session, values: Mapping[str, Any], language: str) -> Mapping[str, Any]:
    """What a block of products shows: chosen ones, those of a category, or the featured ones."""
    count, source = whole_number(values.get("count")) or 4, values.get("source") or "featured"
    more = PRODUCTS[language]
    if source == "chosen":
        rows = values.get("products") or ()
        items = list_chosen(session, language, [number for row in rows if (number := whole_number(row.get("product")))])
    elif source == "category":
        places = {place.category_id: place for place in list_places(session, language)}
        place = places.get(whole_number(values.get("category")) or 0)
        items = list_items(session, language, Wish(category=place.slug), size=count) if place else []
        more = category_path(language, place.slug) if place else more
    else:
        items = [item for item in list_items(session, language, Wish(), size=count) if item.featured]
    images = find_images(session, {number for item in items for number in item.pictures[:1]})
    return {"items": items, "images": images, "more": more, "availabilities": AVAILABILITIES}


def price_list(session: Session, values: Mapping[str, Any], language: str) -> Mapping[str, Any]:
    """What a block of prices shows: the products of the chosen categories, or of all."""
    places = list_places(session, language)
    rows = values.get("categories") or ()
    if chosen := [number for row in rows if (number := whole_number(row.get("category")))]:
        known = {place.category_id: place for place in places}
        places = [known[number] for number in dict.fromkeys(chosen) if number in known]
    items = list_items(session, language, Wish(sort="name"), size=MOST_PAGES)
    priced = [(place, [item for item in items if item.category_id == place.category_id]) for place in places]
    return {"priced": priced, "text": markdown(str(values.get("text") or ""), ours=True)}


def _collection(language: str, place: Place | None) -> Response:
    session = db.session()
    wish, problems = _wish(place)
    count = count_items(session, language, wish)
    page, pages = asked_page(count, PAGE)
    base = category_path(language, place.slug) if place else PRODUCTS[language]
    title = place.name if place else str(TITLE)
    narrowed = wish != Wish(category=place.slug if place else "")
    paths = in_own_languages(place.others if place else PRODUCTS)
    items = list_items(session, language, wish, size=PAGE, page=page)
    crumbs = [home_crumb(language), (str(TITLE), PRODUCTS[language])]
    if place:
        crumbs.append((title, base))
    if page > 1:
        paths = {language: f"{base}?page={page}"}
    head = Head(
        title=_("%(title)s, page %(page)s", title=title, page=page) if page > 1 else title,
        description=shortened(in_one_line(place.description))
        if place
        else _("All products with their prices, to search and to filter."),
        others=paths,
        crumbs=tuple(crumbs),
        picture=picture_of(place) if place else "",
        indexed=count > 0 and not narrowed and not problems,
    )
    return share(
        "shopfront/category.html" if place else "shopfront/products.html",
        head,
        fragment="shopfront/_results.html",
        language=language,
        place=place,
        text=under_title(markdown(place.description, ours=True)) if place else "",
        items=items,
        images=_images_of(items),
        places=list_places(session, language),
        wish=wish,
        asked=_asked(),
        problems=problems,
        sorts=SORTS,
        narrowed=narrowed,
        base=base,
        number=page,
        pages=pages,
        count=count,
        link=lambda **changes: _link(base, **changes),
    )


def _wish(place: Place | None) -> tuple[Wish, dict[str, str]]:
    """What the address asks for, and what could not be understood of it, by name."""
    asked, problems, bounds = _asked(), dict[str, str](), dict[str, Decimal | None]()
    for name in ("least", "most"):
        bounds[name] = read_number(asked[name]) if asked[name] else None
        if asked[name] and bounds[name] is None:
            problems[name] = _("“%(value)s” is not a number.", value=asked[name])
    sort = asked["sort"] if asked["sort"] in SORTS else "ours"
    wish = Wish(
        words=asked["q"],
        category=place.slug if place else asked["category"],
        least=bounds["least"],
        most=bounds["most"],
        sort=cast("Sort", sort),
    )
    return wish, problems


def _asked() -> dict[str, str]:
    """The questions of the form as they stand in the address."""
    found = {name: request.args.get(name, "") for name in ("q", "category", "least", "most", "sort")}
    return {
        name: text.replace("\x00", "").encode("utf-8", "ignore").decode()[:LONGEST_SEARCH].strip()
        for name, text in found.items()
    }


def _link(base: str, **changes: Any) -> str:
    """The address of the same list with changes; it starts at the first page again."""
    asked = {name: value for name, value in (_asked() | changes).items() if value not in ("", None)}
    return f"{base}?{urlencode(asked)}" if asked else base


def _facts(item: Item) -> dict[str, Any]:
    """The product for search engines (schema.org Product with its Offer), what is not known left out."""
    path_of: Any = current_app.jinja_env.globals["picture_path"]
    facts: dict[str, Any] = {
        "@type": "Product",
        "name": item.name,
        "sku": item.sku,
        "url": whole_address(item.path),
        "description": description_of(item),
        "image": [whole_address(path) for number in item.pictures if (path := path_of(number))],
        "category": item.category,
    }
    if item.price is not None:
        facts["offers"] = {
            "@type": "Offer",
            "url": whole_address(item.path),
            "price": f"{item.price:.2f}",
            "priceCurrency": g.company.currency,
            "availability": f"https://schema.org/{SCHEMA[Availability(item.availability)]}",
            "seller": {"@type": "Organization", "name": g.company.name},
        }
    return {key: value for key, value in facts.items() if value}


def _images_of(items: Iterable[Item]) -> Mapping[int, Any]:
    """The images of all these products, read at once; while they are held, each is found without asking again."""
    return find_images(db.session(), {number for item in items for number in item.pictures})


localized(blueprint, products, PRODUCTS)
localized(blueprint, product, {code: product_path(code, "<slug>") for code in PRODUCTS})
localized(blueprint, category, {code: category_path(code, "<slug>") for code in CATEGORIES})
