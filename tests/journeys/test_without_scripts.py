"""Without JavaScript: every form sends itself, every question is asked on a page."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import House, Visitor
from tests.rooms.crm.makers import make_customer

pytestmark = pytest.mark.needs("chromium")
Visit = Callable[..., Visitor]


def test_sign_in_filter_the_dashboard_and_read_its_tables(visit: Visit) -> None:
    owner = visit(scripts=False)
    owner.sign_in("owner")
    revenue = owner.page.locator(".kpi-value").first.inner_text()
    best = owner.page.locator("section[aria-labelledby=chart-revenue-by-country] tbody a").first.get_attribute("href")
    [country] = parse_qs(urlsplit(str(best)).query)["country"]  # not every country buys in every month
    owner.page.locator("#dashboard-country").select_option(country)
    owner.page.locator(".dashboard-send button").click()

    owner.page.wait_for_url("**/backoffice/?**")
    expect(owner.page.locator("#dashboard-country")).to_have_value(country)
    expect(owner.page.locator(".kpi-value").first).not_to_have_text(revenue)
    owner.page.locator(".chart-table summary").first.click()
    owner.page.locator(".chart-table tbody a").first.click()
    owner.page.wait_for_url("**/backoffice/orders/**")


def test_a_customer_is_created_and_deleted(visit: Visit, house: House) -> None:
    staff = visit("staff", scripts=False)
    staff.go("/backoffice/customers/")
    staff.page.locator("main a[href='/backoffice/customers/new']").click()
    staff.page.locator("[name=number]").fill("PLAIN-1")
    staff.page.locator("[name=name]").fill("Plain Ada")
    staff.page.locator(".record-buttons [type=submit]").click()
    expect(staff.page.get_by_role("heading", level=1)).to_have_text("Plain Ada")

    staff.page.locator("a[href$='/delete']").click()
    staff.page.wait_for_url("**/delete")
    assert house.query("SELECT count(*) FROM crm_customers WHERE number = 'PLAIN-1'") == 1
    staff.page.locator("main form .btn-danger").click()

    staff.page.wait_for_url("**/backoffice/customers/")
    assert house.query("SELECT count(*) FROM crm_customers WHERE number = 'PLAIN-1'") == 0


def test_a_list_is_searched_sorted_and_paged(visit: Visit) -> None:
    viewer = visit("viewer", scripts=False)
    viewer.go("/backoffice/orders/?size=25")
    viewer.page.locator(".list-pager a", has_text="Next").click()
    viewer.page.wait_for_url("**at=**")
    heading = viewer.page.locator("#list-results thead a").first
    name = str(heading.text_content()).strip()
    expect(viewer.page.locator("#list-results th[aria-sort]")).not_to_contain_text(name)
    heading.click()
    expect(viewer.page.locator("#list-results th[aria-sort]")).to_contain_text(name)
    viewer.page.locator("#list-search").fill("there-is-no-such-order")
    viewer.page.locator("#list-form > .list-bar > [type=submit]").click()
    expect(viewer.page.locator("#list-results .empty")).to_be_visible()


def test_an_order_gets_one_line_more(visit: Visit) -> None:
    staff = visit("staff", scripts=False)
    staff.go("/backoffice/orders/new")
    staff.page.locator("[name=number]").fill("PLAIN-2")
    staff.page.locator("button[name=add_line]").click()
    expect(staff.page.locator(".order-line")).to_have_count(2)
    expect(staff.page.locator("[name=number]")).to_have_value("PLAIN-2")
    staff.page.locator("button[name=remove_line]").first.click()
    expect(staff.page.locator(".order-line")).to_have_count(1)


def test_language_and_theme_are_switched(visit: Visit) -> None:
    visitor = visit(scripts=False)
    visitor.go("/login")
    expect(visitor.page.locator("html")).to_have_attribute("lang", "en")
    visitor.page.locator("button[name=language][value=it]").click()
    expect(visitor.page.locator("html")).to_have_attribute("lang", "it")
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text("Accedi")

    visitor.page.locator("button[name=theme][value=dark]").click()
    expect(visitor.page.locator("html")).to_have_attribute("data-bs-theme", "dark")


def test_the_administration_asks_on_a_page_of_its_own(visit: Visit, house: House) -> None:
    house.store(lambda session: make_customer(session, number="PLAIN-3", name="Plain Bruno"))
    owner = visit("owner", scripts=False)
    owner.go("/admin/crm_customers/?search=PLAIN-3")
    owner.page.locator("tbody button[name=id]").click()
    expect(owner.page.locator("main form .btn-danger")).to_be_visible()
    assert house.query("SELECT count(*) FROM crm_customers WHERE number = 'PLAIN-3'") == 1
    owner.page.locator("main form .btn-danger").click()
    expect(owner.page.locator("#flashes .alert-success")).to_be_visible()
    assert house.query("SELECT count(*) FROM crm_customers WHERE number = 'PLAIN-3'") == 0
