"""Signing in and out, and what strangers learn from trying: nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.rooms.accounts.makers import PASSWORD, make_user
from webapp.core.security import CorePermission, current_actor

SignIn = Callable[[str], FlaskClient]


def token_of(page: TestResponse) -> str:
    found = re.search(r'name="csrf[_-]token" (?:value|content)="([^"]+)"', page.text)
    assert found
    return found[1]


def try_to_sign_in(client: FlaskClient, email: str, password: str, **more: str) -> TestResponse:
    token = token_of(client.get("/login"))
    return client.post("/login", data={"email": email, "password": password, "csrf_token": token} | more)


def is_signed_in(client: FlaskClient) -> bool:
    with client.session_transaction() as cookie:
        return "_user_id" in cookie


def test_somebody_signs_in_and_out(client: FlaskClient, session: Session) -> None:
    user = make_user(session)
    response = try_to_sign_in(client, user.email, PASSWORD)
    assert response.status_code == 302
    assert response.location == "/enter"
    assert is_signed_in(client)
    page = client.get("/there-is-nothing-here")
    assert page.headers["Cache-Control"] == "no-store"
    response = client.post("/logout", data={"csrf_token": token_of(page)})
    assert response.status_code == 302
    assert not is_signed_in(client)


def test_the_letter_case_of_the_address_does_not_matter(client: FlaskClient, session: Session) -> None:
    make_user(session, email="Carla@Shop.bottega.it")
    assert try_to_sign_in(client, "CARLA@shop.bottega.it", PASSWORD).status_code == 302


def test_signing_out_by_a_link_does_not_work(client: FlaskClient) -> None:
    assert client.get("/logout").status_code == 405


def test_signing_in_without_a_token_is_refused(client: FlaskClient, session: Session) -> None:
    user = make_user(session)
    response = client.post("/login", data={"email": user.email, "password": PASSWORD})
    assert response.status_code == 400
    assert not is_signed_in(client)


def test_a_wrong_password_and_an_unknown_address_are_told_alike(client: FlaskClient, session: Session) -> None:
    user = make_user(session)
    wrong = try_to_sign_in(client, user.email, "some-other-password")
    unknown = try_to_sign_in(client, "nobody@shop.bottega.it", "some-other-password")
    assert wrong.status_code == unknown.status_code == 422

    def anonymised(response: TestResponse) -> str:
        text = re.sub(r'(value|content)="[^"]*"', "", response.text)
        return text.replace(user.email, "").replace("nobody@shop.bottega.it", "")

    assert anonymised(wrong) == anonymised(unknown)
    assert not is_signed_in(client)


def test_an_unknown_address_costs_a_hash_too(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[str] = []
    monkeypatch.setattr("flask_security.forms.hash_password", hashed.append)
    try_to_sign_in(client, "nobody@shop.bottega.it", "some-other-password")
    assert hashed == ["some-other-password"]


def test_somebody_switched_off_does_not_get_in_and_is_out_at_once(client: FlaskClient, session: Session) -> None:
    user = make_user(session)
    try_to_sign_in(client, user.email, PASSWORD)
    user.active = False
    session.commit()
    assert client.get("/backoffice/company/").status_code == 302
    assert try_to_sign_in(client, user.email, PASSWORD).status_code == 422


def test_after_signing_in_one_comes_back_to_where_one_wanted_to_go(client: FlaskClient, session: Session) -> None:
    user = make_user(session)
    page = client.get("/login?next=/backoffice/customers/?q%3Da")
    assert 'name="next" value="/backoffice/customers/?q=a"' in page.text
    assert try_to_sign_in(client, user.email, PASSWORD, next="/backoffice/x?q=a").location == "/backoffice/x?q=a"


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "///evil.example",
        "javascript:alert(1)",
        "http:evil",
    ],
)
def test_nobody_is_sent_to_another_site_after_signing_in(client: FlaskClient, session: Session, target: str) -> None:
    user = make_user(session)
    response = try_to_sign_in(client, user.email, PASSWORD, next=target)
    location = response.location or ""
    assert not urlsplit(location).scheme
    assert not urlsplit(location).netloc
    assert not location.startswith(("//", "/\\"))


def test_a_token_from_before_signing_in_is_worth_nothing_after_it(client: FlaskClient, session: Session) -> None:
    user = make_user(session)
    page = client.get("/login")
    try_to_sign_in(client, user.email, PASSWORD)
    response = client.post("/logout", data={"csrf_token": token_of(page)})
    assert response.status_code == 400


def test_being_remembered_keeps_the_cookie_beyond_the_browser_and_there_is_no_second_one(
    client: FlaskClient, session: Session
) -> None:
    user = make_user(session)
    response = try_to_sign_in(client, user.email, PASSWORD, remember="y")
    cookies = {cookie.partition("=")[0]: cookie for cookie in response.headers.getlist("Set-Cookie")}
    assert cookies.keys() == {"session", "device"}
    for cookie in cookies.values():
        assert "Expires=" in cookie
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie


def test_without_being_remembered_the_cookie_goes_with_the_browser(client: FlaskClient, session: Session) -> None:
    user = make_user(session)
    response = try_to_sign_in(client, user.email, PASSWORD)
    (cookie,) = [each for each in response.headers.getlist("Set-Cookie") if each.startswith("session=")]
    assert "Expires=" not in cookie


@pytest.mark.parametrize(
    ("role", "everything", "may_enter"), [("owner", True, True), ("staff", False, True), ("viewer", False, True)]
)
def test_the_actor_has_the_rights_of_the_role(
    app: Flask, sign_in: SignIn, role: str, *, everything: bool, may_enter: bool
) -> None:
    seen = []
    app.before_request_funcs.setdefault(None, []).append(lambda: seen.append(current_actor()))
    try:
        sign_in(role).get("/there-is-nothing-here")
    finally:
        app.before_request_funcs[None].pop()
    (actor,) = seen
    assert actor.name == f"The {role}"
    assert actor.everything is everything
    assert actor.may(CorePermission.BACKOFFICE_ENTER) is may_enter
    assert actor.may(CorePermission.ADMIN_USE) is everything


def test_the_doors_of_the_library_are_locked(app: Flask) -> None:
    opened = {name for name in app.view_functions if name.startswith("security.")}
    assert opened >= {"security.login", "security.logout"}
    assert not opened & {"security.register", "security.forgot_password", "security.static"}
