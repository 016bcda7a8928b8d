"""Where the shopfront is arranged: which products are shown, how each stands, the categories and their order."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import Blueprint, g, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.blueprints.shopfront.forms import GoodForm, ShelfForm
from webapp.blueprints.shopfront.models import Shelf, ShopGood
from webapp.blueprints.shopfront.permissions import ShopfrontPermission as May
from webapp.blueprints.shopfront.queries.office import (
    GOODS,
    find_good,
    get_product,
    get_shelf,
    list_goods_of,
    list_shelves,
)
from webapp.blueprints.shopfront.services import (
    arrange_product,
    hidden_words,
    hide_products,
    moved,
    order_goods,
    order_shelves,
    show_products,
    shown_words,
    update_shelf,
)
from webapp.blueprints.shopfront.settings import PRODUCTS, category_path, product_path
from webapp.core.db import db, transaction
from webapp.core.editing import ask_and_edit
from webapp.core.forms import pressed_button, sent_numbers
from webapp.core.lists.pages import show_list
from webapp.core.security import current_actor, requires
from webapp.core.web import done, show

blueprint = Blueprint(
    "shopfront_office", __name__, template_folder="../templates", url_prefix="/backoffice/site/shopfront"
)


@blueprint.get("/")
@requires(May.GOODS_READ)
def goods() -> Response:
    """The products of the catalogue and how they stand on the public site, or their export."""
    return show_list(
        db.session(), GOODS, "shopfront/office/goods.html", "shopfront/office/_goods.html", products_path=PRODUCTS
    )


@blueprint.post("/show")
@requires(May.GOODS_WRITE)
def show_chosen() -> Response:
    """Show the products that are ticked."""
    by, numbers = current_actor(), sent_numbers("chosen")
    with transaction() as session:
        changed = show_products(session, by=by, product_ids=numbers)
    return done(_way_back(), shown_words(changed))


@blueprint.post("/hide")
@requires(May.GOODS_WRITE)
def hide_chosen() -> Response:
    """Hide the products that are ticked."""
    by, numbers = current_actor(), sent_numbers("chosen")
    with transaction() as session:
        changed = hide_products(session, by=by, product_ids=numbers)
    return done(_way_back(), hidden_words(changed))


@blueprint.route("/products/<int:product_id>", methods=["GET", "POST"])
@requires(May.GOODS_WRITE)
def edit_good(product_id: int) -> Response:
    """The form of how a product stands, and its change; the second of two editors is told."""
    by, codes, product = current_actor(), g.company.language_codes, get_product(db.session(), product_id)

    def page(form: GoodForm, good: ShopGood | None, **more: Any) -> Response:
        paths = {code: product_path(code, good.words[code].slug) for code in codes} if good and good.shown else {}
        return show("shopfront/office/good_form.html", form=form, product=product, paths=paths, **more)

    return ask_and_edit(
        lambda: find_good(db.session(), product_id),
        partial(GoodForm.of, languages=codes),
        page,
        lambda s, form, seen: arrange_product(s, by=by, product_id=product_id, version=seen, values=form.values()),
        then=url_for("shopfront_office.goods"),
        message=_("The product was saved."),
    )


@blueprint.route("/categories/", methods=["GET", "POST"])
@requires(May.GOODS_WRITE)
def shelves() -> Response:
    """The categories in their order, and another order."""
    if request.method == "GET":
        return show("shopfront/office/shelves.html", shelves=list_shelves(db.session()))
    by, order = current_actor(), _order()
    with transaction() as session:
        order_shelves(session, by=by, order=order)
    return done(url_for("shopfront_office.shelves"), _("The order was saved."))


@blueprint.route("/categories/<int:shelf_id>/order", methods=["GET", "POST"])
@requires(May.GOODS_WRITE)
def shelf_order(shelf_id: int) -> Response:
    """The shown products of a category in their order, and another order."""
    shelf = get_shelf(db.session(), shelf_id)
    if request.method == "GET":
        return show("shopfront/office/shelf_order.html", shelf=shelf, goods=list_goods_of(db.session(), shelf))
    by, order = current_actor(), _order()
    with transaction() as session:
        order_goods(session, by=by, shelf_id=shelf_id, order=order)
    return done(url_for("shopfront_office.shelf_order", shelf_id=shelf_id), _("The order was saved."))


@blueprint.route("/categories/<int:shelf_id>/edit", methods=["GET", "POST"])
@requires(May.GOODS_WRITE)
def edit_shelf(shelf_id: int) -> Response:
    """The form of how a category stands, and its change; the second of two editors is told."""
    by, codes = current_actor(), g.company.language_codes

    def page(form: ShelfForm, shelf: Shelf, **more: Any) -> Response:
        paths = {code: category_path(code, shelf.words[code].slug) for code in codes}
        return show("shopfront/office/shelf_form.html", form=form, shelf=shelf, paths=paths, **more)

    return ask_and_edit(
        lambda: get_shelf(db.session(), shelf_id),
        partial(ShelfForm.of, languages=codes),
        page,
        lambda s, form, seen: update_shelf(s, by=by, shelf_id=shelf_id, version=seen, values=form.values()),
        then=url_for("shopfront_office.shelves"),
        message=_("The category was saved."),
    )


def _order() -> Sequence[int]:
    """The order that was sent, with one place more or less for the one whose button was pressed."""
    order = sent_numbers("order")
    pressed, way = pressed_button("move")
    if pressed is not None and way in ("up", "down"):
        return moved(order, pressed, -1 if way == "up" else 1)
    return order


def _way_back() -> str:
    """The list as it was asked for when the boxes were ticked."""
    came, home = urlsplit(request.referrer or ""), url_for("shopfront_office.goods")
    return f"{home}?{urlencode(parse_qsl(came.query))}" if came.path == home and came.query else home
