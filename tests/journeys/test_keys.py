"""A person makes a key, tries the API with it, and revokes it; the pages are in order on a desk and on a phone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import House, Visitor

pytestmark = pytest.mark.needs("chromium")
Visit = Callable[..., Visitor]
MINE = "/account/keys/"


def make_key(visitor: Visitor, name: str) -> str:
    """The text of a new key that may read customers, as the page shows it once."""
    visitor.go(f"{MINE}new")
    visitor.page.locator("[name=name]").fill(name)
    visitor.page.locator("[value='crm:customers:read']").check()
    visitor.page.locator("main form button[type=submit]").click()
    return visitor.page.locator("#key-text").input_value()


def send(page: Page, operation: str, **values: str) -> str:
    """Send the form of an operation; the status that the page shows."""
    place = page.locator(f"details[id='{operation}']")
    if place.get_attribute("open") is None:
        place.locator("summary").click()
    for name, value in values.items():
        place.locator(f"[name='{name}']").fill(value)
    place.locator("button[type=submit]").click()
    status = place.locator("[data-try-status]")
    expect(status).to_be_visible()
    return status.inner_text()


def test_a_key_is_made_tried_and_revoked(visit: Visit) -> None:
    staff = visit("staff")
    staff.refusals = {401, 403}
    key = make_key(staff, "Journey")
    assert key.startswith("bottega_")
    assert staff.violations() == []

    page = staff.page
    staff.go(f"{MINE}api")
    page.locator("[data-try-key]").fill(key)
    assert " 200 " in send(page, "get-api-v1-crm-customers", q="a")
    place = page.locator("details[id='get-api-v1-crm-customers']")
    expect(place.locator("[data-try-text]")).to_contain_text('"items"')
    expect(place.locator("[data-try-command]")).to_contain_text("/api/v1/crm/customers?q=a")
    assert key not in place.inner_text()
    assert " 403 " in send(page, "get-api-v1-sales-orders")
    assert staff.violations() == []

    staff.go(MINE)
    page.get_by_role("link", name="Revoke the key Journey").click()
    page.locator("main form button[type=submit]").click()
    expect(page.locator(".badge").first).to_have_text("Revoked")
    staff.go(f"{MINE}api")
    page.locator("[data-try-key]").fill(key)
    assert " 401 " in send(page, "get-api-v1-crm-customers")
    page.locator("[data-try-key]").fill("")
    assert " 200 " in send(page, "get-api-v1-crm-customers")  # with one's own sign-in


def test_a_key_is_made_without_scripts_and_the_browser_itself_asks_the_api(visit: Visit) -> None:
    visitor = visit("viewer", scripts=False)
    visitor.refusals = {404}  # beside an answer that is no page the browser looks for an icon
    assert make_key(visitor, "Without scripts").startswith("bottega_")
    expect(visitor.page.locator("[data-copy]")).to_be_hidden()
    visitor.go(f"{MINE}api")
    place = visitor.page.locator("details[id='get-api-v1-crm-customers']")
    place.locator("summary").click()
    place.locator("[name=q]").fill("a")
    place.locator("button[type=submit]").click()
    expect(visitor.page.locator("body")).to_contain_text('"items"')
    assert visitor.path.startswith("/api/v1/crm/customers?")


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_the_pages_of_keys_are_in_order(visit: Visit, house: House, phone: bool) -> None:
    owner = visit("owner", locale="it-IT" if phone else "en-GB", phone=phone)
    make_key(owner, f"Pages {phone}")
    number = house.query("SELECT max(id) FROM keys_keys")
    found = []
    for path in (
        MINE,
        f"{MINE}new",
        f"{MINE}{number}/rotate",
        f"{MINE}{number}/revoke",
        f"{MINE}api",
        "/backoffice/keys/",
        "/backoffice/keys/new",
        f"/backoffice/keys/{number}/",
    ):
        owner.turn("light")
        owner.go(path)
        if owner.overflow:
            found.append(f"{path}: {owner.overflow} pixels wider than the screen")
        found += owner.violations()
        owner.turn("dark")
        found += [f"dark {problem}" for problem in owner.violations("color-contrast")]
    assert found == []
