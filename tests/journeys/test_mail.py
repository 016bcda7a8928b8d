"""The outbox in a real browser: a mail is shown as its reader sees it, and sent again by a button that needs no script."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from tests.journeys.conftest import House, Visitor
from tests.journeys.test_pages import SCREENS, _problems
from tests.rooms.mail.conftest import put_one, with_templates
from webapp.blueprints.mail.models import MailState, OutgoingMail
from webapp.blueprints.mail.services import settle
from webapp.blueprints.tasks.gateways.runner import execute
from webapp.core.db import db

pytestmark = pytest.mark.needs("chromium")
Visit = Callable[..., Visitor]


@pytest.fixture
def mail(house: House) -> Iterator[int]:
    """The number of a mail with a link in it, which a server refused."""
    with_templates(house.app)

    def make(session: Session) -> OutgoingMail:
        put_one(session, to="anna.bianchi@un-cliente-dal-nome-lungo.it", name="Anna Bianchi")
        mail = session.scalars(select(OutgoingMail).order_by(OutgoingMail.id.desc()).limit(1)).one()
        settle(session, mail, MailState.REFUSED, "refused", "The mail server refuses: 550 5.1.1 no such user here")
        return mail

    yield house.store(make)
    with house.app.app_context(), db.engines[None].begin() as connection:
        connection.execute(text("DELETE FROM mail_messages"))


def deliver(house: House, mail: int) -> None:
    """Do what a worker does."""
    execute(house.app, house.query("SELECT task_id FROM mail_messages WHERE id = :id", id=mail), worker="journey")


@SCREENS
def test_the_outbox_is_in_order(visit: Visit, house: House, mail: int, phone: bool) -> None:
    owner = visit("owner", phone=phone)
    pages = ["/backoffice/mail/", f"/backoffice/mail/{mail}/", f"/backoffice/mail/{mail}/?as=text"]
    assert _problems(owner, pages) == []


def test_italian_words_fit_a_phone(visit: Visit, mail: int) -> None:
    owner = visit("owner", locale="it-IT", phone=True)
    for path in ("/backoffice/mail/", f"/backoffice/mail/{mail}/", "/development/mail/"):
        owner.go(path)
        assert owner.overflow == 0


def test_a_mail_is_seen_in_its_frame_and_sent_again_without_scripts(visit: Visit, house: House, mail: int) -> None:
    owner = visit("owner", scripts=False)
    owner.go("/backoffice/mail/")
    owner.page.get_by_role("link", name="Password: Anna Bianchi").click()
    frame = owner.page.frame_locator("iframe")
    expect(frame.get_by_role("heading", name="Password: Anna Bianchi")).to_be_visible()
    expect(frame.locator(".mail-button")).to_have_css("display", "inline-block")
    assert frame.locator(".mail-logo").evaluate("image => image.naturalWidth") > 0
    assert "s3cret" not in owner.page.content() + frame.locator("body").inner_html()

    owner.page.get_by_role("button", name="Send again").click()
    expect(owner.page.locator(".mail-line")).to_contain_text("It waits to be sent.")
    deliver(house, mail)
    owner.go(f"/backoffice/mail/{mail}/")
    expect(owner.page.locator(".mail-line")).to_contain_text("It was sent on")


@SCREENS
def test_a_developer_reads_the_mail_and_finds_the_link(visit: Visit, house: House, mail: int, phone: bool) -> None:
    house.run("mail", "again", mail)
    deliver(house, mail)
    developer = visit(phone=phone)
    developer.go("/development/mail/")
    developer.page.get_by_role("link", name="Password: Anna Bianchi").first.click()
    expect(developer.page.locator(".mail-text a")).to_have_attribute("href", "https://suite.test/reset/s3cret-token")
    button = developer.page.frame_locator("iframe").locator(".mail-button")
    expect(button).to_have_css("display", "inline-block")
    assert _problems(developer, ["/development/mail/", developer.path]) == []
