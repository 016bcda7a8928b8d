"""The pages of orders, and what the sales room shows on the pages of customers and products."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Blueprint, g, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.blueprints.catalogue.public import Product
from webapp.blueprints.crm.public import Customer
from webapp.blueprints.sales.forms import OrderForm
from webapp.blueprints.sales.models import Order, OrderLine
from webapp.blueprints.sales.permissions import SalesPermission as May
from webapp.blueprints.sales.queries import (
    ORDER_KINDS,
    get_order,
    list_lines,
    list_order_countries,
    list_recent_orders,
    orders_with,
)
from webapp.blueprints.sales.services.orders import create_order, delete_order, hand_order_over, update_order
from webapp.core.clock import utc_now
from webapp.core.db import db
from webapp.core.deletion import ask_and_delete
from webapp.core.editing import ask_and_edit
from webapp.core.errors import EditConflict
from webapp.core.forms import submit
from webapp.core.handing_over import OwnerForm, whose
from webapp.core.lists.pages import show_list
from webapp.core.policy import visible
from webapp.core.security import current_actor, requires
from webapp.core.web import done, show

blueprint = Blueprint("sales", __name__, template_folder="../templates", url_prefix="/backoffice/orders")


@blueprint.get("/")
@requires(May.ORDERS_READ)
def orders() -> Response:
    """The list of orders, or its export."""
    listed = orders_with(request.args.get("product", ""), request.args.get("category", ""))
    seen = visible(current_actor(), listed, May.ORDERS_READ)
    return show_list(db.session(), seen, "sales/orders.html", "sales/_orders.html")


@blueprint.get("/<int:order_id>/")
@requires(May.ORDERS_READ)
def order(order_id: int) -> Response:
    """One order with its lines."""
    session = db.session()
    found = get_order(session, order_id, by=current_actor())
    return show(
        "sales/order.html", order=found, lines=list_lines(session, order_id), kinds=ORDER_KINDS, whose=whose(found)
    )


@blueprint.route("/new", methods=["GET", "POST"])
@requires(May.ORDERS_WRITE)
def new_order() -> Response:
    """The form of a new order, and its creation."""
    form = OrderForm(data={"ordered_at": _now(), "customer": request.args.get("customer", ""), "lines": [{}]})
    if request.method == "GET" or _lines_changed(form):
        return _show_form(form)
    form.drop_blank_lines()
    by, zone = current_actor(), g.company.zone
    created = submit(form, lambda session: create_order(session, by=by, values=form.values(), zone=zone).id)
    if created is None:
        return _show_form(form, status=422)
    return done(url_for("sales.order", order_id=created), _("The order was created."))


@blueprint.route("/<int:order_id>/edit", methods=["GET", "POST"])
@requires(May.ORDERS_WRITE)
def edit_order(order_id: int) -> Response:
    """The form of an order, and its change; the second of two editors is told."""
    by = current_actor()
    stored = get_order(db.session(), order_id, by=by, to=May.ORDERS_WRITE)
    lines = list_lines(db.session(), order_id)
    form = OrderForm.of(stored, lines, g.company.zone)
    if request.method == "GET" or _lines_changed(form):
        return _show_form(form, stored, lines)
    form.drop_blank_lines()
    seen, zone = form.seen_version, g.company.zone
    try:
        saved = submit(
            form,
            lambda s: update_order(s, by=by, order_id=order_id, version=seen, values=form.values(), zone=zone).id,
        )
    except EditConflict:
        stored, lines = get_order(db.session(), order_id, by=by), list_lines(db.session(), order_id)
        differences = form.meet(OrderForm.of(stored, lines, zone, formdata=None))
        return _show_form(form, stored, lines, status=409, differences=differences)
    if saved is None:
        return _show_form(form, stored, lines, status=422)
    return done(url_for("sales.order", order_id=saved), _("The order was saved."))


@blueprint.route("/<int:order_id>/delete", methods=["GET", "POST"])
@requires(May.ORDERS_WRITE)
def remove_order(order_id: int) -> Response:
    """The question whether to delete, and the deletion."""
    by = current_actor()
    return ask_and_delete(
        "sales/order_delete.html",
        lambda: {"order": get_order(db.session(), order_id, by=by, to=May.ORDERS_WRITE)},
        lambda s, seen: delete_order(s, by=by, order_id=order_id, version=seen),
        then=url_for("sales.orders"),
        message=_("The order was deleted."),
    )


@blueprint.route("/<int:order_id>/hand-over", methods=["GET", "POST"])
@requires(May.ORDERS_ASSIGN)
def hand_order_over_to(order_id: int) -> Response:
    """The form that says who looks after the order from now on, and the handing over."""
    by = current_actor()
    return ask_and_edit(
        lambda: get_order(db.session(), order_id, by=by, to=May.ORDERS_ASSIGN),
        OwnerForm.of,
        lambda form, stored, **more: show("sales/order_hand_over.html", form=form, order=stored, **more),
        lambda s, form, seen: hand_order_over(s, by=by, order_id=order_id, version=seen, **form.values()),
        then=url_for("sales.orders"),
        message=_("The order was handed over."),
    )


def customer_panel(customer: Customer) -> str:
    """The newest orders of a customer, for the customer's page."""
    return _panel(
        list_recent_orders(db.session(), by=current_actor(), customer_id=customer.id), customer=customer.number
    )


def product_panel(product: Product) -> str:
    """The newest orders with a product, for the product's page."""
    return _panel(list_recent_orders(db.session(), by=current_actor(), product_id=product.id), product=product.sku)


def _panel(found: list[Order], **filters: str) -> str:
    return render_template("sales/_recent_orders.html", orders=found, filters=filters, kinds=ORDER_KINDS)


def _lines_changed(form: OrderForm) -> bool:
    """Whether the person asked for one line more or less, which saves nothing."""
    if "add_line" in request.form:
        form.add_line()
    elif "remove_line" in request.form:
        form.remove_line(request.form["remove_line"])
    else:
        return False
    return True


def _now() -> Any:
    return utc_now().astimezone(g.company.zone).replace(tzinfo=None, second=0, microsecond=0)


def _show_form(
    form: OrderForm,
    stored: Order | None = None,
    lines: Iterable[OrderLine] = (),
    *,
    status: int = 200,
    differences: Any = None,
) -> Response:
    if not form.lines.entries:
        form.add_line()
    return show(
        "sales/order_form.html",
        "sales/_order_lines.html",
        status=status,
        form=form,
        order=stored,
        nets={str(line.id): line.net for line in lines},
        countries=list_order_countries(db.session()),
        differences=differences,
    )
