"""The administration: for the owner alone, a view of every model, pages that open whatever is asked."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.core.admin.conftest import Owner
from tests.core.admin.makers import make_order
from tests.rooms.crm.makers import make_customer
from webapp.blueprints.crm.models import Customer
from webapp.blueprints.sales.models import SalesImport
from webapp.core.admin import OwnerModelView
from webapp.core.db import Base, db

SignIn = Callable[[str], FlaskClient]


def admin_rules(app: Flask) -> list[Any]:
    return [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/admin")]


def views(app: Flask) -> list[OwnerModelView]:
    found: list[OwnerModelView] = app.extensions["admin"][0].record_views
    return found


def test_every_model_with_a_number_of_its_own_has_a_view(app: Flask) -> None:
    mapped = {mapper.class_ for mapper in (*Base.registry.mappers, *db.Model.registry.mappers)}
    assert {view.model for view in views(app)} == {model for model in mapped if hasattr(model, "id")}


@pytest.mark.parametrize("role", ["anonymous", "staff", "viewer"])
def test_nobody_but_the_owner_gets_through_any_of_its_doors(
    app: Flask, session: Session, client: FlaskClient, sign_in: SignIn, role: str
) -> None:
    customer = make_customer(session)
    session.commit()
    browser = client if role == "anonymous" else sign_in(role)
    token = browser.get("/login", follow_redirects=True).text.split('name="csrf-token" content="')[1].split('"')[0]
    refused = (302, 303, 401) if role == "anonymous" else (403,)
    rules = admin_rules(app)
    assert len(rules) > 80
    for rule in rules:
        path = rule.rule.replace("<export_type>", "csv")
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            fields = {
                "csrf_token": token,
                "id": customer.id,
                "action": "delete",
                "rowid": customer.id,
                "confirmed": "yes",
            }
            where = f"{path}?id={customer.id}"
            answer = browser.get(where) if method == "GET" else browser.open(where, method=method, data=fields)
            assert answer.status_code in refused, (method, path)
            if role == "anonymous" and answer.status_code != 401:
                assert "/login" in answer.location
    assert session.get(Customer, customer.id) is not None


def test_every_list_form_and_first_page_opens(app: Flask, owner: Owner, session: Session) -> None:
    make_order(session)
    session.add(SalesImport(filename="a.csv", file_sha256="0" * 64, mapping={"a": 1}, actor="test"))
    session.commit()
    assert owner.get("").status_code == 200
    for view in views(app):
        listed = owner.browser.get(view.url + "/")
        assert listed.status_code == 200, view.url
        assert "Nothing here yet" in listed.text or "<table" in listed.text
        if view.can_create:
            assert owner.browser.get(f"{view.url}/new/").status_code == 200
        first = session.scalars(select(view.model).limit(1)).first()
        if first is not None:
            assert owner.browser.get(f"{view.url}/details/?id={first.id}").status_code == 200
            assert owner.browser.get(f"{view.url}/edit/?id={first.id}").status_code == (200 if view.can_edit else 403)
        filters = [name for choices in view.filters_by_field().values() for name, _ in choices]
        for value in ("1", "x' --", "2026-01-01", "\x00", "sale"):
            # all at once: the database reads each value as its column has it, whether or not a row is left to compare
            asked = {f"flt{place}_{name}": value for place, name in enumerate(filters)}
            assert owner.browser.get(f"{view.url}/", query_string=asked).status_code == 200, (view.url, value)


def test_its_pages_have_no_script_style_or_handler_of_their_own(owner: Owner, session: Session) -> None:
    order = make_order(session)
    for path in ("", "sales_orders/", f"sales_orders/edit/?id={order.id}", "sales_orders/new/"):
        answer = owner.get(path)
        assert not re.search(
            r"<script(?![^>]*\bsrc=\"/static/)|<style|\sstyle=|\son[a-z]+=|javascript:", answer.text
        ), path
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        assert "/admin/static" not in answer.text
        assert "flask_admin" not in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "edit/?id=abc",
        "edit/?id=-1",
        "edit/?id=99999999999999999999999",
        "edit/",
        "details/?id=7",
        "export/json/",
        "nothing/",
    ],
)
def test_what_is_not_there_is_not_found(owner: Owner, path: str) -> None:
    assert owner.get(f"crm_customers/{path}").status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        "page=-3",
        "page=99999999999999999999",
        "sort=99",
        "sort=-1",
        "sort=1&page=5000",
        "after=x",
        "before=-1",
        "search=%00",
    ],
)
def test_an_odd_address_makes_a_list_all_the_same(owner: Owner, query: str) -> None:
    assert owner.get(f"crm_customers/?{query}").status_code == 200
