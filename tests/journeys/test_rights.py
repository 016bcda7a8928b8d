"""The owner decides who may do what: a right is lost while its holder is signed in, a group is made, a question answered."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from tests.journeys.conftest import House, Visitor
from tests.rooms.crm.makers import make_customer
from webapp.blueprints.accounts.demo import PASSWORD
from webapp.blueprints.accounts.models import User
from webapp.blueprints.accounts.services.users import create_user
from webapp.core.security import SYSTEM

pytestmark = pytest.mark.needs("chromium")
Visit = Callable[..., Visitor]
READ, WRITE = "crm:customers:read", "crm:customers:write"


def _person(house: House, role: str) -> tuple[int, str]:
    """Somebody with that role alone; their number and address."""
    email = f"{role}@people.bottega.it"

    def make(session: Session) -> User:
        person = create_user(session, by=SYSTEM, email=email, name="Sandra Neri", password=PASSWORD, roles=[role])
        session.flush()
        return person

    return house.store(make), email


def _enter(visitor: Visitor, email: str) -> None:
    visitor.go("/login")
    visitor.page.locator("input[name=email]").fill(email)
    visitor.page.locator("input[name=password]").fill(PASSWORD)
    visitor.page.locator("main form[action='/login'] button").click()
    visitor.page.wait_for_url("**/backoffice/**")


def _decide(page: Page, permission: str, reach: str) -> None:
    page.locator(f"select[name$=':{permission}']").select_option(reach)
    page.locator(".rights-save [type=submit]").click()
    expect(page.locator("#flashes .alert-success")).to_be_visible()


def test_a_role_loses_a_right_while_its_holder_is_signed_in(visit: Visit, house: House) -> None:
    role = "journey-seller"
    house.run("roles", "create", role, "--rank", "20")
    number, email = _person(house, role)
    role_id = house.query("SELECT id FROM accounts_roles WHERE name = :name", name=role)
    mine = house.store(lambda session: make_customer(session, number="JR-1", name="Mine", owner_id=number))
    theirs = house.store(lambda session: make_customer(session, number="JR-2", name="Theirs"))
    owner = visit("owner")
    owner.go(f"/backoffice/rights/?role={role_id}")
    for permission, reach in (("core:backoffice:enter", "all"), (READ, "own"), (WRITE, "own")):
        _decide(owner.page, permission, reach)

    seller = visit()
    _enter(seller, email)
    seller.page.locator(".office-side nav a[href='/backoffice/customers/']").click()
    expect(seller.page.locator("#list-results tbody tr")).to_have_count(1)
    seller.go(f"/backoffice/customers/{mine}/")
    seller.refusals = {403, 404}
    seller.go(f"/backoffice/customers/{theirs}/")
    expect(seller.page.get_by_text("This customer does not exist")).to_be_visible()
    seller.go(f"/backoffice/customers/{mine}/edit")
    seller.page.locator("[name=name]").fill("Mine indeed")

    _decide(owner.page, WRITE, "none")
    seller.page.locator(".record-buttons [type=submit]").click()
    expect(seller.page.get_by_role("heading", level=1)).to_have_text("This page is not for you")
    assert house.query("SELECT name FROM crm_customers WHERE id = :id", id=mine) == "Mine"
    seller.go(f"/backoffice/customers/{mine}/")
    expect(seller.page.locator(f"a[href='/backoffice/customers/{mine}/edit']")).to_have_count(0)

    _decide(owner.page, READ, "none")
    seller.page.reload()
    expect(seller.page.get_by_role("heading", level=1)).to_have_text("This page is not for you")
    expect(seller.page.locator(".office-side nav a[href='/backoffice/customers/']")).to_have_count(0)

    owner.go(f"/backoffice/rights/why/?person={number}&permission={READ}&record=JR-1")
    expect(owner.page.get_by_role("heading", level=2)).to_contain_text("No, Sandra Neri may not.")


def test_a_group_is_made_without_scripts(visit: Visit, house: House) -> None:
    owner = visit("owner", scripts=False)
    owner.go("/backoffice/rights/groups/new")
    owner.page.locator("[name=name]").fill("Journey group")
    owner.page.locator("[name=members]").first.check()
    owner.page.locator("[name=roles]").last.check()
    owner.page.locator(".record-buttons [type=submit]").click()
    expect(owner.page.get_by_role("heading", level=1)).to_have_text("Group Journey group")
    group = house.query("SELECT id FROM accounts_groups WHERE name = 'Journey group'")
    owner.go(f"/backoffice/rights/groups/{group}/delete")
    owner.page.locator(".record-buttons [type=submit]").click()
    owner.page.wait_for_url("**/backoffice/rights/groups/")
    assert house.query("SELECT count(*) FROM accounts_groups WHERE name = 'Journey group'") == 0


PAGES = (
    "/backoffice/rights/",
    "/backoffice/rights/?role=2",
    "/backoffice/rights/roles/",
    "/backoffice/rights/roles/2/",
    "/backoffice/rights/roles/2/edit",
    "/backoffice/rights/groups/",
    "/backoffice/rights/groups/new",
    "/backoffice/customers/1/hand-over",
    "/backoffice/rights/why/?person=2&permission=crm%3Acustomers%3Aread&record=C0001",
)


@pytest.mark.parametrize("path", PAGES)
def test_the_pages_of_rights_are_for_everybody_and_fit_a_phone(visit: Visit, path: str) -> None:
    owner = visit("owner", locale="it-IT")
    owner.go(path)
    assert owner.violations() == []
    owner.turn("dark")
    assert owner.violations("color-contrast") == []
    phone = visit("owner", phone=True)
    phone.go(path)
    assert phone.overflow <= 0
    assert phone.violations() == []
