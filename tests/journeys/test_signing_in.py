"""Signing in with a passkey, with the code of an app, and by invitation; a browser with an authenticator of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from passlib.totp import TOTP
from playwright.sync_api import expect

from tests.journeys.conftest import House, Visitor
from tests.rooms.accounts.makers import PASSWORD, link_in, make_user, read_mail
from webapp.core.db import db

pytestmark = pytest.mark.needs("chromium")
Visit = Callable[..., Visitor]
SCREENS = pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
NUMBERS = iter(range(1, 1000))


@pytest.fixture
def at_home(house: House) -> House:
    """The house by a name: passkeys know no numbers."""
    return replace(house, address=house.address.replace("127.0.0.1", "localhost"))


@pytest.fixture
def person(house: House) -> Iterator[str]:
    """The address of somebody of the staff who signs in with PASSWORD."""
    email = f"persona{next(NUMBERS)}@journeys.bottega.it"
    house.store(lambda session: make_user(session, email=email, name="Marta Ferri", roles=["staff"]))
    yield email
    house.query("DELETE FROM accounts_users WHERE email = :email RETURNING id", email=email)


def enter(visitor: Visitor, name: str, password: str = PASSWORD) -> None:
    """Fill in the form of the sign-in and send it."""
    visitor.go("/login")
    visitor.page.locator("input[name=email]").fill(name)
    visitor.page.locator("input[name=password]").fill(password)
    visitor.page.get_by_role("button", name="Sign in", exact=True).click()


def leave(visitor: Visitor) -> None:
    """Sign out by the menu."""
    visitor.page.locator(".office-bar summary[aria-label^='Your menu']").click()
    visitor.page.get_by_role("button", name="Sign out").click()
    visitor.page.wait_for_url(visitor.house.address + "/en")


def give_authenticator(visitor: Visitor, *, transport: str = "internal", knows_holder: bool = True) -> None:
    """Put an authenticator into the browser: the device's own, or a key that is plugged in."""
    talk = visitor.page.context.new_cdp_session(visitor.page)
    talk.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": transport,
        "hasResidentKey": knows_holder,
        "hasUserVerification": knows_holder,
        "isUserVerified": knows_holder,
        "automaticPresenceSimulation": True,
    }
    talk.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def add_passkey(visitor: Visitor, name: str, opens: str) -> None:
    """Add a passkey on the page of the sign-in."""
    visitor.go("/account/security")
    visitor.page.get_by_role("link", name="Add a passkey").click()
    visitor.page.get_by_label("What shall it be called?").fill(name)
    visitor.page.get_by_label(opens).check()
    visitor.page.get_by_role("button", name="Continue").click()
    visitor.page.wait_for_url("**/account/security")
    expect(visitor.page.locator("main")).to_contain_text(name)


def test_a_passkey_of_the_device_opens_without_a_password(visit: Visit, at_home: House, person: str) -> None:
    marta = visit()
    marta.house = at_home
    give_authenticator(marta)
    enter(marta, person)
    marta.page.wait_for_url("**/backoffice/**")
    add_passkey(marta, "The laptop", "Everything by itself")
    with at_home.app.app_context():
        assert "The laptop" in read_mail(db.session(), person)
    leave(marta)

    marta.go("/login?next=/backoffice/customers/")
    marta.page.get_by_role("button", name="Sign in with a passkey").click()
    marta.page.wait_for_url("**/backoffice/customers/")

    leave(marta)
    enter(marta, person)
    expect(marta.page.get_by_role("heading", level=1)).to_have_text("The second step")
    marta.page.get_by_role("button", name="Use a passkey").click()
    marta.page.wait_for_url("**/backoffice/**")

    marta.go("/account/security")
    marta.page.get_by_role("button", name="Remove").click()
    marta.page.locator("#confirm-dialog button[value=yes]").click()
    expect(marta.page.locator("#flashes")).to_contain_text("was removed")


def test_a_key_without_a_pin_is_a_second_step_only(visit: Visit, at_home: House, person: str) -> None:
    marta = visit()
    marta.house = at_home
    give_authenticator(marta, transport="usb", knows_holder=False)
    enter(marta, person)
    marta.page.wait_for_url("**/backoffice/**")
    add_passkey(marta, "The blue key", "Only together with the password")
    leave(marta)

    enter(marta, person)
    marta.page.get_by_role("button", name="Use a passkey").click()
    marta.page.wait_for_url("**/backoffice/**")
    assert marta.house.query("SELECT usage FROM accounts_passkeys WHERE name = 'The blue key'") == "secondary"


def test_a_passkey_that_is_not_there_is_told_in_words(visit: Visit, at_home: House) -> None:
    stranger = visit()
    stranger.house = at_home
    give_authenticator(stranger)
    stranger.go("/login")
    stranger.page.get_by_role("button", name="Sign in with a passkey").click()
    expect(stranger.page.locator("[data-passkey-problem]")).to_contain_text("Nothing came of it")
    assert stranger.violations() == []


