"""Lists of the administration: paged by key, filtered by the address, exported."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import event
from sqlalchemy.orm import Session

from tests.core.admin.conftest import Owner
from tests.core.admin.makers import make_order, make_product
from tests.rooms.crm.makers import make_customer
from webapp.blueprints.crm.models import Customer
from webapp.core.db import db


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
