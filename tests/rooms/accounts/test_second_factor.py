"""The second step of signing in, by the code of an app or a recovery code; trusted devices; roles that demand it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from passlib.totp import TOTP
from sqlalchemy.orm import Session

from tests.rooms.accounts.makers import PASSWORD, make_user, read_mail
from tests.rooms.accounts.pages import is_signed_in, send, sign_in_as
from webapp.blueprints.accounts.models import Group, Membership, Role, User
from webapp.blueprints.accounts.services.second_factor import reset_second_factor
from webapp.core.errors import NotAllowed
from webapp.core.security import SYSTEM, Actor

pytestmark = pytest.mark.usefixtures("english")

SignIn = Callable[[str], FlaskClient]


class Phone:
    """An authenticator app that was given a key."""

    def __init__(self, key: str) -> None:
        self.totp = TOTP(key=key)

    def code(self, steps: int = 1) -> str:
        """The code of so many half minutes later: by default the next one, since turning on has used this one up."""
        return str(self.totp.generate(time.time() + 30 * steps).token)


def turn_on(browser: FlaskClient) -> tuple[Phone, list[str]]:
    """Turn codes on; the phone that shows them, and the recovery codes."""
    page = browser.get("/account/codes")
    key = re.search(r"<code>([A-Z2-7-]+)</code>", page.text)
    assert key
    phone = Phone(key[1])
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert token
    page = browser.post("/account/codes", data={"csrf_token": token[1], "code": phone.code(0)})
    codes = re.findall(r"<code>([a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4})</code>", page.text)
    assert len(codes) == 10, page.text
    return phone, codes


def test_the_code_is_asked_for_after_the_password(
    app: Flask, session: Session, user: User, at_home: FlaskClient
) -> None:
    phone, _codes = turn_on(at_home)
    assert "code of an app is asked for" in read_mail(session, user.email)
    browser = app.test_client()
    assert sign_in_as(browser, user.email, PASSWORD, next="/backoffice/").location.startswith("/tf-validate")
    assert not is_signed_in(browser)
    assert send(browser, "/tf-validate", code="000000").status_code == 422
    assert send(browser, "/tf-validate?next=/backoffice/", code=phone.code()).location == "/backoffice/"
    assert is_signed_in(browser)


def test_a_code_opens_once(app: Flask, user: User, at_home: FlaskClient) -> None:
    phone, _codes = turn_on(at_home)
    code = phone.code()
    for expected in (302, 422):
        browser = app.test_client()
        sign_in_as(browser, user.email, PASSWORD)
        assert send(browser, "/tf-validate", code=code).status_code == expected


def test_a_code_before_the_password_opens_nothing(client: FlaskClient, at_home: FlaskClient) -> None:
    phone, _codes = turn_on(at_home)
    assert client.get("/tf-validate").location == "/login"
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/login").text)
    assert token
    client.post("/tf-validate", data={"csrf_token": token[1], "code": phone.code()})
    assert not is_signed_in(client)


def test_codes_are_on_only_after_the_phone_has_proved_its_key(
    at_home: FlaskClient, session: Session, user: User
) -> None:
    at_home.get("/account/codes")
    token = re.search(r'name="csrf_token" value="([^"]+)"', at_home.get("/account/codes").text)
    assert token
    answer = at_home.post("/account/codes", data={"csrf_token": token[1], "code": "123456"})
    assert answer.status_code == 422
    assert "This is not the code of this moment." in answer.text
    session.expire_all()
    assert user.tf_totp_secret is None


def test_the_key_and_the_recovery_codes_are_not_stored_as_they_are(
    at_home: FlaskClient, session: Session, user: User
) -> None:
    phone, codes = turn_on(at_home)
    session.expire_all()
    assert phone.totp.base32_key not in (user.tf_totp_secret or "")
    kept = user.mf_recovery_codes or []
    assert len(kept) == 10
    assert not {code.replace("-", "") for code in codes} & set(kept)


def test_a_recovery_code_opens_once_in_place_of_the_phone(app: Flask, user: User, at_home: FlaskClient) -> None:
    _phone, codes = turn_on(at_home)
    for code, expected in ((f" {codes[3].upper().replace('-', '')} ", 302), (codes[3], 422), ("", 422), ("x", 422)):
        browser = app.test_client()
        sign_in_as(browser, user.email, PASSWORD)
        assert send(browser, "/mf-recovery", code=code).status_code == expected
        assert is_signed_in(browser) is (expected == 302)
    assert "9 recovery codes are left." in at_home.get("/account/security").text


def test_new_recovery_codes_make_the_old_ones_worthless(app: Flask, user: User, at_home: FlaskClient) -> None:
    _phone, old = turn_on(at_home)
    page = send(at_home, "/account/recovery-codes", at="/account/security")
    assert "They are shown only now." in page.text
    browser = app.test_client()
    sign_in_as(browser, user.email, PASSWORD)
    assert send(browser, "/mf-recovery", code=old[0]).status_code == 422


def test_a_trusted_device_is_not_asked_again_until_it_is_trusted_no_more(
    app: Flask, user: User, at_home: FlaskClient
) -> None:
    phone, _codes = turn_on(at_home)
    browser = app.test_client()
    sign_in_as(browser, user.email, PASSWORD)
    answer = send(browser, "/tf-validate", code=phone.code(), trust="y")
    (cookie,) = [each for each in answer.headers.getlist("Set-Cookie") if each.startswith("tf_validity")]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    send(browser, "/logout", at="/account/security")
    assert sign_in_as(browser, user.email, PASSWORD).location == "/enter"
    assert send(browser, "/account/trusted-devices/forget", at="/account/security").status_code == 303
    assert is_signed_in(browser)
    assert not is_signed_in(at_home)
    send(browser, "/logout", at="/account/security")
    assert sign_in_as(browser, user.email, PASSWORD).location.startswith("/tf-validate")


def test_a_device_that_was_not_trusted_gets_no_cookie(app: Flask, user: User, at_home: FlaskClient) -> None:
    phone, _codes = turn_on(at_home)
    browser = app.test_client()
    sign_in_as(browser, user.email, PASSWORD, remember="y")
    answer = send(browser, "/tf-validate", code=phone.code())
    assert not [each for each in answer.headers.getlist("Set-Cookie") if each.startswith("tf_validity")]


def test_the_trust_of_one_person_does_not_open_for_another(
    app: Flask, session: Session, at_home: FlaskClient, user: User
) -> None:
    phone, _codes = turn_on(at_home)
    other = make_user(session)
    second = app.test_client()
    sign_in_as(second, other.email, PASSWORD)
    turn_on(second)
    browser = app.test_client()
    sign_in_as(browser, user.email, PASSWORD)
    send(browser, "/tf-validate", code=phone.code(), trust="y")
    send(browser, "/logout", at="/account/security")
    assert sign_in_as(browser, other.email, PASSWORD).location.startswith("/tf-validate")


def test_a_role_that_asks_for_a_second_factor_gets_it_before_anything_else(
    client: FlaskClient, session: Session
) -> None:
    owner = make_user(session, roles=["owner"])
    owner.roles[0].second_factor = True
    session.commit()
    sign_in_as(client, owner.email, PASSWORD)
    for page in ("/backoffice/customers/", "/admin/", "/backoffice/invitations/"):
        assert client.get(page).location == "/account/security"
    assert "Your role asks for a second factor" in client.get("/account/security").text
    assert client.get("/en").status_code == 200
    turn_on(client)
    assert client.get("/backoffice/customers/").status_code == 200
    answer = send(client, "/account/codes/off", at="/account/security")
    assert answer.status_code == 403
    assert "Your role asks for a second factor" in answer.text


def test_a_role_given_on_a_group_asks_for_a_second_factor_too(client: FlaskClient, session: Session) -> None:
    user, strict = make_user(session, roles=["staff"]), Role(name="strict", second_factor=True)
    above = Group(name="Company", roles=[strict])
    session.add(above)
    session.flush()
    below = Group(name="Shop", parent_id=above.id)
    session.add(below)
    session.flush()
    session.add(Membership(user_id=user.id, group_id=below.id))
    session.commit()
    sign_in_as(client, user.email, PASSWORD)
    assert client.get("/backoffice/customers/").location == "/account/security"
    turn_on(client)
    assert client.get("/backoffice/customers/").status_code == 200
    assert send(client, "/account/codes/off", at="/account/security").status_code == 403


def test_codes_are_turned_off_where_no_role_asks_for_them(
    app: Flask, session: Session, user: User, at_home: FlaskClient
) -> None:
    turn_on(at_home)
    assert send(at_home, "/account/codes/off", at="/account/security").status_code == 303
    assert "not asked for any more" in read_mail(session, user.email)
    assert sign_in_as(app.test_client(), user.email, PASSWORD).location == "/enter"


def test_the_owner_takes_the_second_factor_off_who_lost_it(
    app: Flask, session: Session, user: User, at_home: FlaskClient
) -> None:
    turn_on(at_home)
    reset_second_factor(session, by=SYSTEM, user_id=user.id)
    session.commit()
    assert not is_signed_in(at_home)
    assert "taken off your account" in read_mail(session, user.email)
    assert sign_in_as(app.test_client(), user.email, PASSWORD).location == "/enter"


def test_nobody_takes_it_off_themselves_or_a_higher_rank(session: Session, user: User) -> None:
    owner = make_user(session, roles=["owner"])
    chief = Actor("chief", user_id=user.id, permissions=frozenset({"accounts:users:edit"}), rank=50)
    for number in (user.id, owner.id):
        with pytest.raises(NotAllowed):
            reset_second_factor(session, by=chief, user_id=number)
    with pytest.raises(NotAllowed):
        reset_second_factor(session, by=Actor("staff", user_id=user.id), user_id=owner.id)


def test_doors_of_the_library_that_the_house_does_not_use_are_shut(at_home: FlaskClient) -> None:
    for path in ("/tf-setup", "/tf-rescue", "/mf-recovery-codes"):
        assert at_home.get(path).status_code == 404


def test_the_librarys_tokens_open_nothing(client: FlaskClient, user: User, at_home: FlaskClient, app: Flask) -> None:
    with app.test_request_context():
        token = user.get_auth_token()
    answer = client.get("/account/security", headers={"Authentication-Token": token})
    assert answer.status_code == 302
    assert answer.location.startswith("/login")


def test_who_is_signed_in_is_not_signed_out_by_a_stray_step(at_home: FlaskClient) -> None:
    assert at_home.get("/tf-validate").location == "/enter"
    assert is_signed_in(at_home)


def test_guessing_codes_comes_to_an_end(app: Flask, user: User, at_home: FlaskClient) -> None:
    turn_on(at_home)
    browser = app.test_client()
    sign_in_as(browser, user.email, PASSWORD)
    answers = [send(browser, "/tf-validate", code="000000").status_code for _each in range(10)]
    assert answers == [422] * 10
    answer = send(browser, "/tf-validate", code="000000")
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0


def test_guessing_the_old_password_comes_to_an_end(at_home: FlaskClient) -> None:
    for _each in range(10):
        assert send(at_home, "/account/password", old="wrong-wrong-wrong", password="x").status_code == 422
    assert send(at_home, "/account/password", old="wrong-wrong-wrong", password="x").status_code == 429


def test_nobody_changes_what_another_signs_in_by_while_acting_as_them(
    client: FlaskClient, session: Session, user: User
) -> None:
    owner = make_user(session, roles=["owner"])
    sign_in_as(client, owner.email, PASSWORD)
    assert send(client, f"/backoffice/users/{user.id}/act", reason="She asked me to look").status_code == 303
    for page in ("security", "names", "password", "email", "codes", "passkeys/new"):
        assert client.get(f"/account/{page}").status_code == 403
    assert client.get("/verify").status_code == 403
