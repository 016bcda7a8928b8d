"""Every page, light and dark, on a desk and on a phone: nothing overflows, the console is empty, axe finds nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import House, Visitor
from webapp.blueprints.accounts.demo import PASSWORD, PEOPLE

pytestmark = pytest.mark.needs("chromium")
Visit = Callable[..., Visitor]
SCREENS = pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])


def _office(visitor: Visitor) -> list[str]:
    """The pages of the menu, and of the administration."""
    visitor.go("/admin/")
    links = visitor.page.locator(".office-side nav a, main a[href^='/admin/']")
    return sorted(set(links.evaluate_all("links => links.map(link => link.getAttribute('href'))")))


def _records(house: House) -> list[str]:
    """Forms and pages of single records."""
    customer = house.query("SELECT customer_id FROM sales_orders WHERE customer_id IS NOT NULL ORDER BY id LIMIT 1")
    order = house.query("SELECT min(id) FROM sales_orders")
    product = house.query("SELECT min(id) FROM catalogue_products")
    category = house.query("SELECT min(id) FROM catalogue_categories")
    return [
        *(f"/backoffice/{things}/new" for things in ("customers", "orders", "products", "products/categories")),
        *(f"/backoffice/customers/{customer}/{part}" for part in ("", "edit", "delete")),
        *(f"/backoffice/orders/{order}/{part}" for part in ("", "edit", "delete")),
        *(f"/backoffice/products/{product}/{part}" for part in ("", "edit", "delete")),
        f"/backoffice/products/categories/{category}/",
        "/backoffice/customers/?q=nobody-is-called-like-this",
        "/backoffice/orders/?from=yesterday&kind=sale",
        "/backoffice/?from=2001-01-01&to=2001-12-31",
        "/backoffice/?from=never",
        "/admin/crm_customers/new/",
        f"/admin/sales_orders/edit/?id={order}",
        f"/admin/sales_orders/details/?id={order}",
    ]


def _problems(visitor: Visitor, pages: list[str]) -> list[str]:
    """What is wrong with the pages; in the dark only what colours can spoil is looked at again."""
    found = []
    for path in pages:
        visitor.turn("light")
        visitor.go(path)
        visitor.turn("light")
        if visitor.overflow:
            found.append(f"{path}: {visitor.overflow} pixels wider than the screen")
        found += visitor.violations()
        visitor.turn("dark")
        found += [f"dark {problem}" for problem in visitor.violations("color-contrast", "link-in-text-block")]
    return found


@SCREENS
def test_every_page_of_the_menu_is_in_order(visit: Visit, phone: bool) -> None:
    owner = visit("owner", phone=phone)
    pages = _office(owner)
    assert len(pages) > 12
    lists = [path for path in pages if path.startswith("/admin/")]
    pages = (
        pages if phone else sorted(set(pages) - set(lists[3:]))
    )  # one template draws them all; the phone is the narrow one

    assert _problems(owner, pages) == []


@SCREENS
def test_every_form_and_record_is_in_order(visit: Visit, house: House, phone: bool) -> None:
    owner = visit("owner", phone=phone)
    owner.refusals = {422}

    assert _problems(owner, _records(house)) == []


@SCREENS
def test_the_pages_for_everybody_are_in_order(visit: Visit, phone: bool) -> None:
    visitor = visit(phone=phone)
    visitor.refusals = {404}

    assert _problems(visitor, ["/", "/login", "/there-is-no-such-page"]) == []


def test_the_longer_words_of_italian_fit_a_phone(visit: Visit, house: House) -> None:
    owner = visit("owner", locale="it-IT", phone=True)
    owner.refusals = {422}
    too_wide = []
    for path in ["/", *_office(owner), *_records(house)]:
        owner.go(path)
        expect(owner.page.locator("html")).to_have_attribute("lang", "it")
        if owner.overflow:
            too_wide.append(f"{path}: {owner.overflow} pixels")
    assert too_wide == []


def test_what_a_role_may_not_open_is_told_on_a_page_in_order(visit: Visit) -> None:
    viewer = visit("viewer")
    viewer.refusals = {403}

    assert _problems(viewer, ["/admin/", "/backoffice/company/"]) == []
    expect(viewer.page.get_by_role("heading", level=1)).to_have_text("This page is not for you")


def test_who_is_not_signed_in_comes_back_to_the_page_after_signing_in(visit: Visit) -> None:
    visitor = visit()
    visitor.go("/backoffice/orders/?kind=return")
    expect(visitor.page.locator("input[name=password]")).to_be_visible()

    visitor.page.locator("input[name=email]").fill(PEOPLE["viewer"][0])
    visitor.page.locator("input[name=password]").fill(PASSWORD)
    visitor.page.locator("main form[action='/login'] button").click()
    visitor.page.wait_for_url(f"{visitor.house.address}/backoffice/orders/?kind=return")
