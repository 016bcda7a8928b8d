"""Customers belong to a person and a group: who creates one has it, and it is handed over within one's reach."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.rooms.accounts.makers import make_user
from tests.rooms.crm.makers import make_customer
from tests.rooms.sales.makers import make_order
from webapp.blueprints.crm.models import Customer
from webapp.blueprints.crm.queries import suggest_customers
from webapp.blueprints.crm.services import create_customer, hand_customer_over, update_customer
from webapp.blueprints.sales.services.orders import CustomerMissing, LineValues, OrderValues, create_order
from webapp.core.clock import utc_now
from webapp.core.errors import NotAllowed, NotFound
from webapp.core.security import Actor, Reach

SignIn = Callable[[str], FlaskClient]
RIGHTS = frozenset(f"crm:customers:{verb}" for verb in ("read", "write", "assign")) | {
    "sales:orders:read",
    "sales:orders:write",
}
SELLER = Actor("seller", 41, RIGHTS, reaches=dict.fromkeys(RIGHTS, Reach.OWN), home_group=4)
HEAD = Actor("head", 42, RIGHTS, reaches=dict.fromkeys(RIGHTS, Reach.GROUP), groups=frozenset({4, 5}), home_group=4)
VALUES = {"number": "N1", "name": "Ada", "country": ""}


def test_who_creates_a_customer_has_it_in_their_first_group(session: Session) -> None:
    customer = create_customer(session, by=SELLER, values=VALUES)
    assert (customer.owner_id, customer.group_id) == (41, 4)


def test_a_customer_is_changed_by_those_whose_right_reaches_it(session: Session) -> None:
    customer = make_customer(session, owner_id=1, group_id=5)
    with pytest.raises(NotFound):
        update_customer(session, by=SELLER, customer_id=customer.id, version=customer.version, values=VALUES)
    changed = update_customer(session, by=HEAD, customer_id=customer.id, version=customer.version, values=VALUES)
    assert changed.name == "Ada"


def test_a_customer_is_handed_over_within_the_groups_alone(session: Session) -> None:
    customer = make_customer(session, owner_id=41, group_id=4)
    given = {"by": HEAD, "customer_id": customer.id}
    hand_customer_over(session, **given, version=customer.version, owner_id=7, group_id=5)
    assert (customer.owner_id, customer.group_id) == (7, 5)
    with pytest.raises(NotAllowed), session.begin_nested():
        hand_customer_over(session, **given, version=customer.version, owner_id=7, group_id=99)


def test_suggestions_and_orders_know_only_the_customers_that_one_may_see(session: Session) -> None:
    make_customer(session, number="WHOSE-1", owner_id=41)
    make_customer(session, number="WHOSE-2", owner_id=1)
    assert [number for number, _name in suggest_customers(session, "WHOSE", by=SELLER)] == ["WHOSE-1"]
    sku = make_order(session).lines[0].product.sku

    def order(customer: str) -> OrderValues:
        line = LineValues(sku=sku, quantity=1, unit_price=1)
        return OrderValues(f"FOR-{customer}", "sale", customer, "", utc_now().replace(tzinfo=None), [line])

    zone = utc_now().tzinfo
    made = create_order(session, by=SELLER, values=order("WHOSE-1"), zone=zone)
    assert made.owner_id == 41
    with pytest.raises(CustomerMissing):
        create_order(session, by=SELLER, values=order("WHOSE-2"), zone=zone)


def test_the_page_says_whose_it_is_and_the_form_hands_it_over(session: Session, sign_in: SignIn) -> None:
    user = make_user(session, name="Elena Ravaioli")
    customer = make_customer(session)
    session.commit()
    staff, where = sign_in("staff"), f"/backoffice/customers/{customer.id}/"
    page = staff.get(f"{where}hand-over").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    form = {"csrf_token": token[1], "version": customer.version, "owner": user.id, "group": ""}
    assert staff.post(f"{where}hand-over", data=form).status_code == 303
    assert "Elena Ravaioli" in staff.get(where).text
    session.expire_all()
    assert session.scalars(select(Customer.owner_id).where(Customer.id == customer.id)).one() == user.id
    assert staff.post(f"{where}hand-over", data=form | {"owner": ""}).status_code == 409
    assert staff.post(f"{where}hand-over", data=form | {"owner": "987654"}).status_code == 422
    assert "hand-over" not in sign_in("viewer").get(where).text
