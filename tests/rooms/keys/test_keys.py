"""What opens the API and what does not: keys, their scopes, their end, and who holds them."""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select, text, update
from sqlalchemy.orm import Session

from tests.rooms.accounts.makers import make_user
from tests.rooms.crm.makers import make_customer
from tests.rooms.keys.makers import (
    ME,
    READ_CUSTOMERS,
    READ_ORDERS,
    bearer,
    make_key,
    make_service_key,
    status_with,
)
from webapp.blueprints.accounts.models import Role, RoleGrant, User
from webapp.blueprints.keys.models import Key, Secret
from webapp.blueprints.keys.services.issuing import (
    KeyNameTaken,
    KeyOver,
    LifetimeWrong,
    ScopesBeyond,
    ScopesMissing,
    create_key,
    create_service_key,
    revoke_key,
    rotate_key,
)
from webapp.core.clock import utc_now
from webapp.core.db import db
from webapp.core.errors import EditConflict, NotAllowed
from webapp.core.security import SYSTEM, Actor, Reach, actor_of

SignIn = Callable[[str], FlaskClient]
CUSTOMERS = "/api/v1/crm/customers"
DAY = dt.timedelta(days=1)


def holder(session: Session, key: Key) -> Actor:
    actor = actor_of(key.user_id)
    assert actor
    return actor


def decide(session: Session, role: str, permission: str, reach: str) -> None:
    number = session.scalars(select(Role.id).where(Role.name == role)).one()
    session.merge(RoleGrant(role_id=number, permission=permission, reach=reach))
    session.commit()


def test_a_key_says_who_it_is_and_what_it_may(client: FlaskClient, session: Session) -> None:
    issued = make_key(session, name="Nightly export", scopes=[READ_CUSTOMERS])
    told = client.get(ME, headers=bearer(issued)).get_json()
    assert told["permissions"] == {READ_CUSTOMERS: "all"}
    assert told["kind"] == "person"
    assert told["user_id"] == issued.key.user_id
    assert told["name"].endswith("· Nightly export")
    assert told["key"]["prefix"] == issued.text[: len(told["key"]["prefix"])]


def test_somebody_signed_in_asks_without_a_key(sign_in: SignIn) -> None:
    told = sign_in("viewer").get(ME).get_json()
    assert told["kind"] == "session"
    assert told["key"] is None
    assert told["permissions"][READ_CUSTOMERS] == "all"


def test_the_text_of_a_key_is_256_random_bits_and_is_not_stored(session: Session) -> None:
    first, second = make_key(session), make_key(session)
    for issued in (first, second):
        assert re.fullmatch(r"bottega_[A-Za-z0-9]{8}_[A-Za-z0-9]{43}", issued.text)
    assert first.text != second.text
    secret = first.key.secrets[0]
    assert secret.digest == hashlib.sha256(first.text.encode()).hexdigest()
    for table in ("keys_keys", "keys_secrets"):
        stored = session.execute(text(f"SELECT string_agg(t::text, ' ') FROM {table} t")).scalar_one()
        assert first.text.rpartition("_")[2] not in stored


@pytest.mark.parametrize(
    "told",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer nothing",
        "Bearer bottega_aaaaaaaa_" + "a" * 43,
        "Bearer " + "a" * 5000,
        "Bearer chiave-è-sbagliata",
        "Basic b3duZXI6cGFzc3dvcmQ=",
        "Token {text}",
        "{text}",
        "Bearer {text}x",
        "Bearer {text} {text}",
    ],
)
def test_what_is_no_key_is_refused_and_never_falls_back_to_the_cookie(
    session: Session, sign_in: SignIn, told: str
) -> None:
    owner = sign_in("owner")
    assert owner.get(ME).status_code == 200
    answer = owner.get(ME, headers={"Authorization": told.format(text=make_key(session).text)})
    assert answer.status_code == 401
    assert answer.mimetype == "application/problem+json"
    assert answer.get_json()["status"] == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert owner.get(ME).status_code == 200


