"""Orders in the API, to be read."""

from __future__ import annotations

from typing import Any

from webapp.blueprints.sales.permissions import SalesPermission as May
from webapp.blueprints.sales.queries import ORDERS, get_order, list_lines
from webapp.blueprints.sales.schemas import OrderSchema, OrderWithLinesSchema
from webapp.core.api import ID, ApiBlueprint, answer_list, arguments_of, page_of
from webapp.core.db import db
from webapp.core.policy import visible
from webapp.core.security import current_actor, requires

blueprint = ApiBlueprint("sales", __name__, path="/sales", title="Orders")
OF_ORDER = ("id", "number", "ordered_at", "kind", "country", "line_count", "units", "net")


@blueprint.route("/orders")
@requires(May.ORDERS_READ)
@blueprint.arguments(arguments_of(ORDERS), location="query")
@blueprint.response(200, page_of(OrderSchema, "Orders"))
def orders(_asked: dict[str, Any]) -> dict[str, Any]:
    """List orders.

    Those that the key reaches, with the filters, the search and the order of the list on screen. Days are the company's.
    """
    return answer_list(db.session(), visible(current_actor(), ORDERS, May.ORDERS_READ))


@blueprint.route(f"/orders/<{ID}:order_id>")
@requires(May.ORDERS_READ)
@blueprint.response(200, OrderWithLinesSchema)
def order(order_id: int) -> dict[str, Any]:
    """Read an order with its lines."""
    session = db.session()
    found = get_order(session, order_id, by=current_actor())
    customer = found.customer
    return {name: getattr(found, name) for name in OF_ORDER} | {
        "customer": customer.name if customer else None,
        "customer_number": customer.number if customer else None,
        "lines": list_lines(session, order_id),
    }
