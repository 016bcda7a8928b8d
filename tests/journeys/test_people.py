"""The owner acts as somebody else and comes back; a right is lost while its holder is signed in; sessions end; terms."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect
from sqlalchemy import text

from tests.journeys.conftest import House, Visitor
from tests.rooms.accounts.makers import PASSWORD, make_user
from webapp.blueprints.accounts.models import DocumentKind
from webapp.blueprints.accounts.services.terms import publish_document
from webapp.core.db import transaction
from webapp.core.security import SYSTEM

pytestmark = pytest.mark.needs("chromium")
Visit = Callable[..., Visitor]
SCREENS = pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
NUMBERS = iter(range(1, 1000))
REASON = "She called: the list of orders is empty"


def erase(house: House, statement: str) -> None:
    """Run a statement for good."""
    with house.app.app_context(), transaction() as session:
        session.execute(text(statement))


@pytest.fixture
def marta(house: House) -> Iterator[tuple[int, str]]:
    """Somebody of the staff who signs in with PASSWORD: number and address."""
    email = f"marta{next(NUMBERS)}@journeys.bottega.it"
    number = house.store(lambda session: make_user(session, email=email, name="Marta Ferri", roles=["staff"]))
    yield number, email
    erase(house, f"DELETE FROM accounts_users WHERE id = {number}")


@pytest.fixture
def published(house: House) -> Iterator[None]:
    """Terms of use that nobody has accepted yet."""
    texts = {"it": "Siate gentili.", "en": "Be kind."}
    house.store(
        lambda session: publish_document(
            session, by=SYSTEM, kind=DocumentKind.TERMS, texts=texts, languages=("it", "en")
        )
    )
    yield
    erase(house, "DELETE FROM accounts_acceptances; DELETE FROM accounts_documents")


def enter(visitor: Visitor, email: str) -> None:
    """Sign in by the page, and wait until one is in."""
    visitor.go("/login")
    visitor.page.locator("input[name=email]").fill(email)
    visitor.page.locator("input[name=password]").fill(PASSWORD)
    visitor.page.locator("main button[type=submit]").first.click()
    visitor.page.wait_for_url(lambda address: "/login" not in address)


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_the_owner_acts_as_somebody_sees_it_everywhere_and_comes_back(
    visit: Visit, house: House, marta: tuple[int, str], scripts: bool
) -> None:
    number, _email = marta
    owner = visit("owner", scripts=scripts)
    owner.refusals = {403, 422}
    page = owner.page
    owner.go(f"/backoffice/users/{number}/")
    page.locator(f"main a[href='/backoffice/users/{number}/act']").click()
    page.get_by_role("button", name="Act as this person").click()
    expect(page.locator("textarea[name=reason]")).to_have_attribute("aria-invalid", "true")
    page.locator("textarea[name=reason]").fill(REASON)
    page.get_by_role("button", name="Act as this person").click()

    banner = page.locator(".acting-banner")
    expect(banner).to_contain_text("acting as Marta Ferri", timeout=15_000)  # above the dashboard, which reads a lot
    for path in ("/backoffice/customers/", "/", "/admin/", "/account/security"):
        owner.go(path)
        expect(banner).to_be_visible()
        if scripts:
            assert owner.violations() == []
    owner.go("/backoffice/customers/new")
    page.locator("[name=number]").fill(f"ACTING-{number}")
    page.locator("[name=name]").fill("Ada")
    page.locator(".record-buttons [type=submit]").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ada")
    page.get_by_role("button", name="Back to myself").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Marta Ferri")
    expect(banner).to_have_count(0)
    owner.go("/backoffice/impersonations/")
    page.locator("main tbody a").first.click()
    expect(page.locator("main")).to_contain_text(REASON)
    expect(page.locator("main")).to_contain_text("POST /backoffice/customers/new")
    told = "SELECT ended_at IS NOT NULL FROM accounts_impersonations WHERE target_id = :id"
    assert house.query(told, id=number)


def test_a_role_that_is_taken_away_is_missed_on_the_next_page(
    visit: Visit, house: House, marta: tuple[int, str]
) -> None:
    number, email = marta
    staff, owner = visit(), visit("owner")
    staff.refusals = {403}
    enter(staff, email)
    staff.go("/backoffice/customers/")
    expect(staff.page.locator("main a[href='/backoffice/customers/new']")).to_be_visible()

    owner.go(f"/backoffice/users/{number}/roles")
    owner.page.get_by_label("staff").uncheck()
    owner.page.get_by_label("viewer").check()
    owner.page.locator(".record-buttons [type=submit]").click()
    expect(owner.page.locator("#flashes .alert-success")).to_be_visible()

    staff.go("/backoffice/customers/")
    expect(staff.page.locator("main a[href='/backoffice/customers/new']")).to_have_count(0)
    staff.go("/backoffice/customers/new")
    expect(staff.page.get_by_role("heading", level=1)).to_have_text("This page is not for you")


def test_who_is_disabled_is_out_at_once(visit: Visit, marta: tuple[int, str]) -> None:
    number, email = marta
    staff, owner = visit(), visit("owner")
    enter(staff, email)
    owner.go(f"/backoffice/users/{number}/")
    expect(owner.page.locator(".session-list li strong")).to_have_count(1)
    owner.page.get_by_role("button", name="Disable").click()
    owner.page.locator("#confirm-dialog button[value=yes]").click()
    expect(owner.page.locator("#flashes .alert-success")).to_be_visible()

    staff.go("/backoffice/customers/")
    expect(staff.page.locator("input[name=password]")).to_be_visible()


def test_somebody_ends_all_other_sessions(visit: Visit, marta: tuple[int, str]) -> None:
    _number, email = marta
    here, there = visit(), visit(phone=True)
    enter(here, email)
    enter(there, email)
    here.go("/account/sessions/")
    expect(here.page.locator(".session-list li")).to_have_count(2)
    here.page.get_by_role("button", name="End all others").click()
    expect(here.page.locator(".session-list li")).to_have_count(1)
    there.go("/backoffice/customers/")
    expect(there.page.locator("input[name=password]")).to_be_visible()


@SCREENS
def test_terms_are_accepted_before_one_goes_on(
    visit: Visit, marta: tuple[int, str], published: None, phone: bool
) -> None:
    _number, email = marta
    staff = visit(phone=phone)
    enter(staff, email)
    staff.go("/backoffice/customers/")
    expect(staff.page.get_by_role("heading", level=1)).to_have_text("What you accept")
    expect(staff.page.locator(".legal-text")).to_have_text("Be kind.")
    assert staff.violations() == []
    assert staff.overflow == 0
    staff.page.get_by_role("checkbox").check()
    staff.page.get_by_role("button", name="Accept and go on").click()
    expect(staff.page.get_by_role("heading", level=1)).to_have_text("Customers")


@SCREENS
@pytest.mark.parametrize("locale", ["en-GB", "it-IT"])
def test_the_pages_of_people_are_in_order(visit: Visit, marta: tuple[int, str], phone: bool, locale: str) -> None:
    number, _email = marta
    owner = visit("owner", phone=phone, locale=locale)
    pages = ["/account/sessions/", "/account/data/", "/account/data/suspend", "/account/data/delete"]
    pages += [f"/backoffice/users/{number}/{part}" for part in ("", "roles", "act")]
    pages += ["/backoffice/users/", "/backoffice/impersonations/", "/backoffice/terms/", "/backoffice/terms/terms/new"]
    found = []
    for path in pages:
        owner.turn("light")
        owner.go(path)
        found += [f"{path}: {owner.overflow} pixels wider than the screen"] if owner.overflow else []
        found += owner.violations()
        owner.turn("dark")
        found += owner.violations("color-contrast")
    assert found == []
