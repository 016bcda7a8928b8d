"""The questions to the records of the sales room: the list of orders, one of them, and those of one customer or product."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Integer, exists, extract, func, literal, select
from sqlalchemy.orm import Session, joinedload, outerjoin, selectinload

from webapp.blueprints.catalogue.public import Category, Product
from webapp.blueprints.crm.public import CrmPermission, Customer
from webapp.blueprints.sales.models import (
    Order,
    OrderKind,
    OrderLine,
    QuarantinedRow,
    SalesImport,
    SalesUpload,
    UploadState,
)
from webapp.blueprints.sales.permissions import ORDERS as ABOUT_ORDERS
from webapp.blueprints.sales.permissions import SalesPermission as May
from webapp.blueprints.tasks.public import Task
from webapp.core.errors import NotFound
from webapp.core.lists import (
    Choice,
    Column,
    DateRange,
    ListSpec,
    NaturalKey,
    NumberRange,
    Search,
    Text,
    distinct_values,
)
from webapp.core.policy import RecordRule, demand, may, visible
from webapp.core.security import Actor

RULE = RecordRule(Order, _l("Order"), Order.number, ABOUT_ORDERS)
ORDER_KINDS = {
    OrderKind.SALE.value: _l("Sale"),
    OrderKind.CANCELLATION.value: _l("Cancellation"),
    OrderKind.RETURN.value: _l("Return"),
}
WEEKDAYS = {
    1: _l("Monday"),
    2: _l("Tuesday"),
    3: _l("Wednesday"),
    4: _l("Thursday"),
    5: _l("Friday"),
    6: _l("Saturday"),
    7: _l("Sunday"),
}
HOURS = {hour: f"{hour:02}:00-{hour:02}:59" for hour in range(24)}
RECENT = 5
MOST_UPLOADS = 20
MOST_MAPPINGS = 10


def list_order_countries(session: Session) -> tuple[str, ...]:
    """The countries that orders have, in order."""
    return distinct_values(session, Order.country)


def _local_part(part: str, zone: ZoneInfo) -> ColumnElement[int]:
    """A part of the moment of an order as the company's clock shows it."""
    return extract(part, func.timezone(literal(zone.key), Order.ordered_at)).cast(Integer)


def _has_product(product_id: int) -> ColumnElement[bool]:
    return exists().where(OrderLine.order_id == Order.id, OrderLine.product_id == product_id)


def _has_category(category_id: int) -> ColumnElement[bool]:
    return exists().where(
        OrderLine.order_id == Order.id, OrderLine.product_id == Product.id, Product.category_id == category_id
    )


ORDERS = ListSpec(
    name="orders",
    source=outerjoin(Order, Customer, Order.customer_id == Customer.id),
    id=Order.id,
    columns=(
        Column("number", _l("Number"), Order.number, sort_by=Order.number),
        Column("ordered_at", _l("Date"), Order.ordered_at, kind="date", sort_by=Order.ordered_at),
        Column("kind", _l("Kind"), Order.kind, kind="choice", choices=ORDER_KINDS),
        Column("customer", _l("Customer"), Customer.name),
        Column("customer_number", _l("Customer number"), Customer.number, shown=False),
        Column("country", _l("Country"), Order.country),
        Column("line_count", _l("Lines"), Order.line_count, kind="number"),
        Column("units", _l("Units"), Order.units, kind="number"),
        Column("net", _l("Net"), Order.net, kind="money", sort_by=Order.net),
    ),
    sort="-ordered_at",
    filters=(
        DateRange(_l("From"), _l("To"), Order.ordered_at),
        Text("country", _l("Country"), Order.country, match="exact", suggestions=list_order_countries, blank="-"),
        NaturalKey(
            "category",
            _l("Category"),
            Category.name,
            Category.id,
            _has_category,
            suggestions=lambda session: distinct_values(session, Category.name),
        ),
        NaturalKey("product", _l("SKU"), Product.sku, Product.id, _has_product, suggest="catalogue.suggestions"),
        NaturalKey(
            "customer",
            _l("Customer number"),
            Customer.number,
            Customer.id,
            lambda customer_id: Order.customer_id == customer_id,
            suggest="crm.suggestions",
            permission=CrmPermission.CUSTOMERS_READ,
        ),
        Choice("kind", _l("Kind"), Order.kind, ORDER_KINDS),
        Choice("weekday", _l("Weekday"), lambda zone: _local_part("isodow", zone), WEEKDAYS),
        Choice("hour", _l("Hour"), lambda zone: _local_part("hour", zone), HOURS),
        NumberRange("net", _l("Net from"), _l("Net to"), Order.net),
    ),
    search=(Search(Order.number, "prefix"), Search(Customer.number, "prefix"), Search(Customer.name)),
    search_hint=_l("Order number, customer number or name"),
)