def test_a_key_counts_alone_whoever_is_signed_in_beside_it(session: Session, sign_in: SignIn) -> None:
    issued = make_key(session, scopes=[READ_ORDERS])
    owner = sign_in("owner")
    assert owner.get(ME, headers=bearer(issued)).get_json()["user_id"] == issued.key.user_id
    assert owner.get(CUSTOMERS, headers=bearer(issued)).status_code == 403


def test_nobody_at_all_is_refused(client: FlaskClient) -> None:
    for path in (ME, CUSTOMERS, f"{CUSTOMERS}/1"):
        answer = client.get(path)
        assert answer.status_code == 401
        assert answer.mimetype == "application/problem+json"


def test_a_key_opens_nothing_outside_of_the_api(client: FlaskClient, session: Session) -> None:
    issued = make_key(session)
    answer = client.get("/backoffice/customers/", headers=bearer(issued))
    assert answer.status_code == 302
    assert "/login" in answer.location


def test_the_key_in_the_address_opens_nothing(client: FlaskClient, session: Session) -> None:
    issued = make_key(session)
    for name in ("key", "api_key", "access_token", "token", "auth_token"):
        assert client.get(f"{ME}?{name}={issued.text}").status_code == 401


def test_a_key_reaches_no_further_than_its_scopes(client: FlaskClient, session: Session) -> None:
    issued = make_key(session, scopes=[READ_ORDERS])
    assert status_with(client, issued, "/api/v1/sales/orders") == 200
    assert status_with(client, issued, CUSTOMERS) == 403


def test_a_key_cannot_be_made_with_more_than_its_holder_has(session: Session) -> None:
    viewer = make_user(session)
    for scopes in (["crm:customers:write"], [READ_CUSTOMERS, "core:admin:use"], ["there:is:none"]):
        with pytest.raises(ScopesBeyond):
            make_key(session, user_id=viewer.id, scopes=scopes)
    with pytest.raises(ScopesMissing):
        make_key(session, user_id=viewer.id, scopes=[])


def test_a_right_that_the_holder_loses_is_lost_to_the_key_at_once_and_comes_back_with_it(
    client: FlaskClient, session: Session
) -> None:
    issued = make_key(session)
    assert status_with(client, issued, CUSTOMERS) == 200
    decide(session, "viewer", READ_CUSTOMERS, "none")
    assert status_with(client, issued, CUSTOMERS) == 403
    assert READ_CUSTOMERS not in client.get(ME, headers=bearer(issued)).get_json()["permissions"]
    decide(session, "viewer", READ_CUSTOMERS, "own")
    assert client.get(CUSTOMERS, headers=bearer(issued)).get_json()["items"] == []
    decide(session, "viewer", READ_CUSTOMERS, "all")
    assert status_with(client, issued, CUSTOMERS) == 200


def test_the_owners_key_has_its_scopes_and_not_everything(client: FlaskClient, session: Session) -> None:
    owner = make_user(session, roles=["owner"])
    issued = make_key(session, user_id=owner.id, scopes=[READ_CUSTOMERS])
    assert client.get(ME, headers=bearer(issued)).get_json()["permissions"] == {READ_CUSTOMERS: "all"}
    assert status_with(client, issued, "/api/v1/sales/orders") == 403


def test_the_keys_of_somebody_switched_off_or_gone_open_nothing(client: FlaskClient, session: Session) -> None:
    user = make_user(session)
    issued = make_key(session, user_id=user.id)
    session.execute(update(User).where(User.id == user.id).values(active=False))
    session.commit()
    assert status_with(client, issued) == 401
    session.execute(update(User).where(User.id == user.id).values(active=True))
    session.commit()
    assert status_with(client, issued) == 200
    session.delete(session.get(User, user.id))
    session.commit()
    assert status_with(client, issued) == 401
    assert session.scalars(select(Secret.id)).all() == []


