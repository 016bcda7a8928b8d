"""Sessions: rows that end when somebody or the time says so, and tell their owners where they are signed in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask import session as cookie_session
from flask.testing import FlaskClient
from flask_security import login_user
from sqlalchemy import event, select, update
from sqlalchemy.orm import Session

from tests.conftest import signed_in_cookie
from tests.rooms.accounts.makers import PASSWORD, count_mails, make_user, read_mail
from tests.rooms.accounts.pages import is_signed_in, send, sign_in_as
from webapp.blueprints.accounts.models import Ending, Outcome, Role, SignIn, User, UserSession
from webapp.blueprints.accounts.queries.sessions import Limits, hashed, list_live_sessions
from webapp.blueprints.accounts.services.devices import place_in_words, read_device
from webapp.blueprints.accounts.services.sessions import KEPT_DAYS, end_of, end_sessions, forget_old
from webapp.core.clock import utc_now
from webapp.core.db import db

SignInAs = Callable[[str], FlaskClient]
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:120.0) Gecko/20100101 Firefox/120.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.0 Mobile/15E148 Safari/604.1"
)
HOUSE = Limits(480, 336)


def browser(app: Flask, session: Session, user: User, **changes: Any) -> FlaskClient:
    """A further browser in which the user is signed in."""
    client = app.test_client()
    cookie_of = signed_in_cookie(session, user, **changes)
    with client.session_transaction() as cookie:
        cookie.update(cookie_of)
    return client


def rows(session: Session, user: User) -> list[UserSession]:
    session.expire_all()
    return list(session.scalars(select(UserSession).where(UserSession.user_id == user.id).order_by(UserSession.id)))


def age(session: Session, user: User, **by: float) -> None:
    """Let the user's sessions have been seen last, and begun, so long ago."""
    ago = dt.timedelta(**by)
    session.execute(
        update(UserSession)
        .where(UserSession.user_id == user.id)
        .values(last_seen_at=UserSession.last_seen_at - ago, started_at=UserSession.started_at - ago)
    )
    session.commit()


def test_signing_in_makes_a_row_that_does_not_have_the_key(client: FlaskClient, session: Session) -> None:
    user = make_user(session)
    sign_in_as(client, user.email, PASSWORD)
    (row,) = rows(session, user)
    with client.session_transaction() as cookie:
        key = cookie["sid"]
    assert row.key_hash == hashed(key) != key
    assert row.method == "password"
    assert row.address == "127.0.0.1"
    assert row.ended_at is None


def test_signing_out_ends_the_row_and_the_cookie_opens_nothing_any_more(client: FlaskClient, session: Session) -> None:
    user = make_user(session)
    sign_in_as(client, user.email, PASSWORD)
    with client.session_transaction() as cookie:
        stolen = dict(cookie)
    send(client, "/logout", at="/account/security")
    (row,) = rows(session, user)
    assert row.ending == Ending.SIGNED_OUT
    with client.session_transaction() as cookie:
        cookie.update(stolen)
    assert not is_signed_in(client)


def test_signing_in_as_somebody_else_gives_the_browser_a_new_key_and_ends_the_old(app: Flask, session: Session) -> None:
    user, other = make_user(session), make_user(session)
    with app.test_request_context():
        login_user(user)
        first = cookie_session["sid"]
        login_user(other)
        assert cookie_session["sid"] != first
    assert rows(session, user)[0].ending == Ending.RENEWED
    assert rows(session, other)[0].ended_at is None


def test_a_cookie_without_a_key_or_with_another_persons_opens_nothing(app: Flask, session: Session) -> None:
    user, other = make_user(session), make_user(session)
    theirs = signed_in_cookie(session, other)
    mine = signed_in_cookie(session, user)
    for changes in ({"sid": None}, {"sid": theirs["sid"]}, {"uid": other.id}, {"_user_id": other.fs_uniquifier}):
        client = app.test_client()
        with client.session_transaction() as cookie:
            cookie.update(mine | changes)
        assert not is_signed_in(client), changes


