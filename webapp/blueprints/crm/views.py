"""The pages of customers."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.blueprints.crm.forms import CustomerForm
from webapp.blueprints.crm.models import Customer
from webapp.blueprints.crm.permissions import CrmPermission as May
from webapp.blueprints.crm.queries import CUSTOMERS, KINDS, get_customer, list_countries, suggest_customers
from webapp.blueprints.crm.services import create_customer, delete_customer, hand_customer_over, update_customer
from webapp.core.db import db
from webapp.core.deletion import ask_and_delete
from webapp.core.editing import ask_and_edit
from webapp.core.forms import Difference, submit
from webapp.core.handing_over import OwnerForm, whose
from webapp.core.lists.pages import show_list
from webapp.core.policy import visible
from webapp.core.security import current_actor, requires
from webapp.core.web import done, show

blueprint = Blueprint("crm", __name__, template_folder="templates", url_prefix="/backoffice/customers")


@blueprint.get("/")
@requires(May.CUSTOMERS_READ)
def customers() -> Response:
    """The list of customers, or its export."""
    seen = visible(current_actor(), CUSTOMERS, May.CUSTOMERS_READ)
    return show_list(db.session(), seen, "crm/customers.html", "crm/_customers.html")


@blueprint.get("/suggestions")
@requires(May.CUSTOMERS_READ)
def suggestions() -> str:
    """Options for an input that wants a customer number, from the one argument that it sends."""
    text = next(iter(request.args.values()), "").replace("\x00", "").strip()
    found = suggest_customers(db.session(), text, by=current_actor()) if text else []
    return render_template("records/_suggestions.html", found=found)


@blueprint.get("/<int:customer_id>/")
@requires(May.CUSTOMERS_READ)
def customer(customer_id: int) -> Response:
    """One customer, with what other rooms know of it."""
    found = get_customer(db.session(), customer_id, by=current_actor())
    return show("crm/customer.html", customer=found, kinds=KINDS, whose=whose(found))


@blueprint.route("/new", methods=["GET", "POST"])
@requires(May.CUSTOMERS_WRITE)
def new_customer() -> Response:
    """The form of a new customer, and its creation."""
    form = CustomerForm()
    if request.method == "GET":
        return _show_form(form)
    by = current_actor()
    created = submit(form, lambda session: create_customer(session, by=by, values=form.values()).id)
    if created is None:
        return _show_form(form, status=422)
    return done(url_for("crm.customer", customer_id=created), _("The customer was created."))


@blueprint.route("/<int:customer_id>/edit", methods=["GET", "POST"])
@requires(May.CUSTOMERS_WRITE)
def edit_customer(customer_id: int) -> Response:
    """The form of a customer, and its change; the second of two editors is told."""
    by = current_actor()
    return ask_and_edit(
        lambda: get_customer(db.session(), customer_id, by=by, to=May.CUSTOMERS_WRITE),
        CustomerForm.filled,
        _show_form,
        lambda s, form, seen: update_customer(s, by=by, customer_id=customer_id, version=seen, values=form.values()),
        then=url_for("crm.customer", customer_id=customer_id),
        message=_("The customer was saved."),
    )


@blueprint.route("/<int:customer_id>/delete", methods=["GET", "POST"])
@requires(May.CUSTOMERS_WRITE)
def remove_customer(customer_id: int) -> Response:
    """The question whether to delete, and the deletion."""
    by = current_actor()
    return ask_and_delete(
        "crm/customer_delete.html",
        lambda: {"customer": get_customer(db.session(), customer_id, by=by, to=May.CUSTOMERS_WRITE)},
        lambda s, seen: delete_customer(s, by=by, customer_id=customer_id, version=seen),
        then=url_for("crm.customers"),
        message=_("The customer was deleted."),
    )


@blueprint.route("/<int:customer_id>/hand-over", methods=["GET", "POST"])
@requires(May.CUSTOMERS_ASSIGN)
def hand_customer_over_to(customer_id: int) -> Response:
    """The form that says who looks after the customer from now on, and the handing over."""
    by = current_actor()
    return ask_and_edit(
        lambda: get_customer(db.session(), customer_id, by=by, to=May.CUSTOMERS_ASSIGN),
        OwnerForm.of,
        lambda form, stored, **more: show("crm/customer_hand_over.html", form=form, customer=stored, **more),
        lambda s, form, seen: hand_customer_over(s, by=by, customer_id=customer_id, version=seen, **form.values()),
        then=url_for("crm.customers"),
        message=_("The customer was handed over."),
    )


def _show_form(
    form: CustomerForm,
    stored: Customer | None = None,
    *,
    status: int = 200,
    differences: list[Difference] | None = None,
) -> Response:
    return show(
        "crm/customer_form.html",
        status=status,
        form=form,
        customer=stored,
        countries=list_countries(db.session()),
        differences=differences,
    )
