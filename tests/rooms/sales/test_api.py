"""Orders in the API: what is told of them, exactly, and of whom."""

from __future__ import annotations

import datetime as dt

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.rooms.accounts.makers import make_user
from tests.rooms.catalogue.makers import make_product
from tests.rooms.crm.makers import make_customer
from tests.rooms.keys.makers import READ_CUSTOMERS, READ_ORDERS, bearer, make_key, status_with
from tests.rooms.sales.makers import make_order
from webapp.blueprints.accounts.models import Role, RoleGrant

URL = "/api/v1/sales/orders"


def test_an_order_is_told_with_its_lines_and_exact_amounts(client: FlaskClient, session: Session) -> None:
    customer, product = make_customer(session, number="A1", name="Bar Sport"), make_product(session)
    order = make_order(session, product, number="B7", customer_id=customer.id, country="Italia")
    told = client.get(f"{URL}/{order.id}", headers=bearer(make_key(session))).get_json()
    assert told == {
        "id": order.id,
        "number": "B7",
        "ordered_at": "2024-03-15T11:00:00Z",
        "kind": "sale",
        "customer_number": "A1",
        "customer_name": "Bar Sport",
        "country": "Italia",
        "line_count": 1,
        "units": "1.000",
        "net": "10.0000",
        "lines": [
            {
                "position": 1,
                "sku": product.sku,
                "description": "",
                "quantity": "1.000",
                "unit_price": "10.0000",
                "discount": "0.00",
                "net": "10.0000",
            }
        ],
    }


def test_the_list_tells_the_same_as_one_order_without_the_lines(client: FlaskClient, session: Session) -> None:
    make_order(session, customer_id=make_customer(session).id)
    make_order(session)
    headers = bearer(make_key(session))
    listed = client.get(URL, headers=headers).get_json()["items"]
    assert len(listed) == 2
    for each in listed:
        one = client.get(f"{URL}/{each['id']}", headers=headers).get_json()
        assert one.pop("lines")
        assert one == each


def test_days_are_those_of_the_company(client: FlaskClient, session: Session) -> None:
    make_order(session, number="B7", ordered_at=dt.datetime(2024, 3, 15, 23, 30, tzinfo=dt.UTC))
    headers = bearer(make_key(session))

    def count(query: str) -> int:
        return int(client.get(f"{URL}?{query}", headers=headers).get_json()["page"]["count"])

    assert count("from=2024-03-16&to=2024-03-16") == 1
    assert count("to=2024-03-15") == 0


@pytest.mark.parametrize(
    ("query", "argument"),
    [
        ("from=yesterday", "from"),
        ("to=2024-02-30", "to"),
        ("net_min=much", "net_min"),
        ("customer=nobody", "customer"),
        ("product=nothing", "product"),
        ("weekday=8", "weekday"),
    ],
)
def test_a_filter_that_is_not_understood_is_named(
    client: FlaskClient, session: Session, query: str, argument: str
) -> None:
    answer = client.get(f"{URL}?{query}", headers=bearer(make_key(session)))
    assert answer.status_code == 422
    assert list(answer.get_json()["errors"]) == [argument]


def test_a_key_sees_the_orders_that_its_holder_sees(client: FlaskClient, session: Session) -> None:
    staff = make_user(session, roles=["staff"])
    number = session.scalars(select(Role.id).where(Role.name == "staff")).one()
    session.merge(RoleGrant(role_id=number, permission=READ_ORDERS, reach="own"))
    mine, theirs = make_order(session, owner_id=staff.id), make_order(session)
    key = make_key(session, user_id=staff.id)
    assert [each["id"] for each in client.get(URL, headers=bearer(key)).get_json()["items"]] == [mine.id]
    assert status_with(client, key, f"{URL}/{mine.id}") == 200
    assert status_with(client, key, f"{URL}/{theirs.id}") == 404


def test_a_key_without_the_right_reads_no_order(client: FlaskClient, session: Session) -> None:
    order, key = make_order(session), make_key(session, scopes=[READ_CUSTOMERS])
    assert status_with(client, key, URL) == status_with(client, key, f"{URL}/{order.id}") == 403
