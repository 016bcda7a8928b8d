"""Galleries are named, filled, ordered and described, and shown as blocks of public pages."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import pytest
from flask import Flask, g, render_template
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from tests.rooms.media.makers import file_of, make_image
from webapp.blueprints.media.models import Gallery, GalleryPicture, SiteImage
from webapp.blueprints.media.views.blocks import BLOCKS
from webapp.core.company import get_company

SignIn = Callable[[str], FlaskClient]
Fill = Callable[..., TestResponse]
URL = "/backoffice/site/galleries/"
BLOCK = {kind.name: kind for kind in BLOCKS}


@pytest.fixture
def images(session: Session) -> list[SiteImage]:
    """Four images."""
    return [
        make_image(session, name=f"{name}.png", colour=(place, 0, 0), alt_en=name) for place, name in enumerate("abcd")
    ]


@pytest.fixture
def gallery(session: Session, images: list[SiteImage]) -> Gallery:
    """A gallery of three of them."""
    made = Gallery(
        name="Fair", pictures=[GalleryPicture(image_id=each.id, place=at) for at, each in enumerate(images[:3])]
    )
    session.add(made)
    session.commit()
    return made


def names(session: Session, gallery: Gallery) -> str:
    session.expire_all()
    return "".join(each.image.name[0] for each in gallery.pictures)


def test_galleries_are_made_renamed_and_deleted(session: Session, fill: Fill) -> None:
    assert fill(f"{URL}new", {"name": "Fair"}).status_code == 303
    made = session.scalars(select(Gallery)).one()
    assert "Another gallery has this name." in fill(f"{URL}new", {"name": "Fair"}).text
    assert fill(f"{URL}{made.id}/edit", {"name": "Market", "version": "1"}).status_code == 303
    assert fill(f"{URL}{made.id}/edit", {"name": "Late", "version": "1"}).status_code == 409
    assert fill(f"{URL}{made.id}/edit", {"name": "", "version": "2"}).status_code == 422
    assert fill(f"{URL}{made.id}/delete", {"version": "2"}).status_code == 303
    assert session.scalars(select(Gallery)).all() == []


def test_images_are_added_behind_the_others_and_once(
    session: Session, fill: Fill, gallery: Gallery, images: list[SiteImage]
) -> None:
    chosen = MultiDict(
        [("images", str(images[3].id)), ("images", str(images[0].id)), ("images", "987654321"), ("images", "x")]
    )
    answer = fill(f"{URL}{gallery.id}/images", chosen.to_dict(flat=False))
    assert answer.status_code == 303
    assert names(session, gallery) == "abcd"


def test_images_are_uploaded_into_a_gallery(session: Session, fill: Fill, gallery: Gallery) -> None:
    known, new = file_of((400, 300), colour=(1, 0, 0)), file_of((30, 20), colour=(7, 7, 7))

    def files() -> list[tuple[io.BytesIO, str]]:
        return [(io.BytesIO(new), "new.png"), (io.BytesIO(b"no image"), "text.png"), (io.BytesIO(known), "known.png")]

    where = "/backoffice/site/images/upload?gallery="
    assert fill(f"{where}{gallery.id}", {"files": files()}).status_code == 422
    assert names(session, gallery) == "abcn"
    assert fill(f"{where}{gallery.id}", {"files": files()[:1]}).location.endswith(f"/galleries/{gallery.id}/")
    for wrong in ("999999", "9" * 17):
        assert fill(f"{where}{wrong}", {"files": files()[:1]}).status_code == 404


@pytest.mark.parametrize(
    ("move", "order"),
    [
        ("2:up", "acb"),
        ("0:up", "abc"),
        ("0:down", "bac"),
        ("2:down", "abc"),
        ("2:first", "cab"),
        ("1:sideways", "abc"),
        ("x", "abc"),
    ],
)
def test_buttons_move_an_image(session: Session, fill: Fill, gallery: Gallery, move: str, order: str) -> None:
    ids = [str(each.id) for each in gallery.pictures]
    place, _sign, where = move.partition(":")
    given = f"{ids[int(place)]}:{where}" if place.isdecimal() else move
    assert fill(f"{URL}{gallery.id}/order", {"order": ids, "move": given}).status_code == 303
    assert names(session, gallery) == order


def test_dragging_stores_the_order_of_the_form(session: Session, fill: Fill, gallery: Gallery) -> None:
    first, second, third = (str(each.id) for each in gallery.pictures)
    fill(f"{URL}{gallery.id}/order", {"order": [third, first, second]})
    assert names(session, gallery) == "cab"
    fill(f"{URL}{gallery.id}/order", {"order": [second, "99999999", "x", second]})
    assert names(session, gallery) == "bca"


def test_an_image_is_taken_out_and_stays_an_image(session: Session, fill: Fill, gallery: Gallery) -> None:
    fill(f"{URL}{gallery.id}/order", {"remove": str(gallery.pictures[1].id)})
    assert names(session, gallery) == "ac"
    assert len(session.scalars(select(SiteImage)).all()) == 4


def test_an_image_has_another_caption_in_a_gallery(session: Session, fill: Fill, gallery: Gallery) -> None:
    placed = gallery.pictures[0]
    placed.image.caption_en = "Everywhere"
    session.commit()
    assert (
        fill(f"{URL}{gallery.id}/captions/{placed.id}", {"caption_en": "Here", "caption_it": "Qui"}).status_code == 303
    )
    session.refresh(placed)
    assert (placed.caption("en"), placed.caption("it"), placed.image.caption("en")) == ("Here", "Qui", "Everywhere")
    assert fill(f"{URL}{gallery.id}/captions/{placed.id}", {}).status_code == 303
    session.refresh(placed)
    assert placed.caption("en") == "Everywhere"


def test_a_viewer_looks_and_changes_nothing(fill: Fill, sign_in: SignIn, client: FlaskClient, gallery: Gallery) -> None:
    browser = sign_in("viewer")
    page = browser.get(f"{URL}{gallery.id}/")
    assert (page.status_code, "data-sortable" in page.text, 'name="move"' in page.text) == (200, True, False)
    assert browser.get(URL).status_code == 200
    for path in ("new", "{}/edit", "{}/images", "{}/order", "{}/captions/1", "{}/delete"):
        assert fill(URL + path.format(gallery.id), {"version": "1"}, role="viewer").status_code == 403
    assert client.get(URL).status_code == 302


def shown(session: Session, app: Flask, kind: str, values: dict[str, object], number: int = 2) -> str:
    block = BLOCK[kind]
    with app.test_request_context("/en/"):
        g.company = get_company(session)
        context = block.context(session, values, "en") if block.context else {}
        return render_template(block.template, values=values, language="en", number=number, **context)


def test_a_gallery_is_a_block_of_links(session: Session, app: Flask, gallery: Gallery) -> None:
    gallery.pictures[0].caption_en = 'Fair <b>"24'
    session.commit()
    page = shown(session, app, "gallery", {"title": "At the fair", "gallery": str(gallery.id), "look": "slider"})
    assert page.count("<a href=") == page.count("<picture>") == 3
    assert 'id="gallery-2"' in page
    assert "Fair &lt;b&gt;&#34;24" in page
    assert 'alt="a"' in page
    assert "style=" not in page


def test_only_the_first_image_of_a_page_is_read_at_once(session: Session, app: Flask, gallery: Gallery) -> None:
    values: dict[str, object] = {"gallery": str(gallery.id)}
    first, *others = re.findall(r"<img[^>]*>", shown(session, app, "gallery", values, number=1))
    assert ("loading=" in first, 'fetchpriority="high"' in first) == (False, True)
    later = others + re.findall(r"<img[^>]*>", shown(session, app, "gallery", values, number=2))
    assert [('loading="lazy"' in each, "fetchpriority" in each) for each in later] == [(True, False)] * 5


def test_a_block_shows_images_chosen_one_by_one(session: Session, app: Flask, images: list[SiteImage]) -> None:
    session.commit()
    page = shown(session, app, "gallery", {"images": [images[1].id, images[0].id, 987654321, "x"]})
    assert page.count("<picture>") == 2
    assert page.index('alt="b"') < page.index('alt="a"')


@pytest.mark.parametrize(
    "values", [{}, {"gallery": "987654321"}, {"gallery": "x", "images": None}, {"image": "x"}, {"image": 987654321}]
)
def test_a_block_without_images_is_empty(session: Session, app: Flask, values: dict[str, object]) -> None:
    for kind in BLOCK:
        assert shown(session, app, kind, values).strip() == ""


def test_a_block_for_which_nothing_was_chosen_shows_the_first_gallery(
    session: Session, app: Flask, gallery: Gallery
) -> None:
    assert shown(session, app, "gallery", {"title": "x", "gallery": None, "images": []}).count("<picture>") == 3


def test_an_image_is_a_block_with_its_words(session: Session, app: Flask, images: list[SiteImage]) -> None:
    images[0].caption_it, images[0].credit = "Solo in italiano", "Anna"
    session.commit()
    page = shown(session, app, "image", {"image": images[0].id, "width": "narrow"})
    assert "Solo in italiano" in page
    assert "Anna" in page
    assert "block-image-narrow" in page
    page = shown(session, app, "image", {"image": images[0].id, "width": '"><script>', "caption": "Mine"})
    assert "block-image-normal" in page
    assert "script" not in page
    assert "Solo" not in page