def test_who_is_signed_in_is_read_in_one_statement(app: Flask, session: Session) -> None:
    user = make_user(session)
    client = browser(app, session, user)
    client.get("/account/sessions/")
    statements: list[str] = []
    engine = db.engines[None]

    def record(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        statements.append(statement)

    session.expire_all()
    event.listen(engine, "before_cursor_execute", record)
    try:
        client.get("/preferences/nothing")
    finally:
        event.remove(engine, "before_cursor_execute", record)
    reading = [text for text in statements if "accounts_" in text]
    assert len([text for text in reading if "accounts_sessions" in text]) == 1
    assert not any(text.startswith(("UPDATE", "INSERT")) for text in reading)


def test_an_idle_session_ends(app: Flask, session: Session) -> None:
    user = make_user(session)
    client = browser(app, session, user)
    age(session, user, minutes=479)
    assert is_signed_in(client)
    age(session, user, minutes=481)
    assert not is_signed_in(client)
    with client.session_transaction() as cookie:
        assert "sid" not in cookie


def test_a_session_in_use_ends_too_when_its_time_is_over(app: Flask, session: Session) -> None:
    user = make_user(session)
    client = browser(app, session, user, remembered=True)
    age(session, user, hours=335)
    assert is_signed_in(client)
    age(session, user, hours=1)
    assert not is_signed_in(client)


def test_a_roles_limits_hold_from_the_next_request_on_and_for_remembered_sessions_too(
    app: Flask, session: Session
) -> None:
    user = make_user(session)
    client = browser(app, session, user, remembered=True)
    age(session, user, minutes=20)
    assert is_signed_in(client)
    age(session, user, minutes=20)
    session.execute(update(Role).where(Role.name == "viewer").values(idle_minutes=15))
    session.commit()
    assert not is_signed_in(client)


def test_the_narrowest_limit_of_all_roles_counts(app: Flask, session: Session) -> None:
    user = make_user(session, roles=["viewer", "staff"])
    session.execute(update(Role).where(Role.name == "viewer").values(absolute_hours=100))
    session.execute(update(Role).where(Role.name == "staff").values(absolute_hours=10))
    session.commit()
    client = browser(app, session, user)
    age(session, user, hours=7)
    assert is_signed_in(client)
    age(session, user, hours=4)
    assert not is_signed_in(client)


@pytest.mark.parametrize(
    ("own", "remembered", "minutes"),
    [
        (Limits(None, None), False, 480),
        (Limits(None, None), True, 336 * 60),
        (Limits(30, None), True, 30),
        (Limits(None, 1), False, 60),
        (Limits(100, 1), False, 60),
        (Limits(600, None), False, 600),
    ],
)
def test_a_session_ends_at_the_first_of_its_limits(own: Limits, minutes: int, *, remembered: bool) -> None:
    now = utc_now()
    assert end_of(now, now, own, HOUSE, remembered=remembered) == now + dt.timedelta(minutes=minutes)


def test_last_seen_is_written_once_a_minute_at_most(app: Flask, session: Session) -> None:
    user = make_user(session)
    client = browser(app, session, user)
    before = rows(session, user)[0].last_seen_at
    client.get("/account/sessions/")
    assert rows(session, user)[0].last_seen_at == before
    age(session, user, minutes=2)
    client.get("/account/sessions/", environ_base={"REMOTE_ADDR": "192.0.2.44"})
    (row,) = rows(session, user)
    assert utc_now() - row.last_seen_at < dt.timedelta(seconds=30)
    assert row.address == "192.0.2.44"


def test_somebody_ends_one_of_their_sessions_and_all_others(app: Flask, session: Session) -> None:
    user = make_user(session)
    here, phone, laptop = (browser(app, session, user) for _ in range(3))
    number = rows(session, user)[1].id
    page = here.get("/account/sessions/", headers={"Accept-Language": "en"})
    assert page.text.count("This session") == 1
    assert send(here, f"/account/sessions/{number}/end", at="/account/sessions/").status_code == 303
    assert not is_signed_in(phone)
    assert is_signed_in(laptop)
    send(here, "/account/sessions/end-others", at="/account/sessions/")
    assert not is_signed_in(laptop)
    assert is_signed_in(here)


def test_nobody_ends_the_session_of_somebody_else(app: Flask, session: Session, sign_in: SignInAs) -> None:
    user = make_user(session)
    client = browser(app, session, user)
    number = rows(session, user)[0].id
    stranger = sign_in("staff")
    assert send(stranger, f"/account/sessions/{number}/end", at="/account/sessions/").status_code == 404
    assert is_signed_in(client)


def test_who_is_not_signed_in_is_asked_to(client: FlaskClient) -> None:
    assert client.get("/account/sessions/").location == "/login?next=/account/sessions/"


def test_all_sessions_but_one_are_ended_by_the_service(app: Flask, session: Session) -> None:
    user = make_user(session)
    one, two = browser(app, session, user), browser(app, session, user)
    spared = rows(session, user)[0].id
    assert end_sessions(session, user.id, but=spared) == 1
    session.commit()
    assert is_signed_in(one)
    assert not is_signed_in(two)


def test_the_first_sign_in_tells_nobody_and_a_new_device_is_told_by_mail(app: Flask, session: Session) -> None:
    user = make_user(session)
    home, away = app.test_client(), app.test_client()
    sign_in_as(home, user.email, PASSWORD)
    home.delete_cookie("session")
    sign_in_as(home, user.email, PASSWORD)
    assert count_mails(session, user.email) == 0
    away.environ_base["HTTP_USER_AGENT"] = FIREFOX
    sign_in_as(away, user.email, PASSWORD)
    assert count_mails(session, user.email) == 1
    mail = read_mail(session, user.email)
    assert "Firefox" in mail
    assert "Windows" in mail
    assert "/account/sessions/" in mail
    away.delete_cookie("session")
    sign_in_as(away, user.email, PASSWORD)
    assert count_mails(session, user.email) == 1


def test_the_history_tells_what_was_tried_and_not_with_what(client: FlaskClient, session: Session) -> None:
    user = make_user(session)
    sign_in_as(client, user.email, "some-other-password")
    sign_in_as(client, user.email, PASSWORD)
    found = session.scalars(select(SignIn).where(SignIn.user_id == user.id).order_by(SignIn.id)).all()
    assert [each.outcome for each in found] == [Outcome.REFUSED, Outcome.SUCCESS]
    page = client.get("/account/sessions/", headers={"Accept-Language": "en"})
    assert "Refused" in page.text
    assert "some-other-password" not in str([vars(each) for each in found])


def test_what_is_old_is_forgotten(app: Flask, session: Session) -> None:
    user = make_user(session)
    browser(app, session, user)
    age(session, user, days=KEPT_DAYS + 1)
    session.execute(update(UserSession).values(ends_at=UserSession.started_at))
    session.execute(update(SignIn).values(happened_at=utc_now() - dt.timedelta(days=KEPT_DAYS + 1)))
    client = browser(app, session, user)
    assert forget_old(session) == 2
    assert len(rows(session, user)) == 1
    assert is_signed_in(client)


def test_ended_and_overdue_sessions_are_not_listed(app: Flask, session: Session) -> None:
    user = make_user(session)
    for _ in range(3):
        browser(app, session, user)
    first, second, third = rows(session, user)
    first.ended_at = utc_now()
    second.ends_at = utc_now() - dt.timedelta(seconds=1)
    session.commit()
    assert [each.id for each in list_live_sessions(session, user.id, now=utc_now())] == [third.id]
    user.fs_uniquifier = "another"
    session.commit()
    assert list_live_sessions(session, user.id, now=utc_now()) == []


def test_a_long_and_strange_browser_name_is_taken(app: Flask, client: FlaskClient, session: Session) -> None:
    user = make_user(session)
    client.environ_base["HTTP_USER_AGENT"] = "<b>" * 400
    assert sign_in_as(client, user.email, PASSWORD).status_code == 302
    assert "<b><b>" not in client.get("/account/sessions/").text


def test_devices_and_places_are_told_in_words(app: Flask) -> None:
    with app.test_request_context(headers={"Accept-Language": "en"}):
        assert read_device(FIREFOX).words == "Firefox on Windows"
        assert read_device(IPHONE).words == "Safari on iOS"
        assert read_device(IPHONE).phone
        assert read_device("a thing").words == "Unknown device"
        assert place_in_words("127.0.0.1") == "This machine (127.0.0.1)"
        assert place_in_words("192.168.1.4") == "Local network (192.168.1.4)"
        assert place_in_words("93.184.216.34") == "93.184.216.34"
        assert place_in_words("") == "Unknown address"
