"""Without a mouse: everything is reached by Tab and pressed by Enter, and the focus is never lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Visitor

pytestmark = pytest.mark.needs("chromium")
Visit = Callable[..., Visitor]
FURTHEST = 80


def _tab_to(visitor: Visitor, selector: str) -> None:
    """Press Tab until the focus stands on what `selector` names, seen by whoever looks."""
    for _press in range(FURTHEST):
        visitor.page.keyboard.press("Tab")
        if visitor.page.evaluate("selector => document.activeElement.matches(selector)", selector):
            assert visitor.page.evaluate("document.activeElement.checkVisibility({opacityProperty: true})")
            return
    pytest.fail(f"{selector} is not reached by {FURTHEST} presses of Tab")


def test_signing_in_needs_the_keyboard_alone(visit: Visit) -> None:
    visitor = visit()
    visitor.go("/login")
    expect(visitor.page.locator("input[name=email]")).to_be_focused()
    visitor.page.keyboard.type("owner@demo.bottega.it")
    _tab_to(visitor, "input[name=password]")
    visitor.page.keyboard.type("bottega-demo-2026")
    visitor.page.keyboard.press("Enter")
    visitor.page.wait_for_url("**/backoffice/**")


def test_the_first_tab_skips_to_the_content(visit: Visit) -> None:
    owner = visit("owner")
    owner.go("/backoffice/orders/")
    owner.page.keyboard.press("Tab")
    skip = owner.page.locator(".skip-link")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()

    owner.page.keyboard.press("Enter")
    expect(owner.page.locator("#content")).to_be_focused()
    owner.page.keyboard.press("Tab")
    assert owner.page.evaluate("document.activeElement.closest('main') !== null")


def test_the_menu_leads_on(visit: Visit) -> None:
    owner = visit("owner")
    owner.go("/backoffice/")
    _tab_to(owner, ".office-side a[href='/backoffice/customers/']")
    owner.page.keyboard.press("Enter")
    owner.page.wait_for_url("**/backoffice/customers/")


def test_the_menu_of_a_phone_opens_and_closes(visit: Visit) -> None:
    owner = visit("owner", phone=True)
    owner.go("/backoffice/customers/")
    menu = owner.page.locator(".menu-phone")
    _tab_to(owner, ".menu-phone > summary")
    owner.page.keyboard.press("Enter")
    expect(menu.locator("nav")).to_be_visible()
    assert owner.violations() == []
    assert owner.overflow == 0
    owner.page.keyboard.press("Escape")
    expect(menu.locator("nav")).to_be_hidden()
    expect(menu.locator("> summary")).to_be_focused()

    owner.page.keyboard.press("Enter")
    _tab_to(owner, ".menu-phone a[href='/backoffice/orders/']")
    owner.page.keyboard.press("Enter")
    owner.page.wait_for_url("**/backoffice/orders/")


def test_arrows_walk_along_a_chart_and_enter_opens_its_orders(visit: Visit) -> None:
    owner = visit("owner")
    owner.go("/backoffice/")
    _tab_to(owner, "[data-chart-place]")
    owner.page.keyboard.press("Home")
    owner.page.keyboard.press("ArrowRight")
    card = owner.page.locator(".chart-card").first
    second = card.locator("tbody tr").nth(1)
    told = card.locator("[data-chart-told]")
    expect(told).to_contain_text(str(second.locator("th").text_content()).strip())
    target = second.locator("a").get_attribute("href")

    owner.page.keyboard.press("Enter")
    owner.page.wait_for_url(f"**{target}")


def test_the_table_of_a_chart_opens_and_leads_to_its_orders(visit: Visit) -> None:
    owner = visit("owner")
    owner.go("/backoffice/")
    _tab_to(owner, ".chart-table summary")
    owner.page.keyboard.press("Enter")
    expect(owner.page.locator(".chart-table table").first).to_be_visible()
    assert owner.violations() == []
    _tab_to(owner, ".chart-table tbody a")
    target = owner.page.evaluate("document.activeElement.getAttribute('href')")
    owner.page.keyboard.press("Enter")
    owner.page.wait_for_url(f"**{target}")


def test_the_dashboard_keeps_the_focus_after_a_filter(visit: Visit) -> None:
    owner = visit("owner")
    owner.go("/backoffice/")
    _tab_to(owner, "#dashboard-grain")
    owner.page.locator("#dashboard-grain").select_option("quarter")
    owner.page.wait_for_url("**grain=quarter*")
    expect(owner.page.locator("#dashboard-grain")).to_be_focused()