def test_a_key_ends_on_its_day_or_when_it_is_revoked(client: FlaskClient, session: Session) -> None:
    over, revoked = make_key(session), make_key(session)
    over.key.expires_at = utc_now()
    revoke_key(session, by=holder(session, revoked.key), key_id=revoked.key.id)
    session.commit()
    assert status_with(client, over) == 401
    assert status_with(client, revoked) == 401


@pytest.mark.parametrize("days", [0, -1, 367, 10**9])
def test_no_key_is_valid_for_ever_or_not_at_all(session: Session, days: int) -> None:
    with pytest.raises(LifetimeWrong):
        make_key(session, days=days)


def test_a_rotated_key_works_for_the_overlap_and_the_new_one_from_now_on(client: FlaskClient, session: Session) -> None:
    issued = make_key(session)
    old, key, by = issued.text, issued.key, holder(session, issued.key)
    rotated = rotate_key(session, by=by, key_id=key.id, newest=key.secrets[0].id, overlap=DAY, days=60)
    session.commit()
    assert status_with(client, old) == status_with(client, rotated.text) == 200
    ends = client.get(ME, headers=bearer(old)).get_json()["key"]["expires_at"]
    assert dt.datetime.fromisoformat(ends) < utc_now() + DAY

    at_once = rotate_key(session, by=by, key_id=key.id, newest=key.secrets[0].id, overlap=dt.timedelta(), days=60)
    session.commit()
    assert status_with(client, old) == status_with(client, rotated.text) == 401
    assert status_with(client, at_once.text) == 200


def test_a_second_rotation_by_mistake_is_refused(session: Session) -> None:
    issued = make_key(session)
    key, by, seen = issued.key, holder(session, issued.key), issued.key.secrets[0].id
    rotate_key(session, by=by, key_id=key.id, newest=seen, overlap=DAY, days=60)
    with pytest.raises(EditConflict):
        rotate_key(session, by=by, key_id=key.id, newest=seen, overlap=DAY, days=60)
    revoke_key(session, by=by, key_id=key.id)
    with pytest.raises(KeyOver):
        rotate_key(session, by=by, key_id=key.id, newest=key.secrets[0].id, overlap=DAY, days=60)


def test_nobody_makes_or_learns_anothers_key_not_even_the_owner(session: Session) -> None:
    issued = make_key(session)
    key = issued.key
    owner = actor_of(make_user(session, roles=["owner"]).id)
    stranger = actor_of(make_user(session).id)
    assert owner
    assert stranger
    for by in (owner, stranger):
        with pytest.raises(NotAllowed):
            create_key(session, by=by, name="x", user_id=key.user_id or 0, scopes=[READ_CUSTOMERS], days=1)
        with pytest.raises(NotAllowed):
            rotate_key(session, by=by, key_id=key.id, newest=key.secrets[0].id, overlap=DAY, days=60)
    with pytest.raises(NotAllowed):
        revoke_key(session, by=stranger, key_id=key.id)
    assert revoke_key(session, by=owner, key_id=key.id).revoked_at


def test_a_service_has_the_rights_of_its_role_and_is_nobody(client: FlaskClient, session: Session) -> None:
    issued = make_service_key(session, name="Warehouse")
    told = client.get(ME, headers=bearer(issued)).get_json()
    assert (told["kind"], told["name"], told["user_id"]) == ("service", "Warehouse", None)
    assert status_with(client, issued, CUSTOMERS) == 200
    assert status_with(client, issued, "/api/v1/sales/orders") == 403


@pytest.mark.parametrize("reach", [Reach.OWN, Reach.GROUP])
def test_a_service_that_reaches_own_records_sees_none_also_not_those_of_nobody(
    client: FlaskClient, session: Session, reach: Reach
) -> None:
    nobodys = make_customer(session)
    issued = make_service_key(session)
    assert status_with(client, issued, f"{CUSTOMERS}/{nobodys.id}") == 200
    decide(session, "viewer", READ_CUSTOMERS, reach.value)
    assert client.get(CUSTOMERS, headers=bearer(issued)).get_json()["items"] == []
    assert status_with(client, issued, f"{CUSTOMERS}/{nobodys.id}") == 404


