"""Pictures: looked at one by one on the public site, uploaded many at once and put in order in the back office."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import FilePayload, Route, expect

from tests.journeys.conftest import House, Visitor
from tests.rooms.media.makers import file_of
from webapp.blueprints.media.models import Gallery, SiteImage
from webapp.blueprints.media.services.galleries import delete_gallery
from webapp.blueprints.media.services.images import delete_image
from webapp.core.db import transaction
from webapp.core.security import SYSTEM

pytestmark = pytest.mark.needs("chromium")
Visit = Callable[..., Visitor]
PAGE = "/en/workshop"
OFFICE = "/backoffice/site/"


@pytest.fixture
def tidy(house: House) -> Iterator[None]:
    """The images and galleries are left as they were found."""
    images, galleries = (
        house.query("SELECT max(id) FROM media_images"),
        house.query("SELECT max(id) FROM media_galleries"),
    )
    yield
    with house.app.app_context(), transaction() as session:
        for gallery in session.query(Gallery).filter(Gallery.id > galleries):
            delete_gallery(session, by=SYSTEM, gallery_id=gallery.id, version=gallery.version)
        for image in session.query(SiteImage).filter(SiteImage.id > images):
            settings = house.app.extensions["settings"]
            delete_image(session, by=SYSTEM, settings=settings, image_id=image.id, version=image.version)


def test_pictures_are_looked_at_with_the_keyboard(visit: Visit) -> None:
    guest = visit()
    guest.go(PAGE)
    links = guest.page.locator("[data-lightbox] a")
    many = links.count()
    assert many > 2
    links.first.focus()
    guest.page.keyboard.press("Enter")
    box = guest.page.get_by_role("dialog")
    count = box.locator("[aria-live]")
    expect(count).to_have_text(f"Image 1 of {many}")
    expect(box.get_by_role("button", name="Close")).to_be_focused()
    assert guest.violations() == []
    first = box.locator("img").get_attribute("alt")
    guest.page.keyboard.press("ArrowRight")
    expect(count).to_have_text(f"Image 2 of {many}")
    assert box.locator("img").get_attribute("alt") != first
    expect(box.locator(".lightbox-words")).not_to_be_empty()
    guest.page.keyboard.press("ArrowLeft")
    guest.page.keyboard.press("ArrowLeft")
    expect(count).to_have_text(f"Image {many} of {many}")
    guest.page.keyboard.press("Escape")
    expect(box).to_be_hidden()
    expect(links.last).to_be_focused()

    links.first.click()
    mouse = guest.page.mouse
    mouse.move(900, 200)
    mouse.down()
    mouse.move(500, 210, steps=4)
    mouse.up()
    expect(count).to_have_text(f"Image 2 of {many}")
    expect(box).to_be_visible()


def test_pictures_are_looked_at_with_a_finger(visit: Visit) -> None:
    phone = visit(phone=True)
    touch = phone.page.context.new_cdp_session(phone.page)
    touch.send("Emulation.setTouchEmulationEnabled", {"enabled": True})
    phone.go(PAGE)

    def swipe(*places: tuple[int, int]) -> None:
        for number, (x, y) in enumerate(places):
            kind = "touchMove" if number else "touchStart"
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
        touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    phone.page.locator("[data-lightbox] a").first.scroll_into_view_if_needed()
    place = phone.page.locator("[data-lightbox] a").first.bounding_box()
    assert place
    swipe((int(place["x"]) + 20, int(place["y"]) + 20))  # a tap
    count = phone.page.get_by_role("dialog").locator("[aria-live]")
    expect(count).to_contain_text("Image 1 of")
    assert phone.overflow == 0
    swipe((300, 400), (250, 402), (180, 404), (100, 405))
    expect(count).to_contain_text("Image 2 of")
    swipe((100, 400), (150, 402), (220, 404), (300, 405))
    expect(count).to_contain_text("Image 1 of")
    swipe((200, 400), (205, 450), (205, 500), (206, 600))
    expect(count).to_contain_text("Image 1 of")
    phone.page.get_by_role("button", name="Close").click()
    expect(phone.page.locator("[data-lightbox] a").first).to_be_focused()


def test_many_pictures_are_uploaded_and_put_in_order(visit: Visit, house: House, tidy: None) -> None:
    editor = visit("staff")
    page = editor.page
    files: list[FilePayload] = [
        {"name": f"{name}.png", "mimeType": "image/png", "buffer": file_of((300, 200), colour=colour)}
        for name, colour in (("red", (200, 0, 0)), ("green", (0, 200, 0)), ("blue", (0, 0, 200)))
    ]
    files.insert(1, {"name": "letter.png", "mimeType": "image/png", "buffer": b"Dear Sir or Madam"})
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    editor.go(OFFICE + "galleries/new")
    page.locator("[name=name]").fill("Three colours")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Upload images into it").click()
    editor.refusals.add(422)
    page.route("**/images/upload?*", hold, times=1)
    page.get_by_label("Image files").set_input_files(files)
    page.get_by_role("button", name="Upload", exact=True).click()
    lines = page.locator(".upload-file")
    expect(lines).to_have_count(4)
    expect(page.get_by_role("progressbar", name="blue.png")).to_be_visible()
    expect(lines.last).to_contain_text("waits")
    held[0].continue_()
    expect(lines.get_by_role("link", name="Describe it")).to_have_count(3)
    expect(lines.nth(1)).to_contain_text("It is no image that can be read")
    expect(page.get_by_role("progressbar")).to_have_count(0)
    page.get_by_role("link", name="To the gallery").click()

    rows = page.locator(".gallery-order > li")
    names = rows.locator("a")
    expect(rows.locator("img")).to_have_count(3)
    before = ["red.png", "green.png", "blue.png"]
    expect(names).to_have_text(before)
    first = page.locator(".gallery-order > li:first-child", has_text="blue.png")
    with page.expect_navigation():
        editor.carry(rows.nth(2).locator("img"), rows.first, first, x=0.05, y=0.1)
    expect(names).to_have_text([before[2], before[0], before[1]])
    page.get_by_role("button", name=f"Make {before[1]} the first").click()
    expect(names).to_have_text([before[1], before[2], before[0]])
    expect(rows.first).to_contain_text("First image")
    page.get_by_role("button", name=f"Move {before[1]} down").press("Enter")
    expect(names).to_have_text([before[2], before[1], before[0]])
    page.locator("summary", has_text="Captions in this gallery").click()
    page.get_by_label("Caption in English").first.fill("As the sea in May")
    page.locator(".gallery-caption").first.get_by_role("button", name="Save").click()
    expect(rows.first).to_contain_text("As the sea in May")
    assert page.evaluate("[...document.querySelectorAll('.gallery-order img')].every((image) => image.naturalWidth)")