def orders_with(product: str = "", category: str = "") -> ListSpec:
    """The list of orders; asked for a product or category, also what those lines alone come to, as the figures count."""
    wanted = [(Product.sku, product), (Category.name, category)]
    conditions = [key == text.replace("\x00", "").strip() for key, text in wanted if text]
    if not conditions:
        return ORDERS
    lines = select(func.sum(OrderLine.net)).join(Product, OrderLine.product_id == Product.id)
    lines = lines.outerjoin(Category, Product.category_id == Category.id)
    net = lines.where(OrderLine.order_id == Order.id, *conditions).correlate(Order).scalar_subquery()
    column = Column("filtered_net", _l("Net of the filtered lines"), net, kind="money")
    return replace(ORDERS, columns=(*ORDERS.columns, column))


ROW_STATES = {"open": _l("Open"), "replayed": _l("Replayed"), "discarded": _l("Discarded")}
ROW_PROBLEMS = {
    "empty": _l("Something is missing"),
    "too_long": _l("Too long"),
    "not_a_date": _l("Not a date"),
    "year": _l("Impossible year"),
    "not_a_number": _l("Not a number"),
    "two_signs": _l("Two decimal signs"),
    "wrong_sign": _l("The other decimal sign"),
    "decimals": _l("Too many decimals"),
    "too_large": _l("Too large"),
    "discount": _l("Impossible discount"),
    "columns": _l("Too few or too many columns"),
    "undecodable": _l("Undecodable bytes"),
    "nul": _l("NUL byte"),
    "unclosed_quote": _l("Unclosed quote"),
    "stray_quote": _l("Stray quote"),
    "huge_field": _l("Huge field"),
    "amount": _l("Amount too large"),
    "other_customer": _l("Another customer than its order's"),
    "other_country": _l("Another country than its order's"),
}
SHOWN_OF_ROW = 200

IMPORTS = ListSpec(
    name="imports",
    source=SalesImport,
    id=SalesImport.id,
    columns=(
        Column("started_at", _l("Date"), SalesImport.started_at, kind="date", sort_by=SalesImport.id),
        Column("filename", _l("File"), SalesImport.filename),
        Column("actor", _l("By"), SalesImport.actor, shown=False),
        Column("rows", _l("Rows"), SalesImport.rows, kind="number"),
        Column("accepted", _l("Accepted"), SalesImport.accepted, kind="number"),
        Column("already_known", _l("Already known"), SalesImport.already_known, kind="number"),
        Column("quarantined", _l("Quarantined"), SalesImport.quarantined, kind="number"),
        Column("orders", _l("Orders"), SalesImport.orders, kind="number"),
        Column("customers", _l("Customers"), SalesImport.customers, kind="number", shown=False),
        Column("products", _l("Products"), SalesImport.products, kind="number", shown=False),
        Column("net", _l("Net"), SalesImport.net, kind="money"),
        Column("undone_at", _l("Undone"), SalesImport.undone_at, kind="date"),
    ),
    sort="-started_at",
    search=(Search(SalesImport.filename),),
    search_hint=_l("File name"),
)

QUARANTINE = ListSpec(
    name="quarantine",
    source=outerjoin(QuarantinedRow, SalesImport, QuarantinedRow.import_id == SalesImport.id),
    id=QuarantinedRow.id,
    columns=(
        Column("number", _l("No."), QuarantinedRow.id, sort_by=QuarantinedRow.id),
        Column("filename", _l("File"), SalesImport.filename),
        Column("line_number", _l("Line"), QuarantinedRow.line_number, kind="number"),
        Column("column", _l("Column"), QuarantinedRow.column),
        Column("problem", _l("Reason"), QuarantinedRow.reason_code, kind="choice", choices=ROW_PROBLEMS),
        Column("details", _l("Details"), QuarantinedRow.reason, shown=False),
        Column("raw", _l("Row as it was"), func.left(QuarantinedRow.raw, SHOWN_OF_ROW)),
        Column("state", _l("State"), QuarantinedRow.state, kind="choice", choices=ROW_STATES),
    ),
    sort="number",
    filters=(
        Choice("state", _l("State"), QuarantinedRow.state, ROW_STATES),
        Choice("problem", _l("Reason"), QuarantinedRow.reason_code, ROW_PROBLEMS),
        NumberRange("import", _l("Import from"), _l("Import to"), QuarantinedRow.import_id),
    ),
    search=(Search(SalesImport.filename),),
    search_hint=_l("File name"),
)


def get_order(session: Session, order_id: int, *, by: Actor, to: str = May.ORDERS_READ, lock: bool = False) -> Order:
    """The order with this id and its customer, if the actor may see it, kept from others until the end if to `lock`.

    Raises NotFound, also for one that the actor may not see, and NotAllowed when the permission `to` does not reach it.
    """
    if lock:
        order = session.get(Order, order_id, with_for_update={"of": Order}, populate_existing=True)
    else:
        order = session.get(Order, order_id, options=[joinedload(Order.customer)])
    if order is None or not may(by, May.ORDERS_READ, order):
        raise NotFound(_("This order does not exist, or does not any more."))
    demand(by, to, order)
    return order