def test_only_the_owner_makes_keys_for_services(session: Session) -> None:
    number = session.scalars(select(Role.id).where(Role.name == "viewer")).one()
    wanted = {"name": "x", "role_id": number, "scopes": [READ_CUSTOMERS], "days": 1}
    staff = actor_of(make_user(session, roles=["staff"]).id)
    owner = actor_of(make_user(session, roles=["owner"]).id)
    assert staff
    assert owner
    with pytest.raises(NotAllowed):
        create_service_key(session, by=staff, **wanted)
    assert create_service_key(session, by=owner, **wanted).text
    with pytest.raises(ScopesBeyond):
        create_service_key(session, by=owner, **(wanted | {"scopes": ["crm:customers:write"]}))


def test_a_name_is_taken_until_its_key_is_revoked(session: Session) -> None:
    first = make_key(session, name="Export")
    user_id = first.key.user_id
    with pytest.raises(KeyNameTaken):
        make_key(session, name="export", user_id=user_id)
    session.rollback()
    make_key(session, name="Export")
    revoke_key(session, by=SYSTEM, key_id=first.key.id)
    make_key(session, name="Export", user_id=user_id)
    make_service_key(session, name="Till")
    with pytest.raises(KeyNameTaken):
        make_service_key(session, role="staff", name="Till")


def test_the_last_use_is_written_at_most_once_a_minute(client: FlaskClient, session: Session) -> None:
    issued = make_key(session)
    key_id = issued.key.id
    writes: list[str] = []

    def record(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if statement.startswith("UPDATE"):
            writes.append(statement)

    event.listen(db.engine, "before_cursor_execute", record)
    try:
        for _ in range(3):
            assert status_with(client, issued) == 200
        assert len(writes) == 1
        session.execute(update(Key).values(last_used_at=utc_now() - dt.timedelta(seconds=61)))
        writes.clear()
        for _ in range(3):
            assert status_with(client, issued) == 200
        assert len(writes) == 1
    finally:
        event.remove(db.engine, "before_cursor_execute", record)
    session.expire_all()
    key = session.get(Key, key_id)
    assert key
    assert key.last_used_at
    assert utc_now() - key.last_used_at < dt.timedelta(seconds=30)
    assert key.last_used_from == "127.0.0.1"


def test_a_refused_request_does_not_count_as_a_use(client: FlaskClient, session: Session) -> None:
    issued = make_key(session)
    revoke_key(session, by=SYSTEM, key_id=issued.key.id)
    session.commit()
    status_with(client, issued)
    session.refresh(issued.key)
    assert issued.key.last_used_at is None


def test_no_key_is_in_the_log(client: FlaskClient, session: Session, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        issued = make_key(session)
        status_with(client, issued)
        rotated = rotate_key(
            session, by=SYSTEM, key_id=issued.key.id, newest=issued.key.secrets[0].id, overlap=DAY, days=5
        )
        revoke_key(session, by=SYSTEM, key_id=issued.key.id)
        session.commit()
        status_with(client, issued)
        status_with(client, rotated)
        status_with(client, "bottega_aaaaaaaa_wrong")
    assert f"key {issued.key.id} created by system" in caplog.text
    for secret in (issued.text, rotated.text, "wrong"):
        assert secret.rpartition("_")[2] not in caplog.text


def test_a_request_with_a_key_costs_few_questions(app: Flask, client: FlaskClient, session: Session) -> None:
    issued = make_key(session)
    status_with(client, issued)
    asked: list[str] = []

    def record(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if statement.startswith(("SELECT", "WITH")):
            asked.append(statement)

    event.listen(db.engine, "before_cursor_execute", record)
    try:
        status_with(client, issued)
    finally:
        event.remove(db.engine, "before_cursor_execute", record)
    assert len(asked) <= 5, asked  # the key, the person, their roles, their rights, the company
