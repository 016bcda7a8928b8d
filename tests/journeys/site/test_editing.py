"""Editors write the public site: a page from its first draft to an old revision, blocks and pages that are dragged."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, expect
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.journeys.conftest import House, Visitor
from tests.rooms.website.makers import show, text_block, write
from webapp.blueprints.tasks.gateways.runner import execute
from webapp.blueprints.tasks.public import Task, ask
from webapp.blueprints.website.models import Page
from webapp.blueprints.website.queries.pages import find_home
from webapp.blueprints.website.services.pages import create_page, delete_page
from webapp.blueprints.website.tasks import DUE
from webapp.core.clock import utc_now
from webapp.core.db import db, transaction
from webapp.core.security import SYSTEM

pytestmark = pytest.mark.needs("chromium")
Visit = Callable[..., Visitor]
TREE = "/backoffice/site/pages/"
ADDRESS = "/en/autumn-fair"


@pytest.fixture(autouse=True)
def tidy(house: House) -> Iterator[None]:
    """The tree is left as it was found."""
    last = house.query("SELECT max(id) FROM website_pages")
    yield
    with house.app.app_context(), transaction() as session:
        while page := session.query(Page).filter(Page.id > last).order_by(Page.id).first():
            delete_page(session, by=SYSTEM, page_id=page.id, version=page.version, with_below=True)


def do_what_is_due(house: House, page_id: int) -> None:
    """Let the planned moment of a page come, and the task that watches the clock run."""
    moved = "UPDATE website_publications SET publish_at = :moment WHERE text_id IN (SELECT id FROM website_texts WHERE page_id = :page)"

    def wish(session: Session) -> Task:
        session.execute(text(moved), {"moment": utc_now() - dt.timedelta(seconds=5), "page": page_id})
        return ask(session, DUE, {}, by=SYSTEM)

    execute(house.app, house.store(wish), worker="journey")


def press(visitor: Visitor, name: str) -> None:
    """Press a button that sends the editor's form, and wait for the page that comes back."""
    with visitor.page.expect_navigation():
        visitor.page.get_by_role("button", name=name, exact=True).click()


def below_home(session: Session, title: str) -> Page:
    """A draft below the start page."""
    home = find_home(session)
    assert home
    return create_page(session, by=SYSTEM, parent_id=home.id, language="en", title=title)


def published(session: Session) -> Page:
    """A page that strangers see."""
    page = below_home(session, "Autumn fair")
    write(session, page, blocks=[text_block("Come and see the **green** plates.")])
    show(session, page)
    return page


def see(stranger: Visitor, words: str) -> None:
    """What the public page says."""
    stranger.go(ADDRESS)
    expect(stranger.page.locator("main")).to_contain_text(words)


def test_an_editor_makes_a_page_shows_it_by_a_link_and_plans_it(visit: Visit, house: House) -> None:
    editor, stranger = visit("staff"), visit()
    page = editor.page
    editor.go(TREE + "new")
    page.get_by_label("Title").fill("Autumn fair")
    page.locator("#language").select_option("en")
    press(editor, "Create the page")
    number = house.query("SELECT max(id) FROM website_pages")

    page.get_by_role("button", name="Text", exact=True).click()
    page.locator("textarea[name$='-text']").fill("Come and see the **green** plates.")
    page.get_by_role("button", name="Image", exact=True).click()
    image = page.locator(".site-blocks > li").nth(1)
    image.locator("summary", has_text="Choose an image").click()
    image.locator(".choose-panel input[type=radio]").first.check()
    press(editor, "Save the draft")
    expect(page.locator(".site-blocks > li")).to_have_count(2)
    stranger.refusals.add(404)
    stranger.go(ADDRESS)
    expect(stranger.page.locator("main")).not_to_contain_text("green")

    press(editor, "Save and make a preview link")
    link = page.get_by_label("Whoever has this link").input_value()
    stranger.go(link.removeprefix(house.address))
    expect(stranger.page.get_by_text("This is a preview")).to_be_visible()
    expect(stranger.page.locator("strong", has_text="green")).to_be_visible()
    expect(stranger.page.locator(".shown-image img")).to_be_visible()

    page.locator("summary", has_text="Plan").click()
    page.get_by_label("Show from").fill(f"{utc_now() + dt.timedelta(days=1):%Y-%m-%dT09:00}")
    press(editor, "Save and plan")
    expect(page.get_by_text("Visitors will see it from")).to_be_visible()
    stranger.go(ADDRESS)
    expect(stranger.page.locator("main")).not_to_contain_text("green")
    do_what_is_due(house, number)
    see(stranger, "green plates")


