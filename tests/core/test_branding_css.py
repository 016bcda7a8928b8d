"""The company's colours: whatever the owner picks, text in them can be read."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from webapp.core.branding_css import (
    BLACK,
    DARK_CARD,
    WHITE,
    colour_rules,
    contrast,
    ink_upon,
    parse_colour,
    readable,
)
from webapp.core.company import get_company

COLOURS = ["#000000", "#ffffff", "#ffff00", "#206bc4", "#d97b0b", "#777777", "#00ff00", "#ff00ff"]


def test_contrast_is_what_the_guidelines_define() -> None:
    assert contrast(BLACK, WHITE) == pytest.approx(21)
    assert contrast(parse_colour("#767676"), WHITE) == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("colour", COLOURS)
def test_text_in_any_colour_is_readable_on_light_and_dark(colour: str) -> None:
    parsed = parse_colour(colour)
    assert contrast(readable(parsed, WHITE, 5.6), WHITE) >= 5.6
    assert contrast(readable(parsed, DARK_CARD, 6.6), DARK_CARD) >= 6.6
    assert contrast(ink_upon(parsed), parsed) >= 4.5


def test_a_colour_that_reads_well_stays_as_it_is() -> None:
    assert readable(parse_colour("#1f4e8c"), WHITE, 5.6) == parse_colour("#1f4e8c")


def test_a_colour_that_is_none_cannot_smuggle_rules_in() -> None:
    assert "evil" not in colour_rules("red;} body{background:url(//evil)}", "#f59f00")


def test_the_style_sheet_follows_the_profile(client: FlaskClient, session: Session) -> None:
    get_company(session).primary_colour = "#b3005e"
    session.commit()
    response = client.get("/branding.css?v=2")
    assert response.mimetype == "text/css"
    assert "--tblr-primary: #b3005e" in response.text
    assert "max-age=31536000" in response.headers["Cache-Control"]


def test_the_mark_shows_a_letter_and_nothing_else_of_the_name(client: FlaskClient, session: Session) -> None:
    get_company(session).name = "<script>"
    session.commit()
    assert "<script" not in client.get("/branding/icon.svg").text


def test_there_is_no_logo_until_there_is_one(client: FlaskClient, session: Session) -> None:
    assert client.get("/branding/logo").status_code == 404
    company = get_company(session)
    company.logo, company.logo_type = b"\x89PNG", "image/png"
    session.commit()
    response = client.get("/branding/logo")
    assert (response.data, response.mimetype) == (b"\x89PNG", "image/png")
