"""A visitor finds the opening hours, writes to the shop and gets an answer; their browser keeps nothing they are not told of."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from flask_babel import force_locale
from playwright.sync_api import expect

from tests.journeys.conftest import House, Visitor
from webapp.blueprints.places.queries.sites import hours_of, list_sites
from webapp.blueprints.places.queries.words import state_in_words, timeline
from webapp.blueprints.tasks.gateways.runner import execute
from webapp.core.clock import utc_now
from webapp.core.db import db
from webapp.core.mail import list_folder, mail_folder
from webapp.core.site import public_pages
from webapp.core.stored import all_stores

pytestmark = pytest.mark.needs("chromium")
Visit = Callable[..., Visitor]
KEPT = "async () => [Object.keys(localStorage), Object.keys(sessionStorage), await caches.keys()]"


def said_of_the_sites(house: House) -> list[str]:
    """Whether each of the sites is open at this moment, as the room of places says it in English."""
    with house.app.test_request_context("/en"), force_locale("en"):
        return [state_in_words(hours_of(db.session(), site), utc_now()).words for site in list_sites(db.session())]


def mails_to(address: str, house: House) -> list[str]:
    """The words of the mails that arrive at an address once a worker has sent what waits for it."""
    for task in house.query("SELECT array_agg(task_id) FROM mail_messages WHERE address = :address", address=address):
        execute(house.app, task, worker="journey")
    folder = mail_folder(house.app.extensions["settings"])
    assert folder
    return [mail.text for mail in list_folder(folder) if mail.to == address]


def test_a_visitor_finds_the_hours_writes_and_gets_an_answer(visit: Visit) -> None:
    anna = visit(phone=True)
    anna.refusals.add(422)
    anna.go("/")
    anna.page.locator(".site-menu-phone summary").click()
    anna.page.locator(".site-menu-phone").get_by_role("link", name="Find us").click()
    expect(anna.page.get_by_role("heading", name="Opening hours")).to_be_visible()
    before = said_of_the_sites(anna.house)
    shown = anna.page.locator("[data-hours-words]").all_inner_texts()
    assert shown in (before, said_of_the_sites(anna.house))
    expect(anna.page.get_by_role("row", name="Saturday").first).to_contain_text("9")
    assert anna.overflow == 0

    anna.page.get_by_role("contentinfo").get_by_role("link", name="Write to us").click()
    form = anna.page.locator("form.public-form")
    expect(form.locator("input[name=stamp]")).not_to_have_value("")
    form.get_by_label("Message").fill("Do you repair old plates?")
    form.get_by_role("button").click()
    expect(anna.page.get_by_role("alert").get_by_role("link")).to_have_count(3)
    expect(form.get_by_label("Your name")).to_be_focused()
    expect(form.get_by_label("Message")).to_have_value("Do you repair old plates?")
    form.get_by_label("Your name").fill("Anna Journey")
    form.get_by_label("E-mail").first.fill("anna.journey@people.example.com")
    form.get_by_label("I have read the privacy notice").check()
    form.get_by_role("button").click()
    expect(anna.page.get_by_role("heading", level=1)).to_have_text("Thank you")

    staff = visit("staff")
    staff.go("/backoffice/site/messages/?q=anna.journey")
    staff.page.locator("#list-results tbody a").first.click()
    staff.page.locator("#words").fill("We do. Bring them on a Tuesday.")
    staff.page.locator("form[action$='/answer'] button").click()
    expect(staff.page.locator(".form-thread")).to_contain_text("Bring them on a Tuesday.")
    arrived = mails_to("anna.journey@people.example.com", staff.house)
    assert len(arrived) == 2
    for words in ("thank you for writing", "We do. Bring them on a Tuesday."):
        assert [words in text for text in arrived].count(True) == 1


def test_whether_it_is_open_stays_true_on_a_page_that_stays_open(visit: Visit, house: House) -> None:
    with house.app.test_request_context("/en"), force_locale("en"):
        said = timeline(hours_of(db.session(), list_sites(db.session())[0]), utc_now())
    closing, closed = next((first, then) for first, then in pairwise(said[1:]) if first.open and not then.open)
    anna = visit(phone=True)
    clock = anna.page.clock
    clock.install(time=closed.since.timestamp() - 60)
    anna.go("/en/find-us")
    now = anna.page.locator(".hours").first
    expect(now.locator("[data-hours-words]")).to_have_text(closing.words)
    expect(now.locator(".hours-now")).to_have_class("hours-now hours-open")
    clock.run_for(90_000)
    expect(now.locator("[data-hours-words]")).to_have_text(closed.words)
    expect(now.locator(".hours-now")).to_have_class("hours-now")
    clock.fast_forward(10 * 24 * 3_600_000)  # nothing rather than something wrong
    expect(now.locator(".hours-now")).to_be_hidden()
    expect(now.locator("[data-hours-today]").first).to_be_hidden()


def test_a_browser_keeps_only_what_is_declared(visit: Visit) -> None:
    guest = visit()
    with guest.house.app.test_request_context("/"):
        guest.house.app.preprocess_request()
        kinds = {page.kind: page.path for page in public_pages(db.session())}
        declared = all_stores()
    for path in ("/", *kinds.values(), "/it/cookie"):
        guest.go(path)
    strangers = {cookie["name"] for cookie in guest.page.context.cookies()}
    assert strangers == set()
    guest.sign_in("owner")
    for path in ("/backoffice/", "/backoffice/customers/?q=a", "/backoffice/site/forms/"):
        guest.go(path)
    kept: Any = guest.page.evaluate(KEPT)
    cookies = [str(cookie["name"]) for cookie in guest.page.context.cookies()]
    found = dict(zip(("cookie", "local", "session", "cache"), (cookies, *kept), strict=True))
    unknown = [
        (kind, name)
        for kind, names in found.items()
        for name in names
        if not any(each.kind == kind and each.covers(name) for each in declared)
    ]
    assert unknown == []
    assert cookies