def test_an_editor_publishes_a_change_and_goes_back_to_what_was_before(visit: Visit, house: House) -> None:
    number = house.store(published)
    editor, stranger = visit("staff"), visit()
    page = editor.page
    editor.go(f"{TREE}{number}/en/")
    expect(page.get_by_text("Published as it stands here.")).to_be_visible()
    page.locator("textarea[name$='-text']").fill("Come and see the **blue** plates.")
    press(editor, "Save and publish")
    see(stranger, "blue plates")

    page.get_by_role("link", name="Revisions").click()
    page.get_by_role("link", name="What changed then").first.click()
    expect(page.locator(".site-diff del")).to_have_text("**green** ")
    expect(page.locator(".site-diff ins")).to_have_text("**blue** ")
    older = page.locator(".site-revisions > li").nth(1)
    older.get_by_role("button", name="Restore").click()
    expect(page.locator("textarea[name$='-text']")).to_have_value("Come and see the **green** plates.")
    see(stranger, "blue plates")
    press(editor, "Save and publish")
    see(stranger, "green plates")


def test_a_second_editor_is_told_about_the_first(visit: Visit, house: House) -> None:
    number = house.store(lambda session: below_home(session, "Shared page"))
    first, second = visit("staff"), visit("owner")
    with first.page.expect_response("**/here"):
        first.go(f"{TREE}{number}/en/")
    second.go(f"{TREE}{number}/en/")
    expect(second.page.locator("[data-here]")).to_contain_text("Matteo Zauli edits this page since")
    second.page.get_by_label("Title", exact=True).fill("What the owner wrote")
    press(second, "Save the draft")

    first.refusals.add(409)
    first.page.get_by_label("Title", exact=True).fill("What the staff wrote")
    press(first, "Save the draft")
    told = first.page.locator("section[role=alert]")
    expect(told).to_contain_text("Caterina Manfredi saved this page while you were editing it.")
    expect(told.locator("del")).to_contain_text("owner")
    expect(first.page.get_by_label("Title", exact=True)).to_have_value("What the staff wrote")


def test_blocks_are_put_in_order_with_the_mouse_and_by_buttons(visit: Visit, house: House) -> None:
    number = house.store(lambda session: below_home(session, "Blocks in a row"))
    editor = visit("staff")
    page = editor.page
    editor.go(f"{TREE}{number}/en/")
    for kind in ("Text", "Quotation", "Notice"):
        page.get_by_role("button", name=kind, exact=True).click()
    page.set_viewport_size({"width": 1280, "height": 3000})  # all blocks at once: nothing is to be scrolled to
    titles = page.locator(".site-blocks > li .card-title")
    expect(titles).to_have_text(["Text", "Quotation", "Notice"])
    page.locator("textarea[name$='-text']").first.fill("These words are not lost")
    entries = page.locator(".site-blocks > li")
    first = page.locator(".site-blocks > li:first-child .card-title", has_text="Notice")
    editor.carry(entries.nth(2).locator("[data-handle]").first, entries.first, first, y=0.1)
    expect(titles).to_have_text(["Notice", "Text", "Quotation"])
    with page.expect_navigation():
        page.get_by_role("button", name="Move block 3 up").press("Enter")
    expect(titles).to_have_text(["Notice", "Quotation", "Text"])
    expect(page.locator("textarea[name$='-text']").last).to_have_value("These words are not lost")
    with house.app.app_context():
        blocks = db.session.execute(text("SELECT blocks FROM website_drafts ORDER BY id DESC LIMIT 1")).scalar_one()
    assert [block["kind"] for block in blocks] == ["notice", "quote", "text"]


def test_a_page_is_dragged_below_another_and_its_address_follows(visit: Visit, house: House) -> None:
    numbers = [
        house.store(lambda session, title=title: below_home(session, title)) for title in ("One", "Two", "Three")
    ]
    one, two, three = numbers
    editor = visit("staff")
    page = editor.page
    editor.go(TREE)

    def handle(number: int) -> Locator:
        return page.locator(f"#page-{number} > .site-line [data-handle]")

    with page.expect_navigation():
        leaf = page.locator(f"#page-{one} > .site-leaf")
        editor.carry(handle(three), leaf, leaf.locator(f"#page-{three}"))
    expect(page.get_by_text("The page was moved.")).to_be_visible()
    expect(page.locator(f"#page-{one} #page-{three}")).to_be_visible()
    with page.expect_navigation():
        before = page.locator(f"#page-{two} + #page-{three}")
        editor.carry(handle(two), page.locator(f"#page-{three}"), before, y=0.1)
    expect(page.locator(f"#page-{one} li")).to_have_count(2)
    lines = "SELECT string_agg(path, ' ' ORDER BY position) FROM website_texts t JOIN website_pages p ON p.id = page_id"
    below = f"{lines} WHERE parent_id = :id"
    assert house.query(below, id=one) == "/en/one/two /en/one/three"
    assert editor.violations() == []

    page.get_by_role("button", name="Move Two out, beside its parent").press("Enter")
    expect(page.locator(f"#page-{one} li")).to_have_count(1)
    expect(page.locator(f"#page-{one} + #page-{two}")).to_be_visible()
    assert house.query(below, id=one) == "/en/one/three"
