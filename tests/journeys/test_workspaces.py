"""Colleagues share a project: found a group, ask to join, accept, hand over, delete; in order on a desk and a phone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import House, Visitor

pytestmark = pytest.mark.needs("chromium")
Visit = Callable[..., Visitor]
OFFICE = "/backoffice/workspaces/"


def press(visitor: Visitor, name: str) -> None:
    """Press the button or follow the link of that name on the page."""
    place = visitor.page.locator("#content")
    place.get_by_role("button", name=name, exact=True).or_(place.get_by_role("link", name=name, exact=True)).click()


def number_of(house: House, name: str) -> int:
    return int(house.query("SELECT id FROM workspaces_groups WHERE name = :name", name=name))


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "without-scripts"])
def test_a_group_is_founded_joined_on_request_handed_over_and_deleted(
    visit: Visit, house: House, *, scripts: bool
) -> None:
    staff, owner = visit("staff", scripts=scripts), visit("owner", scripts=scripts)
    name = f"Journey {scripts}"
    staff.go(OFFICE + "groups/")
    press(staff, "New workspace group")
    staff.page.get_by_label("Name", exact=False).first.fill(name)
    staff.page.get_by_label("Joining").select_option("on_request")
    staff.page.get_by_label("Description").fill("## Aims\n\n- *forecast*\n- <script>alert(1)</script>")
    press(staff, "Save")
    expect(staff.page.get_by_role("heading", name="Aims")).to_be_visible()
    number = number_of(house, name)

    press(staff, "New project")
    staff.page.get_by_label("Name", exact=False).first.fill("Forecast")
    press(staff, "Save")
    expect(staff.page.locator(".crumbs")).to_contain_text(name)

    owner.go(f"{OFFICE}groups/{number}/")
    owner.page.get_by_label("A few words to the owner").fill("Let me in")
    press(owner, "Ask the owner")
    expect(owner.page.locator("#content")).to_contain_text("You asked to join")
    staff.go(f"{OFFICE}groups/{number}/")
    expect(staff.page.locator("#content")).to_contain_text("Let me in")
    press(staff, "Accept")
    expect(staff.page.locator("#content")).to_contain_text("2 members")

    press(staff, "Hand over")
    staff.page.get_by_label("New owner").select_option(index=0)
    press(staff, "Hand over")
    press(staff, "Leave the group")
    press(staff, "Leave the group")
    expect(staff.page.locator("#content")).to_contain_text("1 member")

    owner.go(f"{OFFICE}groups/{number}/delete")
    expect(owner.page.locator("#content")).to_contain_text("1 project")
    press(owner, "Delete")
    expect(owner.page).to_have_url(f"{house.address}{OFFICE}groups/")
    assert house.query("SELECT count(*) FROM workspaces_groups WHERE id = :id", id=number) == 0


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_pages_are_in_order(visit: Visit, house: House, *, phone: bool, dark: bool) -> None:
    owner = visit("owner", phone=phone, dark=dark)
    group = house.query("SELECT id FROM workspaces_groups WHERE slug = 'vendite'")
    project = house.query("SELECT id FROM workspaces_projects WHERE slug = 'andamento'")
    pages = [OFFICE, f"{OFFICE}groups/", f"{OFFICE}groups/new", f"{OFFICE}projects/new", "/workspaces/about"]
    pages += [f"{OFFICE}groups/{group}/{page}" for page in ("", "edit", "hand-over", "leave", "delete")]
    pages += [f"{OFFICE}projects/{project}/{page}" for page in ("", "edit", "visibility", "move", "delete")]
    pages += ["/workspaces/", "/workspaces/dati-aperti/prezzi-e-stagioni/"]
    for page in pages:
        owner.go(page)
        assert owner.overflow <= 0, page
        assert owner.violations() == []
