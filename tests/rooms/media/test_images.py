"""Images are uploaded, described, replaced and deleted by those who may, and shown to everybody."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from flask import Flask, render_template_string
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.rooms.conftest import ENGLISH, token_of
from tests.rooms.media.makers import file_of, make_image
from tests.rooms.tasks.makers import RememberingCarrier
from webapp.blueprints.media.models import SiteImage
from webapp.blueprints.media.public import demo_picture, find_image, image_choices

SignIn = Callable[[str], FlaskClient]
Fill = Callable[..., TestResponse]
URL = "/backoffice/site/images/"


@pytest.fixture(autouse=True)
def _carried(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.extensions, "task_carrier", RememberingCarrier())


def send(browser: FlaskClient, *files: tuple[bytes, str], **fields: str) -> TestResponse:
    some = [(io.BytesIO(content), name) for content, name in files]
    data = {"files": some, "csrf_token": token_of(browser), **fields}
    return browser.post(f"{URL}upload", data=data, headers=ENGLISH)


def test_an_uploaded_image_is_shown_at_once(session: Session, sign_in: SignIn, client: FlaskClient) -> None:
    browser = sign_in("staff")
    assert send(browser, (file_of((1500, 1000), "JPEG"), "Vetrina.jpg")).status_code == 303
    image = session.scalars(select(SiteImage)).one()
    assert (image.name, image.width, image.height, image.type, image.ready_at) == (
        "Vetrina.jpg",
        1500,
        1000,
        "image/jpeg",
        None,
    )
    page = render_template_string(
        "{{ picture(n) }}|{{ picture(0) }}|{{ picture_path(n, 300) }}|{{ picture_path('x') }}", n=image.id
    )
    assert page.split("|")[1] == page.split("|")[3] == ""
    path = page.split('src="')[1].split('"')[0]
    answer = client.get(path, buffered=True)
    assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
    assert "immutable" in answer.headers["Cache-Control"]
    assert client.get(path, headers={"If-None-Match": answer.headers["ETag"]}, buffered=True).status_code == 304
    assert browser.get(f"{URL}").status_code == browser.get(f"{URL}list").status_code == 200
    assert browser.get(f"{URL}{image.id}/").status_code == 200


def test_what_others_use(session: Session) -> None:
    number = demo_picture(session, "plate")
    assert demo_picture(session, "plate") == number
    assert find_image(session, number)
    assert image_choices(session)[0][0].id == number


def test_the_controls_offer_images(session: Session, app: Flask) -> None:
    image = make_image(session)
    session.commit()
    number = image.id
    with app.test_request_context("/backoffice/"):
        page = render_template_string(
            '{% from "ui/pictures.html" import choose_picture, choose_pictures %}'
            '{{ choose_picture("a", n, "One") }}{{ choose_pictures("b", [n], "Some") }}{{ choose_picture("c", "", "None") }}',
            n=number,
        )
    assert page.count(f'value="{number}"') == 3
