"""A figure is shown to those alone who see all the records that it is made of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.conftest import signed_in_cookie
from tests.rooms.accounts.makers import make_user
from tests.rooms.gold.makers import Sale, make_gold
from webapp.blueprints.accounts.models import Role, RoleGrant
from webapp.blueprints.dashboard.services.figures import Chart
from webapp.core.db import db, gold_engine, transaction

MARCH = "/backoffice/?from=2025-03-01&to=2025-03-31"
ENGLISH = {"Accept-Language": "en"}
ORDERS, CUSTOMERS = "sales:orders:read", "crm:customers:read"


@pytest.fixture
def reader(fresh_app: Flask) -> Callable[..., FlaskClient]:
    """`reader({ORDERS: "own"})`: a viewer signed in, with these decisions on the role."""
    with gold_engine().begin() as connection:
        make_gold(connection, [Sale(order=1, day=dt.date(2025, 3, 10), hour=10, price=Decimal(100))])

    def signed_in(decisions: dict[str, str]) -> FlaskClient:
        with transaction() as session:
            role = session.scalars(select(Role).where(Role.name == "viewer")).one()
            session.add_all(RoleGrant(role_id=role.id, permission=name, reach=far) for name, far in decisions.items())
        session = db.session()
        cookies = signed_in_cookie(session, make_user(session))
        browser = fresh_app.test_client()
        with browser.session_transaction() as cookie:
            cookie.update(cookies)
        return browser

    return signed_in


def charts_in(page: str) -> set[str]:
    return {chart.value for chart in Chart if f'id="chart-{chart.value}"' in page}


def test_who_sees_all_orders_and_customers_sees_all_figures(reader: Callable[..., FlaskClient]) -> None:
    page = reader({}).get(MARCH, headers=ENGLISH).text
    assert charts_in(page) == {chart.value for chart in Chart}
    assert 'id="kpi-active_customers"' in page


def test_who_sees_own_customers_is_not_told_of_all_of_them(reader: Callable[..., FlaskClient]) -> None:
    browser = reader({CUSTOMERS: "own"})
    page = browser.get(MARCH, headers=ENGLISH).text
    assert charts_in(page) == {chart.value for chart in Chart} - {Chart.CUSTOMERS.value}
    assert 'id="kpi-net_revenue"' in page
    assert 'id="kpi-active_customers"' not in page
    address = "/backoffice/charts/{}.csv?from=2025-03-01&to=2025-03-31"
    assert browser.get(address.format(Chart.CUSTOMERS)).status_code == 403
    assert browser.get(address.format(Chart.TIME)).status_code == 200


@pytest.mark.parametrize("reach", ["none", "own", "group"])
def test_who_sees_a_part_of_the_orders_sees_no_figures(reader: Callable[..., FlaskClient], reach: str) -> None:
    browser = reader({ORDERS: reach})
    page = browser.get(MARCH, headers=ENGLISH)
    assert page.status_code == 200
    assert "You see a part of the records" in page.text
    assert charts_in(page.text) == set()
    assert "kpi-" not in page.text
    for chart in Chart:
        assert browser.get(f"/backoffice/charts/{chart}.csv").status_code == 403
