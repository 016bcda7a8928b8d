"""Customers in the API: what is told of them, and of whom."""

from __future__ import annotations

import datetime as dt

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.rooms.accounts.makers import make_user
from tests.rooms.crm.makers import make_customer
from tests.rooms.keys.makers import READ_CUSTOMERS, READ_ORDERS, bearer, make_key, status_with
from webapp.blueprints.accounts.models import Role, RoleGrant

URL = "/api/v1/crm/customers"


def test_a_customer_is_told_whole(client: FlaskClient, session: Session) -> None:
    customer = make_customer(session, number="A1", name="Bar Sport", country="Italia", email="bar@sport.example")
    told = client.get(f"{URL}/{customer.id}", headers=bearer(make_key(session))).get_json()
    times = [dt.datetime.fromisoformat(told.pop(name)) for name in ("created_at", "updated_at")]
    assert times == [customer.created_at, customer.updated_at]
    assert all(time.utcoffset() == dt.timedelta() for time in times)
    assert told == {
        "id": customer.id,
        "number": "A1",
        "name": "Bar Sport",
        "kind": "organisation",
        "country": "Italia",
        "email": "bar@sport.example",
        "vat_number": None,
    }


def test_the_list_tells_the_same_as_one_customer(client: FlaskClient, session: Session) -> None:
    make_customer(session, number="A1", country="Italia")
    headers = bearer(make_key(session))
    listed = client.get(URL, headers=headers).get_json()["items"]
    assert [client.get(f"{URL}/{each['id']}", headers=headers).get_json() for each in listed] == listed


def test_the_filters_the_search_and_the_order_are_those_of_the_page(client: FlaskClient, session: Session) -> None:
    make_customer(session, number="A1", name="Bar Sport", country="Italia")
    make_customer(session, number="A2", name="Anna Neri", country="Italia", kind="person")
    make_customer(session, number="A3", name="Zur Post", country="Austria")
    headers = bearer(make_key(session))

    def numbers(query: str) -> list[str]:
        return [each["number"] for each in client.get(f"{URL}?{query}", headers=headers).get_json()["items"]]

    assert numbers("") == ["A2", "A1", "A3"]
    assert numbers("country=Italia&kind=person") == ["A2"]
    assert numbers("q=spor") == ["A1"]
    assert numbers("sort=-number") == ["A3", "A2", "A1"]


def test_a_key_sees_the_customers_that_its_holder_sees(client: FlaskClient, session: Session) -> None:
    staff, other = make_user(session, roles=["staff"]), make_user(session, roles=["staff"])
    number = session.scalars(select(Role.id).where(Role.name == "staff")).one()
    session.merge(RoleGrant(role_id=number, permission=READ_CUSTOMERS, reach="own"))
    mine = make_customer(session, owner_id=staff.id)
    for owner_id in (other.id, None):
        theirs = make_customer(session, owner_id=owner_id)
        assert status_with(client, make_key(session, user_id=staff.id), f"{URL}/{theirs.id}") == 404
    key = make_key(session, user_id=staff.id)
    assert status_with(client, key, f"{URL}/{mine.id}") == 200
    told = client.get(URL, headers=bearer(key)).get_json()
    assert [each["id"] for each in told["items"]] == [mine.id]
    assert told["page"]["count"] == 1


def test_a_key_without_the_right_reads_no_customer(client: FlaskClient, session: Session) -> None:
    customer, key = make_customer(session), make_key(session, scopes=[READ_ORDERS])
    assert status_with(client, key, URL) == status_with(client, key, f"{URL}/{customer.id}") == 403
