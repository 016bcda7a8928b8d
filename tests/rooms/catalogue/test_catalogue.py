"""Products and categories are listed, created, changed and deleted by those who may."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from tests.rooms.catalogue.makers import make_category, make_product
from webapp.blueprints.catalogue.models import Category, Product
from webapp.blueprints.catalogue.queries import PRODUCTS
from webapp.core.clock import utc_now
from webapp.core.lists import read_page

SignIn = Callable[[str], FlaskClient]
Fill = Callable[..., TestResponse]
URL = "/backoffice/products/"
CATEGORIES = f"{URL}categories/"


def fields(**changes: str) -> dict[str, str]:
    return {"sku": "S1", "name": "Hammer", "category": "", "price": "12.5", "vat_rate": "22"} | changes


def test_a_product_is_created_in_its_category(session: Session, fill: Fill) -> None:
    make_category(session, name="Tools")
    session.commit()
    assert fill(f"{URL}new", fields(category="Tools", price="1234.5678", vat_rate="10")).status_code == 303
    product = session.scalars(select(Product).where(Product.sku == "S1")).one()
    assert (product.price, product.vat_rate, product.category.name) == (Decimal("1234.5678"), Decimal(10), "Tools")


@pytest.mark.parametrize(
    ("language", "price"), [("it", "1234,5"), ("en", "1234.5"), ("it", "1234.5"), ("en", "1234,5")]
)
def test_prices_are_written_in_either_language(session: Session, fill: Fill, language: str, price: str) -> None:
    assert fill(f"{URL}new", fields(price=price), **{"Accept-Language": language}).status_code == 303
    assert session.scalars(select(Product.price).where(Product.sku == "S1")).one() == Decimal("1234.5")


def test_an_italian_form_shows_prices_with_a_comma(session: Session, sign_in: SignIn) -> None:
    product = make_product(session, price=Decimal("1234.5000"))
    session.commit()
    page = sign_in("staff").get(f"{URL}{product.id}/edit", headers={"Accept-Language": "it"}).text
    assert 'value="1234,50"' in page


def test_a_change_that_does_not_say_what_was_seen_stores_nothing(session: Session, fill: Fill) -> None:
    product = make_product(session, sku="S1", category=make_category(session, name="Tools"))
    session.commit()
    assert fill(f"{URL}{product.id}/edit", {}).status_code == 422
    assert fill(f"{URL}{product.id}/edit", fields(name="Blind")).status_code == 409
    session.refresh(product)
    assert product.name != "Blind"


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"sku": "TAKEN"}, "Another product has this SKU."),
        ({"category": "Nowhere"}, "There is no category of this name."),
        ({"price": ""}, "This field is required."),
        ({"price": "1,234"}, "Write it without a sign between the thousands."),
        ({"price": "1.234.567,8"}, "Write it without a sign between the thousands."),
        ({"price": "0.00001"}, "At most 4 decimal places."),
        ({"vat_rate": "-1"}, "It must be from 0 to 100."),
        ({"vat_rate": "Infinity"}, "This is not a number."),
        ({"name": "\x00"}, "This field is required."),
    ],
)
def test_what_is_wrong_with_a_product_stands_beside_its_field(
    session: Session, fill: Fill, wrong: dict[str, str], sentence: str
) -> None:
    make_product(session, sku="TAKEN")
    session.commit()
    answer = fill(f"{URL}new", fields(**wrong))
    assert answer.status_code == 422
    assert sentence in answer.text.split(f'id="{next(iter(wrong))}-problem"')[1][:300]


def test_the_second_editor_of_a_product_is_told(session: Session, fill: Fill) -> None:
    product = make_product(session, name="Old")
    session.commit()
    url, seen = f"{URL}{product.id}/edit", str(product.version)
    assert fill(url, fields(name="First", version=seen)).status_code == 303
    second = fill(url, fields(name="Second", version=seen))
    assert second.status_code == 409
    assert "First" in second.text
    assert 'value="Second"' in second.text


def test_categories_are_created_renamed_and_deleted(session: Session, fill: Fill) -> None:
    assert fill(f"{CATEGORIES}new", {"name": "Tools"}).status_code == 303
    category = session.scalars(select(Category).where(Category.name == "Tools")).one()
    url = f"{CATEGORIES}{category.id}"
    assert fill(f"{url}/edit", {"name": "Ware", "version": "1"}).status_code == 303
    assert fill(f"{url}/edit", {"name": "Late", "version": "1"}).status_code == 409
    assert "Another category has this name." in fill(f"{CATEGORIES}new", {"name": "Ware"}).text
    assert fill(f"{url}/delete", {"version": "2"}).status_code == 303
    assert session.scalars(select(Category)).all() == []


def test_a_category_with_products_cannot_be_deleted(session: Session, fill: Fill) -> None:
    category = make_category(session)
    make_product(session, category=category)
    session.commit()
    assert fill(f"{CATEGORIES}{category.id}/delete", {"version": "1"}).status_code == 409


@pytest.mark.parametrize(
    "path",
    [
        "new",
        "{product}/edit",
        "{product}/delete",
        "categories/new",
        "categories/{category}/edit",
        "categories/{category}/delete",
    ],
)
def test_writing_is_refused_to_viewers_and_strangers(
    session: Session, fill: Fill, client: FlaskClient, path: str
) -> None:
    product, category = make_product(session, name="Untouched"), make_category(session, name="Calm")
    session.commit()
    url = URL + path.format(product=product.id, category=category.id)
    assert fill(url, fields(version="1"), role="viewer").status_code == 403
    assert client.post(url, data=fields(version="1")).status_code in (302, 303, 400, 401)
    session.expire_all()
    assert (product.name, category.name) == ("Untouched", "Calm")


def test_every_page_opens_for_those_who_may(session: Session, sign_in: SignIn) -> None:
    product, category = make_product(session, name="Hammer"), make_category(session, name="Calm")
    session.commit()
    browser = sign_in("staff")
    for url in (URL, f"{URL}{product.id}/", f"{URL}{product.id}/edit", f"{URL}{product.id}/delete", f"{URL}new"):
        assert browser.get(url).status_code == 200
    for url in ("", f"{category.id}/", f"{category.id}/edit", f"{category.id}/delete", "new", "?format=csv"):
        assert browser.get(CATEGORIES + url).status_code == 200


def test_products_are_filtered_by_category_and_price(session: Session, app: object) -> None:
    tools = make_category(session, name="Tools")
    make_product(session, sku="A", category=tools, price=5)
    make_product(session, sku="B", category=tools, price=15)
    make_product(session, sku="C", price=5)
    zone = utc_now().tzinfo

    def found(**arguments: str) -> list[str]:
        return [row.sku for row in read_page(session, PRODUCTS, MultiDict(arguments), zone=zone).rows]

    assert found(category="Tools") == ["A", "B"]
    assert found(category="Tools", price_max="10") == ["A"]
    assert found(price_min="5", price_max="5") == ["A", "C"]
