"""The look of the public site: colours are advised on, type follows the profile, problems are told in the house's look."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from webapp.core.branding_css import DARK_CARD, WHITE, colour_rules, contrast, parse_colour
from webapp.core.company import ProfileWrong, get_company, update_company
from webapp.core.contrast_advice import advise
from webapp.core.security import SYSTEM
from webapp.core.typography import FONTS, RULES, SCALES, STACKS, type_rules

SignIn = Callable[[str], FlaskClient]
ENGLISH = {"Accept-Language": "en"}


def told(app: Flask, colour: str) -> list[tuple[str, bool]]:
    with app.test_request_context(headers=ENGLISH):
        return [(each.sentence, each.weak) for each in advise(colour)]


def test_a_colour_that_reads_well_everywhere_has_no_weak_point(app: Flask) -> None:
    assert not any(weak for sentence, weak in told(app, "#767676") if "light" in sentence)
    assert ("Buttons: white words on it, contrast 8.3:1.", False) in told(app, "#1f4e8c")


def test_what_the_house_does_about_a_weak_colour_is_told_with_the_ratios(app: Flask) -> None:
    sentences = told(app, "#ffe000")
    assert sentences[0] == (
        "Buttons: white words on it would have a contrast of 1.3:1 only (4.5:1 is needed), so they are black: 15.9:1.",
        True,
    )
    light = next(sentence for sentence, weak in sentences if weak and sentence.startswith("Links on light"))
    assert "1.3:1 only" in light
    assert any("On light pages a button in it hardly stands out" in sentence for sentence, _weak in sentences)
    assert any(sentence.startswith("Links on dark pages: as it is") for sentence, _weak in sentences)


def test_a_dark_colour_is_weak_on_dark_pages(app: Flask) -> None:
    sentences = told(app, "#102040")
    assert any(weak and sentence.startswith("Links on dark pages") for sentence, weak in sentences)
    assert any(weak and sentence.startswith("On dark pages a button") for sentence, weak in sentences)


def test_a_ratio_is_never_told_better_than_it_is(app: Flask) -> None:
    assert 4.47 < contrast(parse_colour("#777777"), WHITE) < 4.5
    assert any("4.4:1" in sentence for sentence, _weak in told(app, "#777777"))


@pytest.mark.parametrize("text", ["", "red", "#12345", "#1234567", "#zzzzzz"])
def test_of_what_is_no_colour_nothing_is_told(app: Flask, text: str) -> None:
    assert told(app, text) == []


@pytest.mark.parametrize("colour", ["#ffffff", "#ffe000", "#262626", "#000000", "#1f4e8c"])
def test_the_edge_of_a_button_stands_out_on_light_and_dark(colour: str) -> None:
    edge = colour_rules(colour, colour).split("--house-primary-edge: light-dark(")[1].split(")")[0]
    light, dark = (parse_colour(part.strip()) for part in edge.split(","))
    assert contrast(light, WHITE) >= 3
    assert contrast(dark, DARK_CARD) >= 3


def test_the_advice_stands_beside_the_fields_and_stays_with_what_was_typed(session: Session, sign_in: SignIn) -> None:
    get_company(session).primary_colour = "#ffe000"
    session.commit()
    page = sign_in("owner").get("/backoffice/company/", headers=ENGLISH).text
    assert "they are black: 15.9:1" in page


def test_each_scale_has_all_sizes_and_each_face_its_stack() -> None:
    assert set(RULES) == set(SCALES)
    assert set(STACKS) == set(FONTS)
    assert RULES["compact"].keys() == RULES["generous"].keys()
    assert "http" not in str(STACKS)


def test_the_style_sheet_has_the_type_of_the_profile(session: Session, client: FlaskClient) -> None:
    company = get_company(session)
    company.type_scale, company.heading_font = "compact", "serif"
    session.commit()
    css = client.get("/branding.css").text
    assert f"--site-display: {RULES['compact']['display']};" in css
    assert f"--site-heading-font: {STACKS['serif']};" in css


def test_an_unknown_name_of_a_scale_brings_no_rule_in() -> None:
    assert "evil" not in str(type_rules("evil", "evil", "evil"))


@pytest.mark.parametrize("name", ["type_scale", "heading_font", "text_font"])
def test_what_is_none_of_them_is_refused(session: Session, app: Flask, name: str) -> None:
    with app.test_request_context(), pytest.raises(ProfileWrong) as wrong:
        update_company(session, by=SYSTEM, version=get_company(session).version, **{name: "comic"})
    assert list(wrong.value.problems) == [name]


def test_a_page_that_is_not_there_is_told_in_the_sites_look_with_ways_on(session: Session, client: FlaskClient) -> None:
    company = get_company(session)
    company.phone, company.email = "+39 0546 1", "ciao@shop.example"
    session.commit()
    answer = client.get("/it/mai-esistita", headers=ENGLISH)
    assert answer.status_code == 404
    assert 'class="site"' in answer.text
    assert 'href="tel:+3905461"' in answer.text
    assert 'href="mailto:ciao@shop.example"' in answer.text
    assert 'content="noindex"' in answer.text
    assert "Set-Cookie" not in answer.headers


def test_the_back_office_keeps_its_own_page_of_a_problem(sign_in: SignIn) -> None:
    answer = sign_in("viewer").get("/backoffice/mai-esistita")
    assert answer.status_code == 404
    assert 'class="site"' not in answer.text


def test_every_public_page_can_be_skipped_to_its_content(client: FlaskClient) -> None:
    page = client.get("/", follow_redirects=True).text
    assert 'class="skip-link" href="#content"' in page
    assert 'id="content"' in page
