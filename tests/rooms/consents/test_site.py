"""What visitors are told and asked: pages made of what the site really does, and a bar only where the law wants one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask, make_response
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.rooms.forms.makers import contact_form
from webapp.blueprints.consents.models import Consent, Notice
from webapp.core.company import get_company
from webapp.core.page_cache import LONGEST_CHOICE, VARYING_COOKIES
from webapp.core.room import Room
from webapp.core.settings import PROJECT, Settings
from webapp.core.site import public_pages
from webapp.core.stored import Aim, Stored, all_stores

SignIn = Callable[[str], FlaskClient]
ENGLISH = {"Accept-Language": "en"}
STATISTICS = Aim("statistics", "Statistics", "We count visits.")
MAPS = Aim("maps", "Maps", "We show a map.")


def declaring(*stores: Stored) -> Room:
    return Room(name="curious", title="Curious", stores=stores)


def curious(name: str, aim: Aim) -> Stored:
    return Stored(name, "To look", "A year", technical=False, aim=aim)


@pytest.fixture
def asking(app: Flask) -> Iterator[None]:
    """An agency's room that would set what is not technical."""
    rooms = app.extensions["rooms"]
    app.extensions["rooms"] = (*rooms, declaring(curious("_count", STATISTICS), curious("_map", MAPS)))
    yield
    app.extensions["rooms"] = rooms


def test_with_technical_cookies_alone_nobody_is_asked(client: FlaskClient) -> None:
    page = client.get("/en/cookies")
    assert page.status_code == 200
    assert "Set-Cookie" not in page.headers
    assert "consent-bar" not in client.get("/en/privacy").text
    assert "<code>theme</code>" in page.text
    assert "<code>consent</code>" not in page.text
    assert "no bar asks you" in page.text
    assert client.post("/consent", data={"choice": "accept"}).status_code == 400


@pytest.mark.usefixtures("asking")
def test_the_bar_offers_both_answers_alike_and_closing_refuses(client: FlaskClient) -> None:
    bar = client.get("/en/privacy").text.partition('<section class="consent-bar"')[2].partition("</section>")[0]
    assert bar
    buttons = dict(re.findall(r'<button type="submit" class="([^"]*)" name="choice" value="(accept|refuse)"', bar))
    assert buttons  # the same look for both
    looks = re.findall(r'<button type="submit"\s+class="btn"\s+name="choice"\s+value="(\w+)"', bar)
    assert looks == ["accept", "refuse"]
    assert re.search(r'class="btn-close"\s+name="choice"\s+value="refuse"', bar)
    assert "checked" not in client.get("/en/cookies").text.partition('id="choices"')[2].partition("</form>")[0]
    assert "<main" in client.get("/en/privacy").text  # no wall: the page is there


@pytest.mark.usefixtures("asking")
@pytest.mark.parametrize(
    ("choice", "ticked", "agreed"),
    [
        ("accept", [], {"maps", "statistics"}),
        ("refuse", ["maps"], set()),
        ("chosen", ["statistics"], {"statistics"}),
        ("chosen", [], set()),
        ("chosen", ["statistics", "everything", "consent"], {"statistics"}),
    ],
)
def test_a_choice_is_kept_registered_and_not_asked_again(
    app: Flask, session: Session, client: FlaskClient, *, choice: str, ticked: list[str], agreed: set[str]
) -> None:
    answer = client.post("/consent", data={"choice": choice, "aim": ticked, "next": "/en/privacy"})
    assert (answer.status_code, answer.location) == (303, "/en/privacy")
    lines = answer.headers.getlist("Set-Cookie")
    assert {line.partition("=")[0] for line in lines} == {"consent", "consent_id"}
    assert all("Max-Age=15897600" in line and "HttpOnly" in line and "SameSite=Lax" in line for line in lines)
    assert "consent-bar" not in client.get("/en/privacy").text
    rows = list(session.scalars(select(Consent).order_by(Consent.purpose)))
    assert {row.purpose for row in rows if row.given == "given"} == {f"cookies:{name}" for name in agreed}
    assert {row.purpose for row in rows} == {"cookies:maps", "cookies:statistics"}
    assert all(re.fullmatch(r"browser:[0-9a-f]{24}", row.subject) for row in rows)
    cookie = client.get_cookie("consent")
    assert cookie is not None
    with app.test_request_context("/", headers={"Cookie": f"consent={cookie.value}"}):
        told = app.jinja_env.globals["consented"]
        assert {name for name in ("maps", "statistics", "else") if told(name)} == agreed


