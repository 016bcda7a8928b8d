"""Keys from the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.rooms.accounts.makers import make_user
from tests.rooms.keys.makers import READ_CUSTOMERS, make_key, status_with

Bottega = Callable[..., Any]


def test_a_key_is_made_rotated_and_revoked(bottega: Bottega, client: FlaskClient, session: Session) -> None:
    user = make_user(session)
    made = bottega("keys", "create", "Export", "--user", user.email, "--scope", READ_CUSTOMERS)
    assert made.exit_code == 0, made.output
    first = made.stdout.strip()
    assert status_with(client, first) == 200
    listed = json.loads(bottega("keys", "list", "--json").output)
    assert [(each["name"], each["holder"], each["state"]) for each in listed] == [("Export", user.email, "active")]
    number = listed[0]["id"]
    second = bottega("keys", "rotate", number, "--overlap-hours", 0).stdout.strip()
    assert status_with(client, first) == 401
    assert status_with(client, second) == 200
    assert bottega("keys", "revoke", number).exit_code == 0
    assert status_with(client, second) == 401
    assert second not in bottega("keys", "list").output


def test_a_service_gets_a_key(bottega: Bottega, client: FlaskClient, session: Session) -> None:
    made = bottega("keys", "create", "Till", "--role", "viewer", "--scope", READ_CUSTOMERS, "--days", 10)
    assert status_with(client, made.stdout.strip()) == 200


def test_what_cannot_be_is_told_in_a_sentence(bottega: Bottega, session: Session) -> None:
    user, key = make_user(session), make_key(session).key
    wanted = ("keys", "create", "x", "--scope")
    for words, sentence in [
        ((*wanted, "core:admin:use", "--user", user.email), "a right that its holder lacks"),
        ((*wanted, READ_CUSTOMERS, "--user", "nobody@shop.bottega.it"), "There is no user"),
        ((*wanted, READ_CUSTOMERS, "--role", "nobody"), "There is no role"),
        ((*wanted, READ_CUSTOMERS), "either --user EMAIL or --role ROLE"),
        (("keys", "revoke", key.id + 1), "There is no such key"),
    ]:
        result = bottega(*words)
        assert result.exit_code == 2
        assert sentence in result.output


def test_the_rights_to_choose_from_are_named(bottega: Bottega) -> None:
    assert READ_CUSTOMERS in bottega("keys", "scopes").output.split()
