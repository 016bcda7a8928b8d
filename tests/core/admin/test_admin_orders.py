"""Orders of the administration, with their lines inside."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.core.admin.conftest import Owner
from tests.core.admin.makers import NOON, line_fields, make_order, make_product, order_fields
from webapp.blueprints.sales.models import Order


def test_lines_are_added_changed_and_deleted_inside_their_order(owner: Owner, session: Session) -> None:
    order = make_order(session, lines=2)
    sku = order.lines[0].product.sku
    gone, kept = order.lines
    fields = {
        **order_fields(order),
        **line_fields(0, sku, id=str(gone.id)),
        "del-lines-0": "on",
        **line_fields(1, sku, id=str(kept.id), quantity="5", discount="0"),
        **line_fields(2, sku, id=""),
    }
    assert owner.post(f"sales_orders/edit/?id={order.id}", **fields).status_code in (302, 303)
    session.expire_all()
    assert [(line.quantity, line.net) for line in order.lines] == [(5, Decimal("10.0000")), (3, Decimal("5.4000"))]
    assert (order.net, order.units, order.line_count) == (Decimal("15.4000"), 8, 2)
    assert order.version == 2
    assert order.ordered_at == NOON


def test_a_new_order_takes_lines_with_it(owner: Owner, session: Session) -> None:
    product = make_product(session)
    session.commit()
    fields = order_fields(Order(number="N1", version=1)) | line_fields(0, product.sku) | line_fields(1, product.sku)
    assert owner.post("sales_orders/new/", **fields).status_code in (302, 303)
    order = session.scalars(select(Order)).one()
    assert [line.position for line in order.lines] == [1, 2]
    assert order.ordered_at == dt.datetime(2026, 3, 1, 11, 0, tzinfo=dt.UTC)


def test_a_wrong_line_is_told_at_its_place(owner: Owner, session: Session) -> None:
    order = make_order(session)
    fields = order_fields(order) | line_fields(0, "no-such-sku", quantity="many")
    answer = owner.post(f"sales_orders/edit/?id={order.id}", **fields)
    assert answer.status_code == 422
    assert 'id="lines-0-product-problem"' in answer.text
    assert 'id="lines-0-quantity-problem"' in answer.text


def test_an_order_of_many_lines_leads_to_their_own_list(owner: Owner, session: Session) -> None:
    order = make_order(session, lines=101, number="LONG")
    page = owner.get(f"sales_orders/edit/?id={order.id}").text
    assert "lines-0-quantity" not in page
    where = re.search(r'href="(/admin/sales_order_lines/[^"]*)"', page)[1]
    assert owner.browser.get(where).text.count('name="rowid"') == 50
    assert owner.post(f"sales_orders/edit/?id={order.id}", **order_fields(order)).status_code in (302, 303)
    session.expire_all()
    assert (order.line_count, order.country) == (101, "Italy")


def test_a_moment_that_is_shown_twice_a_year_survives_a_save(owner: Owner, session: Session) -> None:
    twice = dt.datetime(2026, 10, 25, 1, 30, 15, 123, tzinfo=dt.UTC)  # the second 02:30 of that night in Rome
    order = make_order(session, lines=0, ordered_at=twice)
    page = owner.get(f"sales_orders/edit/?id={order.id}").text
    assert 'value="2026-10-25T02:30:15"' in page
    fields = order_fields(order) | {"ordered_at": "2026-10-25T02:30:15"}
    assert owner.post(f"sales_orders/edit/?id={order.id}", **fields).status_code in (302, 303)
    session.expire_all()
    assert order.ordered_at == twice
