"""The start page tells who the company is, to everybody, and never runs what the owner typed."""

from __future__ import annotations

import json
import re
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from webapp.core.company import get_company
from webapp.core.room import opened


def tell(session: Session, **fields: str) -> None:
    company = get_company(session)
    for name, value in fields.items():
        setattr(company, name, value)
    session.commit()


def facts_of(page: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert found
    return dict(json.loads(found[1])["@graph"][0])


def test_the_start_page_shows_the_company_to_everybody(session: Session, client: FlaskClient) -> None:
    tell(session, name="Caffè Nero", tagline="Torrefazione dal 1921", about="Primo.\nSecondo.", street="Via Roma 1")
    tell(
        session,
        postcode="40100",
        city="Bologna",
        vat_number="00743110157",
        email="ciao@caffe.example",
        phone="+39 051 1",
    )
    page = client.get("/en", headers={"Accept-Language": "en"}).text
    for text in ("Caffè Nero", "Torrefazione dal 1921", "<p>Primo.</p><p>Secondo.</p>", "Via Roma 1", "40100 Bologna"):
        assert text in page
    assert "VAT number 00743110157" in page.partition("<footer")[2]
    assert 'href="mailto:ciao@caffe.example"' in page
    assert 'href="tel:+390511"' in page


def test_the_company_speaks_english_on_english_pages_where_it_has_the_words(
    session: Session, client: FlaskClient
) -> None:
    tell(session, tagline="Torrefazione dal 1921", about="Siamo in tre.", tagline_en="Roasters since 1921")
    said = {"it": "Torrefazione dal 1921", "en": "Roasters since 1921"}
    for language, other in (("it", "en"), ("en", "it")):
        page = client.get(f"/{language}").text
        assert said[other] not in page
        assert re.search(rf'<meta name="description"\s+content="{said[language]}"', page)
        facts = facts_of(page)
        assert (facts["slogan"], facts["description"]) == (said[language], "Siamo in tre.")  # there is no other `about`
        assert json.loads(client.get(f"/{language}/manifest.webmanifest").data)["description"] == said[language]
    tell(session, languages="en,it")
    assert "Torrefazione dal 1921" in client.get("/en").text  # the plain words are those of the first language


def test_an_empty_profile_makes_a_page_too(client: FlaskClient) -> None:
    answer = client.get("/en")
    assert answer.status_code == 200
    assert "Bottega" in answer.text


def test_search_engines_read_the_company_from_json(session: Session, client: FlaskClient) -> None:
    tell(session, name="A & B </script><script>alert(1)</script>", vat_number="00743110157", city="Bologna")
    page = client.get("/en").text
    assert "<script>alert" not in page
    facts = facts_of(page)
    assert facts["name"].startswith("A & B </script>")
    assert facts["vatID"] == "00743110157"
    assert facts["address"] == {"@type": "PostalAddress", "addressLocality": "Bologna", "addressCountry": "Italy"}
    assert "telephone" not in facts


def test_a_javascript_address_cannot_be_hidden_in_the_contacts(session: Session, client: FlaskClient) -> None:
    tell(session, email='x" onclick="alert(1)', phone='1" onclick="alert(1)')
    assert 'onclick="alert' not in client.get("/en").text


def test_the_door_leads_to_the_start_page_in_the_language_that_is_preferred(client: FlaskClient) -> None:
    for language in ("it", "en"):
        answer = client.get("/", headers={"Accept-Language": language})
        assert (answer.status_code, answer.location) == (302, f"/{language}")
        assert "Accept-Language" in answer.headers["Vary"]
        assert client.get(answer.location).status_code == 200


def test_a_language_that_the_company_does_not_have_has_no_pages(session: Session, client: FlaskClient) -> None:
    tell(session, languages="it")
    assert client.get("/en").status_code == 404
    assert client.get("/", headers={"Accept-Language": "en"}).location == "/it"


def test_a_slash_at_the_end_leads_to_the_address_without(client: FlaskClient) -> None:
    answer = client.get("/it/?a=1")
    assert (answer.status_code, answer.location) == (301, "/it?a=1")


def test_the_room_needs_no_other_but_the_one_of_pictures(app: Flask) -> None:
    assert next(room for room in opened() if room.name == "website").requires == ("media",)
