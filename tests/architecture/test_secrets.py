"""Secrets stay where they belong: cookies, ways in, and what logs, addresses and error pages tell."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tests.conftest import Browser
from tests.rooms.accounts.makers import PASSWORD, make_user
from tests.rooms.accounts.pages import is_signed_in, sign_in_as, token_of
from tests.rooms.keys.makers import ME, make_key
from webapp.app import create_app
from webapp.blueprints.accounts.services.users import create_user
from webapp.core.db import db, transaction
from webapp.core.logs import Lines
from webapp.core.security import SYSTEM
from webapp.core.settings import PROJECT, Settings
from webapp.core.stored import all_stores


@pytest.fixture
def production(fresh_settings: Settings) -> Iterator[Flask]:
    """The application as it runs behind TLS, with one user."""
    app = create_app(replace(fresh_settings, environment="production", hsts_seconds=31_536_000))
    app.testing = True
    app.test_client_class = Browser
    with app.app_context():
        with transaction() as database:
            create_user(
                database, by=SYSTEM, email="ada@shop.bottega.it", name="Ada", password=PASSWORD, roles=["owner"]
            )
        yield app
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()


def test_in_production_every_cookie_is_for_tls_only_and_out_of_the_reach_of_scripts(production: Flask) -> None:
    browser = production.test_client()
    tls = {"base_url": "https://localhost"}
    page = browser.get("/login", **tls)
    answers = [page]
    form = {"email": "ada@shop.bottega.it", "password": PASSWORD, "remember": "y", "csrf_token": token_of(page)}
    answers.append(browser.post("/login", data=form, headers={"Referer": "https://localhost/login"}, **tls))
    assert answers[-1].status_code in (302, 303), answers[-1].text
    page = browser.get("/account/security", **tls)
    assert page.status_code == 200
    for name, value in (("language", "en"), ("theme", "dark")):
        form = {name: value, "csrf_token": token_of(page)}
        headers = {"Referer": "https://localhost/account/security"}
        answers.append(browser.post(f"/preferences/{name}", data=form, headers=headers, **tls))
        assert answers[-1].status_code == 303, answers[-1].text
    cookies = [cookie for answer in answers for cookie in answer.headers.getlist("Set-Cookie")]
    names = {cookie.partition("=")[0] for cookie in cookies}
    assert {"session", "device"} <= names
    assert len(names) >= 4
    for cookie in cookies:
        assert "; Secure" in cookie, cookie
        assert "; HttpOnly" in cookie, cookie
        assert re.search(r"; SameSite=(Lax|Strict)", cookie), cookie
        assert "; Domain=" not in cookie, cookie
    trusted = production.config["SECURITY_TWO_FACTOR_VALIDITY_COOKIE"]
    assert trusted["secure"]
    assert trusted["httponly"]
    assert trusted["samesite"] in ("Lax", "Strict")


def test_browsers_are_told_to_come_over_tls_where_the_setting_says_so(production: Flask, client: FlaskClient) -> None:
    browser = production.test_client()
    told = browser.get("/login", base_url="https://localhost").headers["Strict-Transport-Security"]
    assert told == "max-age=31536000; includeSubDomains"
    assert "Strict-Transport-Security" not in browser.get("/login").headers
    assert "Strict-Transport-Security" not in client.get("/login", base_url="https://localhost").headers


def test_no_password_key_or_cookie_gets_into_the_log_or_an_address(
    client: FlaskClient, session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    user = make_user(session)
    issued = make_key(session, user_id=user.id)
    wrong = "quattro-cani-in-cortile"
    with caplog.at_level(logging.DEBUG):
        answers = [sign_in_as(client, user.email, wrong), sign_in_as(client, user.email, PASSWORD)]
        assert is_signed_in(client)
        cookie = client.get_cookie("session")
        assert cookie
        answers.append(client.get(ME, headers={"Authorization": f"Bearer {issued.text}"}))
        answers.append(client.get("/account/security"))
    log = caplog.text
    for secret in (wrong, PASSWORD, issued.text, issued.text.rpartition("_")[2], cookie.value):
        assert secret not in log
        assert all(secret not in (answer.location or "") for answer in answers)
    assert wrong not in answers[0].text


def test_an_error_of_the_database_is_logged_without_what_was_to_be_stored(session: Session) -> None:
    statement = text("INSERT INTO accounts_users (email, fs_uniquifier, password) VALUES ('A', 'b', :p)")
    with pytest.raises(IntegrityError) as error:
        session.execute(statement, {"p": f"{PASSWORD}\nHINT"})
    session.rollback()
    assert PASSWORD in str(error.value.orig)  # PostgreSQL quotes the row that it refuses
    record = logging.LogRecord("x", logging.ERROR, "", 0, "unexpected", (), (error.type, error.value, error.tb))
    line = Lines().format(record)
    assert "violates" in line
    assert "INSERT INTO accounts_users" in line
    assert PASSWORD not in line


def test_no_form_sends_a_password_in_an_address() -> None:
    forms = re.compile(r"<form\b.*?</form>", re.DOTALL | re.IGNORECASE)
    for path in (PROJECT / "webapp").rglob("*.html"):
        for form in forms.findall(path.read_text()):
            if re.search(r"password|type=\"password\"|code", form) and "input" in form:
                assert 'method="post"' in form.lower() or "password" not in form, path.relative_to(PROJECT)


def test_the_session_and_keys_are_the_only_ways_in(client: FlaskClient, session: Session) -> None:
    user = make_user(session)
    token = user.get_auth_token()
    for path in ("/backoffice/customers/", ME):
        for asked in (
            {"headers": {"Authentication-Token": token}},
            {"query_string": {"auth_token": token}},
            {"headers": {"Authorization": f"Bearer {token}"}},
            {"auth": (user.email, PASSWORD)},
        ):
            browser = client.application.test_client()
            assert browser.get(path, **asked).status_code in (302, 401), asked


def test_a_cookie_from_before_somebody_else_signed_out_is_worth_nothing(client: FlaskClient, session: Session) -> None:
    user = make_user(session)
    sign_in_as(client, user.email, PASSWORD)
    thief = client.application.test_client()
    thief._cookies = dict(client._cookies)
    assert is_signed_in(thief)
    client.post("/logout", data={"csrf_token": token_of(client.get("/account/security"))})
    assert not is_signed_in(thief)


def test_scripts_keep_in_the_browser_what_is_declared_and_nothing_else(app: Flask) -> None:
    declared = {each.name for each in all_stores() if each.kind == "local"}
    for path in (PROJECT / "webapp" / "static" / "src").rglob("*.js"):
        source = path.read_text()
        assert not re.search(r"sessionStorage|indexedDB|document\.cookie", source), path
        if "localStorage" in source:
            assert declared & set(re.findall(r'"([a-z-]+)"', source)), path


def test_an_error_page_says_nothing_of_the_inside(production: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash() -> None:
        raise ZeroDivisionError("the secret inside")

    monkeypatch.setitem(production.view_functions, "website.landing", crash)
    production.testing = False
    started = time.monotonic()
    for path in ("/", "/?debug=1", "/console"):
        answer = production.test_client().get(path, base_url="https://localhost")
        assert answer.status_code in (404, 500)
        for word in ("secret", "Traceback", "ZeroDivision", "werkzeug", "/webapp/", "psycopg"):
            assert word not in answer.text
        assert "Server" not in answer.headers or "Werkzeug" not in answer.headers["Server"]
    assert time.monotonic() - started < 10