@pytest.mark.usefixtures("asking")
def test_it_is_asked_again_when_something_is_declared_anew(app: Flask, client: FlaskClient) -> None:
    client.post("/consent", data={"choice": "accept"})
    assert "consent-bar" not in client.get("/it/privacy").text
    app.extensions["rooms"] = (*app.extensions["rooms"], declaring(curious("_more", STATISTICS)))
    assert "consent-bar" in client.get("/it/privacy").text


@pytest.mark.usefixtures("asking")
@pytest.mark.parametrize("value", ["", "nonsense", "12345678.11", ".11", "x" * 4000, "00000000.1"])
def test_a_forged_choice_is_none(client: FlaskClient, value: str) -> None:
    client.set_cookie("consent", value)
    assert "consent-bar" in client.get("/en/privacy").text


@pytest.mark.usefixtures("asking")
@pytest.mark.parametrize("target", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_a_choice_leads_to_no_other_site(client: FlaskClient, target: str) -> None:
    assert client.post("/consent", data={"choice": "refuse", "next": target}).location == "/"


@pytest.mark.usefixtures("asking")
def test_another_site_gives_no_consent_in_a_visitors_name(session: Session, client: FlaskClient) -> None:
    answer = client.post("/consent", data={"choice": "accept"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 400
    assert "Set-Cookie" not in answer.headers
    assert session.scalars(select(Consent)).first() is None


@pytest.mark.usefixtures("asking")
def test_the_page_cache_tells_visitors_apart_by_their_choice(client: FlaskClient) -> None:
    client.post("/consent", data={"choice": "accept"})
    cookie = client.get_cookie("consent")
    assert "consent" in VARYING_COOKIES
    assert cookie is not None
    assert len(cookie.value) <= LONGEST_CHOICE


def test_a_cookie_that_nobody_declared_is_refused(app: Flask) -> None:
    watch = next(each for each in app.after_request_funcs[None] if each.__name__ == "_watch")
    with app.test_request_context("/"):
        answer = make_response("x")
        answer.set_cookie("theme", "dark")
        answer.delete_cookie("stranger")
        watch(answer)
        answer.set_cookie("stranger", "1")
        with pytest.raises(RuntimeError, match="stranger"):
            watch(answer)


def test_an_entry_without_consent_has_no_aim_and_the_others_have_one() -> None:
    with pytest.raises(ValueError, match="_a"):
        Stored("_a", "x", "y", technical=False)
    with pytest.raises(ValueError, match="_b"):
        Stored("_b", "x", "y", aim=MAPS)


SETTING = re.compile(r"(?:localStorage|sessionStorage)\.setItem\(\s*([^,]+),|caches\.open\(\s*([^)]+)\)")


def scripts() -> list[Path]:
    sources = [*(PROJECT / "webapp/static/src").rglob("*.js"), *(PROJECT / "webapp/blueprints").rglob("*.js")]
    return [path for path in sources if "node_modules" not in path.parts]


def test_scripts_keep_nothing_in_browsers_that_is_not_declared(shared_app: Flask) -> None:
    with shared_app.app_context():
        declared = all_stores()
    unknown = []
    for path in scripts():
        source = path.read_text()
        assert "document.cookie" not in source, path
        assert "indexedDB" not in source or "push" in path.name or "worker" in path.name, path
        for local, cache in SETTING.findall(source):
            word = (local or cache).strip()
            constant = (
                re.search(rf"const {re.escape(word)} = [\"`']([^\"`'$]+)", source) if word.isidentifier() else None
            )
            if word.isidentifier() and constant is None:
                continue  # the name is handed on from a call of this file, which is found by itself
            name = constant[1] if constant else word.strip("\"'`").partition("$")[0]
            kind = "cache" if cache else "local"
            if not any(
                each.kind in (kind, "session") and (each.covers(name) or each.covers(f"{name}x")) for each in declared
            ):
                unknown.append((path.name, name))
    assert unknown == []


def test_the_privacy_page_says_what_the_forms_really_ask(session: Session, client: FlaskClient) -> None:
    form = contact_form(session, keep_months=7, makes_contact=True)
    company = get_company(session)
    company.name, company.email = "Bottega <Manfredi>", "info@bottega.it"
    session.commit()
    page = client.get("/en/privacy").text
    assert f'href="/en/forms/{form.slug_en}"' in page
    assert "Name *, E-mail *, Message *" in page
    assert "I agree" in page
    assert "7 months" in page
    assert "Bottega &lt;Manfredi&gt;" in page
    form.state = "closed"
    session.commit()
    assert "7 months" not in client.get("/en/privacy").text


def test_the_privacy_page_says_how_long_the_server_keeps_what(app: Flask, client: FlaskClient) -> None:
    before = app.extensions["settings"]
    app.extensions["settings"] = replace(before, traffic_vault_days=5, traffic_days=400, consent_months=36)
    english, italian = (client.get(path).text for path in ("/en/privacy", "/it/privacy"))
    app.extensions["settings"] = before
    for words in ("5 days", "400 days", "3 years after it was given", "for 90 days", "for 24 hours"):
        assert words in english
    for words in ("5 giorni", "400 giorni"):
        assert words in italian


def test_the_files_of_the_servers_log_go_with_the_full_addresses(settings: Settings) -> None:
    rotation = (PROJECT / "nginx/prod/logrotate").read_text()
    assert f"rotate {settings.traffic_vault_days}\n" in rotation
    assert " daily\n" in rotation


def test_the_owner_adds_words_version_by_version(session: Session, client: FlaskClient, sign_in: SignIn) -> None:
    owner, path = sign_in("owner"), "/backoffice/site/notices/"
    page = owner.get(path, headers=ENGLISH).text
    token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    words = {"csrf_token": token, "text_it": "Il nostro **responsabile**", "text_en": "Our <b>officer</b>"}
    assert owner.post(f"{path}privacy", data=words).status_code == 303
    shown = client.get("/it/privacy").text
    assert "<strong>responsabile</strong>" in shown
    assert "&lt;b&gt;officer" in client.get("/en/privacy").text
    again = owner.post(f"{path}privacy", data=words)
    assert again.status_code == 422
    assert "responsabile" in again.text
    assert owner.post(f"{path}privacy", data=words | {"text_en": "New"}).status_code == 303
    assert owner.post(f"{path}nothing", data=words).status_code == 404
    assert owner.post(f"{path}privacy", data=words | {"text_it": "x" * 40_001}).status_code == 422
    assert list(session.scalars(select(Notice.number).order_by(Notice.id))) == [1, 2]
    assert sign_in("staff").get(path).status_code == 403
    assert client.get(path).status_code in {302, 401}


def test_pages_are_listed_and_stand_in_the_companys_languages_alone(session: Session, client: FlaskClient) -> None:
    assert {"/it/privacy", "/en/privacy", "/it/cookie", "/en/cookies"} <= {page.path for page in public_pages(session)}
    get_company(session).languages = "it"
    session.commit()
    assert client.get("/en/privacy").status_code == 404
    assert client.get("/it/cookie").status_code == 200
    assert "/en/privacy" not in {page.path for page in public_pages(session)}


def test_strangers_get_no_cookie_on_the_public_site(session: Session, client: FlaskClient) -> None:
    contact_form(session)
    session.commit()
    for page in public_pages(session):
        answer = client.get(page.path)
        assert answer.status_code == 200, page.path
        assert "Set-Cookie" not in answer.headers, page.path
    assert session.scalars(select(func.count()).select_from(Consent)).one() == 0
