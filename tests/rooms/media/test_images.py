"""Images are uploaded, described, replaced and deleted by those who may, and shown to everybody."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from flask import Flask, g, render_template_string
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.rooms.conftest import ENGLISH, token_of
from tests.rooms.media.makers import file_of, make_image
from tests.rooms.tasks.makers import RememberingCarrier
from webapp.blueprints.media.models import Gallery, GalleryPicture, SiteImage
from webapp.blueprints.media.public import demo_goods, demo_picture, find_image, list_without_alternative
from webapp.blueprints.media.queries import list_choices
from webapp.blueprints.media.services.files import files_of
from webapp.blueprints.news.forms import AuthorForm
from webapp.blueprints.places.forms import SiteForm
from webapp.core.company import get_company
from webapp.core.settings import house_settings

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
    number = demo_picture(session, "vases")
    assert demo_picture(session, "vases") == number
    image = find_image(session, number)
    assert image
    assert image.alternative("it") != image.alternative("en")
    assert list_choices(session)[0][0].id == number
    assert demo_goods(session, "Miele di acacia 500 g") == demo_picture(session, "honey-0")
    assert demo_picture(session, "words that nobody drew") == demo_picture(session, "plates")


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


@pytest.mark.parametrize("sent", [["", "57"], ["12", "57"], ["57", ""], ["57"]])
def test_the_number_that_is_typed_goes_before_the_tile_that_is_chosen(app: Flask, sent: list[str]) -> None:
    with app.test_request_context(method="POST", data={"picture_id": sent, "none": [""]}):
        assert (SiteForm().picture_id.data, AuthorForm(languages=("it",)).picture_id.number) == (57, 57)


def test_images_to_choose_from_are_searched_and_paged(session: Session, sign_in: SignIn) -> None:
    for step in range(30):
        make_image(
            session, size=(8, 8), colour=(step, 0, 0), name=f"nr{step}.png", alt_it="Una brocca" if step == 3 else ""
        )
    session.commit()
    browser = sign_in("viewer")
    first = browser.get(f"{URL}choices?name=block").text
    assert first.count('name="block"') == 24
    before = first.split("before=")[1].split('"')[0].split("&")[0]
    assert browser.get(f"{URL}choices?name=block&before={before}").text.count('name="block"') == 6
    assert browser.get(f"{URL}choices?name=block&q=brocca&several=1").text.count('type="checkbox"') == 1
    assert browser.get(f"{URL}choices?name=block&before=9999999999999999999999&q=%00%25").status_code == 200


def test_each_file_is_kept_or_refused_by_itself(session: Session, sign_in: SignIn) -> None:
    browser = sign_in("staff")
    good = file_of((30, 30), colour=(1, 2, 3))
    answer = send(browser, (good, "../../etc/good.png"), (b"<svg/>", "bad.png"), (good, "again.png"), collection="Fair")
    assert answer.status_code == 422
    assert "SVG drawings are not taken" in answer.text
    assert "It was there already." in answer.text
    assert [(image.name, image.collection) for image in session.scalars(select(SiteImage))] == [("good.png", "Fair")]


def test_a_script_is_told_what_became_of_each_file(session: Session, sign_in: SignIn) -> None:
    browser = sign_in("staff")
    data = {"files": (io.BytesIO(file_of()), "a.png"), "csrf_token": token_of(browser)}
    answer = browser.post(f"{URL}upload", data=data, headers={**ENGLISH, "Accept": "application/json"})
    told = answer.json["files"][0]
    image = session.scalars(select(SiteImage)).one()
    assert (answer.status_code, told["problem"], told["new"], told["address"]) == (200, "", True, f"{URL}{image.id}/")
    data = {"files": (io.BytesIO(b"x"), "a.png"), "csrf_token": token_of(browser)}
    answer = browser.post(f"{URL}upload", data=data, headers={**ENGLISH, "Accept": "application/json"})
    assert (answer.status_code, bool(answer.json["files"][0]["problem"])) == (422, True)


def test_nothing_chosen_is_told(sign_in: SignIn) -> None:
    answer = send(sign_in("staff"))
    assert (answer.status_code, "Choose one file or more." in answer.text) == (422, True)


def test_an_image_is_described_and_the_second_editor_is_told(session: Session, fill: Fill) -> None:
    image = make_image(session)
    session.commit()
    url, seen = f"{URL}{image.id}/", str(image.version)
    words = {
        "alt_it": "Un vaso",
        "alt_en": "A vase",
        "focal_x": "20",
        "focal_y": "80",
        "credit": "Anna",
        "version": seen,
    }
    assert fill(url, words).status_code == 303
    session.refresh(image)
    assert (image.alternative("it"), image.alternative("en"), image.focal_x, image.focal_y) == (
        "Un vaso",
        "A vase",
        20,
        80,
    )
    second = fill(url, {**words, "alt_it": "Altro"})
    assert (second.status_code, "Un vaso" in second.text, "Altro" in second.text) == (409, True, True)
    assert "focal-x-20 focal-y-80" in render_template_string("{{ picture(n) }}", n=image.id)


@pytest.mark.parametrize(
    "wrong", [{"focal_x": "101"}, {"focal_y": "-1"}, {"focal_x": "left"}, {"alt_it": "x" * 301}, {"focal_x": ""}]
)
def test_wrong_words_are_told_and_nothing_is_lost(session: Session, fill: Fill, wrong: dict[str, str]) -> None:
    image = make_image(session)
    session.commit()
    words = {"alt_en": "My sentence", "focal_x": "5", "focal_y": "5", "version": str(image.version)} | wrong
    answer = fill(f"{URL}{image.id}/", words)
    assert (answer.status_code, "My sentence" in answer.text) == (422, True)


def test_a_company_of_one_language_is_asked_for_one(session: Session, sign_in: SignIn) -> None:
    image = make_image(session, alt_it="Un vaso")
    get_company(session).languages = "it"
    session.commit()
    page = sign_in("staff").get(f"{URL}{image.id}/").text
    assert 'name="alt_it"' in page
    assert 'name="alt_en"' not in page
    assert list_without_alternative(session) == []


def test_images_without_words_are_found(session: Session, sign_in: SignIn) -> None:
    named = make_image(session, name="named.png", colour=(1, 1, 1), alt_it="a", alt_en="b")
    half = make_image(session, name="half.png", colour=(2, 2, 2), alt_it="a")
    make_image(session, name="ornament.png", colour=(3, 3, 3), decorative=True)
    session.commit()
    assert [image.id for image in list_without_alternative(session)] == [half.id]
    page = sign_in("viewer").get(f"{URL}?lack=alternative").text
    assert "half.png" in page
    assert "named.png" not in page
    assert "ornament.png" not in page
    assert named.alternative("en") == "b"
    assert half.alternative("en") == "a"


def test_a_file_is_replaced_and_the_number_stays(session: Session, sign_in: SignIn) -> None:
    image = make_image(session, colour=(5, 5, 5), alt_it="Un vaso")
    session.commit()
    number, before, browser = image.id, picture_of(image.id), sign_in("staff")
    data = {
        "file": (io.BytesIO(file_of((90, 60), "WEBP")), "new.webp"),
        "version": str(image.version),
        "csrf_token": token_of(browser),
    }
    assert browser.post(f"{URL}{number}/file", data=data).status_code == 303
    session.refresh(image)
    assert (image.id, image.width, image.type, image.alt_it, image.name) == (
        number,
        90,
        "image/webp",
        "Un vaso",
        "new.webp",
    )
    assert picture_of(number) != before
    data = {"file": (io.BytesIO(b"nothing"), "x.png"), "version": str(image.version), "csrf_token": token_of(browser)}
    assert browser.post(f"{URL}{number}/file", data=data).status_code == 422
    data = {"file": (io.BytesIO(file_of()), "x.png"), "version": "1", "csrf_token": token_of(browser)}
    assert browser.post(f"{URL}{number}/file", data=data).status_code == 409


def picture_of(number: int) -> str:
    g.pop("media_images", None)
    return render_template_string("{{ picture(n) }}", n=number)


def test_an_image_in_use_is_not_deleted_and_a_free_one_goes_with_its_files(session: Session, fill: Fill) -> None:
    image, free = make_image(session, colour=(6, 6, 6)), make_image(session, colour=(7, 7, 7))
    twin = make_image(session, colour=(7, 7, 7), name="twin.png")
    session.add(Gallery(name="Fair", pictures=[GalleryPicture(image_id=image.id, place=0)]))
    session.commit()
    refused = fill(f"{URL}{image.id}/delete", {"version": "1"})
    assert (refused.status_code, "Fair" in refused.text) == (409, True)
    files = list(files_of(house_settings(), free.sha256))
    assert files
    assert fill(f"{URL}{free.id}/delete", {"version": "1"}).status_code == 303
    assert all(path.exists() for path in files), "another image is made of the same file"
    assert fill(f"{URL}{twin.id}/delete", {"version": "1"}).status_code == 303
    assert not any(path.exists() for path in files)


def test_images_shown_nowhere_are_found(session: Session, sign_in: SignIn) -> None:
    used = make_image(session, name="used.png", colour=(1, 1, 1))
    make_image(session, name="idle.png", colour=(2, 2, 2))
    session.add(Gallery(name="Fair", pictures=[GalleryPicture(image_id=used.id, place=0)]))
    session.commit()
    page = sign_in("viewer").get(f"{URL}list?lack=unused").text
    assert "idle.png" in page
    assert "used.png" not in page


@pytest.mark.parametrize(
    "path",
    ["ab/abc", "..%2f..%2fsecret", "ab/..%2fx.jpg", f"ab/{'a' * 32}-320.svg", f"ab/{'a' * 32}-320.jpg", f"zz/{'a' * 32}-1.png", f"ab/{'A' * 32}-1.png"],
)  # fmt: skip
def test_no_other_file_is_sent(client: FlaskClient, path: str) -> None:
    assert client.get(f"/media/{path}").status_code == 404


def test_a_viewer_looks_and_changes_nothing(session: Session, fill: Fill, sign_in: SignIn, client: FlaskClient) -> None:
    image = make_image(session)
    session.commit()
    assert sign_in("viewer").get(f"{URL}{image.id}/original", buffered=True).status_code == 200
    for path in ("upload", f"{image.id}/", f"{image.id}/file", f"{image.id}/delete"):
        assert fill(f"{URL}{path}", {"version": "1"}, role="viewer").status_code == 403
        assert client.post(f"{URL}{path}").status_code in (302, 400)
    assert client.get(URL).status_code == 302
