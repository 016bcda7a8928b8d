"""The question about what is not technical, in a real browser: an agency's room asks, and nobody is made to answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.journeys.conftest import House, Visitor
from webapp.core.room import Room
from webapp.core.stored import Aim, Stored

pytestmark = pytest.mark.needs("chromium")
Visit = Callable[..., Visitor]
PAGE = "/en/privacy"
LOOK = """button => {
  const style = getComputedStyle(button);
  const { width, height } = button.getBoundingClientRect();
  return [style.color, style.backgroundColor, style.borderColor, style.fontSize, style.fontWeight, width, height];
}"""


def curious(name: str) -> Room:
    """An agency's room that would keep something in browsers that no page needs."""
    aim = Aim("statistics", "Statistics", "We count visits.")
    stored = Stored(name, "To count", "A year", technical=False, aim=aim)
    return Room(name="curious", title="Curious", stores=(stored,))


@pytest.fixture
def asking(house: House) -> Iterator[None]:
    """The house with such a room."""
    rooms = house.app.extensions["rooms"]
    house.app.extensions["rooms"] = (*rooms, curious("_count"))
    yield
    house.app.extensions["rooms"] = rooms


def bar_of(visitor: Visitor) -> Locator:
    """The bar that asks."""
    return visitor.page.get_by_role("region", name="May we keep this in your browser?")


def kept(visitor: Visitor) -> dict[str, Any]:
    """The cookies of the choice."""
    return {str(each["name"]): each for each in visitor.page.context.cookies() if "consent" in str(each["name"])}


def test_with_technical_cookies_alone_no_bar_asks(visit: Visit) -> None:
    anna = visit(phone=True)
    anna.go(PAGE)
    expect(bar_of(anna)).to_have_count(0)
    assert kept(anna) == {}


@pytest.mark.usefixtures("asking")
def test_both_answers_look_alike_and_the_page_can_be_used_without_one(visit: Visit) -> None:
    anna = visit(phone=True)
    anna.go(PAGE)
    buttons = [bar_of(anna).get_by_role("button", name=name) for name in ("Accept all", "Refuse all")]
    accept, refuse = (button.evaluate(LOOK) for button in buttons)
    assert accept == refuse
    assert anna.violations() == []
    assert anna.overflow == 0
    anna.turn("dark")
    assert anna.violations() == []
    anna.page.get_by_role("contentinfo").get_by_role("link", name="Write to us").click()  # no wall
    expect(anna.page.get_by_role("heading", level=1)).to_be_visible()
    expect(bar_of(anna)).to_be_visible()
    assert kept(anna) == {}


@pytest.mark.usefixtures("asking")
@pytest.mark.parametrize("by_key", [True, False])
def test_closing_refuses_and_loses_nothing_that_was_typed(visit: Visit, *, by_key: bool) -> None:
    anna = visit()
    anna.go("/en/forms/write-to-us")
    anna.page.get_by_label("Message").fill("Do you repair old plates?")
    if by_key:
        anna.page.keyboard.press("Escape")
    else:
        bar_of(anna).get_by_role("button", name="Close and go on without agreeing").click()
    expect(bar_of(anna)).to_have_count(0)
    expect(anna.page.get_by_label("Message")).to_have_value("Do you repair old plates?")
    assert kept(anna)["consent"]["value"].endswith(".0")
    anna.go(PAGE)
    expect(bar_of(anna)).to_have_count(0)


@pytest.mark.usefixtures("asking")
def test_without_scripts_it_is_answered_once_for_half_a_year_or_until_something_changes(
    visit: Visit, house: House
) -> None:
    anna = visit(scripts=False)
    anna.go(PAGE)
    bar_of(anna).get_by_role("button", name="Accept all").click()
    anna.page.wait_for_url(f"**{PAGE}")
    expect(bar_of(anna)).to_have_count(0)
    choice = kept(anna)["consent"]
    assert choice["value"].endswith(".1")
    now = house.query("SELECT extract(epoch FROM now())")
    assert 183 <= (choice["expires"] - float(now)) / 86_400 <= 185  # six months, whichever they are
    house.app.extensions["rooms"] = (*house.app.extensions["rooms"], curious("_more"))
    anna.go(PAGE)
    bar_of(anna).get_by_role("button", name="Close and go on without agreeing").click()
    anna.page.wait_for_url(f"**{PAGE}")
    expect(bar_of(anna)).to_have_count(0)
    assert kept(anna)["consent"]["value"].endswith(".0")
    anna.page.context.clear_cookies(name="consent")  # six months later
    anna.go(PAGE)
    expect(bar_of(anna)).to_be_visible()
