"""The administration: for the owner alone, all models, asks before it deletes, explains what the database refuses."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from tests.rooms.crm.makers import make_customer
from webapp.blueprints.accounts.models import Role, User
from webapp.blueprints.catalogue.models import Category, Product
from webapp.blueprints.crm.models import Customer
from webapp.blueprints.sales.models import Order, OrderLine, QuarantinedRow, SalesImport
from webapp.core.admin import OwnerModelView
from webapp.core.company import get_company
from webapp.core.db import Base, db

SignIn = Callable[[str], FlaskClient]
NOON = dt.datetime(2026, 3, 1, 11, 0, tzinfo=dt.UTC)


class Owner:
    """The owner at the administration, with the token of the pages."""

    def __init__(self, browser: FlaskClient) -> None:
        self.browser = browser
        self.browser.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
        self.token = browser.get("/admin/").text.split('name="csrf-token" content="')[1].split('"')[0]

    def get(self, path: str) -> Any:
        return self.browser.get(f"/admin/{path}")

    def post(self, path: str, **fields: Any) -> Any:
        return self.browser.post(f"/admin/{path}", data=MultiDict({**fields, "csrf_token": self.token}))


@pytest.fixture
def owner(sign_in: SignIn) -> Owner:
    return Owner(sign_in("owner"))


def make_product(session: Session, **changes: Any) -> Product:
    product = Product(
        **{"sku": f"P{session.scalar(select(func.count()).select_from(Product))}", "name": "A cup"} | changes
    )
    session.add(product)
    session.flush()
    return product


def make_order(session: Session, lines: int = 1, **changes: Any) -> Order:
    product = make_product(session)
    count = session.scalar(select(func.count()).select_from(Order))
    order = Order(**{"number": f"A{count}", "ordered_at": NOON} | changes)
    order.lines = [
        OrderLine(product=product, position=number + 1, quantity=Decimal(2), unit_price=Decimal("1.5"))
        for number in range(lines)
    ]
    session.add(order)
    session.commit()
    return order


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


# --- writing ---


def test_the_owner_creates_changes_and_finds_a_customer(owner: Owner, session: Session) -> None:
    fields = {"number": "C1", "kind": "person", "name": "Ada Rossi", "country": "Italy", "email": "", "vat_number": ""}
    assert owner.post("crm_customers/new/", **fields).status_code in (302, 303)
    customer = session.scalars(select(Customer)).one()
    assert (customer.name, customer.email, customer.kind) == ("Ada Rossi", None, "person")
    changed = {**fields, "name": "Ada Bianchi", "opened_version": customer.version}
    assert owner.post(f"crm_customers/edit/?id={customer.id}", **changed).status_code in (302, 303)
    assert customer.name == "Ada Bianchi"
    assert "Ada Bianchi" in owner.get("crm_customers/?search=bianchi").text
    assert "Ada Bianchi" not in owner.get("crm_customers/?search=rossi").text


def test_a_write_without_the_token_is_refused(owner: Owner, session: Session) -> None:
    answer = owner.browser.post("/admin/crm_customers/new/", data={"number": "C1", "kind": "person", "name": "Ada"})
    assert answer.status_code == 400
    assert session.scalars(select(Customer)).all() == []


def test_a_number_that_is_taken_is_told_beside_its_field(owner: Owner, session: Session) -> None:
    make_customer(session, number="C1")
    session.commit()
    answer = owner.post("crm_customers/new/", number="C1", kind="person", name="Ada", country="")
    assert answer.status_code == 422
    assert "There is already a record with this value." in answer.text
    assert 'aria-describedby="number-problem"' in answer.text
    assert "psycopg2" not in answer.text


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"vat_rate": "101"}, "This value is not allowed here."),
        ({"price": "12.34567"}, "At most 4 decimal places."),
        ({"price": "99999999999.00"}, "It must be from"),
        ({"price": "NaN"}, "This is not a number."),
        ({"price": "1,234.5"}, "This is not a number."),
        ({"category": "Nowhere"}, "There is no record with this number."),
        ({"sku": ""}, "This field is required."),
        ({"sku": "x" * 61}, "Field cannot be longer than 60 characters."),
    ],
)
def test_a_wrong_product_is_refused_in_words(
    owner: Owner, session: Session, fields: dict[str, str], sentence: str
) -> None:
    session.add(Category(name="Cups"))
    session.commit()
    usual = {"sku": "S1", "name": "Cup", "category": "Cups", "price": "12,50", "vat_rate": "22"}
    answer = owner.post("catalogue_products/new/", **(usual | fields))
    assert answer.status_code == 422
    assert sentence in answer.text
    assert owner.post("catalogue_products/new/", **usual).status_code in (302, 303)
    product = session.scalars(select(Product)).one()
    assert (product.price, product.category and product.category.name) == (Decimal("12.5"), "Cups")


def test_an_italian_reads_and_writes_amounts_with_a_comma(owner: Owner, session: Session) -> None:
    order = make_order(session)
    address = f"sales_orders/edit/?id={order.id}"
    owner.browser.set_cookie("language", "it")
    sku = order.lines[0].product.sku
    own = {"id": str(order.lines[0].id), "discount": ""}
    fields = order_fields(order) | line_fields(0, sku, quantity="1000,5", unit_price="2,25", **own)
    assert owner.post(address, **fields).status_code in (302, 303)
    form = owner.get(address).text
    assert 'value="1000,5"' in form
    assert 'value="2,25"' in form
    session.expire_all()
    assert order.lines[0].quantity == Decimal("1000.5")


@pytest.mark.parametrize(("language", "text"), [("en", "1,000"), ("it", "1.000")])
def test_a_thousand_is_never_taken_for_one(owner: Owner, session: Session, language: str, text: str) -> None:
    order = make_order(session)
    owner.browser.set_cookie("language", language)
    fields = order_fields(order) | line_fields(0, order.lines[0].product.sku, quantity=text)
    answer = owner.post(f"sales_orders/edit/?id={order.id}", **fields)
    assert answer.status_code == 422
    assert 'id="lines-0-quantity-problem"' in answer.text


def test_the_second_of_two_editors_is_told(owner: Owner, session: Session) -> None:
    customer = make_customer(session, number="C1")
    session.commit()
    fields = {"number": "C1", "kind": "person", "country": "", "opened_version": customer.version}
    assert owner.post(f"crm_customers/edit/?id={customer.id}", **fields, name="First").status_code in (302, 303)
    answer = owner.post(f"crm_customers/edit/?id={customer.id}", **fields, name="Second")
    assert answer.status_code == 409
    assert "Somebody else saved this record" in answer.text
    assert 'value="Second"' in answer.text
    session.refresh(customer)
    assert customer.name == "First"


# --- deleting ---


def test_it_asks_before_it_deletes(owner: Owner, session: Session) -> None:
    customer = make_customer(session, name="Ada")
    session.commit()
    asked = owner.post("crm_customers/delete/", id=customer.id)
    assert asked.status_code == 200
    assert "Delete this record?" in asked.text
    assert 'name="confirmed" value="yes"' in asked.text
    assert session.get(Customer, customer.id) is not None
    assert owner.get(f"crm_customers/delete/?id={customer.id}&confirmed=yes").status_code == 405
    assert owner.post("crm_customers/delete/", id=customer.id, confirmed="yes").status_code == 303
    session.expire_all()
    assert session.get(Customer, customer.id) is None


def test_it_asks_before_it_deletes_many(owner: Owner, session: Session) -> None:
    several = [make_customer(session) for _ in range(3)]
    ids = [customer.id for customer in several]
    session.commit()
    asked = owner.post("crm_customers/action/", action="delete", rowid=ids[:2])
    assert "Delete these 2 records?" in asked.text
    assert session.scalar(select(func.count()).select_from(Customer)) == 3
    assert owner.post("crm_customers/action/", action="delete", rowid=ids[:2], confirmed="yes").status_code == 303
    assert session.scalars(select(Customer.id)).all() == [ids[2]]
    assert owner.post("crm_customers/action/", action="delete").status_code == 303
    assert owner.post("crm_customers/action/", action="explode", rowid=ids).status_code == 400


def test_what_is_still_used_stays_and_all_with_it(owner: Owner, session: Session) -> None:
    free, used = make_customer(session, name="Free"), make_customer(session, name="Used", number="U1")
    make_order(session, customer=used)
    answer = owner.post("crm_customers/action/", action="delete", rowid=[free.id, used.id], confirmed="yes")
    page = owner.browser.get(answer.location).text
    assert "“Used (U1)” cannot be deleted. It is still used in “Orders”." in page
    assert session.scalar(select(func.count()).select_from(Customer)) == 2


def test_what_may_not_be_deleted_or_made_by_hand_is_not(owner: Owner, session: Session) -> None:
    assert owner.post("core_company/delete/", id=1, confirmed="yes").status_code == 403
    assert owner.get("core_company/new/").status_code == 403
    assert owner.get("core_deletions/new/").status_code == 403
    assert owner.post("core_deletions/edit/?id=1").status_code == 403
    assert owner.get("sales_imports/new/").status_code == 403


# --- orders and their lines ---


def order_fields(order: Order) -> dict[str, Any]:
    return {
        "number": order.number,
        "kind": "sale",
        "customer": "",
        "country": "Italy",
        "ordered_at": "2026-03-01T12:00:00",
        "opened_version": order.version,
    }


def line_fields(number: int, sku: str, **changes: str) -> dict[str, str]:
    fields = {"product": sku, "description": "", "quantity": "3", "unit_price": "2", "discount": "10"} | changes
    return {f"lines-{number}-{name}": value for name, value in fields.items()}


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


# --- lists ---


def statements(call: Callable[[], Any]) -> list[str]:
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    connection = db.session.connection()
    event.listen(connection, "before_cursor_execute", note)
    try:
        call()
    finally:
        event.remove(connection, "before_cursor_execute", note)
    return seen


def test_a_list_is_paged_by_key_there_and_back(owner: Owner, session: Session) -> None:
    session.add_all(Customer(number=f"K{number:03}", name=f"N{number:03}") for number in range(120))
    session.commit()

    def names(page: Any) -> list[str]:
        return re.findall(r">\s*(N\d\d\d)\s*<", page.text)

    def link(page: Any, label: str) -> str | None:
        found = re.search(rf'rel="{label}" href="([^"]+)"', page.text)
        return found and found[1].replace("&amp;", "&")

    first = owner.get("crm_customers/")
    assert names(first)[:2] == ["N119", "N118"]
    second = owner.browser.get(link(first, "next"))
    third = owner.browser.get(link(second, "next"))
    assert names(third)[-1] == "N000"
    assert link(third, "next") is None
    assert names(owner.browser.get(link(third, "prev"))) == names(second)
    by_name = owner.get("crm_customers/?sort=2")
    assert names(by_name)[0] == "N000"
    assert names(owner.browser.get(link(by_name, "next")))[0] == "N050"


@pytest.mark.parametrize("path", ["sales_order_lines/", "sales_orders/"])
def test_a_list_counts_nothing_and_asks_as_often_for_many_rows_as_for_few(
    owner: Owner, session: Session, path: str
) -> None:
    make_order(session, lines=1, customer=make_customer(session))
    few = statements(lambda: owner.get(path))
    for _ in range(20):
        make_order(session, lines=3, customer=make_customer(session))
    many = statements(lambda: owner.get(path))
    assert len(many) == len(few)
    assert not any("count(" in statement.lower() for statement in many if "sales_" in statement)


def test_filters_move_into_the_address_and_out_again(owner: Owner, session: Session) -> None:
    make_customer(session, name="Ada", country="Italy")
    make_customer(session, name="Bert", country="France")
    session.commit()
    page = owner.get("crm_customers/").text
    name = re.search(r'<option value="([^"]*country\.equal)"', page)[1]
    number = re.search(rf'name="op-(\d)"[^>]*>(?:(?!</select>).)*{re.escape(name)}', page, re.DOTALL)[1]
    moved = owner.get(f"crm_customers/?field=&search=&op-{number}={name}&value-{number}=France")
    assert moved.location.endswith(f"?flt0_{name}=France")
    narrowed = owner.browser.get(moved.location).text
    assert "Bert" in narrowed
    assert "Ada" not in narrowed
    assert "Country equals France" in narrowed


def test_a_filter_means_the_same_in_both_languages(owner: Owner, session: Session) -> None:
    make_customer(session, name="Ada", country="Italy")
    session.commit()
    for language in ("it", "en"):
        page = owner.browser.get(
            "/admin/crm_customers/?flt0_crm_customers.country.equal=France", headers={"Accept-Language": language}
        )
        assert "Ada" not in page.text


def test_days_of_a_filter_are_the_companys(owner: Owner, session: Session) -> None:
    make_order(session, number="NIGHT", ordered_at=dt.datetime(2026, 2, 28, 23, 30, tzinfo=dt.UTC))
    listed = owner.get("sales_orders/?flt0_sales_orders.ordered_at.fromday=2026-03-01").text
    assert "NIGHT" in listed
    assert "NIGHT" not in owner.get("sales_orders/?flt0_sales_orders.ordered_at.today=2026-02-28").text


def test_a_field_offers_what_is_found_and_nothing_unasked(owner: Owner, session: Session) -> None:
    make_product(session, sku="CUP-1", name="Blue cup <b>")
    session.commit()
    found = owner.get("sales_orders/ajax/lookup/?name=orderline-product&lines-0-product=blue").text
    assert '<option value="CUP-1">CUP-1 Blue cup &lt;b&gt;</option>' in found
    assert owner.get("sales_orders/ajax/lookup/?name=orderline-product&x=").text.strip() == ""
    assert owner.get("sales_orders/ajax/lookup/?name=orderline-product&x=%25").text.strip() == ""
    assert owner.get("sales_orders/ajax/lookup/?name=nothing&x=a").status_code == 404


# --- exports ---


def test_an_export_starts_no_formula_and_keeps_numbers(owner: Owner, session: Session) -> None:
    for number, name in enumerate(("=1+1", "+cmd", "-2", "@SUM(A1)", "\tx", "plain")):
        make_customer(session, number=f"C{number}", name=name)
    make_product(session, sku="MINUS", price=Decimal("-5.5"))
    session.commit()
    text = owner.get("crm_customers/export/csv/").data.decode("utf-8-sig")
    assert not re.search(r'(?:^|[,;])"?[=+@\t-]', text, re.MULTILINE)
    assert "'=1+1" in text
    sheet = load_workbook(io.BytesIO(owner.get("crm_customers/export/xlsx/").data)).active
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert not any(cell.data_type == "f" for cell in cells)
    assert "'@SUM(A1)" in [cell.value for cell in cells]
    goods = load_workbook(io.BytesIO(owner.get("catalogue_products/export/xlsx/").data)).active
    assert -5.5 in [cell.value for row in goods.iter_rows() for cell in row]
    assert "-5.5000" in owner.get("catalogue_products/export/csv/").text


def test_an_export_holds_what_is_filtered_and_all_of_it(owner: Owner, session: Session) -> None:
    session.add_all(
        Customer(number=f"K{number}", name="N", country="Italy" if number else "France") for number in range(80)
    )
    session.commit()
    assert owner.get("crm_customers/export/csv/").text.count("\n") == 81
    some = owner.get("crm_customers/export/csv/?flt0_crm_customers.country.equal=Italy").text
    assert some.count("\n") == 80
    assert "France" not in some


# --- people, roles, company ---


def test_the_hash_of_a_password_is_neither_shown_nor_taken(owner: Owner, session: Session, sign_in: SignIn) -> None:
    sign_in("staff")
    user = session.scalars(select(User).where(User.email.startswith("staff"))).one()
    before = user.password
    for path in ("", f"edit/?id={user.id}", f"details/?id={user.id}", "export/csv/"):
        text = owner.get(f"accounts_users/{path}").text
        assert "argon2" not in text
        assert user.fs_uniquifier not in text
    fields = {
        "email": user.email,
        "name": "New name",
        "active": "y",
        "opened_version": user.version,
        "roles": "",
        "theme": "",
    }
    fields |= {"language": ""}
    assert owner.post(f"accounts_users/edit/?id={user.id}", **fields, password="").status_code in (302, 303)
    session.expire_all()
    assert (user.name, user.password) == ("New name", before)
    fields["opened_version"] = user.version
    assert owner.post(f"accounts_users/edit/?id={user.id}", **fields, password="short").status_code == 422
    sessions = user.fs_uniquifier
    assert owner.post(f"accounts_users/edit/?id={user.id}", **fields, password="long-enough-words").status_code in (
        302,
        303,
    )
    session.expire_all()
    assert user.password not in (before, "long-enough-words")
    assert user.password.startswith("$argon2id$")
    assert user.fs_uniquifier != sessions


def test_a_person_is_made_with_roles(owner: Owner, session: Session) -> None:
    role = session.scalars(select(Role).where(Role.name == "owner")).one()
    fields = {
        "email": "New@People.Bottega.it",
        "name": "N",
        "active": "y",
        "roles": role.id,
        "language": "it",
        "theme": "",
    }
    assert owner.post("accounts_users/new/", **fields, password="long-enough-words").status_code in (302, 303)
    user = session.scalars(select(User).where(User.email == "new@people.bottega.it")).one()
    assert [each.name for each in user.roles] == ["owner"]


def test_the_owner_cannot_lock_themselves_out(owner: Owner, session: Session) -> None:
    me = session.scalars(select(User)).one()
    fields = {
        "email": me.email,
        "name": me.name,
        "password": "",
        "language": "",
        "theme": "",
        "opened_version": me.version,
    }
    answer = owner.post(f"accounts_users/edit/?id={me.id}", **fields, active="y")
    assert answer.status_code == 422
    assert "You cannot take the owner" in answer.text
    answer = owner.post("accounts_users/delete/", id=me.id, confirmed="yes")
    assert "You cannot delete yourself" in owner.browser.get(answer.location).text
    assert session.scalars(select(User)).one().active


def test_the_roles_of_the_house_keep_their_names(owner: Owner, session: Session) -> None:
    role = session.scalars(select(Role).where(Role.name == "owner")).one()
    assert owner.post(f"accounts_roles/edit/?id={role.id}", name="king", description="").status_code == 422
    owner.post("accounts_roles/delete/", id=role.id, confirmed="yes")
    session.expire_all()
    assert session.get(Role, role.id).name == "owner"


def test_a_company_profile_that_would_break_the_pages_is_refused_here_too(owner: Owner, session: Session) -> None:
    page = owner.get("core_company/edit/?id=1").text
    fields = dict(re.findall(r'<input[^>]*\bname="(\w+)"[^>]*\bvalue="([^"]*)"', page)) | {"about": ""}
    fields.pop("csrf_token", None)
    answer = owner.post("core_company/edit/?id=1", **fields | {"time_zone": "Mars/Olympus", "opened_version": "1"})
    assert answer.status_code == 422
    assert "There is no such time zone" in answer.text
    session.expire_all()
    assert get_company(session).time_zone == "Europe/Rome"


def test_a_quarantined_row_can_be_corrected_but_not_forged(owner: Owner, session: Session) -> None:
    imported = SalesImport(filename="a.csv", file_sha256="0" * 64, mapping={}, actor="test")
    session.add(imported)
    session.flush()
    row = QuarantinedRow(
        import_id=imported.id,
        line_number=7,
        raw="a;b;c",
        raw_hash=UUID(int=1),
        raw_occurrence=1,
        reason="The date is none",
        reason_code="date",
        reason_values={},
    )
    session.add(row)
    session.commit()
    answer = owner.post(f"sales_quarantined_rows/edit/?id={row.id}", corrected="a;b;d", state="open", raw="forged")
    assert answer.status_code in (302, 303)
    session.expire_all()
    assert (row.raw, row.corrected) == ("a;b;c", "a;b;d")
