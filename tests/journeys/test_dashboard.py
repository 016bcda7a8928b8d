"""The owner reads the dashboard: filters, charts, their tables, and the orders behind a figure."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, expect

from tests.journeys.conftest import Visitor

pytestmark = pytest.mark.needs("chromium")
Visit = Callable[..., Visitor]


def _revenue(visitor: Visitor) -> str:
    return visitor.page.locator(".kpi-value").first.inner_text()


def _choose_country(visitor: Visitor) -> str:
    """Filter by the country that bought most of late (not every country buys in every month) and wait for its figures."""
    before = _revenue(visitor)
    country = _arguments(_drills(_card(visitor, "revenue-by-country"))[0])["country"]
    visitor.page.locator("#dashboard-country").select_option(country)
    visitor.page.wait_for_url("**country=*")
    expect(visitor.page.locator(".kpi-value").first).not_to_have_text(before)
    visitor.see_the_charts()
    return country


def _card(visitor: Visitor, key: str) -> Locator:
    return visitor.page.locator(f"section[aria-labelledby=chart-{key}]")


def _drills(card: Locator) -> list[str]:
    """Where the rows of the chart's table lead."""
    links = card.locator(".chart-table tbody a")
    return [str(href) for href in links.evaluate_all("links => links.map(link => link.getAttribute('href'))")]


def _arguments(path: str) -> dict[str, str]:
    return {key: values[0] for key, values in parse_qs(urlsplit(path).query).items()}


@pytest.mark.parametrize(("locale", "orders"), [("en-GB", "Orders"), ("it-IT", "Ordini")])
def test_a_filter_stands_in_the_address_and_leads_to_the_orders(visit: Visit, locale: str, orders: str) -> None:
    owner = visit("owner", locale=locale)
    owner.go("/backoffice/")
    country = _choose_country(owner)
    assert _arguments(owner.path) == {"country": country}
    filtered = _revenue(owner)

    owner.page.reload()
    assert _revenue(owner) == filtered
    expect(owner.page.locator("#dashboard-country")).to_have_value(country)

    owner.page.locator(".dashboard-head a[href^='/backoffice/orders/']").click()
    owner.page.wait_for_url("**/backoffice/orders/**")
    expect(owner.page.get_by_role("heading", level=1)).to_have_text(orders)
    expect(owner.page.locator("#filter-country")).to_have_value(country)
    assert set(_arguments(owner.path)) == {"country", "from", "to"}


def test_the_step_back_brings_the_figures_of_before(visit: Visit) -> None:
    owner = visit("owner")
    owner.go("/backoffice/")
    before = _revenue(owner)
    _choose_country(owner)

    owner.page.go_back()

    expect(owner.page.locator(".kpi-value").first).to_have_text(before)
    expect(owner.page.locator("#dashboard-country")).to_have_value("")
    expect(owner.page.locator("[data-chart][data-drawn]")).to_have_count(5)


def test_a_date_of_ones_own_makes_the_range_free(visit: Visit) -> None:
    owner = visit("owner")
    owner.go("/backoffice/")
    end = owner.page.locator("#dashboard-to").input_value()

    owner.page.locator("#dashboard-from").fill(end)
    owner.page.locator("#dashboard-from").press("Tab")

    owner.page.wait_for_url(f"**from={end}*")
    assert _arguments(owner.path) == {"from": end, "to": end}
    expect(owner.page.locator("#dashboard-range")).to_have_value("free")


def test_a_period_that_cannot_be_is_told_beside_its_field(visit: Visit) -> None:
    owner = visit("owner")
    owner.refusals = {422}
    owner.go("/backoffice/?from=2025-12-31&to=2025-01-01")

    problem = owner.page.locator("#dashboard-to-problem")
    expect(problem).to_be_visible()
    expect(owner.page.locator("#dashboard-to")).to_have_attribute("aria-describedby", "dashboard-to-problem")


def test_a_click_on_a_bar_opens_the_orders_of_its_period(visit: Visit) -> None:
    owner = visit("owner")
    owner.go("/backoffice/")
    card = _card(owner, "revenue-over-time")
    bars = card.locator("svg .mark-rect path")
    longest = bars.evaluate_all(
        "bars => { const long = bars.map(bar => bar.getBoundingClientRect().height);"
        " return long.indexOf(Math.max(...long)); }"
    )  # on a day of few sales a bar may be too short to be clicked
    target = _drills(card)[longest]
    orders = card.locator(".chart-table tbody tr").nth(longest).locator("td").last.text_content()

    bars.nth(longest).click()

    owner.page.wait_for_url(f"**{target}")
    assert set(_arguments(owner.path)) == {"from", "to"}
    expect(owner.page.locator(".list-facts [role=status]")).to_contain_text(f"{orders} record")


@pytest.mark.parametrize(
    ("key", "arguments"),
    [
        ("top-products", {"product", "from", "to"}),
        ("top-customers", {"customer", "from", "to"}),
        ("revenue-by-country", {"country", "from", "to"}),
        ("weekday-and-hour", {"weekday", "hour", "from", "to"}),
    ],
)
def test_a_click_on_a_mark_opens_the_orders_behind_it(visit: Visit, key: str, arguments: set[str]) -> None:
    owner = visit("owner")
    owner.go("/backoffice/")
    card = _card(owner, key)
    targets = _drills(card)

    card.locator("svg .mark-rect path").first.click()
    owner.page.wait_for_url("**/backoffice/orders/**")

    assert owner.path in targets
    assert set(_arguments(owner.path)) == arguments
    expect(owner.page.locator(".list-facts [role=status]")).to_contain_text(re.compile(r"^\s*([1-9]|More)"))
    expect(owner.page.locator(".list-question .is-invalid")).to_have_count(0)


def test_the_table_of_a_chart_says_the_same_as_its_file(visit: Visit, tmp_path: Path) -> None:
    owner = visit("owner")
    owner.go("/backoffice/")
    _choose_country(owner)
    card = _card(owner, "top-products")
    with owner.page.expect_download() as download:
        card.locator(".chart-csv").click()
    saved = tmp_path / "products.csv"
    download.value.save_as(saved)
    rows = list(csv.reader(saved.read_text(encoding="utf-8-sig").splitlines()))

    card.locator("summary").click()
    expect(card.locator("tbody tr")).to_have_count(len(rows) - 1)
    assert card.locator("tbody th").all_inner_texts() == [row[0] for row in rows[1:]]


def test_the_charts_follow_the_theme_that_is_chosen(visit: Visit) -> None:
    owner = visit("owner")
    owner.go("/backoffice/")
    chart = owner.page.locator("[data-chart]").first
    expect(chart).to_have_attribute("data-drawn", "light")

    owner.page.locator(".office-bar details[data-menu] > summary[aria-label]").last.click()
    owner.page.locator(".user-menu button[value=dark]").click()
    expect(chart).to_have_attribute("data-drawn", "dark")
    owner.page.reload()
    expect(owner.page.locator("html")).to_have_attribute("data-bs-theme", "dark")

    owner.page.locator(".office-bar details[data-menu] > summary[aria-label]").last.click()
    owner.page.locator(".user-menu button[value=auto]").click()
    expect(chart).to_have_attribute("data-drawn", "light")
