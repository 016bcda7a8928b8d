"""The public finds the products that are shown, with the price that it would pay, and nothing else of the catalogue."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.rooms.catalogue.makers import make_category, make_product
from tests.rooms.shopfront.makers import make_good
from webapp.blueprints.media.public import demo_picture
from webapp.blueprints.shopfront.models import Availability, Pricing
from webapp.blueprints.shopfront.queries.site import Wish, list_items, opens_path
from webapp.blueprints.shopfront.services import Text, hide_products
from webapp.blueprints.shopfront.views.site import chosen_products, list_public_pages, price_list
from webapp.core.company import get_company
from webapp.core.money import to_cents
from webapp.core.security import SYSTEM

ENGLISH = {"Accept-Language": "en"}


def names(session: Session, **wish: Any) -> list[str]:
    """What is found, in its order."""
    return [item.name for item in list_items(session, "en", Wish(**wish), size=50)]


def facts(page: str, kind: str) -> dict[str, Any]:
    """The object of that kind in the structured data of a page."""
    graph = json.loads(page.split('<script type="application/ld+json">')[1].split("</script>", maxsplit=1)[0])["@graph"]
    return next(each for each in graph if each["@type"] == kind)


def test_a_product_has_a_page_in_each_language_with_its_own_words(session: Session, client: FlaskClient) -> None:
    said = {"it": Text(description="Dipinto *a mano*"), "en": Text("Dinner plate", description="Painted *by hand*")}
    make_good(session, name="Piatto piano", price=Decimal(34), words=said)
    italian, english = client.get("/it/prodotti/piatto-piano"), client.get("/en/products/dinner-plate")
    assert (italian.status_code, english.status_code) == (200, 200)
    assert "<h1>Piatto piano</h1>" in italian.text
    assert "41,48\xa0€" in italian.text
    assert "<h1>Dinner plate</h1>" in english.text
    assert "€41.48" in english.text
    assert "Painted <em>by hand</em>" in english.text
    assert 'hreflang="it"' in english.text
    assert "Set-Cookie" not in english.headers


@pytest.mark.parametrize(
    ("price", "vat"), [("0.0041", "22"), ("0.5", "1"), ("1.005", "0"), ("12.295", "10"), ("9999999999.99", "22")]
)
def test_the_price_is_with_vat_and_rounded_as_everywhere(session: Session, price: str, vat: str) -> None:
    make_good(session, price=Decimal(price), vat_rate=Decimal(vat))
    found = list_items(session, "it", Wish(), size=1)[0]
    assert found.price == to_cents(Decimal(price) * (100 + Decimal(vat)) / 100)


def test_the_facts_for_search_engines_are_a_product_with_its_offer(session: Session, client: FlaskClient) -> None:
    picture = demo_picture(session, "plate")
    said = {"en": Text("Plate </script>", description="Nice")}
    make_good(
        session,
        sku="P-1",
        price=Decimal(100),
        words=said,
        pictures=(picture,),
        category=make_category(session, name="Plates"),
        availability=Availability.TO_ORDER,
    )
    page = client.get("/en/products/plate-script").text
    product = facts(page, "Product")
    assert (product["name"], product["sku"], product["category"]) == ("Plate </script>", "P-1", "Plates")
    assert product["image"][0].startswith("http://localhost/media/")
    assert product["offers"]["price"] == "122.00"
    assert product["offers"]["priceCurrency"] == "EUR"
    assert product["offers"]["availability"] == "https://schema.org/MadeToOrder"
    crumbs = facts(page, "BreadcrumbList")["itemListElement"]
    assert [each["item"].removeprefix("http://localhost") for each in crumbs] == [
        "/en", "/en/products", "/en/products/category/plates", "/en/products/plate-script",
    ]  # fmt: skip


@pytest.mark.parametrize("changes", [{"pricing": Pricing.ASK, "price": Decimal(9)}, {"price": Decimal(0)}])
def test_a_price_that_is_asked_for_is_nowhere(session: Session, client: FlaskClient, changes: dict[str, Any]) -> None:
    make_good(session, words={"en": Text("Crib")}, **changes)
    page = client.get("/en/products/crib").text
    assert "Price on request" in page
    assert "€" not in page
    assert "offers" not in facts(page, "Product")
    assert names(session, least=Decimal(0)) == []


def test_what_is_hidden_is_not_there_and_costs_never_are(session: Session, client: FlaskClient) -> None:
    make_product(session, name="Never shown")
    hidden = make_good(session, words={"en": Text("Was shown")}, cost=Decimal("3.33"), price=Decimal(10))
    assert "3.33" not in client.get("/en/products/was-shown").text
    hide_products(session, by=SYSTEM, product_ids=[hidden.product_id])
    session.commit()
    assert client.get("/en/products/was-shown").status_code == 404
    page = client.get("/en/products").text
    assert "Was shown" not in page
    assert "Never shown" not in page
    assert list(list_public_pages(session)) == []


def test_products_are_searched_filtered_and_sorted_by_the_address(session: Session, client: FlaskClient) -> None:
    plates = make_category(session, name="Plates")
    make_good(session, name="Blue plate", category=plates, price=Decimal(100), words={"en": Text(description="cobalt")})
    make_good(session, name="Red plate", category=plates, price=Decimal(50), featured=True)
    make_good(session, name="Oil 100%", price=Decimal(10))
    make_good(session, name="Crib", pricing=Pricing.ASK)
    assert names(session)[0] == "Red plate"
    assert names(session, words="plate blue") == ["Blue plate"]
    assert names(session, words="COBALT") == ["Blue plate"]
    assert names(session, words="plates") == ["Red plate", "Blue plate"]
    assert names(session, words="100%") == ["Oil 100%"]
    assert names(session, words="%") == ["Oil 100%"]
    assert names(session, category="plates", sort="price") == ["Red plate", "Blue plate"]
    assert names(session, least=Decimal("12.20"), most=Decimal(61), sort="price") == ["Oil 100%", "Red plate"]
    assert names(session, sort="-price") == ["Blue plate", "Red plate", "Oil 100%", "Crib"]
    page = client.get("/en/products?q=plate&most=70,5").text
    assert ">Red plate</a>" in page
    assert ">Blue plate</a>" not in page
    assert "noindex" in page
    assert "noindex" not in client.get("/en/products").text
    assert ">Oil 100%</a>" not in client.get("/en/products/category/plates").text


def test_htmx_is_given_the_results_alone(session: Session, client: FlaskClient) -> None:
    make_good(session, name="Plate")
    answer = client.get("/en/products?q=plate", headers={"HX-Request": "true"})
    assert ">Plate</a>" in answer.text
    assert "<html" not in answer.text
    assert "HX-Request" in answer.headers["Vary"]


@pytest.mark.parametrize(
    "query",
    ["q=%00", "q=%F0%9F%98%80", "q=" + "x" * 5000, "least=1e400", "least=NaN", "most=abc", "sort=drop", "category=none",
     "least=9&most=1", "q=%25%5C_", "q='%3B--", "least=-1"],
)  # fmt: skip
def test_hostile_questions_are_answered(session: Session, client: FlaskClient, query: str) -> None:
    make_good(session, name="Plate")
    assert client.get(f"/en/products?{query}", headers=ENGLISH).status_code == 200


def test_a_bound_that_is_no_number_is_told_beside_its_field(client: FlaskClient) -> None:
    page = client.get(f"/en/products?least={quote('<b>')}").text
    assert "“&lt;b&gt;” is not a number." in page.split('id="goods-least-problem"')[1][:200]


@pytest.mark.parametrize("path", ["none", "category/none", "%00", "?page=0", "?page=2", "?page=x", "?page=99999"])
def test_addresses_that_are_none_are_not_found(session: Session, client: FlaskClient, path: str) -> None:
    make_good(session)
    where = f"/en/products{path}" if path.startswith("?") else f"/en/products/{path}"
    assert client.get(where).status_code == 404


def test_long_lists_have_pages_that_keep_the_question(session: Session, client: FlaskClient) -> None:
    for number in range(25):
        make_good(session, name=f"Plate {number:02}", position=number)
    page = client.get("/en/products?q=plate").text
    assert "q=plate&amp;page=2" in page
    second = client.get("/en/products?q=plate&page=2").text
    assert ">Plate 24</a>" in second
    assert 'rel="prev" href="/en/products?q=plate"' in second


def test_related_products_are_of_the_same_category(session: Session, client: FlaskClient) -> None:
    plates = make_category(session)
    make_good(session, name="One", category=plates)
    make_good(session, name="Two", category=plates)
    make_good(session, name="Other")
    page = client.get("/en/products/one").text
    assert ">Two</a>" in page
    assert ">Other</a>" not in page


def test_a_language_that_the_company_has_not_is_not_there(session: Session, client: FlaskClient) -> None:
    make_good(session, name="Plate")
    get_company(session).languages = "it"
    session.commit()
    assert client.get("/en/products/plate").status_code == 404
    assert client.get("/it/prodotti/plate").status_code == 200
    assert {page.language for page in list_public_pages(session)} == {"it"}


def test_pages_are_listed_for_those_who_find_them(session: Session, client: FlaskClient) -> None:
    category, words = make_category(session, name="Piatti"), {"en": Text("Plate", description="Nice")}
    make_good(session, name="Piatto", words=words, category=category)
    pages = {page.path: page for page in list_public_pages(session)}
    assert len(pages) == 6
    assert pages["/en/products/plate"].kind == "product"
    assert pages["/en/products/plate"].others["it"] == "/it/prodotti/piatto"
    assert pages["/en/products/plate"].description == "Nice"
    assert {path: client.get(path).status_code for path in pages} == dict.fromkeys(pages, 200)


def test_a_path_is_looked_up_by_itself(session: Session) -> None:
    full, empty = make_category(session, name="Piatti"), make_category(session, name="Vuota")
    make_good(session, name="Piatto", words={"en": Text("Plate")}, category=full)
    make_good(session, name="Hidden", category=empty, shown=False)
    listed = {page.path for page in list_public_pages(session)}
    assert {path for path in listed if opens_path(session, path)} == listed
    others = ("hidden", "categoria/vuota", "categoria", "categoria/piatti/x", "plate", "")
    assert [path for path in others if opens_path(session, f"/it/prodotti/{path}")] == []
    assert [path for path in ("/it/prodottini", "/it", "/", "", "/de/x") if opens_path(session, path)] == []


def test_blocks_show_chosen_featured_and_a_categorys_products(session: Session) -> None:
    plates = make_category(session, name="Plates")
    one = make_good(session, name="One", category=plates)
    two = make_good(session, name="Two", featured=True)

    def shown(**values: Any) -> list[str]:
        return [item.name for item in chosen_products(session, values, "en")["items"]]

    assert shown(source="featured", count=3) == ["Two"]
    assert shown(source="category", category=str(plates.id)) == ["One"]
    rows = [{"product": str(number)} for number in (two.product_id, one.product_id, 999999)]
    assert shown(source="chosen", products=[*rows, {"product": "x"}, {}]) == ["Two", "One"]
    assert shown(source="category", category="x") == []
    assert shown(source="chosen") == []


def test_a_price_list_has_the_chosen_categories(app: Flask, session: Session) -> None:
    plates, oils = make_category(session, name="Plates"), make_category(session, name="Oils")
    make_good(session, name="Plate", category=plates, price=Decimal(10))
    make_good(session, name="Oil", category=oils)
    chosen = price_list(session, {"categories": [{"category": str(oils.id)}]}, "en")["priced"]
    assert [(place.name, [item.name for item in items]) for place, items in chosen] == [("Oils", ["Oil"])]
    values = {"title": "Prices", "text": ""}
    with app.test_request_context("/en"):
        app.preprocess_request()
        template = app.jinja_env.get_template("shopfront/blocks/_pricelist.html")
        html = template.render(values=values, language="en", number=1, **price_list(session, values, "en"))
    assert "€12.20" in html
    assert html.count("<table") == 2
