"""The owner's own pages: the administration asks before it deletes, and the company's profile shapes the pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect
from sqlalchemy.orm import Session

from tests.journeys.conftest import House, Visitor
from tests.rooms.crm.makers import make_customer
from webapp.core.company import get_company

pytestmark = pytest.mark.needs("chromium")
Visit = Callable[..., Visitor]


@pytest.fixture
def usual_company(house: House) -> Iterator[None]:
    """The company is again who it was when the journey is over."""
    kept = {}

    def keep(session: Session) -> object:
        company = get_company(session)
        kept.update({name: getattr(company, name) for name in ("name", "primary_colour")})
        return company

    def bring_back(session: Session) -> object:
        company = get_company(session)
        for name, value in kept.items():
            setattr(company, name, value)
        return company

    house.store(keep)
    yield
    house.store(bring_back)


def test_the_administration_asks_before_it_deletes(visit: Visit, house: House) -> None:
    house.store(lambda session: make_customer(session, number="ADMIN-1", name="Ada to delete"))
    owner = visit("owner")
    owner.go("/admin/crm_customers/?search=ADMIN-1")
    button = owner.page.locator("tbody button[name=id]")
    button.click()
    dialog = owner.page.get_by_role("dialog")
    expect(dialog).to_contain_text("Ada to delete")
    dialog.locator("button[value=no]").click()
    expect(dialog).to_be_hidden()
    owner.page.reload()
    expect(owner.page.locator("tbody tr")).to_have_count(1)

    button.click()
    dialog.locator("button[value=yes]").click()

    expect(owner.page.locator("#flashes .alert-success")).to_be_visible()
    assert house.query("SELECT count(*) FROM crm_customers WHERE number = 'ADMIN-1'") == 0


def test_the_administration_asks_before_it_deletes_several(visit: Visit, house: House) -> None:
    for number in ("ADMIN-2-A", "ADMIN-2-B"):
        house.store(lambda session, number=number: make_customer(session, number=number))
    owner = visit("owner")
    owner.go("/admin/crm_customers/?search=ADMIN-2")
    owner.page.locator("[data-check-all]").check()
    owner.page.locator("form#chosen button").click()
    dialog = owner.page.get_by_role("dialog")
    dialog.locator("button[value=no]").click()
    assert house.query("SELECT count(*) FROM crm_customers WHERE number LIKE 'ADMIN-2%'") == 2

    owner.page.locator("form#chosen button").click()
    dialog.locator("button[value=yes]").click()
    expect(owner.page.locator("#flashes .alert-success")).to_be_visible()
    assert house.query("SELECT count(*) FROM crm_customers WHERE number LIKE 'ADMIN-2%'") == 0


def test_a_line_is_added_to_an_order_in_the_administration(visit: Visit) -> None:
    owner = visit("owner")
    owner.go("/admin/sales_orders/new/")
    rows = owner.page.locator("[data-inline-rows] > *")
    before = rows.count()
    owner.page.locator("[data-inline-add]").click()
    expect(rows).to_have_count(before + 1)
    assert owner.violations() == []
    rows.last.locator("[data-inline-remove]").click()
    expect(rows).to_have_count(before)


@pytest.mark.usefixtures("usual_company")
def test_the_company_s_name_and_colour_reach_every_page(visit: Visit) -> None:
    owner, guest = visit("owner"), visit()
    guest.go("/")
    owner.go("/backoffice/company/")
    owner.page.locator("[name=name]").fill("Forno Zanelli")
    owner.page.locator("[name=primary_colour]").fill("#7a1f5c")
    owner.page.get_by_role("button", name="Save", exact=True).click()
    expect(owner.page.locator("#flashes .alert-success")).to_be_visible()
    expect(owner.page.locator(".office-side .brand")).to_contain_text("Forno Zanelli")

    guest.page.reload()
    expect(guest.page.locator(".site-head .brand")).to_contain_text("Forno Zanelli")
    assert guest.violations() == []
    guest.go("/login")
    expect(guest.page.locator("main .btn-primary")).to_have_css("background-color", "rgb(122, 31, 92)")
