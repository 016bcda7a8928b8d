"""Records of the administration: made, changed, and deleted after a question; what the database refuses is explained."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.core.admin.conftest import Owner
from tests.core.admin.makers import line_fields, make_order, order_fields
from tests.rooms.crm.makers import make_customer
from webapp.blueprints.catalogue.models import Category, Product
from webapp.blueprints.crm.models import Customer


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
        ({"price": "1,234.5"}, "Write it without a sign between the thousands."),
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
