"""The pages of products and categories."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.blueprints.catalogue.forms import CategoryForm, ProductForm
from webapp.blueprints.catalogue.models import Category, Product
from webapp.blueprints.catalogue.permissions import CataloguePermission as May
from webapp.blueprints.catalogue.queries import (
    CATEGORIES,
    PRODUCTS,
    get_category,
    get_product,
    list_category_names,
    suggest_products,
)
from webapp.blueprints.catalogue.services import (
    create_category,
    create_product,
    delete_category,
    delete_product,
    update_category,
    update_product,
)
from webapp.core.db import db
from webapp.core.deletion import ask_and_delete
from webapp.core.editing import ask_and_edit
from webapp.core.forms import Difference, submit
from webapp.core.lists.pages import show_list
from webapp.core.policy import visible
from webapp.core.security import current_actor, requires
from webapp.core.web import done, show

blueprint = Blueprint("catalogue", __name__, template_folder="templates", url_prefix="/backoffice/products")


@blueprint.get("/")
@requires(May.PRODUCTS_READ)
def products() -> Response:
    """The list of products, or its export."""
    seen = visible(current_actor(), PRODUCTS, May.PRODUCTS_READ)
    return show_list(db.session(), seen, "catalogue/products.html", "catalogue/_products.html")


@blueprint.get("/suggestions")
@requires(May.PRODUCTS_READ)
def suggestions() -> str:
    """Options for an input that wants a SKU, from the one argument that it sends."""
    text = next(iter(request.args.values()), "").replace("\x00", "").strip()
    return render_template("records/_suggestions.html", found=suggest_products(db.session(), text) if text else [])


@blueprint.get("/<int:product_id>/")
@requires(May.PRODUCTS_READ)
def product(product_id: int) -> Response:
    """One product, with what other rooms know of it."""
    return show("catalogue/product.html", product=get_product(db.session(), product_id))


@blueprint.route("/new", methods=["GET", "POST"])
@requires(May.PRODUCTS_WRITE)
def new_product() -> Response:
    """The form of a new product, and its creation."""
    by = current_actor()
    form = ProductForm(by=by)
    if request.method == "GET":
        return _show_product(form)
    created = submit(form, lambda session: create_product(session, by=by, values=form.values()).id)
    if created is None:
        return _show_product(form, status=422)
    return done(url_for("catalogue.product", product_id=created), _("The product was created."))


@blueprint.route("/<int:product_id>/edit", methods=["GET", "POST"])
@requires(May.PRODUCTS_WRITE)
def edit_product(product_id: int) -> Response:
    """The form of a product, and its change; the second of two editors is told."""
    by = current_actor()
    return ask_and_edit(
        lambda: get_product(db.session(), product_id),
        partial(ProductForm.of, by=by),
        _show_product,
        lambda s, form, seen: update_product(s, by=by, product_id=product_id, version=seen, values=form.values()),
        then=url_for("catalogue.product", product_id=product_id),
        message=_("The product was saved."),
    )


@blueprint.route("/<int:product_id>/delete", methods=["GET", "POST"])
@requires(May.PRODUCTS_WRITE)
def remove_product(product_id: int) -> Response:
    """The question whether to delete, and the deletion."""
    by = current_actor()
    return ask_and_delete(
        "catalogue/product_delete.html",
        lambda: {"product": get_product(db.session(), product_id)},
        lambda s, seen: delete_product(s, by=by, product_id=product_id, version=seen),
        then=url_for("catalogue.products"),
        message=_("The product was deleted."),
    )


@blueprint.get("/categories/")
@requires(May.PRODUCTS_READ)
def categories() -> Response:
    """The list of categories, or its export."""
    return show_list(db.session(), CATEGORIES, "catalogue/categories.html", "catalogue/_categories.html")


@blueprint.get("/categories/<int:category_id>/")
@requires(May.PRODUCTS_READ)
def category(category_id: int) -> Response:
    """One category."""
    return show("catalogue/category.html", category=get_category(db.session(), category_id))


@blueprint.route("/categories/new", methods=["GET", "POST"])
@requires(May.PRODUCTS_WRITE)
def new_category() -> Response:
    """The form of a new category, and its creation."""
    form = CategoryForm()
    if request.method == "GET":
        return _show_category(form)
    by = current_actor()
    created = submit(form, lambda session: create_category(session, by=by, name=form.name.data).id)
    if created is None:
        return _show_category(form, status=422)
    return done(url_for("catalogue.category", category_id=created), _("The category was created."))


@blueprint.route("/categories/<int:category_id>/edit", methods=["GET", "POST"])
@requires(May.PRODUCTS_WRITE)
def edit_category(category_id: int) -> Response:
    """The form of a category, and its change; the second of two editors is told."""
    by = current_actor()
    return ask_and_edit(
        lambda: get_category(db.session(), category_id),
        CategoryForm.filled,
        _show_category,
        lambda s, form, seen: update_category(s, by=by, category_id=category_id, version=seen, name=form.name.data),
        then=url_for("catalogue.category", category_id=category_id),
        message=_("The category was saved."),
    )


@blueprint.route("/categories/<int:category_id>/delete", methods=["GET", "POST"])
@requires(May.PRODUCTS_WRITE)
def remove_category(category_id: int) -> Response:
    """The question whether to delete, and the deletion."""
    by = current_actor()
    return ask_and_delete(
        "catalogue/category_delete.html",
        lambda: {"category": get_category(db.session(), category_id)},
        lambda s, seen: delete_category(s, by=by, category_id=category_id, version=seen),
        then=url_for("catalogue.categories"),
        message=_("The category was deleted."),
    )


def _show_product(
    form: ProductForm,
    stored: Product | None = None,
    *,
    status: int = 200,
    differences: list[Difference] | None = None,
) -> Response:
    return show(
        "catalogue/product_form.html",
        status=status,
        form=form,
        product=stored,
        categories=list_category_names(db.session()),
        differences=differences,
    )


def _show_category(
    form: CategoryForm,
    stored: Category | None = None,
    *,
    status: int = 200,
    differences: list[Difference] | None = None,
) -> Response:
    return show("catalogue/category_form.html", status=status, form=form, category=stored, differences=differences)
