"""Customers in the API, to be read."""

from __future__ import annotations

from typing import Any

from webapp.blueprints.crm.models import Customer
from webapp.blueprints.crm.permissions import CrmPermission as May
from webapp.blueprints.crm.queries import CUSTOMERS, get_customer
from webapp.blueprints.crm.schemas import CustomerSchema
from webapp.core.api import ID, ApiBlueprint, answer_list, arguments_of, page_of
from webapp.core.db import db
from webapp.core.policy import visible
from webapp.core.security import current_actor, requires

blueprint = ApiBlueprint("crm", __name__, path="/crm", title="Customers")


@blueprint.route("/customers")
@requires(May.CUSTOMERS_READ)
@blueprint.arguments(arguments_of(CUSTOMERS), location="query")
@blueprint.response(200, page_of(CustomerSchema, "Customers"))
def customers(_asked: dict[str, Any]) -> dict[str, Any]:
    """List customers.

    Those that the key reaches, with the filters, the search and the order of the list on screen.
    """
    return answer_list(db.session(), visible(current_actor(), CUSTOMERS, May.CUSTOMERS_READ))


@blueprint.route(f"/customers/<{ID}:customer_id>")
@requires(May.CUSTOMERS_READ)
@blueprint.response(200, CustomerSchema)
def customer(customer_id: int) -> Customer:
    """Read a customer."""
    return get_customer(db.session(), customer_id, by=current_actor())