def test_at_an_address_of_numbers_passkeys_say_why_they_do_not_work(visit: Visit, person: str) -> None:
    marta = visit()
    give_authenticator(marta)
    enter(marta, person)
    marta.page.wait_for_url("**/backoffice/**")
    marta.go("/account/security")
    expect(marta.page.locator("main")).to_contain_text("open http://localhost")
    marta.page.get_by_role("link", name="Add a passkey").click()
    marta.page.get_by_label("What shall it be called?").fill("The laptop")
    marta.page.get_by_role("button", name="Continue").click()
    expect(marta.page.locator("[data-passkey-problem]")).to_contain_text("need https and a name")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_codes_of_an_app_are_turned_on_and_asked_for(visit: Visit, person: str, scripts: bool) -> None:
    marta = visit(scripts=scripts)
    enter(marta, person)
    marta.page.wait_for_url("**/backoffice/**")
    marta.go("/account/codes")
    phone = TOTP(key=marta.page.locator(".proof-key code").inner_text())
    assert marta.page.locator(".proof-key img").evaluate("image => image.naturalWidth") if scripts else True
    marta.page.get_by_label("Code").fill(phone.generate(time.time()).token)
    marta.page.get_by_role("button", name="Turn on").click()
    codes = marta.page.locator(".proof-codes code").all_inner_texts()
    assert len(codes) == 10
    marta.page.get_by_role("link", name="I have them").click()
    expect(marta.page.locator("main")).to_contain_text("10 recovery codes are left.")
    leave(marta)

    enter(marta, person)
    marta.page.wait_for_url("**/tf-validate**")
    if scripts:
        assert marta.violations() == []
    marta.page.get_by_label("Code").fill(phone.generate(time.time() + 30).token)
    marta.page.get_by_label("Do not ask on this device for 30 days").check()
    marta.page.get_by_role("button", name="Sign in", exact=True).click()
    marta.page.wait_for_url("**/backoffice/**")
    leave(marta)

    enter(marta, person)
    marta.page.wait_for_url("**/backoffice/**")

    other = visit(scripts=scripts)
    enter(other, person)
    other.page.get_by_role("link", name="Phone lost? Use a recovery code").click()
    other.page.get_by_label("Recovery code").fill(codes[0])
    other.page.get_by_role("button", name="Sign in", exact=True).click()
    other.page.wait_for_url("**/backoffice/**")


def test_who_has_two_second_factors_chooses(visit: Visit, at_home: House, person: str) -> None:
    marta = visit()
    marta.house = at_home
    give_authenticator(marta)
    enter(marta, person)
    marta.page.wait_for_url("**/backoffice/**")
    add_passkey(marta, "The phone", "Everything by itself")
    marta.go("/account/codes")
    phone = TOTP(key=marta.page.locator(".proof-key code").inner_text())
    marta.page.get_by_label("Code").fill(phone.generate(time.time()).token)
    marta.page.get_by_role("button", name="Turn on").click()
    marta.page.get_by_role("link", name="I have them").click()
    assert marta.violations() == []
    leave(marta)

    enter(marta, person)
    marta.page.wait_for_url("**/tf-select**")
    assert marta.violations() == []
    marta.page.get_by_role("button", name="With the code of the app").click()
    marta.page.get_by_label("Code").fill(phone.generate(time.time() + 30).token)
    marta.page.get_by_role("button", name="Sign in", exact=True).click()
    marta.page.wait_for_url("**/backoffice/**")


def test_the_owner_invites_and_the_guest_comes_in(visit: Visit, house: House) -> None:
    owner, guest = visit("owner"), visit(locale="it-IT", phone=True)
    owner.go("/backoffice/invitations/")
    owner.page.get_by_role("link", name="Invite somebody").click()
    owner.page.get_by_label("E-mail").fill("ospite@journeys.bottega.it")
    owner.page.get_by_label("Name", exact=True).fill("Ospite Gentile")
    owner.page.get_by_label("viewer").check()
    owner.page.locator("main button[type=submit]").click()
    expect(owner.page.locator("#flashes")).to_contain_text("is on its way")
    assert owner.violations() == []
    with house.app.app_context():
        link = link_in(read_mail(db.session(), "ospite@journeys.bottega.it"))

    guest.go(link)
    assert guest.path == "/invitation"
    assert guest.violations() == []
    assert guest.overflow == 0
    guest.page.locator("input[name=username]").fill("ospite")
    guest.page.locator("input[name=password]").fill(PASSWORD)
    guest.page.locator("main button[type=submit]").click()
    guest.page.wait_for_url("**/login")
    guest.page.locator("input[name=email]").fill("ospite")
    guest.page.locator("input[name=password]").fill(PASSWORD)
    guest.page.locator("main form[action='/login'] button[type=submit]").click()
    guest.page.wait_for_url("**/backoffice/**")
    house.query("DELETE FROM accounts_users WHERE username = 'ospite' RETURNING id")


@SCREENS
def test_the_pages_of_signing_in_are_in_order(visit: Visit, phone: bool, person: str) -> None:
    stranger, marta = visit(phone=phone), visit(phone=phone)
    enter(marta, person)
    marta.page.wait_for_url("**/backoffice/**")
    pages = [
        *((stranger, path) for path in ("/login", "/reset-password/", "/wan-signin")),
        *((marta, f"/account/{page}") for page in ("security", "names", "password", "email", "codes", "passkeys/new")),
        (marta, "/verify"),
    ]
    found = []
    for visitor, path in pages:
        visitor.turn("light")
        visitor.go(path)
        if visitor.overflow:
            found.append(f"{path}: {visitor.overflow} pixels wider than the screen")
        found += visitor.violations()
        visitor.turn("dark")
        found += [f"dark {problem}" for problem in visitor.violations("color-contrast", "link-in-text-block")]
    assert found == []
