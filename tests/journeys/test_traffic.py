"""The owner reads the traffic: figures, a filter, the lines behind a figure, one request; with scripts and without."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import House, Visitor
from tests.rooms.traffic.makers import as_json

pytestmark = pytest.mark.needs("chromium")
Visit = Callable[..., Visitor]
TRAFFIC = "/backoffice/traffic/"
PAGES = ("", *(f"figures/{name}/" for name in ("pages", "visits", "answers", "speed", "sources", "visitors")), "now/",
         "requests/", "classes/", "attackers/", "visitors/", "files/", "rules/")  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def _lines(house: House, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Visits of two people yesterday, one of whom finds nothing, and of somebody who looks for WordPress."""
    noon = dt.datetime.now(dt.UTC).replace(hour=12, minute=0) - dt.timedelta(days=1)

    def line(minute: int, uri: str, status: str = "200", address: str = "203.0.113.7") -> bytes:
        return as_json(
            noon + dt.timedelta(minutes=minute),
            uri=uri,
            query="",
            status=status,
            address=address,
            request_id=f"{minute:032x}",
        )

    path: Path = tmp_path_factory.mktemp("logs") / "access.jsonl"
    path.write_bytes(
        b"".join(
            (
                line(0, "/"), line(1, "/shop"), line(2, "/cart"), line(3, "/lost", "404", "198.51.100.9"),
                line(4, "/wp-login.php", "404", "192.0.2.1"),
            )
        )
    )  # fmt: skip
    house.run("traffic", "ingest", path)


def _walk(owner: Visitor) -> None:
    """From the figures by a filter and a row to the lines, and to one request."""
    expect(owner.page.locator(".kpi-value").first).to_have_text("5")
    owner.page.locator("[name=status]").fill("404")
    owner.page.locator(".dashboard-send button").press("Enter")
    owner.page.wait_for_url(re.compile(r"[?&]status=404"))
    expect(owner.page.locator(".kpi-value").first).to_have_text("2")
    owner.page.locator("[aria-labelledby=panel-paths] tbody a", has_text="/lost").click()
    owner.page.wait_for_url("**/requests/?**")
    expect(owner.page.locator("#list-results tbody tr")).to_have_count(1)
    owner.page.locator("#list-results tbody a").first.click()
    owner.page.wait_for_url("**/lines/**")
    expect(owner.page.locator("main")).to_contain_text("404 GET /lost")
    expect(owner.page.locator("main")).not_to_contain_text("198.51.100.9")
    owner.go(f"{TRAFFIC}requests/{3:032x}/")
    expect(owner.page.locator("main")).to_contain_text("404 GET /lost")


def test_from_the_figures_to_one_request(visit: Visit) -> None:
    owner = visit("owner")
    owner.go("/backoffice/")
    owner.page.locator("nav a", has_text="Traffic").first.click()
    owner.page.wait_for_url(f"**{TRAFFIC}")
    owner.see_the_charts()
    _walk(owner)


def test_from_the_figures_to_one_request_without_scripts(visit: Visit) -> None:
    owner = visit("owner", scripts=False)
    owner.go(TRAFFIC)
    _walk(owner)


@pytest.mark.parametrize(("locale", "dark", "phone"), [("en-GB", False, False), ("it-IT", True, True)])
def test_everybody_can_use_the_pages_of_traffic(visit: Visit, locale: str, *, dark: bool, phone: bool) -> None:
    owner = visit("owner", locale=locale, dark=dark, phone=phone)
    found = []
    for page in (*PAGES, f"requests/{3:032x}/"):
        owner.go(TRAFFIC + page)
        assert owner.overflow == 0, page
        found += owner.violations()
    owner.go("/backoffice/errors/")
    found += owner.violations()
    assert found == []
