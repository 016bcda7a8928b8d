"""The staff works on customers and orders: edit, be refused, meet another editor, delete, search, export."""

from __future__ import annotations

import csv
import itertools
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import House, Visitor
from tests.rooms.catalogue.makers import make_product
from tests.rooms.crm.makers import make_customer

pytestmark = pytest.mark.needs("chromium")
Visit = Callable[..., Visitor]
_numbers: Iterator[int] = itertools.count(1)


def _customer(house: House, **changes: str) -> int:
    number = f"JOURNEY-{next(_numbers)}"
    return house.store(lambda session: make_customer(session, **{"number": number, "name": f"Ada {number}"} | changes))


@pytest.mark.parametrize(("locale", "heading"), [("en-GB", "Customers"), ("it-IT", "Clienti")])
def test_a_customer_is_found_and_edited(visit: Visit, house: House, locale: str, heading: str) -> None:
    customer = _customer(house, name=f"Bottega {locale}")
    staff = visit("staff", locale=locale)
    staff.go("/backoffice/")
    staff.page.locator(".office-side nav a[href='/backoffice/customers/']").click()
    expect(staff.page.get_by_role("heading", level=1)).to_have_text(heading)

    staff.page.locator("#list-search").press_sequentially(f"bottega {locale}")
    staff.page.wait_for_url(f"**/backoffice/customers/?q=bottega+{locale}")
    expect(staff.page.locator("#list-results tbody tr")).to_have_count(1)
    staff.page.locator("#list-results tbody tr td").last.click(delay=500)  # a hand holds the button for a while
    staff.page.wait_for_url(f"**/backoffice/customers/{customer}/")

    staff.page.locator(f"a[href='/backoffice/customers/{customer}/edit']").click()
    staff.page.locator("[name=name]").fill("Bottega è cambiata")
    staff.page.locator(".record-buttons [type=submit]").click()

    expect(staff.page.get_by_role("heading", level=1)).to_have_text("Bottega è cambiata")
    expect(staff.page.locator("#flashes .alert-success")).to_be_visible()
    assert house.query("SELECT name FROM crm_customers WHERE id = :id", id=customer) == "Bottega è cambiata"


def test_a_refused_form_leads_to_its_problem_and_keeps_what_was_typed(visit: Visit, house: House) -> None:
    number = f"JOURNEY-{next(_numbers)}"
    staff = visit("staff")
    staff.refusals = {422}
    staff.go("/backoffice/customers/new")
    staff.page.locator("[name=number]").fill(number)
    staff.page.locator("[name=name]").fill("Ada")
    staff.page.locator("[name=email]").fill("this is no address")
    staff.page.locator("[name=email]").press("Enter")

    expect(staff.page.locator("[name=email]")).to_have_attribute("aria-invalid", "true")
    expect(staff.page.locator("[name=email]")).to_be_focused()
    expect(staff.page.locator("[name=name]")).to_have_value("Ada")
    assert staff.violations() == []

    staff.page.locator("[name=email]").fill("ada@example.org")
    staff.page.locator("[name=email]").press("Enter")
    expect(staff.page.get_by_role("heading", level=1)).to_have_text("Ada")
    assert house.query("SELECT count(*) FROM crm_customers WHERE number = :number", number=number) == 1


def test_the_second_of_two_editors_is_told_and_loses_nothing(visit: Visit, house: House) -> None:
    customer = _customer(house)
    first, second = visit("staff"), visit("owner")
    second.refusals = {409}
    for editor in (first, second):
        editor.go(f"/backoffice/customers/{customer}/edit")
    first.page.locator("[name=name]").fill("Ada of the first")
    first.page.locator(".record-buttons [type=submit]").click()
    expect(first.page.locator("#flashes .alert-success")).to_be_visible()

    second.page.locator("[name=name]").fill("Ada of the second")
    second.page.locator(".record-buttons [type=submit]").click()

    told = second.page.locator("form .alert-warning")
    expect(told).to_contain_text("Ada of the first")
    expect(told).to_contain_text("Ada of the second")
    expect(second.page.locator("[name=name]")).to_have_value("Ada of the second")
    assert second.violations() == []
    assert house.query("SELECT name FROM crm_customers WHERE id = :id", id=customer) == "Ada of the first"

    second.page.locator(".record-buttons [type=submit]").click()
    expect(second.page.get_by_role("heading", level=1)).to_have_text("Ada of the second")


def test_a_deletion_asks_first(visit: Visit, house: House) -> None:
    customer = _customer(house)
    staff = visit("staff")
    staff.go(f"/backoffice/customers/{customer}/")
    staff.page.locator("form[data-confirm] button").click()
    dialog = staff.page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    assert staff.violations() == []
    staff.page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert house.query("SELECT count(*) FROM crm_customers WHERE id = :id", id=customer) == 1

    staff.page.locator("form[data-confirm] button").click()
    dialog.locator("button[value=yes]").click()

    staff.page.wait_for_url("**/backoffice/customers/")
    expect(staff.page.locator("#flashes .alert-success")).to_be_visible()
    assert house.query("SELECT count(*) FROM crm_customers WHERE id = :id", id=customer) == 0


