"""User names, and the change of an address with a yes from both sides."""

from __future__ import annotations

import datetime as dt
import time

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.rooms.accounts.makers import PASSWORD, count_mails, link_in, make_user, read_mail
from tests.rooms.accounts.pages import send, sign_in_as
from webapp.blueprints.accounts.models import AddressChange, User

pytestmark = pytest.mark.usefixtures("english")

NEW = "nuova@shop.bottega.it"


def answer_mail(at_home: FlaskClient, session: Session, address: str, **choice: str) -> str:
    """Follow the link of the latest mail to an address and answer; the text of the page that comes."""
    at_home.get(link_in(read_mail(session, address)))
    return send(at_home, "/account/address", **choice).text


def test_one_signs_in_by_user_name_in_any_letter_case(app: object, session: Session, at_home: FlaskClient) -> None:
    assert send(at_home, "/account/names", name="Anna", username="Anna.B").status_code == 303
    other = app.test_client()
    assert sign_in_as(other, "ANNA.b", PASSWORD).location == "/enter"


@pytest.mark.parametrize("username", ["an", "anna@shop.it", "anna b", ".anna", "x" * 41, "anna\x00b"])
def test_a_user_name_that_is_none_is_refused(at_home: FlaskClient, username: str) -> None:
    assert send(at_home, "/account/names", name="Anna", username=username).status_code in (303, 422)
    if username != "anna\x00b":  # cleaned of what no database stores
        assert send(at_home, "/account/names", name="Anna", username=username).status_code == 422


def test_a_user_name_is_had_by_one_person(at_home: FlaskClient, session: Session) -> None:
    make_user(session).username = "capo"
    session.commit()
    answer = send(at_home, "/account/names", name="Anna", username="CAPO")
    assert answer.status_code == 422
    assert "Somebody else has this user name." in answer.text


def test_an_address_changes_when_both_sides_agree(at_home: FlaskClient, session: Session, user: User) -> None:
    before = user.email
    assert send(at_home, "/account/email", email=NEW.upper()).status_code == 303
    assert "agree" in answer_mail(at_home, session, NEW, agree="1")
    session.expire_all()
    assert user.email == before
    assert "is changed" in answer_mail(at_home, session, before, agree="1")
    session.expire_all()
    assert user.email == NEW
    assert user.confirmed_at is not None
    assert "This is the last mail" in read_mail(session, before)


def test_one_no_ends_the_change_for_both_links(at_home: FlaskClient, session: Session, user: User) -> None:
    send(at_home, "/account/email", email=NEW)
    link = link_in(read_mail(session, NEW))
    assert "Nothing was changed" in answer_mail(at_home, session, user.email, refuse="1")
    assert at_home.get(link, follow_redirects=True).status_code == 410


def test_a_change_is_given_up_on_the_page_and_after_a_day(at_home: FlaskClient, session: Session, user: User) -> None:
    send(at_home, "/account/email", email=NEW)
    send(at_home, "/account/email/stop", at="/account/security")
    assert at_home.get(link_in(read_mail(session, NEW)), follow_redirects=True).status_code == 410
    send(at_home, "/account/email", email="altra@shop.bottega.it")
    change = session.scalars(select(AddressChange).where(AddressChange.ended_at.is_(None))).one()
    change.expires_at -= dt.timedelta(hours=24, seconds=1)
    session.commit()
    assert at_home.get(link_in(read_mail(session, user.email)), follow_redirects=True).status_code == 410


def test_the_address_of_another_is_not_given_away(at_home: FlaskClient, session: Session, user: User) -> None:
    other = make_user(session)
    answer = send(at_home, "/account/email", email=other.email)
    free = send(at_home, "/account/email", email="libera@shop.bottega.it")
    assert (answer.status_code, answer.location) == (free.status_code, free.location)
    send(at_home, "/account/email", email=other.email)
    assert "another account" in read_mail(session, other.email)
    assert "agree" in answer_mail(at_home, session, user.email, agree="1")
    session.expire_all()
    assert user.email != other.email


def test_who_signed_in_long_ago_proves_themselves_before_the_address_changes(
    at_home: FlaskClient, session: Session, user: User
) -> None:
    with at_home.session_transaction() as cookie:
        cookie["fs_paa"] = time.time() - 16 * 60
    answer = at_home.get("/account/email")
    assert answer.location == "/verify?next=/account/email"
    assert send(at_home, answer.location, password="some-other-password").status_code == 422
    assert send(at_home, answer.location, password=PASSWORD).location.endswith("/account/email")
    assert at_home.get("/account/email").status_code == 200
    assert count_mails(session, NEW) == 0
