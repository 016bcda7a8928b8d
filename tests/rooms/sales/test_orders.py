"""Orders are found by what the dashboard asks for, and edited with their lines without losing anything."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from tests.rooms.catalogue.makers import make_category, make_product
from tests.rooms.crm.makers import make_customer
from tests.rooms.sales.makers import make_order
from webapp.blueprints.sales.models import Order, OrderLine
from webapp.blueprints.sales.queries import ORDERS, tell_of_address
from webapp.core.lists import read_page

SignIn = Callable[[str], FlaskClient]
Fill = Callable[..., TestResponse]
URL = "/backoffice/orders/"
ROME = ZoneInfo("Europe/Rome")


def found(session: Session, **arguments: str) -> list[str]:
    page = read_page(session, ORDERS, MultiDict({"sort": "number", **arguments}), zone=ROME)
    assert page.notices == ()
    return [row.number for row in page.rows]


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def test_days_are_the_companys_and_both_ends_belong_to_the_range(session: Session) -> None:
    moments = {"A": "2024-06-30 21:59", "B": "2024-06-30 22:00", "C": "2024-07-01 21:59:59", "D": "2024-07-01 22:00"}
    for number, moment in moments.items():
        make_order(session, number=number, ordered_at=utc(moment))
    assert found(session, **{"from": "2024-07-01", "to": "2024-07-01"}) == ["B", "C"]
    assert found(session, to="2024-06-30") == ["A"]
    assert found(session, **{"from": "2024-07-02"}) == ["D"]


def test_weekday_and_hour_are_those_of_the_companys_clock(session: Session) -> None:
    make_order(session, number="SUN", ordered_at=utc("2024-07-07 21:30"))
    make_order(session, number="MON", ordered_at=utc("2024-07-07 22:30"))
    assert found(session, weekday="7", hour="23") == ["SUN"]
    assert found(session, weekday="1", hour="0") == ["MON"]


def test_a_category_or_a_product_finds_each_order_once(session: Session) -> None:
    tools = make_category(session, name="Tools")
    hammer, saw = (make_product(session, sku=sku, category=tools) for sku in ("H", "S"))
    make_order(session, hammer, saw, hammer, number="BOTH")
    make_order(session, hammer, number="ONE")
    make_order(session, number="NONE")
    assert found(session, category="Tools") == ["BOTH", "ONE"]
    assert found(session, product="S") == ["BOTH"]
    assert found(session, product="H", category="Tools") == ["BOTH", "ONE"]


def test_the_orders_of_a_product_or_category_say_what_its_lines_alone_come_to(
    session: Session, sign_in: SignIn
) -> None:
    tools = make_category(session, name="Tools")
    hammer, other = make_product(session, sku="H", category=tools), make_product(session, sku="X")
    make_order(session, hammer, other, hammer, number="MIXED")
    session.commit()
    browser = sign_in("viewer")
    for query in ("product=H", "category=Tools", "product=H&category=Tools"):
        file = browser.get(f"/backoffice/orders/?{query}&format=csv", headers={"Accept-Language": "en"}).text
        heading, row = file.splitlines()
        assert heading.endswith(",Net,Net of the filtered lines")
        assert [Decimal(cell) for cell in row.split(",")[-2:]] == [30, 20]
    assert "Net of the filtered lines" not in browser.get("/backoffice/orders/").text


def test_a_dash_finds_the_orders_without_a_country(session: Session) -> None:
    make_order(session, number="NOWHERE", country="")
    make_order(session, number="UK", country="UK")
    assert found(session, country="-") == ["NOWHERE"]


def test_customer_country_kind_and_amount_filter(session: Session) -> None:
    ada = make_customer(session, number="7", name="Ada Lovelace")
    make_order(session, number="A1", customer_id=ada.id, country="UK")
    make_order(session, number="A2", customer_id=ada.id, country="UK", kind="cancellation")
    make_order(session, make_product(session), make_product(session), number="B1", country="EIRE")
    assert found(session, customer="7") == ["A1", "A2"]
    assert found(session, customer="7", kind="cancellation") == ["A2"]
    assert found(session, country="EIRE") == ["B1"]
    assert found(session, net_min="10.01") == ["B1"]
    assert found(session, net_max="10,00") == ["A1", "A2"]
    assert found(session, q="lovelace") == ["A1", "A2"]
    assert found(session, q="b") == ["B1"]


@pytest.mark.parametrize(
    "arguments",
    [
        {"from": "tomorrow"},
        {"to": "2024-02-30"},
        {"from": "0001-01-01"},
        {"to": "9999-12-31"},
        {"product": "no such"},
        {"customer": "\ud800x"},
        {"category": "Nothing"},
        {"weekday": "8"},
        {"hour": "24"},
        {"kind": "gift"},
        {"net_min": "1.2.3"},
        {"net_max": "NaN"},
        {"net_max": "1e999999"},
        {"net_min": "12345678901234567890123"},
    ],
)
def test_an_ill_typed_filter_is_told_and_breaks_nothing(session: Session, arguments: dict[str, str]) -> None:
    make_order(session, number="A")
    page = read_page(session, ORDERS, MultiDict(arguments), zone=ROME)
    assert len(page.notices) == 1
    assert [row.number for row in page.rows] == ["A"]


def test_the_page_of_orders_costs_the_same_statements_however_many_there_are(session: Session, sign_in: SignIn) -> None:
    browser = sign_in("viewer")
    customer = make_customer(session)
    counts = []
    for more in (1, 20):
        for _ in range(more):
            make_order(session, customer_id=customer.id)
        session.commit()
        statements: list[str] = []

        def note(
            _connection: object, _cursor: object, statement: str, *_rest: object, to: list[str] = statements
        ) -> None:
            to.append(statement)

        connection = session.connection()
        event.listen(connection, "before_cursor_execute", note)
        browser.get(URL)
        event.remove(connection, "before_cursor_execute", note)
        counts.append(len(statements))
    assert counts[0] == counts[1]
    assert counts[0] > 2


def order_fields(*lines: dict[str, Any], **changes: str) -> dict[str, str]:
    fields = {"number": "N1", "kind": "sale", "customer": "", "country": "", "ordered_at": "2024-03-31T12:30"} | changes
    for index, line in enumerate(lines):
        for name, value in ({"quantity": "2", "unit_price": "10.5", "discount": "", "description": ""} | line).items():
            fields[f"lines-{index}-{name}"] = str(value)
    return fields


def stored(session: Session, number: str) -> Order:
    session.expire_all()
    return session.scalars(select(Order).where(Order.number == number)).one()


def test_an_order_is_created_with_its_lines_and_the_database_adds_up(session: Session, fill: Fill) -> None:
    make_customer(session, number="7", country="Italy")
    make_product(session, sku="A", name="Apple")
    make_product(session, sku="B")
    session.commit()
    answer = fill(
        f"{URL}new",
        order_fields(
            {"sku": "A"}, {"sku": "B", "quantity": "-1", "unit_price": "0.3333", "discount": "12.5"}, customer="7"
        ),
    )
    order = stored(session, "N1")
    assert answer.status_code == 303
    assert order.ordered_at == utc("2024-03-31 10:30")
    assert (order.customer.number, order.country, order.line_count) == ("7", "Italy", 2)
    assert order.net == Decimal("21.0000") - Decimal("0.2916")
    assert (order.lines[0].position, order.lines[0].description) == (1, "Apple")


@pytest.mark.parametrize(
    ("wrong", "field", "sentence"),
    [
        ({"customer": "nobody"}, "customer", "There is no customer with this number."),
        ({"ordered_at": "yesterday"}, "ordered_at", "Not a valid datetime value."),
        ({"ordered_at": "0001-01-01T00:00"}, "ordered_at", "This is not a date."),
        ({"number": "TAKEN"}, "number", "Another order has this number."),
        ({"number": ""}, "number", "This field is required."),
        ({"kind": "gift"}, "kind", "Not a valid choice."),
        ({"lines-0-sku": "nothing"}, "lines-0-sku", "There is no product with this SKU."),
        ({"lines-0-quantity": "0"}, "lines-0-quantity", "It must not be zero."),
        ({"lines-0-quantity": "1,234"}, "lines-0-quantity", "Write it without a sign between the thousands."),
        ({"lines-0-quantity": "1.2345"}, "lines-0-quantity", "At most 3 decimal places."),
        ({"lines-0-unit_price": "1.2.3"}, "lines-0-unit_price", "This is not a number."),
        ({"lines-0-unit_price": "NaN"}, "lines-0-unit_price", "This is not a number."),
        ({"lines-0-unit_price": "99999999999"}, "lines-0-unit_price", "It must be from"),
        ({"lines-0-discount": "101"}, "lines-0-discount", "It must be from 0 to 100."),
    ],
)
def test_what_is_wrong_with_an_order_stands_beside_its_field(
    session: Session, fill: Fill, wrong: dict[str, str], field: str, sentence: str
) -> None:
    make_order(session, number="TAKEN")
    make_product(session, sku="A")
    session.commit()
    answer = fill(f"{URL}new", {**order_fields({"sku": "A"}), **wrong})
    assert answer.status_code == 422
    assert sentence in answer.text.split(f'id="{field}-problem"')[1][:300]
    assert session.scalars(select(Order).where(Order.number == "N1")).one_or_none() is None


def test_an_order_without_lines_or_with_too_large_a_total_is_refused(session: Session, fill: Fill) -> None:
    make_product(session, sku="A")
    session.commit()
    empty = fill(f"{URL}new", order_fields({"sku": "", "quantity": "", "unit_price": ""}))
    assert empty.status_code == 422
    assert "An order needs at least one line." in empty.text
    vast = fill(f"{URL}new", order_fields({"sku": "A", "quantity": "99999999999", "unit_price": "9999999999"}))
    assert vast.status_code == 422
    assert "too large" in vast.text


def test_lines_are_added_and_removed_by_buttons_without_saving(session: Session, fill: Fill) -> None:
    two = order_fields({"sku": "A"}, {"sku": "B"})
    more = fill(f"{URL}new", {**two, "add_line": "1"})
    assert more.status_code == 200
    assert 'name="lines-2-sku"' in more.text
    assert 'value="B"' in more.text
    less = fill(f"{URL}new", {**two, "remove_line": "lines-0"}, **{"HX-Request": "true"})
    assert "<html" not in less.text
    assert 'name="lines-0-sku"' not in less.text
    assert 'value="B"' in less.text
    assert session.scalars(select(Order)).all() == []


def line_fields(order: Order) -> list[dict[str, Any]]:
    return [
        {
            "line_id": line.id,
            "sku": line.product.sku,
            "quantity": line.quantity,
            "unit_price": line.unit_price,
            "discount": line.discount,
        }
        for line in order.lines
    ]


def test_lines_are_changed_removed_and_added_in_one_save(session: Session, fill: Fill) -> None:
    make_product(session, sku="NEW")
    order = make_order(session, make_product(session), make_product(session), make_product(session), number="N1")
    session.commit()
    first, _second, third = line_fields(order)
    first["quantity"] = "5"
    answer = fill(
        f"{URL}{order.id}/edit",
        order_fields(first, third, {"sku": "NEW", "unit_price": "1"}, version=str(order.version)),
    )
    assert answer.status_code == 303
    saved = stored(session, "N1")
    assert [line.position for line in saved.lines] == [1, 3, 4]
    assert [line.id for line in saved.lines][:2] == [first["line_id"], third["line_id"]]
    assert (saved.net, saved.units, saved.line_count) == (Decimal(62), Decimal(8), 3)


def test_a_line_of_another_order_is_not_taken_over(session: Session, fill: Fill) -> None:
    mine, others = make_order(session, number="N1"), make_order(session, number="N2")
    session.commit()
    stolen = line_fields(others)[0] | {"quantity": "9"}
    fill(f"{URL}{mine.id}/edit", order_fields(stolen, version=str(mine.version)))
    assert stored(session, "N2").units == 1
    assert stored(session, "N1").units == 9


def test_the_second_editor_of_lines_alone_is_told_and_keeps_what_was_typed(session: Session, fill: Fill) -> None:
    order = make_order(session, number="N1")
    session.commit()
    seen = str(order.version)
    line = line_fields(order)[0]
    where = f"{URL}{order.id}/edit"
    first = fill(where, order_fields({**line, "quantity": "3"}, version=seen))
    second = fill(where, order_fields({**line, "quantity": "4"}, version=seen))
    assert (first.status_code, second.status_code) == (303, 409)
    assert stored(session, "N1").units == 3
    assert 'name="lines-0-quantity"' in second.text
    assert 'value="4"' in second.text
    assert "Theirs, stored now" in second.text


def test_an_unchanged_hour_that_the_clock_shows_twice_stays_what_it_was(session: Session, fill: Fill) -> None:
    order = make_order(session, number="N1", ordered_at=utc("2024-10-27 01:30"))
    session.commit()
    line = line_fields(order)[0]
    fill(f"{URL}{order.id}/edit", order_fields(line, version=str(order.version), ordered_at="2024-10-27T02:30:00"))
    assert stored(session, "N1").ordered_at == utc("2024-10-27 01:30")


def test_an_order_is_deleted_with_its_lines(session: Session, fill: Fill) -> None:
    order = make_order(session)
    session.commit()
    assert fill(f"{URL}{order.id}/delete", {"version": str(order.version)}).status_code == 303
    assert session.scalars(select(OrderLine).where(OrderLine.order_id == order.id)).all() == []


def test_what_was_sold_can_be_neither_a_customer_nor_a_product_to_delete(session: Session, fill: Fill) -> None:
    customer, product = make_customer(session), make_product(session)
    make_order(session, product, customer_id=customer.id)
    session.commit()
    for url, version in (
        (f"/backoffice/customers/{customer.id}/delete", customer.version),
        (f"/backoffice/products/{product.id}/delete", product.version),
    ):
        answer = fill(url, {"version": str(version)})
        assert answer.status_code == 409
        assert "Other records refer to this one" in answer.text


@pytest.mark.parametrize("path", ["new", "{id}/edit", "{id}/delete"])
def test_writing_orders_is_refused_to_viewers_and_strangers(
    session: Session, fill: Fill, client: FlaskClient, path: str
) -> None:
    order = make_order(session)
    session.commit()
    url = URL + path.format(id=order.id)
    assert fill(url, order_fields(), role="viewer").status_code == 403
    assert client.post(url, data=order_fields()).status_code in (302, 303, 400, 401)
    assert stored(session, order.number).version == 1


def test_the_pages_of_an_order_and_of_what_it_refers_to_show_it(session: Session, sign_in: SignIn) -> None:
    customer, product = make_customer(session, name="Ada"), make_product(session, sku="HAMMER")
    order = make_order(session, product, number="N-1", customer_id=customer.id)
    session.commit()
    browser = sign_in("viewer")
    page = browser.get(f"{URL}{order.id}/").text
    assert "Ada" in page
    assert "HAMMER" in page
    assert "N-1" in browser.get(f"/backoffice/customers/{customer.id}/").text
    assert "N-1" in browser.get(f"/backoffice/products/{product.id}/").text


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_export_of_orders_answers_in_both_formats(session: Session, sign_in: SignIn, kind: str) -> None:
    make_order(session, number="N-1")
    session.commit()
    answer = sign_in("viewer").get(f"{URL}?format={kind}", headers={"Accept-Language": "en"})
    assert answer.status_code == 200
    if kind == "csv":
        assert "N-1,2024-03-15 12:00:00,Sale,,,1,1.000,10.0000" in answer.data.decode("utf-8-sig")
    else:
        assert answer.data.startswith(b"PK")


def test_what_is_stored_under_an_address_holds_the_orders_of_that_customer(session: Session) -> None:
    hammer, saw = make_product(session, sku="H"), make_product(session, sku="S")
    anna = make_customer(session, email="Anna@People.example.com")
    make_order(session, hammer, saw, number="LATER", customer_id=anna.id, ordered_at=utc("2024-07-01 10:00"))
    make_order(session, saw, number="EARLIER", customer_id=anna.id, country="Italy", ordered_at=utc("2024-06-30 22:30"))
    make_order(session, customer_id=make_customer(session, email="other@people.example.com").id)
    make_order(session)
    assert tell_of_address(session, "nobody@people.example.com")["orders"] == []
    earlier, later = tell_of_address(session, "anna@people.example.com")["orders"]
    assert [line["sku"] for line in later["lines"]] == ["H", "S"]
    (line,) = earlier.pop("lines")
    assert earlier == {
        "number": "EARLIER",
        "kind": "sale",
        "ordered_at": "2024-06-30T22:30:00+00:00",
        "customer": anna.number,
        "country": "Italy",
        "net": "10.0000",
    }
    assert line == {
        "sku": "S",
        "description": "",
        "quantity": "1.000",
        "unit_price": "10.0000",
        "discount": "0.00",
        "net": "10.0000",
    }
