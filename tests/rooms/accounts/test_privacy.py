"""One's own account as a whole: the export of what is stored, the suspension, the end."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from tests.rooms.accounts.makers import PASSWORD, make_user, read_mail
from tests.rooms.accounts.pages import is_signed_in, send, sign_in_as
from tests.rooms.accounts.test_sessions import browser
from webapp.blueprints.accounts.models import Impersonation, User
from webapp.blueprints.accounts.queries.privacy import tell_account, tell_all_of
from webapp.blueprints.accounts.services.invitations import invite
from webapp.blueprints.accounts.services.people import LastOwner, enable_user
from webapp.blueprints.accounts.services.privacy import delete_own, suspend_own
from webapp.blueprints.consents.services import record_consent
from webapp.blueprints.tasks.public import ask
from webapp.core.clock import utc_now
from webapp.core.errors import NotAllowed
from webapp.core.security import ANONYMOUS, SYSTEM, Actor

SignInAs = Callable[[str], FlaskClient]
LEAVE = "/account/data/delete"


def test_the_export_holds_what_is_stored_and_nothing_that_opens_the_account(app: Flask, session: Session) -> None:
    user = make_user(session, name="Elena Ravaioli")
    other = make_user(session, name="Somebody Else")
    for person in (user, other):
        ask(session, "sales.clean_uploads", {}, by=Actor(person.name, user_id=person.id))
    client = browser(app, session, user)
    sign_in_as(app.test_client(), user.email, "some-other-password")
    answer = client.get("/account/data/export")
    assert answer.headers["Content-Type"].startswith("application/json")
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "no-store"
    told = json.loads(answer.text)["rooms"]
    assert [task["kind"] for task in told["tasks"]["tasks"]] == ["sales.clean_uploads"]
    mine = told["accounts"]
    assert mine["profile"]["email"] == user.email
    assert mine["roles"] == ["viewer"]
    assert len(mine["sessions"]) == 1
    assert [each["outcome"] for each in mine["sign_ins"]] == ["success", "refused"]
    for secret in (user.password, user.fs_uniquifier, other.email, "key_hash"):
        assert str(secret) not in answer.text


def test_the_export_holds_what_is_known_by_the_address_once_it_is_proven(app: Flask, session: Session) -> None:
    user = make_user(session)
    said = {"purpose": "News", "version": "1", "words": "I want the news.", "language": "en", "source": "/en"}
    record_consent(session, subject=user.email, **said)
    session.commit()
    told = {}
    for proven in (False, True):
        user.confirmed_at = utc_now() if proven else None
        session.commit()
        told[proven] = json.loads(browser(app, session, user).get("/account/data/export").text)
    assert "by_address" not in told[False]
    assert [each["words"] for each in told[True]["by_address"]["consents"]["consents"]] == ["I want the news."]


def test_an_invitation_is_told_by_its_address_before_there_is_an_account_and_afterwards(session: Session) -> None:
    owner = Actor("Caterina", everything=True)
    invite(
        session,
        by=owner,
        email="Guest@example.com",
        name="A guest",
        roles=["viewer"],
        registration="invitation",
        language="en",
    )
    (told,) = tell_account(session, "guest@example.com")["invitations"]
    assert (told["name"], told["roles"], told["accepted_at"]) == ("A guest", ["viewer"], None)
    assert "rooms" not in tell_account(session, "guest@example.com")
    user = make_user(session, email="guest@example.com")
    user.confirmed_at = utc_now()
    assert [each["name"] for each in tell_all_of(session, user.id)["by_address"]["accounts"]["invitations"]] == [
        "A guest"
    ]


def test_the_export_tells_who_acted_as_the_person(app: Flask, session: Session) -> None:
    owner, user = make_user(session, name="Caterina", roles=["owner"]), make_user(session)
    send(browser(app, session, owner), f"/backoffice/users/{user.id}/act", reason="She asked me to look at it")
    told = json.loads(browser(app, session, user).get("/account/data/export").text)
    (time,) = told["rooms"]["accounts"]["somebody_acted_as_you"]
    assert time["who"] == "Caterina"
    assert time["reason"] == "She asked me to look at it"


def test_a_suspended_account_is_shut_at_once_and_opened_by_the_owner(app: Flask, session: Session) -> None:
    user = make_user(session)
    client, other = browser(app, session, user), browser(app, session, user)
    assert send(client, "/account/data/suspend").status_code == 303
    assert not is_signed_in(client)
    assert not is_signed_in(other)
    assert sign_in_as(app.test_client(), user.email, PASSWORD).status_code == 422
    assert "sospeso" in read_mail(session, user.email)
    owner = browser(app, session, make_user(session, roles=["owner"]))
    assert (
        "Suspended by themselves" in owner.get(f"/backoffice/users/{user.id}/", headers={"Accept-Language": "en"}).text
    )
    enable_user(session, by=SYSTEM, user_id=user.id)
    session.commit()
    assert sign_in_as(app.test_client(), user.email, PASSWORD).status_code == 302


def test_a_deleted_account_is_gone_with_all_that_hung_on_it(app: Flask, session: Session) -> None:
    owner, user = make_user(session, roles=["owner"]), make_user(session, name="Elena")
    send(browser(app, session, owner), f"/backoffice/users/{user.id}/act", reason="She asked me to look at it")
    client, email, number = browser(app, session, user), user.email, user.id
    assert send(client, LEAVE).status_code == 422
    assert send(client, LEAVE, sure="y").status_code == 303
    session.expire_all()
    assert session.get(User, number) is None
    for table in ("accounts_sessions", "accounts_sign_ins", "accounts_user_roles", "accounts_acceptances"):
        left = session.execute(text(f"SELECT count(*) FROM {table} WHERE user_id = :id"), {"id": number}).scalar()
        assert left == 0, table
    assert not is_signed_in(client)
    assert sign_in_as(app.test_client(), email, PASSWORD).status_code == 422
    assert "eliminato" in read_mail(session, email)
    assert session.scalars(select(Impersonation)).one().target_name == "Elena"


def test_the_only_owner_neither_leaves_nor_suspends(session: Session) -> None:
    for other in session.scalars(select(User)):
        other.active = False
    owner = make_user(session, roles=["owner"])
    myself = Actor("me", user_id=owner.id, everything=True)
    for deed in (suspend_own, delete_own):
        with pytest.raises(LastOwner):
            deed(session, by=myself)
    make_user(session, roles=["owner"])
    delete_own(session, by=myself)
    session.commit()
    assert session.get(User, owner.id) is None


def test_nobody_in_particular_has_no_account_to_leave(session: Session) -> None:
    for deed in (suspend_own, delete_own):
        with pytest.raises(NotAllowed):
            deed(session, by=ANONYMOUS)


@pytest.mark.parametrize("path", ["/account/data/export", "/account/data/suspend", LEAVE])
def test_what_weighs_asks_for_the_password_again_after_a_while(app: Flask, session: Session, path: str) -> None:
    client = browser(app, session, make_user(session))
    with client.session_transaction() as cookie:
        cookie["fs_paa"] -= 16 * 60
    assert client.get(path).location.startswith("/verify")