def list_lines(session: Session, order_id: int) -> list[OrderLine]:
    """The lines of an order with their products, in their order."""
    lines = select(OrderLine).where(OrderLine.order_id == order_id).options(joinedload(OrderLine.product))
    return list(session.scalars(lines.order_by(OrderLine.position, OrderLine.id)))


def find_customer(session: Session, number: str, *, by: Actor) -> Customer | None:
    """The customer with this number, if the actor may see it."""
    customers = select(Customer).where(Customer.number == number)
    return session.scalars(visible(by, customers, CrmPermission.CUSTOMERS_READ)).one_or_none()


def find_products(session: Session, skus: Collection[str]) -> dict[str, Product]:
    """The products with these SKUs, by SKU; those that do not exist are missing."""
    found = session.scalars(select(Product).where(Product.sku.in_(skus)))
    return {product.sku: product for product in found}


def list_recent_orders(
    session: Session, *, by: Actor, customer_id: int | None = None, product_id: int | None = None
) -> list[Order]:
    """The newest few orders of a customer, or those with a product among their lines, that the actor may see."""
    orders = visible(by, select(Order), May.ORDERS_READ)
    if customer_id is not None:
        orders = orders.where(Order.customer_id == customer_id)
    if product_id is not None:
        orders = orders.where(Order.id.in_(select(OrderLine.order_id).where(OrderLine.product_id == product_id)))
    return list(session.scalars(orders.order_by(Order.ordered_at.desc(), Order.id.desc()).limit(RECENT)))


def tell_of_address(session: Session, address: str) -> dict[str, Any]:
    """The orders of the customers with that e-mail address, the oldest first, as JSON values; amounts as text."""
    lines = selectinload(Order.lines).joinedload(OrderLine.product)
    found = select(Order, Customer.number).join(Order.customer).where(func.lower(Customer.email) == address)
    return {
        "orders": [
            {
                "number": each.number,
                "kind": each.kind,
                "ordered_at": each.ordered_at.isoformat(),
                "customer": customer,
                "country": each.country,
                "net": str(each.net),
                "lines": [_tell_line(line) for line in each.lines],
            }
            for each, customer in session.execute(found.options(lines).order_by(Order.ordered_at, Order.id))
        ]
    }


def _tell_line(line: OrderLine) -> dict[str, str]:
    amounts = ("quantity", "unit_price", "discount", "net")
    told = {"sku": line.product.sku, "description": line.description}
    return told | {name: str(getattr(line, name)) for name in amounts}


def get_upload(session: Session, upload_id: int, *, lock: bool = False) -> SalesUpload:
    """The uploaded file with this id, kept from others until the end if it is to `lock`. Raises NotFound."""
    upload = session.get(SalesUpload, upload_id, with_for_update=True if lock else None, populate_existing=lock)
    if upload is None:
        raise NotFound(_("There is no such uploaded file."))
    return upload


def list_open_uploads(session: Session) -> list[SalesUpload]:
    """The uploaded files that wait for somebody to go on with them, the newest first."""
    waiting = select(SalesUpload).where(SalesUpload.state == UploadState.OPEN)
    return list(session.scalars(waiting.order_by(SalesUpload.id.desc()).limit(MOST_UPLOADS)))


def list_used_mappings(session: Session) -> list[SalesImport]:
    """The newest import by each of the mappings that were used last."""
    newest = select(func.max(SalesImport.id)).group_by(SalesImport.mapping["mapping"])
    imports = select(SalesImport).where(SalesImport.id.in_(newest), SalesImport.undone_at.is_(None))
    return list(session.scalars(imports.order_by(SalesImport.id.desc()).limit(MOST_MAPPINGS)))


def find_task(session: Session, task_id: int | None) -> Task | None:
    """The task with this number as it is now; None when there is none or it was forgotten since."""
    return session.get(Task, task_id, populate_existing=True) if task_id is not None else None


def count_open_rows(session: Session, import_id: int) -> int:
    """How many rows of an import wait to be corrected."""
    rows = select(func.count(QuarantinedRow.id)).where(QuarantinedRow.import_id == import_id)
    return session.scalar(rows.where(QuarantinedRow.state == "open")) or 0


def find_undo_task(session: Session, import_id: int) -> Task | None:
    """The last task that was asked to undo an import."""
    tasks = select(Task).where(Task.kind == "sales.undo_import", Task.args["import_id"].as_integer() == import_id)
    return session.scalars(tasks.order_by(Task.id.desc()).limit(1)).one_or_none()
