"""Images are tagged one by one and many at once, and found by their tags."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.rooms.conftest import ENGLISH, token_of
from tests.rooms.media.makers import make_image
from webapp.blueprints.media.models import MOST_TAGS, SiteImage
from webapp.blueprints.media.services.images import tag_images
from webapp.core.security import SYSTEM

SignIn = Callable[[str], FlaskClient]
Fill = Callable[..., TestResponse]
URL = "/backoffice/site/images/"


@pytest.fixture
def two(session: Session) -> list[SiteImage]:
    images = [
        make_image(session, name=f"{name}.png", size=(8, 8), colour=(len(name), 1, 1)) for name in ("jug", "plate")
    ]
    session.commit()
    return images


def test_an_image_is_tagged_and_found_by_its_tags(session: Session, sign_in: SignIn, fill: Fill, two: Any) -> None:
    image, other = two
    words = {"focal_x": "50", "focal_y": "50", "version": str(image.version)}
    assert fill(f"{URL}{image.id}/", {**words, "tags": "Natale 2026,  blu ; BLU,"}).status_code == 303
    session.refresh(image)
    assert image.tags == ("blu", "natale 2026")
    assert fill(f"{URL}{image.id}/", {**words, "tags": "late"}).status_code == 409
    assert fill(f"{URL}{image.id}/", {**words, "version": str(image.version), "tags": "x" * 41}).status_code == 422
    browser = sign_in("viewer")
    for path, there in (("?tag=Blu", True), ("list?tag=blu,natale+2026", True), ("?tag=blu,red", False)):
        page = browser.get(f"{URL}{path}", headers=ENGLISH).text
        assert ("jug.png" in page, other.name in page) == (there, False)
    assert "Clear search and filters" in browser.get(f"{URL}?tag=blu", headers=ENGLISH).text
    assert "blu, natale 2026" in browser.get(f"{URL}list?format=csv").text
    for asked in ("tag=blu", "q=nata"):
        assert browser.get(f"{URL}choices?name=block&{asked}").text.count('name="block"') == 1


def test_many_images_are_tagged_at_once(session: Session, sign_in: SignIn, two: Any) -> None:
    image, other = two
    browser = sign_in("staff")

    def tag(tags: str, chosen: list[str], **more: str) -> TestResponse:
        data = {"csrf_token": token_of(browser), "tags": tags, "chosen": chosen, **more}
        return browser.post(f"{URL}list?sort=name", data=data, headers=ENGLISH)

    both = [str(image.id), str(other.id), "999999"]
    answer = tag("Blu, rosso", both)
    assert (answer.status_code, answer.location) == (303, f"{URL}list?sort=name")
    assert tag("rosso", both[1:], take="1").status_code == 303
    session.expire_all()
    assert (image.tags, other.tags) == (("blu", "rosso"), ("blu",))
    for tags, chosen in (("", both), ("verde", []), ("x" * 41, both), (",".join(map(str, range(MOST_TAGS))), both)):
        answer = tag(tags, chosen)
        assert (answer.status_code, f'value="{tags}"' in answer.text) == (422, True)
        assert answer.text.count("checked") >= len(chosen[:2])
    session.expire_all()
    assert other.tags == ("blu",)


def test_images_that_are_tagged_at_once_are_locked_at_once_in_their_order(session: Session, two: Any) -> None:
    numbers, statements = [two[1].id, two[0].id], list[str]()
    connection = session.connection()
    event.listen(connection, "before_cursor_execute", note := lambda *sent: statements.append(sent[2]))
    assert tag_images(session, by=SYSTEM, image_ids=numbers, put=["blu"]) == len(two)
    event.remove(connection, "before_cursor_execute", note)
    (locking,) = (each for each in statements if "FOR UPDATE" in each)
    assert "ORDER BY media_images.id" in locking
    assert sum("FROM media_image" in each for each in statements) == 2  # the images, and the tags of all


def test_a_viewer_tags_nothing(fill: Fill, client: FlaskClient) -> None:
    assert fill(f"{URL}list", {"tags": "blu"}, role="viewer").status_code == 403
    assert client.post(f"{URL}list").status_code in (302, 400)
