"""The company profile: only the owner edits it, nothing wrong gets in, and two owners do not undo each other."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from webapp.core.company import (
    CompanyProfile,
    ProfileWrong,
    currencies,
    get_company,
    is_italian_vat_number,
    picture_type,
    time_zones,
    update_company,
)
from webapp.core.errors import EditConflict, NotAllowed
from webapp.core.security import ANONYMOUS, SYSTEM

PAGE = "/backoffice/company/"
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\6\0\0\0\x1f\x15\xc4\x89\0\0\0\0IEND\xaeB`\x82"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'

SignIn = Callable[[str], FlaskClient]


def typed(session: Session, **changes: Any) -> dict[str, Any]:
    company = get_company(session)
    fields = {
        name: getattr(company, name)
        for name in (
            *("version", "name", "tagline", "about", "street", "postcode", "city", "country", "vat_number", "email"),
            *(
                "phone",
                "time_zone",
                "currency",
                "primary_colour",
                "accent_colour",
                "type_scale",
                "heading_font",
                "text_font",
            ),
        )
    }
    return {**fields, "languages": ["it", "en"], "first_language": "it", **changes}


@pytest.fixture
def send(session: Session, sign_in: SignIn) -> Callable[..., Any]:
    """Send the form as the owner, changed as told."""
    browser = sign_in("owner")
    token = browser.get(PAGE).text.split('name="csrf-token" content="')[1].split('"')[0]

    def posted(**changes: Any) -> Any:
        data = typed(session, csrf_token=token, **changes)
        return browser.post(PAGE, data=data, content_type="multipart/form-data")

    return posted


@pytest.mark.parametrize("role", ["staff", "viewer"])
def test_only_the_owner_sees_the_page(sign_in: SignIn, role: str) -> None:
    assert sign_in(role).get(PAGE).status_code == 403
    assert "/backoffice/company/" not in sign_in(role).get("/en").text


def test_nobody_in_particular_is_sent_away(client: FlaskClient) -> None:
    assert client.get(PAGE).status_code in (302, 303, 401)


def test_a_write_without_the_token_is_refused(sign_in: SignIn, session: Session) -> None:
    assert sign_in("owner").post(PAGE, data=typed(session, name="Stolen")).status_code == 400
    assert get_company(session).name == "Bottega"


def test_the_owner_changes_the_profile(send: Callable[..., Any], session: Session) -> None:
    changes = {"name": " Caffè Nero ", "time_zone": "Atlantic/Azores", "currency": "CHF", "primary_colour": "#aa0011"}
    answer = send(**changes, languages=["it", "en"], first_language="en", vat_number="IT 00743110157")
    assert (answer.status_code, answer.location) == (303, PAGE)
    company = get_company(session)
    assert (company.name, company.time_zone, company.currency) == ("Caffè Nero", "Atlantic/Azores", "CHF")
    assert company.language_codes == ("en", "it")
    assert company.primary_colour == "#aa0011"


def test_the_english_words_are_asked_for_where_english_is_the_second_language_and_stay_when_it_is_not(
    send: Callable[..., Any], sign_in: SignIn, session: Session
) -> None:
    assert (
        send(tagline="Ceramiche", tagline_en=" Ceramics ", about="Chi siamo", about_en="Who we are").status_code == 303
    )
    company = get_company(session)
    assert (company.tagline, company.about) == ("Ceramiche", "Chi siamo")
    assert (company.tagline_en, company.about_en) == ("Ceramics", "Who we are")
    assert 'name="tagline_en"' in sign_in("owner").get(PAGE).text
    assert (
        send(languages=["it"]).status_code == 303
    )  # a page that does not ask for the English words does not send them
    assert 'name="tagline_en"' not in sign_in("owner").get(PAGE).text
    assert (company.tagline_en, company.about_en) == ("Ceramics", "Who we are")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "  "),
        ("name", "x" * 201),
        ("tagline", "a\x00b"),
        ("tagline_en", "x" * 301),
        ("time_zone", "Mars/Olympus"),
        ("time_zone", "../../etc/passwd"),
        ("currency", "XYZ"),
        ("languages", []),
        ("languages", ["de"]),
        ("primary_colour", "red"),
        ("accent_colour", "#12345"),
        ("email", "not an address"),
        ("vat_number", "12345678901"),
    ],
)
def test_a_wrong_value_is_told_beside_its_field(
    send: Callable[..., Any], session: Session, field: str, value: Any
) -> None:
    answer = send(**{field: value})
    assert answer.status_code == 422
    assert "is-invalid" in answer.text or "invalid-feedback" in answer.text
    assert get_company(session).version == 1


def test_the_second_of_two_owners_is_told(send: Callable[..., Any], session: Session) -> None:
    assert send(name="First").status_code == 303
    answer = send(name="Second", version=1)
    assert answer.status_code == 409
    assert "Second" in answer.text
    assert get_company(session).name == "First"


def test_a_logo_is_kept_and_served_as_what_it_is(
    send: Callable[..., Any], session: Session, client: FlaskClient
) -> None:
    assert send(logo=(io.BytesIO(PNG), "anything.txt")).status_code == 303
    answer = client.get("/branding/logo")
    assert (answer.data, answer.mimetype) == (PNG, "image/png")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert client.get("/branding/logo", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    assert send(remove_logo="1").status_code == 303
    assert client.get("/branding/logo").status_code == 404


@pytest.mark.parametrize("content", [SVG, b"GIF89a", b"<html>", PNG[:20]])
def test_what_is_no_picture_is_no_logo(send: Callable[..., Any], session: Session, content: bytes) -> None:
    answer = send(logo=(io.BytesIO(content), "logo.png"))
    assert answer.status_code == 422
    assert get_company(session).logo is None


def test_a_large_picture_is_no_logo(session: Session) -> None:
    large = PNG[:-12] + b"\0" * 512 * 1024 + PNG[-12:]
    with pytest.raises(ProfileWrong, match="512 KB"):
        update_company(session, by=SYSTEM, version=1, logo=large)


def test_the_bytes_tell_the_type_of_a_picture() -> None:
    assert picture_type(PNG) == "image/png"
    assert picture_type(b"\xff\xd8\xff\xe0" + b"x" * 100 + b"\xff\xd9") == "image/jpeg"
    assert picture_type(b"RIFF\x24\0\0\0WEBPVP8 " + b"x" * 20) == "image/webp"
    assert picture_type(b"") is None


def test_the_service_refuses_too(session: Session) -> None:
    with pytest.raises(NotAllowed):
        update_company(session, by=ANONYMOUS, version=1, name="Mine")
    with pytest.raises(EditConflict):
        update_company(session, by=SYSTEM, version=7, name="Late")
    with pytest.raises(ProfileWrong) as wrong:
        update_company(session, by=SYSTEM, version=1, name="", currency="", email="x")
    assert set(wrong.value.problems) == {"name", "currency", "email"}
    assert isinstance(update_company(session, by=SYSTEM, version=1, name="Fine"), CompanyProfile)


def test_the_choices_are_the_worlds() -> None:
    assert "Europe/Rome" in time_zones()
    assert {"EUR", "CHF", "USD"} <= set(currencies())
    assert "ITL" not in currencies()


@pytest.mark.parametrize(("number", "right"), [("00743110157", True), ("00743110158", False), ("0074311015", False)])
def test_the_check_digit_of_an_italian_vat_number(number: str, right: bool) -> None:
    assert is_italian_vat_number(number) is right


def test_the_menu_of_the_owner_alone_leads_to_company_and_administration(sign_in: SignIn) -> None:
    page = sign_in("owner").get(PAGE).text
    assert 'href="/backoffice/company/"' in page
    assert 'href="/admin/"' in page
