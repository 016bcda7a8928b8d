"""Staff choose what the public sees of the catalogue, describe it and put it in order."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.rooms.catalogue.makers import make_category, make_product
from tests.rooms.conftest import Fill, token_of
from tests.rooms.shopfront.makers import make_good
from webapp.blueprints.catalogue.services import delete_product
from webapp.blueprints.media.public import demo_picture
from webapp.blueprints.shopfront.models import Shelf, ShopGood
from webapp.blueprints.shopfront.queries.site import Wish, list_items
from webapp.blueprints.shopfront.services import Text
from webapp.core.events import listen
from webapp.core.security import SYSTEM
from webapp.core.site import PageMoved

URL = "/backoffice/site/shopfront/"


def fields(**changes: Any) -> dict[str, Any]:
    said = {f"{name}_{language}": "" for name in ("name", "slug", "description") for language in ("it", "en")}
    own = {"shown": "y", "pricing": "shown", "availability": "in_stock", "position": "0", "version": "0"}
    return said | own | changes


@pytest.fixture
def moves(app: Flask) -> Any:
    """The pages that were said to have moved."""
    told: list[tuple[str, str]] = []
    listen(app, PageMoved, lambda _session, event: told.append((event.old_path, event.new_path)))
    yield told
    app.extensions["bottega_listeners"][PageMoved].pop()


def test_many_products_are_shown_and_hidden_at_once(session: Session, fill: Fill, client: FlaskClient) -> None:
    category = make_category(session, name="Piatti")
    products = [make_product(session, name="Piatto", category=category) for _ in range(3)]
    session.commit()
    chosen = [str(product.id) for product in products]
    answer = fill(f"{URL}show", {"chosen": chosen}, Referer=f"http://localhost{URL}?shown=no&sort=name")
    assert answer.location.endswith(f"{URL}?shown=no&sort=name")
    slugs = sorted(item.slug for item in list_items(session, "it", Wish(), size=9))
    assert slugs == ["piatto", "piatto-2", "piatto-3"]
    assert client.get("/it/prodotti/categoria/piatti").status_code == 200
    fill(f"{URL}hide", {"chosen": chosen[:2]})
    assert [item.slug for item in list_items(session, "it", Wish(), size=9)] == ["piatto-3"]
    fill(f"{URL}show", {"chosen": chosen[:1]})
    assert client.get("/it/prodotti/piatto").status_code == 200


@pytest.mark.parametrize("chosen", [[], ["x"], ["9" * 30]])
def test_nothing_chosen_is_told(fill: Fill, chosen: list[str]) -> None:
    answer = fill(f"{URL}show", {"chosen": chosen})
    assert answer.status_code == 422
    assert "Choose products first" in answer.text


def test_what_is_chosen_and_gone_shows_nothing(session: Session, fill: Fill) -> None:
    assert fill(f"{URL}show", {"chosen": ["999999"]}).status_code == 303
    assert session.query(ShopGood).count() == 0


@pytest.mark.parametrize("referer", ["https://evil.example/?a=b", "//evil", "javascript:1", "http://localhost/x?y=1"])
def test_the_way_back_leads_to_the_list(session: Session, fill: Fill, referer: str) -> None:
    product = make_product(session)
    session.commit()
    answer = fill(f"{URL}show", {"chosen": [str(product.id)]}, Referer=referer)
    assert answer.location in (URL, f"http://localhost{URL}")


def test_a_product_is_described_and_pictured(session: Session, fill: Fill, client: FlaskClient) -> None:
    product = make_product(session, name="Piatto")
    first, second = demo_picture(session, "plate-1"), demo_picture(session, "plate-2")
    session.commit()
    where = f"{URL}products/{product.id}"
    data = fields(name_en="Plate", description_it="Bello", pictures=[str(second), str(first)], featured="y")
    assert fill(where, data).status_code == 303
    item = list_items(session, "en", Wish(), size=1)[0]
    assert (item.name, item.slug, item.pictures, item.featured) == ("Plate", "plate", (second, first), True)
    assert list_items(session, "it", Wish(), size=1)[0].description == "Bello"


def test_a_renamed_product_is_renamed_on_the_site_at_its_old_address(session: Session, client: FlaskClient) -> None:
    good = make_good(session, name="Old name")
    good.product.name = "New name"
    session.commit()
    assert "<h1>New name</h1>" in client.get("/it/prodotti/old-name").text


@pytest.mark.parametrize(
    ("wrong", "field", "sentence"),
    [
        ({"slug_it": "!!"}, "slug_it", "Write the address in letters and digits"),
        ({"slug_en": "taken"}, "slug_en", "Another one has this address."),
        ({"position": "-1"}, "position", "Number must be between 0 and 1000000."),
        ({"position": "9" * 40}, "position", "Number must be between"),
        ({"pricing": "free"}, "pricing", "Not a valid choice."),
        ({"name_it": "x" * 201}, "name_it", "Field cannot be longer than 200 characters."),
    ],
)
def test_what_is_wrong_stands_beside_its_field(
    session: Session, fill: Fill, wrong: dict[str, str], field: str, sentence: str
) -> None:
    make_good(session, name="Taken")
    product = make_product(session)
    session.commit()
    answer = fill(f"{URL}products/{product.id}", fields(description_it="Kept words", **wrong))
    assert answer.status_code == 422
    assert sentence in answer.text.split(f'id="{field}-problem"')[1][:300]
    assert "Kept words" in answer.text


@pytest.mark.parametrize("pictures", [["999999"], ["x"]])
def test_a_picture_that_is_not_there_cannot_be_chosen(session: Session, fill: Fill, pictures: list[str]) -> None:
    product = make_product(session)
    session.commit()
    assert fill(f"{URL}products/{product.id}", fields(pictures=pictures)).status_code == 422


def test_the_second_of_two_editors_is_told_and_loses_nothing(session: Session, fill: Fill) -> None:
    product = make_product(session)
    session.commit()
    where = f"{URL}products/{product.id}"
    first, second = fill(where, fields(name_it="Primo")), fill(where, fields(name_it="Secondo"))
    assert (first.status_code, second.status_code) == (303, 409)
    assert "Primo" in second.text
    assert 'value="Secondo"' in second.text


def test_new_addresses_of_shown_products_and_categories_are_told(
    session: Session, fill: Fill, moves: list[tuple[str, str]]
) -> None:
    good = make_good(session, name="Piatto", category=make_category(session, name="Piatti"))
    data = fields(slug_it="piatto-nuovo", slug_en="piatto", version=str(good.version))
    assert fill(f"{URL}products/{good.product_id}", data).status_code == 303
    assert moves == [("/it/prodotti/piatto", "/it/prodotti/piatto-nuovo")]
    shelf = session.query(Shelf).one()
    data = fields(name_en="Plates", slug_it="piatti", version=str(shelf.version), picture_id="")
    assert fill(f"{URL}categories/{shelf.id}/edit", data).status_code == 303
    assert moves[1:] == [("/en/products/category/piatti", "/en/products/category/plates")]


def test_categories_and_products_are_put_in_order(session: Session, fill: Fill) -> None:
    plates, oils = make_category(session, name="A"), make_category(session, name="B")
    goods = [make_good(session, name=f"P{number}", category=plates) for number in range(3)]
    make_good(session, name="Oil", category=oils)
    shelves = [shelf.id for shelf in session.query(Shelf).order_by(Shelf.position)]
    assert fill(f"{URL}categories/", {"order": shelves, "move": f"{shelves[0]}:down"}).status_code == 303
    session.expire_all()
    assert [shelf.id for shelf in session.query(Shelf).order_by(Shelf.position)] == shelves[::-1]
    where = f"{URL}categories/{shelves[0]}/order"
    assert fill(where, {"order": [str(goods[place].id) for place in (2, 0, 1)]}).status_code == 303
    found = [item.name for item in list_items(session, "it", Wish(category="a"), size=9)]
    assert found == ["P2", "P0", "P1"]
    assert fill(where, {"order": [str(goods[0].id)]}).status_code == 409
    assert fill(f"{URL}categories/", {"order": [shelves[0], shelves[0]]}).status_code == 409


def test_a_product_that_leaves_the_catalogue_leaves_the_site(session: Session, client: FlaskClient) -> None:
    good = make_good(session, name="Piatto", words={"it": Text(description="x")})
    delete_product(session, by=SYSTEM, product_id=good.product_id, version=good.product.version)
    session.commit()
    assert client.get("/it/prodotti/piatto").status_code == 404
    session.expire_all()
    assert session.query(ShopGood).count() == 0


def test_the_list_tells_what_is_missing(session: Session, sign_in: Any) -> None:
    make_good(session, name="Shown one")
    make_product(session, name="Hidden one")
    session.commit()
    viewer = sign_in("viewer")
    assert "Hidden one" not in viewer.get(f"{URL}?shown=yes").text
    assert "Shown one" not in viewer.get(f"{URL}?shown=no").text
    assert "Shown one" in viewer.get(f"{URL}?described=no&pictured=no&featured=no").text
    assert 'name="chosen"' not in viewer.get(URL).text
    assert 'name="chosen"' in sign_in("staff").get(URL).text


@pytest.mark.parametrize(
    "path", ["show", "hide", "products/{id}", "categories/", "categories/1/edit", "categories/1/order"]
)
def test_writing_is_refused_to_viewers_and_strangers(
    session: Session, sign_in: Any, client: FlaskClient, path: str
) -> None:
    product = make_product(session)
    session.commit()
    where, viewer = URL + path.format(id=product.id), sign_in("viewer")
    data = {"chosen": str(product.id), **fields()}
    assert viewer.post(where, data={**data, "csrf_token": token_of(viewer)}).status_code == 403
    assert client.post(where, data=data).status_code in (302, 303, 400, 401)
    assert session.query(ShopGood).count() == 0
