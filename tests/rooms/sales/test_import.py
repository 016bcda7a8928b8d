"""Importing sales files: what is stored, what is known, and what goes aside."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.rooms.sales.importing import COLUMNS, GOOD, HEADER, Load, counts, one_aside
from webapp.blueprints.catalogue.public import Product
from webapp.blueprints.crm.public import Customer
from webapp.blueprints.sales.models import Order, OrderLine, QuarantinedRow, SalesImport


def test_rows_become_customers_products_orders_and_lines(session: Session, load: Load) -> None:
    result = load(
        GOOD, "1,2024-05-01 10:01,B,Bread,1,2,C1,Italy", "X2,2024-05-02,A,,-1,1.5,,Italy", "3,2024-05-03,A,,-4,2,,"
    )
    assert counts(result) == (4, 4, 0, 0)
    assert (result.orders, result.customers, result.products, result.net) == (3, 1, 2, Decimal("-4.5"))
    order = session.scalars(select(Order).where(Order.number == "1")).one()
    assert (order.kind, order.net, order.units, order.line_count) == ("sale", Decimal(5), Decimal(3), 2)
    assert order.ordered_at == dt.datetime(2024, 5, 1, 8, 0, tzinfo=dt.UTC)
    assert [(line.position, line.description, line.net) for line in order.lines] == [
        (1, "Apple", Decimal(3)),
        (2, "Bread", Decimal(2)),
    ]
    assert order.customer is not None
    assert (order.customer.number, order.customer.name, order.customer.country) == ("C1", "C1", "Italy")
    kinds = dict(session.execute(select(Order.number, Order.kind)).all())
    assert kinds == {"1": "sale", "X2": "cancellation", "3": "return"}
    apple = session.scalars(select(Product).where(Product.sku == "A")).one()
    assert (apple.name, apple.price) == ("Apple", Decimal(2))
    record = session.get_one(SalesImport, result.id)
    assert (record.rows, record.accepted, record.net, record.orders) == (4, 4, Decimal("-4.5"), 3)


def test_the_same_file_again_adds_nothing_and_equal_lines_are_all_kept(session: Session, load: Load) -> None:
    assert counts(load(GOOD, GOOD, GOOD)) == (3, 3, 0, 0)
    assert counts(load(GOOD, GOOD, GOOD)) == (3, 0, 3, 0)
    assert session.scalar(select(func.count(OrderLine.id))) == 3


def test_an_overlapping_file_adds_only_what_is_new_to_the_orders_there_are(session: Session, load: Load) -> None:
    load(GOOD, GOOD)
    result = load("9,2024-05-09,Z,Zucchini,1,1,,", GOOD, GOOD, GOOD, "1,2024-05-01 09:00,B,Bread,1,2,C1,Italy")
    assert counts(result) == (5, 3, 2, 0)
    order = session.scalars(select(Order).where(Order.number == "1")).one()
    assert (order.net, order.line_count, order.version) == (Decimal(11), 4, 2)
    assert [line.position for line in order.lines] == sorted({line.position for line in order.lines})
    assert order.ordered_at == dt.datetime(2024, 5, 1, 7, 0, tzinfo=dt.UTC)


def test_the_same_content_in_another_shape_is_known(session: Session, load: Load) -> None:
    load(GOOD)
    other = "land;no;when;code;text;qty;price;customer\r\nItaly;1;01/05/2024 10.00;A;Apple;2;€ 1,50;C1\r\n".encode(
        "utf-16"
    )
    result = load(content=other, delimiter=";", decimal=",", date_format="%d/%m/%Y %H.%M")
    assert counts(result) == (1, 0, 1, 0)


def test_lines_of_an_order_may_lie_apart(session: Session, load: Load) -> None:
    load(GOOD, "2,2024-05-01,A,,1,1,,", "1,2024-05-01 10:00,B,,1,1,C1,Italy")
    order = session.scalars(select(Order).where(Order.number == "1")).one()
    assert [line.position for line in order.lines] == [1, 2]


def test_a_dry_run_tells_all_and_writes_nothing(session: Session, load: Load) -> None:
    result = load(GOOD, "bad", dry_run=True)
    assert counts(result) == (2, 1, 0, 1)
    for table in (Order, OrderLine, Customer, Product, QuarantinedRow, SalesImport):
        assert session.scalar(select(func.count(table.id))) == 0


BAD_ROWS = {
    "a date that is none": ("1,2024-02-30,A,Apple,2,1.50,C1,Italy", "when", "not_a_date"),
    "no date": ("1,,A,Apple,2,1.50,C1,Italy", "when", "empty"),
    "a year that cannot be": ("1,0210-01-01,A,Apple,2,1.50,C1,Italy", "when", "year"),
    "no SKU": ("1,2024-05-01, ,Apple,2,1.50,C1,Italy", "code", "empty"),
    "no order number": (",2024-05-01,A,Apple,2,1.50,C1,Italy", "no", "empty"),
    "two points": ("1,2024-05-01,A,Apple,2,1.5.0,C1,Italy", "price", "two_signs"),
    "point and comma": ('1,2024-05-01,A,Apple,2,"1,234.5",C1,Italy', "price", "two_signs"),
    "the other sign": ('1,2024-05-01,A,Apple,2,"1,5",C1,Italy', "price", "wrong_sign"),
    "no number": ("1,2024-05-01,A,Apple,two,1.5,C1,Italy", "qty", "not_a_number"),
    "not finite": ("1,2024-05-01,A,Apple,NaN,1.5,C1,Italy", "qty", "not_a_number"),
    "no quantity": ("1,2024-05-01,A,Apple,,1.5,C1,Italy", "qty", "empty"),
    "surplus decimals": ("1,2024-05-01,A,Apple,2,1.23456,C1,Italy", "price", "decimals"),
    "an enormous exponent": ("1,2024-05-01,A,Apple,1e99,1,C1,Italy", "qty", "too_large"),
    "an enormous amount": ("1,2024-05-01,A,Apple,99999999999,9999999999,C1,Italy", "price", "amount"),
    "a long SKU": (f"1,2024-05-01,{'A' * 61},Apple,2,1.50,C1,Italy", "code", "too_long"),
    "a long description": (f"1,2024-05-01,A,{'x' * 501},2,1.50,C1,Italy", "text", "too_long"),
    "a long customer number": (f"1,2024-05-01,A,Apple,2,1.50,{'C' * 41},Italy", "customer", "too_long"),
    "a column too few": ("1,2024-05-01,A,Apple,2,1.50,C1", "", "columns"),
    "a column too many": ("1,2024-05-01,A,Apple,2,1.50,C1,Italy,x", "", "columns"),
    "a NUL byte": ("1,2024-05-01,A,App\0le,2,1.50,C1,Italy", "text", "nul"),
    "a stray quote": ('1,2024-05-01,A,"App"le,2,1.50,C1,Italy', "", "stray_quote"),
}


@pytest.mark.parametrize("name", BAD_ROWS)
def test_a_bad_row_goes_aside_verbatim_and_the_others_are_stored(name: str, session: Session, load: Load) -> None:
    row, column, code = BAD_ROWS[name]
    assert counts(load(GOOD, row, "7,2024-05-07,A,Apple,1,1,,")) == (3, 2, 0, 1)
    aside = one_aside(session)
    assert (aside.line_number, aside.column, aside.reason_code) == (3, column, code)
    assert aside.raw == row.replace("\0", "\\x00")
    assert aside.reason


def test_quantities_of_zero_and_prices_of_any_sign_are_lines_like_others(load: Load) -> None:
    rows = ("1,2024-05-01,A,,0,1.5,,", "2,2024-05-01,A,,1,-5,,", "3,2024-05-01,A,,1,0,,", "4,2024-05-01,A,,2-,(3.00),,")
    result = load(*rows)
    assert counts(result) == (4, 4, 0, 0)
    assert result.net == 1


def test_undecodable_bytes_are_kept_so_that_they_can_be_read_back(session: Session, load: Load) -> None:
    from webapp.blueprints.sales.services.import_file import unescape_unreadable

    bad = b"2,2024-05-01,A,C:\\caff\xe8,1,1,,"
    assert counts(load(content=f"{HEADER}\n{GOOD}\n".encode() + bad + b"\n")) == (2, 1, 0, 1)
    aside = one_aside(session)
    assert (aside.line_number, aside.column, aside.escaped) == (3, "text", True)
    assert "0xE8" in aside.reason
    assert aside.raw == "2,2024-05-01,A,C:\\\\caff\\xe8,1,1,,"
    kept = unescape_unreadable(aside.raw)
    assert "".join(chr(ord(c) & 0xFF) if ord(c) >= 0xDC00 else c for c in kept).encode("latin-1") == bad


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_encodings_are_read(encoding: str, session: Session, load: Load) -> None:
    content = f"{HEADER}\r\n1,2024-05-01,A,Caffè,1,1,,Perù\r\n".encode(encoding)
    assert counts(load(content=content, encoding=encoding)) == (1, 1, 0, 0)
    assert session.scalar(select(Product.name)) == "Caffè"


def test_a_field_of_ten_megabytes_goes_aside_whole(session: Session, load: Load) -> None:
    row = f"1,2024-05-01,A,{'x' * 10_000_000},1,1,,"
    assert counts(load(row, GOOD)) == (2, 1, 0, 1)
    aside = one_aside(session)
    assert (aside.reason_code, aside.raw == row) == ("huge_field", True)


def test_ten_megabytes_of_lines_in_one_field_are_one_row(session: Session, load: Load) -> None:
    row = '1,2024-05-01,A,"' + "many a line\n" * 900_000 + '",1,1,,'
    assert counts(load(row, GOOD, "bad")) == (3, 1, 0, 2)
    huge, bad = session.scalars(select(QuarantinedRow).order_by(QuarantinedRow.line_number))
    assert (huge.line_number, huge.reason_code, huge.raw == row) == (2, "huge_field", True)
    assert bad.line_number == 900_004


@pytest.mark.parametrize("lines", [2, 3_000])
def test_a_quote_that_is_never_closed_costs_its_own_line_only(lines: int, session: Session, load: Load) -> None:
    rows = [f"{n},2024-05-01,A,Apple with a name,1,1,," for n in range(10, 10 + lines)]
    assert counts(load(GOOD, '2,2024-05-01,A,"Apple,1,1,,', *rows)) == (lines + 2, lines + 1, 0, 1)
    aside = one_aside(session)
    assert (aside.line_number, aside.reason_code, aside.raw) == (3, "unclosed_quote", '2,2024-05-01,A,"Apple,1,1,,')


def test_a_quoted_field_may_hold_line_ends(session: Session, load: Load) -> None:
    assert counts(load('1,2024-05-01,A,"two\nlines, one text",1,1,,', "bad")) == (2, 1, 0, 1)
    assert session.scalar(select(OrderLine.description)) == "two\nlines, one text"
    assert one_aside(session).line_number == 4


def test_a_line_that_names_another_customer_than_its_order_goes_aside(session: Session, load: Load) -> None:
    result = load(GOOD, "1,2024-05-01,B,,1,1,C2,Italy", "1,2024-05-01,B,,1,1,,", "1,2024-05-01,B,,1,1,C1,France")
    assert counts(result) == (4, 2, 0, 2)
    asides = session.scalars(select(QuarantinedRow).order_by(QuarantinedRow.line_number)).all()
    assert [(a.line_number, a.column, a.reason_code) for a in asides] == [
        (3, "customer", "other_customer"), (5, "land", "other_country"),
    ]  # fmt: skip
    assert asides[0].raw == "1,2024-05-01,B,,1,1,C2,Italy"
    assert session.scalars(select(Customer.number)).all() == ["C1"]
    assert counts(load("1,2024-05-02,C,,1,1,C3,Italy")) == (1, 0, 0, 1)


def test_a_bad_row_is_listed_once_however_often_its_file_comes(session: Session, load: Load) -> None:
    assert counts(load(GOOD, "bad", "bad")) == (3, 1, 0, 2)
    assert counts(load(GOOD, "bad", "bad")) == (3, 0, 1, 2)
    assert session.scalar(select(func.count(QuarantinedRow.id))) == 2


def test_a_corrected_mapping_settles_what_the_wrong_one_put_aside(session: Session, load: Load) -> None:
    row = '1,2024-05-01,A,Apple,2,"1,50",C1,Italy'
    assert counts(load(row)) == (1, 0, 0, 1)
    assert counts(load(row, decimal=",")) == (1, 1, 0, 0)
    assert one_aside(session).state == "replayed"


def test_without_order_number_a_day_and_its_customer_are_an_order(session: Session, load: Load) -> None:
    columns = {key: value for key, value in COLUMNS.items() if key not in ("order_number", "customer_number")}
    rows = ("a,2024-05-01 23:30,A,,1,1,C1,", "b,2024-05-01 08:00,A,,1,1,C1,", "b,2024-05-02,A,,1,1,C2,")
    load(*rows, columns=columns, order_per="day")
    assert set(session.scalars(select(Order.number))) == {"2024-05-01", "2024-05-02"}
    load(
        *rows, columns={**columns, "customer_number": "customer"}, order_per="month", constants={"order_number": "SHOP"}
    )
    assert {"SHOP-2024-05-C1", "SHOP-2024-05-C2"} <= set(session.scalars(select(Order.number)))
    load(*rows, columns=columns, order_keys=["customer", "no"])
    assert {"C1-a", "C1-b", "C2-b"} <= set(session.scalars(select(Order.number)))


def test_constants_fill_what_the_file_lacks(session: Session, load: Load) -> None:
    load("1,2024-05-01,A", content=b"no,when,code\n1,2024-05-01,A\n",
         columns={"order_number": "no", "date": "when", "sku": "code"},
         constants={"quantity": 1, "unit_price": "2.5", "country": "Italy", "discount": 10, "category": "Fruit"})  # fmt: skip
    line = session.scalars(select(OrderLine)).one()
    assert (line.net, line.order.country, line.product.name) == (Decimal("2.25"), "Italy", "A")
    assert line.product.category is not None
    assert line.product.category.name == "Fruit"


def test_local_times_that_the_clock_skips_or_repeats_have_one_meaning(session: Session, load: Load) -> None:
    load("1,2024-03-31 02:30,A,,1,1,,", "2,2024-10-27 02:30,A,,1,1,,", "3,2024-10-27T02:30:00+01:00,A,,1,1,,")
    moments = dict(session.execute(select(Order.number, Order.ordered_at)).all())
    assert [moments[n].strftime("%H:%M") for n in "123"] == ["01:30", "00:30", "01:30"]


def test_lines_before_the_header_and_files_without_header_are_read(load: Load) -> None:
    content = f'Sales of May\n"exported, by hand"\n{HEADER}\n{GOOD}\n'.encode()
    assert counts(load(content=content, skip_lines=2)) == (1, 1, 0, 0)
    places = {meaning: place for place, meaning in enumerate(COLUMNS, 1)}
    assert counts(load(content=f"{GOOD}\n{GOOD}\n".encode(), header=False, columns=places)) == (2, 1, 1, 0)


def test_an_order_made_by_hand_keeps_what_people_decided(session: Session, load: Load) -> None:
    moment = dt.datetime(2024, 6, 1, tzinfo=dt.UTC)
    session.add(Order(number="1", ordered_at=moment, country="Spain"))
    session.flush()
    assert counts(load("1,2024-05-01,A,,-1,1,C1,", GOOD)) == (2, 1, 0, 1)
    order = session.scalars(select(Order).where(Order.number == "1")).one()
    assert (order.ordered_at, order.country, order.kind) == (moment, "Spain", "sale")
    assert (order.customer_id, order.net) == (None, Decimal(-1))
