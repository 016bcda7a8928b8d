"""Acting as somebody else: only downwards, with a reason, with a banner on every page, and never without a trace."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.rooms.accounts.makers import make_user
from tests.rooms.accounts.pages import is_signed_in, send
from tests.rooms.accounts.test_sessions import browser, rows
from webapp.blueprints.accounts.models import Impersonation, Role, User
from webapp.blueprints.accounts.services.people import disable_user, enable_user
from webapp.core.security import SYSTEM, current_actor

SignInAs = Callable[[str], FlaskClient]
REASON = "She called: the list of orders is empty"
BANNER = "acting-banner"


@pytest.fixture
def owner(session: Session) -> User:
    return make_user(session, name="Caterina", roles=["owner"])


@pytest.fixture
def viewer(session: Session) -> User:
    return make_user(session, name="Elena")


def start(client: FlaskClient, user: User, reason: str = REASON) -> int:
    return send(client, f"/backoffice/users/{user.id}/act", reason=reason).status_code


def traces(session: Session) -> list[Impersonation]:
    session.expire_all()
    return list(session.scalars(select(Impersonation).order_by(Impersonation.id)))


def test_the_owner_has_the_other_persons_rights_and_no_others(
    app: Flask, session: Session, owner: User, viewer: User
) -> None:
    client = browser(app, session, owner)
    assert start(client, viewer) == 303
    seen = []
    app.before_request_funcs.setdefault(None, []).append(lambda: seen.append(current_actor()))
    try:
        client.get("/backoffice/customers/")
    finally:
        app.before_request_funcs[None].pop()
    assert seen[-1].user_id == viewer.id
    assert not seen[-1].everything
    assert "Caterina" in seen[-1].name
    assert client.get("/backoffice/customers/").status_code == 200
    assert client.get("/backoffice/customers/new").status_code == 403
    assert client.get("/admin/").status_code == 403
    assert client.get("/backoffice/users/").status_code == 403


def test_a_banner_stands_on_every_page_and_leads_back(app: Flask, session: Session, owner: User, viewer: User) -> None:
    client = browser(app, session, owner)
    assert BANNER not in client.get("/backoffice/customers/").text
    start(client, viewer)
    for path in ("/en", "/backoffice/customers/", "/there-is-nothing-here", "/admin/", "/account/security"):
        assert BANNER in client.get(path).text, path
    back = send(client, "/account/acting/stop", at="/backoffice/customers/")
    assert back.location == f"/backoffice/users/{viewer.id}/"
    page = client.get(back.location)
    assert page.status_code == 200
    assert BANNER not in page.text


def test_why_who_as_whom_and_what_was_written_is_kept(
    app: Flask, session: Session, owner: User, caplog: pytest.LogCaptureFixture
) -> None:
    staff = make_user(session, name="Matteo", roles=["staff"])
    client = browser(app, session, owner)
    with caplog.at_level(logging.WARNING):
        start(client, staff)
        fields = {"number": "ACT-1", "name": "Ada", "kind": "person", "country": "Italy"}
        assert send(client, "/backoffice/customers/new", **fields).status_code == 303
        send(client, "/account/acting/stop", at="/backoffice/customers/")
    (trace,) = traces(session)
    assert (trace.actor_id, trace.target_id, trace.reason) == (owner.id, staff.id, REASON)
    assert (trace.actor_name, trace.target_name) == ("Caterina", "Matteo")
    assert [(step["method"], step["path"], step["status"]) for step in trace.steps] == [
        ("POST", "/backoffice/customers/new", 303)
    ]
    assert trace.ended_at is not None
    assert f"user {owner.id} acts as user {staff.id}" in caplog.text
    assert "POST /backoffice/customers/new answered 303" in caplog.text
    page = client.get(f"/backoffice/impersonations/{trace.id}/").text
    assert REASON in page
    assert "/backoffice/customers/new" in page
    assert "Matteo" in client.get("/backoffice/impersonations/").text


@pytest.mark.parametrize("reason", ["", "   ", "why not"])
def test_without_a_reason_nobody_acts(app: Flask, session: Session, owner: User, viewer: User, reason: str) -> None:
    client = browser(app, session, owner)
    assert start(client, viewer, reason) == 422
    assert traces(session) == []
    assert client.get("/admin/").status_code == 200


def test_nobody_acts_as_somebody_of_the_same_rank_or_a_higher_one_or_as_themselves(
    app: Flask, session: Session, owner: User
) -> None:
    peer = make_user(session, roles=["owner"])
    chief = Role(name="chief", description="", rank=100)
    session.add(chief)
    session.flush()
    equal = make_user(session, roles=["chief"])
    client = browser(app, session, owner)
    for other in (peer, equal, owner):
        assert client.get(f"/backoffice/users/{other.id}/act").status_code == 403
        assert (
            send(client, f"/backoffice/users/{other.id}/act", at="/account/sessions/", reason=REASON).status_code == 403
        )
    assert traces(session) == []


@pytest.mark.parametrize("role", ["staff", "viewer"])
def test_only_the_owner_acts_as_others(sign_in: SignInAs, session: Session, viewer: User, role: str) -> None:
    path = f"/backoffice/users/{viewer.id}/act"
    assert send(sign_in(role), path, at="/account/sessions/", reason=REASON).status_code == 403


def test_what_somebody_signs_in_by_and_their_own_pages_stay_theirs(
    app: Flask, session: Session, owner: User, viewer: User
) -> None:
    client = browser(app, session, owner)
    start(client, viewer)
    own = ("/account/security", "/account/password", "/account/email", "/account/sessions/", "/account/data/")
    for path in (*own, "/account/data/export", "/account/data/delete", "/account/codes", "/account/keys/", "/verify"):
        assert client.get(path).status_code == 403, path
    assert send(client, "/preferences/theme", at="/en", theme="dark").status_code == 403
    session.expire_all()
    assert viewer.theme == ""


def test_acting_is_not_started_twice_and_not_from_within(
    app: Flask, session: Session, owner: User, viewer: User
) -> None:
    staff = make_user(session, roles=["staff"])
    client = browser(app, session, owner)
    start(client, staff)
    path = f"/backoffice/users/{viewer.id}/act"
    assert send(client, path, at="/backoffice/customers/", reason=REASON).status_code == 403
    assert len(traces(session)) == 1


def test_signing_out_ends_the_acting_and_the_session(app: Flask, session: Session, owner: User, viewer: User) -> None:
    client = browser(app, session, owner)
    start(client, viewer)
    send(client, "/logout", at="/backoffice/customers/")
    assert not is_signed_in(client)
    assert traces(session)[0].ended_at is not None
    assert rows(session, owner)[0].ended_at is not None


def test_the_other_person_notices_nothing_and_stays_signed_in(
    app: Flask, session: Session, owner: User, viewer: User
) -> None:
    theirs, client = browser(app, session, viewer), browser(app, session, owner)
    start(client, viewer)
    assert is_signed_in(theirs)
    assert BANNER not in theirs.get("/backoffice/customers/").text
    assert len(rows(session, viewer)) == 1


def test_who_loses_the_owners_role_meanwhile_is_themselves_again(
    app: Flask, session: Session, owner: User, viewer: User
) -> None:
    client = browser(app, session, owner)
    start(client, viewer)
    owner.roles = []
    session.commit()
    assert BANNER not in client.get("/en").text
    assert client.get("/backoffice/customers/").status_code == 403


def test_disabling_either_of_them_ends_it(app: Flask, session: Session, owner: User, viewer: User) -> None:
    make_user(session, roles=["owner"])
    client = browser(app, session, owner)
    start(client, viewer)
    disable_user(session, by=SYSTEM, user_id=viewer.id)
    session.commit()
    assert BANNER not in client.get("/en").text
    assert traces(session)[0].ended_at is not None
    enable_user(session, by=SYSTEM, user_id=viewer.id)
    session.commit()
    assert BANNER not in client.get("/en").text
    disable_user(session, by=SYSTEM, user_id=owner.id)
    session.commit()
    assert not is_signed_in(client)
    assert traces(session)[0].ended_at is not None
