"""Guessing takes time: exact counts, the same for accounts that exist and that do not, and never for ever."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.rooms.accounts.makers import PASSWORD, make_user
from tests.rooms.accounts.test_sign_in import try_to_sign_in
from webapp.blueprints.accounts.services.attempts import (
    ALLOWANCES,
    Attempt,
    TooManyAttempts,
    Try,
    count_attempt,
    forget_attempts,
    forgive_attempt,
)
from webapp.core.clock import utc_now
from webapp.core.db import db, transaction

SECRET = "a-secret-of-the-house"
MOST = ALLOWANCES[Try.PASSWORD].per_account
WRONG = "some-other-password"


def attempt(account: str | int | None = "nobody@shop.bottega.it", **changes: str) -> Attempt:
    return Attempt(Try.PASSWORD, account, changes.get("address", "192.0.2.7"), changes.get("device", ""))


def times(session: Session, count: int, tried: Attempt, now: dt.datetime | None = None) -> int:
    """How many of `count` attempts were allowed."""
    allowed = 0
    for _ in range(count):
        try:
            count_attempt(session, tried, secret=SECRET, now=now)
        except TooManyAttempts:
            continue
        allowed += 1
    return allowed


def guess(client: FlaskClient, email: str, count: int) -> list[TestResponse]:
    return [try_to_sign_in(client, email, WRONG) for _ in range(count)]


def test_after_ten_wrong_passwords_one_waits_and_is_told_how_long(client: FlaskClient, session: Session) -> None:
    user = make_user(session)
    assert {answer.status_code for answer in guess(client, user.email, MOST)} == {422}
    refused = try_to_sign_in(client, user.email, PASSWORD)
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 15 * 60
    assert "Riprova fra 15 minuti" in refused.text


def test_a_household_of_ipv6_is_one_address(session: Session) -> None:
    most = ALLOWANCES[Try.PASSWORD].per_address
    allowed = [
        times(session, 1, attempt(f"person{number}@shop.bottega.it", address=f"2001:db8:7:1::{number:x}"))
        for number in range(most + 1)
    ]
    assert sum(allowed) == most
    assert times(session, 1, attempt("another@shop.bottega.it", address="2001:db8:7:2::1")) == 1


def test_an_account_that_does_not_exist_is_counted_alike(client: FlaskClient, session: Session) -> None:
    user = make_user(session)
    real = [answer.status_code for answer in guess(client, user.email, MOST + 2)]
    made_up = [answer.status_code for answer in guess(client, "nobody@shop.bottega.it", MOST + 2)]
    assert real == made_up == [422] * MOST + [429, 429]


def test_the_right_password_starts_the_count_again(client: FlaskClient, session: Session) -> None:
    user = make_user(session)
    for _ in range(3):
        guess(client, user.email, MOST - 1)
        assert try_to_sign_in(client, user.email, PASSWORD).status_code == 302
        client.delete_cookie("session")


def test_letter_case_and_blanks_make_no_second_account(session: Session) -> None:
    user = make_user(session)
    assert times(session, MOST, attempt(user.email)) == MOST
    assert times(session, 1, attempt(f" {user.email.upper()} ")) == 0
    assert times(session, 1, attempt(user.id)) == 0


def test_the_wait_ends_by_itself_however_often_somebody_goes_on(session: Session) -> None:
    start = utc_now()
    assert times(session, MOST + 500, attempt(), now=start) == MOST
    nearly = start + dt.timedelta(minutes=14, seconds=59)
    assert times(session, 1, attempt(), now=nearly) == 0
    assert times(session, 1, attempt(), now=start + dt.timedelta(minutes=15)) == 1


def test_an_address_that_tries_many_accounts_waits_too(session: Session) -> None:
    most = ALLOWANCES[Try.PASSWORD].per_address
    assert sum(times(session, 1, attempt(f"person{number}@shop.bottega.it")) for number in range(most + 5)) == most
    assert times(session, 1, attempt("other@shop.bottega.it", address="192.0.2.8")) == 1


def test_a_shop_behind_one_address_where_everybody_gets_in_is_not_held_up(session: Session) -> None:
    for number in range(3 * ALLOWANCES[Try.PASSWORD].per_address):
        tried = attempt(f"person{number}@shop.bottega.it")
        count_attempt(session, tried, secret=SECRET)
        forgive_attempt(session, tried, secret=SECRET)


def test_a_strangers_guessing_keeps_nobody_out_of_a_browser_that_they_have_used(
    app: Flask, client: FlaskClient, session: Session
) -> None:
    user = make_user(session)
    try_to_sign_in(client, user.email, PASSWORD)
    client.delete_cookie("session")
    stranger = app.test_client()
    guess(stranger, user.email, MOST)
    assert try_to_sign_in(stranger, user.email, PASSWORD).status_code == 429
    assert try_to_sign_in(client, user.email, PASSWORD).status_code == 302


def test_a_made_up_device_gains_nothing(session: Session) -> None:
    user = make_user(session)
    assert times(session, MOST, attempt(user.email)) == MOST
    assert times(session, 1, attempt(user.email, device="x" * 43)) == 0


def test_what_was_typed_does_not_stand_in_the_table(client: FlaskClient, session: Session) -> None:
    try_to_sign_in(client, "my-password-by-mistake@shop.it", WRONG)
    rows = session.connection().exec_driver_sql("SELECT * FROM accounts_attempts").all()
    assert len(rows) == 2
    assert "mistake" not in str(rows)


def test_counts_are_forgotten_when_their_time_is_over(session: Session) -> None:
    times(session, 3, attempt(), now=utc_now() - dt.timedelta(hours=2))
    times(session, 1, attempt("other@shop.bottega.it", address="192.0.2.8"))
    forget_attempts(session)
    assert session.connection().exec_driver_sql("SELECT count(*) FROM accounts_attempts").scalar() == 2


@pytest.mark.parametrize("spread", [1, 4], ids=["one address", "four addresses"])
def test_of_many_at_once_exactly_as_many_as_allowed_get_through(fresh_app: Flask, spread: int) -> None:
    def knock(number: int) -> bool:
        with fresh_app.app_context():
            try:
                with transaction() as session:
                    count_attempt(session, attempt(address=f"192.0.2.{number % spread}"), secret=SECRET)
            except TooManyAttempts:
                return False
            finally:
                db.session.remove()
            return True

    with transaction() as session:
        times(session, 3, attempt(address="192.0.2.99"))
    with ThreadPoolExecutor(8) as pool:
        allowed = sum(pool.map(knock, range(40)))
    assert allowed == MOST - 3
