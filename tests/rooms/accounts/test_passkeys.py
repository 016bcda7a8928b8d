"""Passkeys as the server sees them: what opens, and what a wrong, foreign, copied or replayed one does not."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.rooms.accounts.authenticator import Authenticator
from tests.rooms.accounts.makers import PASSWORD, make_user
from tests.rooms.accounts.pages import is_signed_in, send, sign_in_as, token_of
from webapp.blueprints.accounts.models import Passkey, User

pytestmark = pytest.mark.usefixtures("english")


def question(page: TestResponse) -> tuple[dict[str, Any], str]:
    """What a page asks of a passkey, and where the answer goes."""
    options = re.search(r'data-options="([^"]+)"', page.text)
    action = re.search(r'action="([^"]+)"\s+data-passkey', page.text)
    assert options, page.text
    assert action
    return json.loads(html.unescape(options[1])), html.unescape(action[1])


def add(browser: FlaskClient, key: Authenticator, usage: str = "first", name: str = "Key") -> TestResponse:
    page = send(browser, "/account/passkeys/new", name=name, usage=usage)
    options, action = question(page)
    answer = {"csrf_token": token_of(page), "credential": key.make(options)}
    return browser.post(action, data=answer)


def start(browser: FlaskClient, path: str = "/wan-signin") -> tuple[dict[str, Any], str, str]:
    page = send(browser, path)
    return *question(page), token_of(page)


def sign_in_by(browser: FlaskClient, key: Authenticator, path: str = "/wan-signin", **how: str) -> TestResponse:
    options, action, token = start(browser, path)
    return browser.post(action, data={"csrf_token": token, "credential": key.sign(options, **how)})


def test_a_passkey_that_knows_its_holder_opens_alone(app: Flask, at_home: FlaskClient, session: Session) -> None:
    key = Authenticator()
    assert add(at_home, key).location == "/account/security"
    browser = app.test_client()
    assert sign_in_by(browser, key).location == "/enter"
    assert is_signed_in(browser)
    assert session.scalars(select(Passkey.sign_count)).one() == 1


def test_what_is_asked_of_passkeys(at_home: FlaskClient, client: FlaskClient) -> None:
    options, _action = question(send(at_home, "/account/passkeys/new", name="Key", usage="first"))
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert options["authenticatorSelection"]["residentKey"] == "required"
    assert "authenticatorAttachment" not in options["authenticatorSelection"]
    options, _action, _token = start(client)
    assert options["userVerification"] == "required"
    assert not options.get("allowCredentials")


def test_one_that_does_not_check_its_holder_opens_only_after_the_password(
    app: Flask, at_home: FlaskClient, user: User
) -> None:
    key = Authenticator(verifies=False)
    add(at_home, key, usage="secondary")
    browser = app.test_client()
    assert sign_in_by(browser, key).location == "/wan-signin"
    assert not is_signed_in(browser)
    assert sign_in_as(browser, user.email, PASSWORD).location.startswith("/wan-signin")
    assert not is_signed_in(browser)
    assert sign_in_by(browser, key).location == "/enter"


def test_a_passkey_that_opens_alone_may_not_skip_the_check_of_its_holder(app: Flask, at_home: FlaskClient) -> None:
    key = Authenticator()
    add(at_home, key)
    key.verifies = False
    browser = app.test_client()
    assert sign_in_by(browser, key).location == "/wan-signin"
    assert not is_signed_in(browser)


def test_the_passkey_of_another_is_no_second_step(app: Flask, session: Session, at_home: FlaskClient) -> None:
    victim_key, own_key = Authenticator(verifies=False), Authenticator(verifies=False)
    add(at_home, victim_key, usage="secondary")
    thief = make_user(session)
    elsewhere = app.test_client()
    sign_in_as(elsewhere, thief.email, PASSWORD)
    add(elsewhere, own_key, usage="secondary")
    browser = app.test_client()
    sign_in_as(browser, thief.email, PASSWORD)
    assert sign_in_by(browser, victim_key).location == "/wan-signin"
    assert not is_signed_in(browser)


@pytest.mark.parametrize("origin", ["http://evil.example", "https://localhost", "http://localhost:81"])
def test_an_answer_that_was_given_to_another_site_opens_nothing(app: Flask, at_home: FlaskClient, origin: str) -> None:
    key = Authenticator()
    add(at_home, key)
    browser = app.test_client()
    assert sign_in_by(browser, key, origin=origin).location == "/wan-signin"
    assert not is_signed_in(browser)


def test_the_answer_to_one_question_is_none_to_another(app: Flask, at_home: FlaskClient) -> None:
    key = Authenticator()
    add(at_home, key)
    browser = app.test_client()
    old, _action, _token = start(browser)
    _options, action, token = start(browser)
    browser.post(action, data={"csrf_token": token, "credential": key.sign(old)})
    assert not is_signed_in(browser)


def test_a_copy_that_lags_behind_opens_nothing(app: Flask, at_home: FlaskClient) -> None:
    key = Authenticator()
    add(at_home, key)
    key.count = 5
    assert sign_in_by(app.test_client(), key).location == "/enter"
    key.count = 2
    browser = app.test_client()
    assert sign_in_by(browser, key).location == "/wan-signin"
    assert not is_signed_in(browser)


def test_an_unknown_passkey_and_nonsense_open_nothing(client: FlaskClient) -> None:
    options, action, token = start(client)
    for credential in (Authenticator().sign(options), "{}", "", "no json", json.dumps({"id": 1})):
        client.post(action, data={"csrf_token": token, "credential": credential})
        assert not is_signed_in(client)


def test_the_passkey_of_a_disabled_user_opens_nothing(
    app: Flask, session: Session, at_home: FlaskClient, user: User
) -> None:
    key = Authenticator()
    add(at_home, key)
    user.active = False
    session.commit()
    browser = app.test_client()
    assert sign_in_by(browser, key).location == "/wan-signin"
    assert not is_signed_in(browser)


def test_a_passkey_proves_again_who_somebody_is(at_home: FlaskClient) -> None:
    key = Authenticator()
    add(at_home, key)
    with at_home.session_transaction() as cookie:
        cookie["fs_paa"] = 1
    assert at_home.get("/account/codes").location == "/verify?next=/account/codes"
    assert sign_in_by(at_home, key, "/wan-verify?next=/account/codes").location == "/account/codes"
    assert at_home.get("/account/codes").status_code == 200


def test_nobody_removes_the_passkey_of_another(app: Flask, session: Session, at_home: FlaskClient) -> None:
    add(at_home, Authenticator())
    number = session.scalars(select(Passkey.id)).one()
    other = app.test_client()
    sign_in_as(other, make_user(session).email, PASSWORD)
    assert send(other, f"/account/passkeys/{number}/remove", at="/account/security").status_code == 404
    assert send(at_home, f"/account/passkeys/{number}/remove", at="/account/security").status_code == 303
    assert session.scalars(select(Passkey)).all() == []


def test_two_passkeys_of_a_person_have_two_names(at_home: FlaskClient) -> None:
    add(at_home, Authenticator())
    page = send(at_home, "/account/passkeys/new", name="Key", usage="first")
    assert page.status_code == 422
