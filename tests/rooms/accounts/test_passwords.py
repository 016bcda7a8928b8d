"""What a password must be, how it is changed, and how a forgotten one is set anew."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.rooms.accounts.makers import PASSWORD, count_mails, link_in, make_user, read_mail
from tests.rooms.accounts.pages import is_signed_in, send, sign_in_as, token_of
from webapp.blueprints.accounts.models import ResetLink
from webapp.blueprints.accounts.services.links import forget_links
from webapp.blueprints.accounts.services.passwords import (
    PasswordCommon,
    PasswordOfOwnWords,
    PasswordTooLong,
    PasswordTooShort,
    check_password,
    own_words,
)
from webapp.core.company import get_company

pytestmark = pytest.mark.usefixtures("english")

SignIn = Callable[[str], FlaskClient]
NEW = "quattro civette sul comò"


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery staple",
        "tre-gatti-sul-tetto",
        "é" * 3 + " perché però così",
        "zuppa di cavolo nero",
        "x8#kQ2!vLp0z",
        "parola" + "-e-mare" * 17,
    ],
)
def test_a_good_password_passes_whatever_signs_it_has(password: str) -> None:
    check_password(password)


@pytest.mark.parametrize(
    "password",
    [
        "password1234",
        "P@ssw0rd1234",
        "passwordpassword",
        "123456789012",
        "qwertyuiop12",
        "aaaaaaaaaaaa",
        "giuseppe1985",
        "juventus2024!",
        "mailcreated5240",
    ],
)
def test_a_common_password_is_refused(password: str) -> None:
    with pytest.raises(PasswordCommon):
        check_password(password)


def test_a_password_has_from_12_to_128_characters() -> None:
    with pytest.raises(PasswordTooShort):
        check_password("elf zeichen")
    check_password("zwölf Zeiche")
    check_password("Sette asini, " * 9 + "un fienile!")
    with pytest.raises(PasswordTooLong):
        check_password("v" * 129)


@pytest.mark.parametrize(
    "password", ["Ferramenta-Zauli-1974", "zauli.matteo!2026", "Bottega-Bottega-9", "f3rr4m3nt4zaul1!"]
)
def test_a_password_of_the_own_or_the_companys_words_is_refused(session: Session, password: str) -> None:
    get_company(session).name = "Ferramenta Zauli"
    own = own_words(session, email="matteo@zauli.it", name="Matteo Zauli", username=None)
    with pytest.raises(PasswordOfOwnWords):
        check_password(password, own=own)
    check_password("zauli e sette asini stanchi", own=own)


def test_a_long_password_does_not_keep_the_house_busy() -> None:
    check_password("".join(chr(33 + (7 * i * i) % 90) for i in range(128)))


def test_changing_the_password_asks_for_the_old_one(client: FlaskClient, session: Session) -> None:
    user = make_user(session)
    sign_in_as(client, user.email, PASSWORD)
    answer = send(client, "/account/password", old="some-other-password", password=NEW)
    assert answer.status_code == 422
    assert "This is not your password." in answer.text
    answer = send(client, "/account/password", old=PASSWORD, password=PASSWORD)
    assert "you have already" in answer.text
    answer = send(client, "/account/password", old=PASSWORD, password="password1234")
    assert answer.status_code == 422
    assert "among the first that are tried" in answer.text
    assert send(client, "/account/password", old=PASSWORD, password=NEW).status_code == 303
    assert is_signed_in(client)
    assert "was changed just now" in read_mail(session, user.email)


@pytest.mark.parametrize("end_others", [True, False])
def test_changing_the_password_ends_the_other_sessions_when_asked_to(
    app: object, session: Session, end_others: bool
) -> None:
    user = make_user(session)
    here, elsewhere = app.test_client(), app.test_client()
    for browser in (here, elsewhere):
        sign_in_as(browser, user.email, PASSWORD)
    more = {"end_others": "y"} if end_others else {}
    assert send(here, "/account/password", old=PASSWORD, password=NEW, **more).status_code == 303
    assert is_signed_in(here)
    assert is_signed_in(elsewhere) is not end_others


def test_a_forgotten_password_is_set_by_the_link_of_a_mail_once(app: object, session: Session) -> None:
    user = make_user(session)
    signed_in, forgetful = app.test_client(), app.test_client()
    sign_in_as(signed_in, user.email, PASSWORD)
    assert "on its way" in send(forgetful, "/reset-password/", identity=user.email).text
    link = link_in(read_mail(session, user.email))
    opened = forgetful.get(link)
    assert opened.status_code == 302
    assert link.rpartition("/")[2] not in opened.location
    answer = send(forgetful, "/reset-password/new", password="password1234")
    assert answer.status_code == 422
    assert "among the first" in answer.text
    assert send(forgetful, "/reset-password/new", password=NEW).location == "/login"
    assert not is_signed_in(forgetful)
    assert not is_signed_in(signed_in)
    assert sign_in_as(forgetful, user.email, NEW).location == "/enter"
    assert forgetful.get(link, follow_redirects=True).status_code == 410


def test_the_link_of_a_forgotten_password_lasts_two_hours(client: FlaskClient, session: Session) -> None:
    user = make_user(session)
    send(client, "/reset-password/", identity=user.email)
    link = link_in(read_mail(session, user.email))
    row = session.scalars(select(ResetLink).where(ResetLink.user_id == user.id)).one()
    row.expires_at -= dt.timedelta(hours=2, seconds=1)
    session.commit()
    assert client.get(link, follow_redirects=True).status_code == 410


def test_the_link_is_not_stored_as_it_is(client: FlaskClient, session: Session) -> None:
    user = make_user(session)
    send(client, "/reset-password/", identity=user.email)
    token = link_in(read_mail(session, user.email)).rpartition("/")[2]
    assert session.scalar(select(ResetLink.token_hash).where(ResetLink.user_id == user.id)) not in (None, token)


def test_nobody_learns_by_the_link_who_has_an_account(client: FlaskClient, session: Session) -> None:
    user, gone = make_user(session), make_user(session)
    gone.active = False
    session.commit()
    answers = [
        send(client, "/reset-password/", identity=name) for name in (user.email, gone.email, "nobody@shop.it", "x")
    ]
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text.partition("<main")[2].partition("</main>")[0] for answer in answers}) == 1
    assert [count_mails(session, address) for address in (user.email, gone.email, "nobody@shop.it")] == [1, 0, 0]


def test_five_minutes_bring_one_mail_however_often_one_asks(client: FlaskClient, session: Session) -> None:
    user = make_user(session)
    for _each in range(3):
        send(client, "/reset-password/", identity=user.email)
    assert count_mails(session, user.email) <= 2  # two where the five minutes end just now


def test_pages_of_the_account_are_for_signed_in_people(client: FlaskClient) -> None:
    for page in ("security", "password", "names", "email", "codes"):
        answer = client.get(f"/account/{page}")
        assert answer.status_code == 302
        assert answer.location.startswith("/login")


def test_old_links_are_forgotten(client: FlaskClient, session: Session) -> None:
    users = [make_user(session), make_user(session)]
    for user in users:
        send(client, "/reset-password/", identity=user.email)
    old = session.scalars(select(ResetLink).where(ResetLink.user_id == users[0].id)).one()
    old.expires_at -= dt.timedelta(days=31)
    session.flush()
    forget_links(session)
    assert session.scalars(select(ResetLink.user_id)).all() == [users[1].id]


def test_the_time_of_an_answer_does_not_tell_who_has_an_account(
    app: Flask, client: FlaskClient, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "EVEN_SECONDS", 0.3)
    user = make_user(session)
    for page, field in (("/reset-password/", "identity"), ("/login", "email")):
        for name in (user.email, "nobody@shop.bottega.it"):
            token = token_of(client.get(page))
            before = time.monotonic()
            client.post(page, data={"csrf_token": token, field: name, "password": "some-other-password"})
            assert time.monotonic() - before >= 0.3
