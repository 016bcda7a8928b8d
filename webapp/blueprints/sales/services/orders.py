"""What people do with orders: create, change and delete them with their lines."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from sqlalchemy import delete
from sqlalchemy.orm import Session

from webapp.blueprints.catalogue.public import Product
from webapp.blueprints.sales.models import Order, OrderLine
from webapp.blueprints.sales.permissions import SalesPermission as May
from webapp.blueprints.sales.queries import find_customer, find_products, get_order, list_lines
from webapp.core.clock import utc_now
from webapp.core.errors import DomainError, EditConflict, FieldProblems
from webapp.core.policy import hand_over
from webapp.core.security import Actor
from webapp.core.storing import store

log = logging.getLogger(__name__)


class OrderNumberTaken(DomainError):
    """Another order has this number."""

    field = "number"

    def __init__(self) -> None:
        super().__init__(_("Another order has this number."))


class CustomerMissing(DomainError):
    """No customer has this number."""

    status = 422
    field = "customer"

    def __init__(self) -> None:
        super().__init__(_("There is no customer with this number."))


class NoLines(DomainError):
    """An order has something in it."""

    status = 422
    field = "lines"

    def __init__(self) -> None:
        super().__init__(_("An order needs at least one line."))


PROBLEMS = {
    "uq_sales_orders_number": OrderNumberTaken,
    "fk_sales_orders_customer_id_crm_customers": CustomerMissing,
}


@dataclass(frozen=True)
class LineValues:
    """A line as it is to be: of the stored line `id`, or a new one. `place` names its SKU in FieldProblems."""

    sku: str
    quantity: Decimal
    unit_price: Decimal
    discount: Decimal = Decimal(0)
    description: str = ""
    id: int | None = None
    place: str = "sku"


@dataclass(frozen=True)
class OrderValues:
    """An order as it is to be. `customer` is a number, "" for an anonymous sale; `ordered_at` the company's local time."""

    number: str
    kind: str
    customer: str
    country: str
    ordered_at: dt.datetime
    lines: Sequence[LineValues]


def create_order(session: Session, *, by: Actor, values: OrderValues, zone: ZoneInfo) -> Order:
    """A new order; without a country it takes its customer's.

    Raises OrderNumberTaken, CustomerMissing, NoLines, and FieldProblems for unknown SKUs.
    """
    products = _products(session, values.lines)
    order = Order(number=values.number)
    order.give_to(by)
    _set_head(session, order, values, zone, None, by=by)
    if not order.country and order.customer:
        order.country = order.customer.country
    session.add(order)
    store(session, PROBLEMS)
    _add_lines(session, order, values.lines, products, last_position=0)
    store(session)
    session.refresh(order)
    log.info("order %s created by %s", order.id, by.name)
    return order


def update_order(
    session: Session, *, by: Actor, order_id: int, version: int, values: OrderValues, zone: ZoneInfo
) -> Order:
    """Change the order that the actor saw as `version`; stored lines that are not given are deleted.

    Raises NotFound, NotAllowed, EditConflict, OrderNumberTaken, CustomerMissing, NoLines, and FieldProblems for unknown
    SKUs.
    """
    order = get_order(session, order_id, by=by, to=May.ORDERS_WRITE, lock=True)
    if order.version != version:
        raise EditConflict
    products = _products(session, values.lines)
    order.number = values.number
    _set_head(session, order, values, zone, order.ordered_at, by=by)
    order.updated_at = utc_now()  # so that a change of lines alone counts as a save
    store(session, PROBLEMS)
    _change_lines(session, order, values.lines, products)
    store(session)
    session.refresh(order)
    log.info("order %s changed by %s", order.id, by.name)
    return order


def delete_order(session: Session, *, by: Actor, order_id: int, version: int) -> None:
    """Delete the order that the actor saw as `version`, with its lines. Raises NotFound, NotAllowed, EditConflict."""
    order = get_order(session, order_id, by=by, to=May.ORDERS_WRITE, lock=True)
    if order.version != version:
        raise EditConflict
    session.delete(order)
    store(session)
    log.info("order %s deleted by %s", order_id, by.name)


def hand_order_over(
    session: Session, *, by: Actor, order_id: int, version: int, owner_id: int | None, group_id: int | None
) -> Order:
    """Give the order that the actor saw as `version` to another person and group. Raises NotFound, NotAllowed, EditConflict."""
    order = get_order(session, order_id, by=by, to=May.ORDERS_ASSIGN, lock=True)
    if order.version != version:
        raise EditConflict
    hand_over(by, May.ORDERS_ASSIGN, order, owner_id=owner_id, group_id=group_id)
    store(session)
    log.info("order %s handed over to %s in group %s by %s", order.id, owner_id, group_id, by.name)
    return order


def _products(session: Session, lines: Sequence[LineValues]) -> dict[str, Product]:
    if not lines:
        raise NoLines
    products = find_products(session, {line.sku for line in lines})
    sentence = _("There is no product with this SKU.")
    unknown = {line.place: sentence for line in lines if line.sku not in products}
    if unknown:
        raise FieldProblems(unknown)
    return products


def _set_head(
    session: Session, order: Order, values: OrderValues, zone: ZoneInfo, stored: dt.datetime | None, *, by: Actor
) -> None:
    customer = order.customer if order.customer and order.customer.number == values.customer else None
    if values.customer and customer is None:
        customer = find_customer(session, values.customer, by=by)
    if values.customer and customer is None:
        raise CustomerMissing
    order.kind = values.kind
    order.customer = customer
    order.country = values.country
    unchanged = stored is not None and stored.astimezone(zone).replace(tzinfo=None) == values.ordered_at
    if not unchanged:  # an hour that the clock shows twice stays the one it was
        order.ordered_at = values.ordered_at.replace(tzinfo=zone).astimezone(dt.UTC)


def _change_lines(session: Session, order: Order, lines: Sequence[LineValues], products: dict[str, Product]) -> None:
    stored = {line.id: line for line in list_lines(session, order.id)}
    last_position = max((line.position for line in stored.values()), default=0)
    fresh = []
    for given in lines:
        line = stored.pop(given.id, None) if given.id is not None else None
        if line is None:  # new, named twice, or deleted by somebody in the meantime
            fresh.append(given)
        else:
            _set_line(line, given, products[given.sku])
    if stored:
        gone = delete(OrderLine).where(OrderLine.id.in_(stored))
        session.execute(gone.execution_options(synchronize_session=False))
    _add_lines(session, order, fresh, products, last_position)


def _add_lines(
    session: Session, order: Order, lines: Sequence[LineValues], products: dict[str, Product], last_position: int
) -> None:
    for position, given in enumerate(lines, last_position + 1):
        line = OrderLine(order_id=order.id, position=position)
        _set_line(line, given, products[given.sku])
        session.add(line)


def _set_line(line: OrderLine, given: LineValues, product: Product) -> None:
    line.product_id = product.id
    line.description = given.description or product.name
    line.quantity = given.quantity
    line.unit_price = given.unit_price
    line.discount = given.discount