def test_an_order_is_written_line_by_line(visit: Visit, house: House) -> None:
    number = f"JOURNEY-{next(_numbers)}"
    skus = [f"{number}-{letter}" for letter in "AB"]
    for sku in skus:
        house.store(lambda session, sku=sku: make_product(session, sku=sku))
    staff = visit("staff")
    staff.go("/backoffice/orders/new")
    page = staff.page
    page.locator("[name=number]").fill(number)
    page.locator("[name=ordered_at]").fill("2001-02-03T10:00:00")

    lines = page.locator(".order-line")
    for count in (2, 3):
        page.locator("button[name=add_line]").click()
        expect(lines).to_have_count(count)
    for line, sku in zip((0, 2), skus, strict=True):
        lines.nth(line).locator("[name$=sku]").fill(sku)
        lines.nth(line).locator("[name$=quantity]").fill("3")
        lines.nth(line).locator("[name$=unit_price]").fill("1.50")
    lines.nth(1).locator("button[name=remove_line]").click()
    expect(lines).to_have_count(2)
    expect(lines.nth(1).locator("[name$=sku]")).to_have_value(skus[1])
    expect(page.locator("[name=number]")).to_have_value(number)
    assert staff.violations() == []
    page.locator(".record-buttons [type=submit]").click()

    expect(page.get_by_role("heading", level=1)).to_have_text(f"Order {number}")
    assert house.query("SELECT net FROM sales_orders WHERE number = :number", number=number) == 9
    assert house.query("SELECT line_count FROM sales_orders WHERE number = :number", number=number) == 2


def test_the_export_holds_what_the_filter_shows(visit: Visit, house: House, tmp_path: Path) -> None:
    viewer = visit("viewer")
    viewer.go("/backoffice/orders/")
    viewer.page.locator(".list-more summary").click()
    viewer.page.locator("#filter-kind").select_option("return")
    viewer.page.wait_for_url("**kind=return**")
    expect(viewer.page.locator(".list-narrowed")).to_be_visible()
    with viewer.page.expect_download() as download:
        viewer.page.locator(".list-exports a").first.click()
    saved = tmp_path / "orders.csv"
    download.value.save_as(saved)
    with saved.open(encoding="utf-8-sig", newline="") as file:
        header, *rows = csv.reader(file)

    shown = viewer.page.locator("#list-results thead th").all_text_contents()
    assert [name.strip() for name in shown] == header
    assert len(rows) == house.query("SELECT count(*) FROM sales_orders WHERE kind = 'return'")
    first = viewer.page.locator("#list-results tbody tr").first.locator("a").inner_text()
    assert rows[0][header.index("Number")] == first


def test_pages_and_order_of_a_list_stand_in_the_address(visit: Visit) -> None:
    viewer = visit("viewer")
    viewer.go("/backoffice/customers/?size=25")
    first = viewer.page.locator("#list-results tbody a").first.inner_text()
    heading = viewer.page.locator("#list-results thead a").nth(1)
    name = str(heading.text_content()).strip()

    heading.click()
    expect(viewer.page.locator("#list-results th[aria-sort=descending]")).to_contain_text(name)
    viewer.page.locator(".list-pager a", has_text="Next").click()
    viewer.page.wait_for_url(re.compile(r"[?&]at="))
    expect(viewer.page.locator(".list-pager a", has_text="Previous")).to_be_visible()
    second_page = viewer.page.locator("#list-results tbody a").all_inner_texts()
    viewer.page.reload()
    assert viewer.page.locator("#list-results tbody a").all_inner_texts() == second_page

    viewer.go("/backoffice/customers/?size=25")
    assert viewer.page.locator("#list-results tbody a").first.inner_text() == first


def test_a_viewer_sees_no_button_that_writes(visit: Visit, house: House) -> None:
    viewer = visit("viewer")
    ids = {
        "customers": house.query("SELECT min(id) FROM crm_customers"),
        "products": house.query("SELECT min(id) FROM catalogue_products"),
        "orders": house.query("SELECT min(id) FROM sales_orders"),
    }
    for things, number in ids.items():
        for path in (f"/backoffice/{things}/", f"/backoffice/{things}/{number}/"):
            viewer.go(path)
            expect(viewer.page.get_by_role("heading", level=1)).to_be_visible()
            writing = viewer.page.locator("main a[href$=new], main a[href$=edit], main form[method=post]")
            assert writing.count() == 0, path
    assert viewer.page.locator("nav a[href='/admin/'], nav a[href='/backoffice/company/']").count() == 0


def test_a_row_put_aside_is_corrected_and_taken_in(visit: Visit, house: House, tmp_path: Path) -> None:
    number = f"JOURNEY-{next(_numbers)}"
    file = tmp_path / f"{number}.csv"
    header = "order,date,sku,description,category,quantity,price,customer,customer_name,country,discount"
    file.write_text(f"{header}\n{number},someday,{number},Soap,,2,5.00,,,Italy,0\n", encoding="utf-8")
    house.run("sales", "import", file, "--mapping", "demo")
    staff = visit("staff")
    staff.go("/backoffice/imports/")
    staff.page.locator("main a[href^='/backoffice/imports/quarantine/']").first.click()
    staff.page.locator("#list-results tr", has_text=file.name).locator("a").click()
    row = staff.page.locator("textarea[name=corrected]")
    expect(row).to_be_visible()
    assert staff.violations() == []

    row.fill(row.input_value().replace("someday", "2001-02-03 10:00"))
    staff.page.locator(".record-buttons [type=submit]").click()

    expect(staff.page.locator("#flashes .alert-success")).to_be_visible()
    assert house.query("SELECT net FROM sales_orders WHERE number = :number", number=number) == 10
