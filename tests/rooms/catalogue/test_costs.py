"""What products cost is for those alone who may see it: in the list, its export, the page and the form."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.conftest import signed_in_cookie
from tests.rooms.accounts.makers import make_user
from tests.rooms.catalogue.makers import make_product
from webapp.blueprints.accounts.models import Role, RoleGrant
from webapp.blueprints.catalogue.services import create_product, update_product
from webapp.core.errors import NotAllowed
from webapp.core.security import Actor

SignIn = Callable[[str], FlaskClient]
URL = "/backoffice/products/"
COST = "7777.77"


@pytest.fixture
def staff(app: Flask, session: Session) -> Callable[..., FlaskClient]:
    """A member of the staff signed in, with further rights."""

    def signed_in(*permissions: str) -> FlaskClient:
        role = session.scalars(select(Role).where(Role.name == "staff")).one()
        session.add_all(RoleGrant(role_id=role.id, permission=name, reach="all") for name in permissions)
        user = make_user(session, roles=["staff"])
        browser = app.test_client()
        with browser.session_transaction() as cookie:
            cookie.update(signed_in_cookie(session, user))
        return browser

    return signed_in


def shown(browser: FlaskClient, path: str) -> bool:
    text = browser.get(path, headers={"Accept-Language": "en"}).text
    return "7777.77" in text or "7,777.77" in text


def test_the_cost_is_shown_nowhere_to_staff_and_everywhere_to_who_may_see_it(
    session: Session, staff: Callable[..., FlaskClient]
) -> None:
    product = make_product(session, cost=Decimal(COST))
    paths = [URL, f"{URL}?format=csv", f"{URL}?columns=cost", f"{URL}?format=csv&columns=cost&columns=sku"]
    paths += [f"{URL}{product.id}/", f"{URL}{product.id}/edit"]
    without = staff()
    assert [path for path in paths if shown(without, path)] == []
    reader = staff("catalogue:costs:read")
    assert [path for path in paths if not shown(reader, path)] == []


def test_who_may_only_see_the_cost_cannot_change_it(session: Session, staff: Callable[..., FlaskClient]) -> None:
    product = make_product(session, cost=Decimal(COST))
    session.commit()
    reader = staff("catalogue:costs:read")
    page = reader.get(f"{URL}{product.id}/edit").text
    assert 'name="cost"' not in page
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    form = {"csrf_token": token[1], "version": product.version, "sku": product.sku, "name": "New", "category": ""}
    form |= {"price": "1", "vat_rate": "22", "cost": "1"}
    assert reader.post(f"{URL}{product.id}/edit", data=form).status_code == 303
    session.expire_all()
    assert (product.name, product.cost) == ("New", Decimal(COST))


def test_the_service_refuses_a_cost_by_who_may_not_change_it(session: Session) -> None:
    clerk = Actor("clerk", 1, frozenset({"catalogue:products:write", "catalogue:costs:read"}))
    values = {"sku": "X1", "name": "X", "price": Decimal(1), "vat_rate": Decimal(22)}
    with pytest.raises(NotAllowed):
        create_product(session, by=clerk, values=values | {"cost": Decimal(1)})
    product = create_product(session, by=clerk, values=values)
    with pytest.raises(NotAllowed):
        update_product(session, by=clerk, product_id=product.id, version=product.version, values={"cost": Decimal(2)})


def test_the_owner_keeps_the_cost_by_the_form(session: Session, sign_in: SignIn) -> None:
    owner, product = sign_in("owner"), make_product(session)
    session.commit()
    page = owner.get(f"{URL}{product.id}/edit").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    form = {"csrf_token": token[1], "version": product.version, "sku": product.sku, "name": "New", "category": ""}
    form |= {"price": "1", "vat_rate": "22", "cost": "3.5"}
    assert owner.post(f"{URL}{product.id}/edit", data=form).status_code == 303
    session.expire_all()
    assert product.cost == Decimal("3.5")
