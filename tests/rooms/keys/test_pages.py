"""The pages of keys: one's own, all of them, and the one that tries the API out."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.rooms.conftest import ENGLISH, Fill
from tests.rooms.keys.makers import READ_CUSTOMERS, make_key, make_service_key, status_with
from webapp.blueprints.accounts.models import Role
from webapp.blueprints.keys.models import Key
from webapp.blueprints.keys.queries import tell_personal

SignIn = Callable[[str], FlaskClient]
MINE, ALL = "/account/keys/", "/backoffice/keys/"
KEY = re.compile(r'value="(bottega_[A-Za-z0-9]{8}_[A-Za-z0-9]{43})"')


def shown_key(page: TestResponse) -> str:
    found = KEY.search(page.text)
    assert found, page.text
    return found[1]


def newest(session: Session) -> Key:
    return session.scalars(select(Key).order_by(Key.id.desc()).limit(1)).one()


@pytest.fixture
def own(fill: Fill, session: Session) -> Key:
    """A key that the person of `fill(…, role="viewer")` has made on the page."""
    fill(f"{MINE}new", {"name": "Export", "scopes": READ_CUSTOMERS, "days": "30"}, role="viewer")
    return newest(session)


def test_a_key_is_made_on_a_page_and_shown_once(client: FlaskClient, fill: Fill, session: Session) -> None:
    wanted = {"name": "Export", "scopes": READ_CUSTOMERS, "days": "30"}
    page = fill(f"{MINE}new", wanted, role="viewer")
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    text = shown_key(page)
    assert status_with(client, text) == 200
    assert status_with(client, text, "/api/v1/crm/customers") == 200

    again = fill(f"{MINE}new", wanted, role="viewer")  # reloading the page makes no second one
    assert again.status_code == 422
    assert "There is a key of this name already" in again.text
    assert "Export" in again.text
    assert text not in again.text


def test_the_list_shows_the_beginning_of_a_key_and_not_more(sign_in: SignIn, session: Session) -> None:
    browser = sign_in("viewer")
    token = browser.get(f"{MINE}new").text.split('name="csrf-token" content="')[1].split('"')[0]
    form = {"name": "Export", "scopes": READ_CUSTOMERS, "days": "30", "csrf_token": token}
    text = shown_key(browser.post(f"{MINE}new", data=form))
    page = browser.get(MINE, headers=ENGLISH)
    assert text[:16] in page.text
    assert text not in page.text
    assert "Never" in page.text


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"scopes": ""}, "Choose at least one right."),
        ({"scopes": "crm:customers:write"}, "is not a valid choice"),
        ({"name": ""}, "required"),
        ({"days": "9999"}, "Not a valid choice"),
    ],
)
def test_what_is_wrong_stands_beside_the_field(fill: Fill, changes: dict[str, str], sentence: str) -> None:
    wanted = {"name": "Export", "scopes": READ_CUSTOMERS, "days": "30"} | changes
    page = fill(f"{MINE}new", {name: value for name, value in wanted.items() if value}, role="viewer")
    assert page.status_code == 422
    assert sentence.lower() in page.text.lower()
    assert not KEY.search(page.text)


def test_the_form_offers_what_the_person_has_and_the_api_asks_for(sign_in: SignIn) -> None:
    form = sign_in("viewer").get(f"{MINE}new").text
    offered = set(re.findall(r'name="scopes"\s+value="([^"]+)"', form))
    assert offered == {READ_CUSTOMERS, "sales:orders:read", "workspaces:projects:read"}


def test_a_key_is_rotated_on_a_page(client: FlaskClient, own: Key, fill: Fill, session: Session) -> None:
    form = {"version": str(own.secrets[0].id), "overlap": "0", "days": "90"}
    page = fill(f"{MINE}{own.id}/rotate", form, role="viewer")
    assert status_with(client, shown_key(page)) == 200
    session.expire_all()
    old, new = sorted(own.secrets, key=lambda secret: secret.id)
    assert old.valid_until
    assert new.valid_until is None
    assert fill(f"{MINE}{own.id}/rotate", form, role="viewer").status_code == 409


def test_a_key_is_revoked_on_a_page(own: Key, fill: Fill, session: Session) -> None:
    answer = fill(f"{MINE}{own.id}/revoke", {}, role="viewer")
    assert answer.status_code == 303
    assert answer.location == MINE
    session.expire_all()
    assert own.revoked_at
    assert fill(f"{MINE}{own.id}/rotate", {"version": "1"}, role="viewer").status_code in (409, 422)


@pytest.mark.parametrize("step", ["rotate", "revoke"])
def test_somebody_elses_key_is_not_there(fill: Fill, sign_in: SignIn, session: Session, step: str) -> None:
    other = make_key(session).key
    for role in ("viewer", "staff", "owner"):
        assert sign_in(role).get(f"{MINE}{other.id}/{step}").status_code == 404
        assert fill(f"{MINE}{other.id}/{step}", {"version": str(other.secrets[0].id)}, role=role).status_code == 404
    session.expire_all()
    assert other.revoked_at is None
    assert len(other.secrets) == 1


def test_the_owner_sees_all_keys_and_ends_anybodys(fill: Fill, sign_in: SignIn, session: Session) -> None:
    persons, services = make_key(session, name="Of a person").key, make_service_key(session, name="Of a till").key
    owner = sign_in("owner")
    page = owner.get(ALL, headers=ENGLISH).text
    assert "Of a person" in page
    assert "Of a till" in page
    assert "Of a till" not in owner.get(f"{ALL}?kind=person", headers=ENGLISH).text
    for key in (persons, services):
        assert key.secrets[0].prefix in owner.get(f"{ALL}{key.id}/").text
        assert fill(f"{ALL}{key.id}/revoke", {}, role="owner").status_code == 303
        session.expire_all()
        assert key.revoked_at
        assert key.revoked_by


def test_the_owner_does_not_learn_the_key_of_a_person(fill: Fill, sign_in: SignIn, session: Session) -> None:
    key = make_key(session).key
    assert f"{key.id}/rotate" not in sign_in("owner").get(f"{ALL}{key.id}/").text
    form = {"version": str(key.secrets[0].id), "overlap": "0", "days": "90"}
    assert fill(f"{ALL}{key.id}/rotate", form, role="owner").status_code == 403


def test_the_owner_makes_and_rotates_a_key_of_a_service(client: FlaskClient, fill: Fill, session: Session) -> None:
    role_id = str(session.scalars(select(Role.id).where(Role.name == "viewer")).one())
    form = {"name": "Till", "role_id": role_id, "scopes": READ_CUSTOMERS, "days": "30"}
    first = shown_key(fill(f"{ALL}new", form, role="owner"))
    assert status_with(client, first, "/api/v1/crm/customers") == 200
    key = newest(session)
    form = {"version": str(key.secrets[0].id), "overlap": "24", "days": "90"}
    second = shown_key(fill(f"{ALL}{key.id}/rotate", form, role="owner"))
    assert status_with(client, first) == status_with(client, second) == 200


@pytest.mark.parametrize("path", ["", "new", "{id}/", "{id}/rotate", "{id}/revoke"])
def test_only_who_may_sees_all_keys(sign_in: SignIn, client: FlaskClient, session: Session, path: str) -> None:
    url = ALL + path.format(id=make_key(session).key.id)
    assert client.get(url).status_code == 302
    for role in ("viewer", "staff"):
        assert sign_in(role).get(url).status_code == 403


def test_the_page_that_tries_the_api_has_a_form_for_everything_it_does(app: Flask, sign_in: SignIn) -> None:
    page = sign_in("viewer").get(f"{MINE}api", headers=ENGLISH).text
    document: dict[str, Any] = app.test_client().get("/api/v1/openapi.json").get_json()
    assert document["paths"]
    for path, methods in document["paths"].items():
        assert f'action="{path}"' in page
        for operation in methods.values():
            for parameter in operation["parameters"]:
                assert f'name="{parameter["name"]}"' in page


@pytest.mark.parametrize("path", [f"{MINE}new", f"{ALL}new"])
def test_who_signed_in_long_ago_proves_it_again_before_a_key_is_made(sign_in: SignIn, path: str) -> None:
    owner = sign_in("owner")
    with owner.session_transaction() as cookie:
        cookie["fs_paa"] = 0
    answer = owner.get(path)
    assert answer.status_code == 303
    assert answer.location.startswith("/verify?next=/")


def test_the_export_of_ones_own_data_names_the_keys_and_not_what_opens(session: Session) -> None:
    issued = make_key(session, name="Export")
    told = json.dumps(tell_personal(session, issued.key.user_id or 0))
    assert '"Export"' in told
    for secret in (issued.text, issued.key.secrets[0].digest):
        assert secret not in told


def test_a_form_sent_without_javascript_is_answered_by_the_api(sign_in: SignIn) -> None:
    blanks = "country=&kind=&q=&sort=&size=25&at="
    assert sign_in("viewer").get(f"/api/v1/crm/customers?{blanks}").status_code == 200
