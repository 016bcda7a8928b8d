"""A visitor writes to the shop and gets an answer; and their browser keeps nothing that the house does not tell of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Visitor
from webapp.core.db import db
from webapp.core.site import public_pages
from webapp.core.stored import all_stores

pytestmark = pytest.mark.needs("chromium")
Visit = Callable[..., Visitor]
KEPT = "async () => [Object.keys(localStorage), Object.keys(sessionStorage), await caches.keys()]"


def test_a_visitor_writes_and_gets_an_answer(visit: Visit) -> None:
    anna = visit()
    anna.refusals.add(422)
    anna.go("/en/forms/write-to-us")
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
    mails = "SELECT count(*) FROM mail_messages WHERE address = 'anna.journey@people.example.com' AND template = :name"
    assert staff.house.query(mails, name="forms/answer") == 1
    assert staff.house.query(mails, name="forms/receipt") == 1


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
