"""Terms of use and privacy policy: published by version, accepted by everybody before they go on."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.rooms.accounts.makers import make_user
from tests.rooms.accounts.pages import send
from tests.rooms.accounts.test_sessions import browser
from webapp.blueprints.accounts.models import Acceptance, Document, DocumentKind
from webapp.blueprints.accounts.services.terms import (
    TextMissing,
    TextSame,
    TextsUnread,
    accept_documents,
    publish_document,
)
from webapp.core.errors import NotAllowed
from webapp.core.security import SYSTEM, Actor

SignInAs = Callable[[str], FlaskClient]
ACCEPT = "/account/terms"


def publish(session: Session, words: str = "Be kind.", kind: DocumentKind = DocumentKind.TERMS) -> Document:
    made = publish_document(
        session, by=SYSTEM, kind=kind, texts={"en": words, "it": f"{words} (it)"}, languages=("it", "en")
    )
    session.commit()
    return made


def agree(client: FlaskClient, *numbers: int, target: str = "") -> TestResponse:
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get(ACCEPT).text)
    assert token
    return client.post(ACCEPT, data={"csrf_token": token[1], "accepted": [str(n) for n in numbers], "next": target})


def test_without_a_published_text_nobody_is_asked(sign_in: SignInAs) -> None:
    client = sign_in("viewer")
    assert client.get("/backoffice/customers/").status_code == 200
    assert client.get("/terms").status_code == 404


def test_who_has_not_accepted_is_asked_and_comes_back_to_where_they_were(sign_in: SignInAs, session: Session) -> None:
    client = sign_in("viewer")
    made = publish(session)
    asked = client.get("/backoffice/customers/?q=a")
    assert asked.status_code == 303
    assert asked.location == "/account/terms?next=/backoffice/customers/?q%3Da"
    assert "Be kind." in client.get(asked.location, headers={"Accept-Language": "en"}).text
    answer = agree(client, made.id, target="/backoffice/customers/?q=a")
    assert answer.location == "/backoffice/customers/?q=a"
    assert client.get(answer.location).status_code == 200
    row = session.scalars(select(Acceptance)).one()
    assert row.document_id == made.id
    assert row.address == "127.0.0.1"


def test_a_write_is_not_done_before_the_texts_are_accepted(sign_in: SignInAs, session: Session) -> None:
    client = sign_in("staff")
    publish(session)
    fields = {"number": "TERMS-1", "name": "Ada", "kind": "person", "country": "Italy"}
    assert send(client, "/backoffice/customers/new", at="/en", **fields).location.startswith(ACCEPT)
    assert session.connection().exec_driver_sql("SELECT count(*) FROM crm_customers").scalar() == 0


def test_part_of_a_page_is_led_to_the_question_as_a_whole(sign_in: SignInAs, session: Session) -> None:
    client = sign_in("viewer")
    publish(session)
    answer = client.get("/backoffice/customers/", headers={"HX-Request": "true"})
    assert answer.status_code == 204
    assert answer.headers["HX-Redirect"].startswith(ACCEPT)


def test_all_texts_must_be_accepted(sign_in: SignInAs, session: Session) -> None:
    client = sign_in("viewer")
    terms, privacy = publish(session), publish(session, "We keep little.", DocumentKind.PRIVACY)
    assert agree(client, terms.id).status_code == 422
    assert agree(client, 999999).status_code == 422
    assert client.get("/backoffice/customers/").status_code == 303
    assert agree(client, terms.id, privacy.id).status_code == 303
    assert client.get("/backoffice/customers/").status_code == 200


def test_a_new_version_is_accepted_anew_and_the_old_one_can_be_read(sign_in: SignInAs, session: Session) -> None:
    client = sign_in("viewer")
    agree(client, publish(session).id)
    second = publish(session, "Be very kind.")
    assert second.number == 2
    assert client.get("/backoffice/customers/").status_code == 303
    english = {"Accept-Language": "en"}
    assert "Be very kind." in client.get("/terms", headers=english).text
    assert "Be very kind." not in client.get("/terms?version=1", headers=english).text
    assert "(it)" in client.get("/terms", headers={"Accept-Language": "it"}).text
    for strange in ("0", "-1", "x", "9" * 30, "²"):
        assert client.get(f"/terms?version={strange}").status_code in (200, 404)


def test_everybody_reads_the_texts(client: FlaskClient, session: Session) -> None:
    publish(session, "<script>alert(1)</script> We keep little.", DocumentKind.PRIVACY)
    assert 'href="/terms"' not in client.get("/en").text
    assert 'href="/privacy"' in client.get("/en").text
    page = client.get("/privacy")
    assert page.status_code == 200
    assert "<script>alert" not in page.text


@pytest.mark.parametrize("path", ["/account/data/", "/account/data/export", "/account/data/delete"])
def test_who_does_not_accept_takes_their_data_and_leaves(sign_in: SignInAs, session: Session, path: str) -> None:
    client = sign_in("viewer")
    publish(session)
    assert client.get(path).status_code == 200


def test_nobody_is_sent_to_another_site_after_accepting(sign_in: SignInAs, session: Session) -> None:
    client = sign_in("viewer")
    made = publish(session)
    assert agree(client, made.id, target="https://evil.example/").location == "/enter"


def test_the_owner_does_not_accept_for_others(app: Flask, session: Session) -> None:
    owner, viewer = make_user(session, roles=["owner"]), make_user(session)
    client = browser(app, session, owner)
    send(client, f"/backoffice/users/{viewer.id}/act", reason="She asked me to look at it")
    made = publish(session)
    assert client.get("/backoffice/customers/").status_code == 200
    assert client.get(ACCEPT).status_code == 403
    assert client.post(ACCEPT, data={"accepted": made.id}).status_code in (400, 403)


def test_the_owner_publishes_a_version_from_the_one_in_force(sign_in: SignInAs, session: Session) -> None:
    owner = sign_in("owner")
    path = "/backoffice/terms/terms/new"
    assert send(owner, path, italian="", english="Be kind.").status_code == 422
    assert send(owner, path, italian="Siate gentili.", english="Be kind.").status_code == 303
    made = session.scalars(select(Document)).one()
    agree(owner, made.id)
    assert "Siate gentili." in owner.get(path).text
    assert send(owner, path, italian="Siate gentili.", english="Be kind.").status_code == 409
    assert "1 person" in owner.get("/backoffice/terms/", headers={"Accept-Language": "en"}).text


@pytest.mark.parametrize("role", ["staff", "viewer"])
def test_publishing_is_the_owners(sign_in: SignInAs, role: str) -> None:
    client = sign_in(role)
    assert client.get("/backoffice/terms/").status_code == 403
    assert send(client, "/backoffice/terms/terms/new", at="/en", english="x", italian="x").status_code == 403


def test_the_services_refuse_what_makes_no_sense(session: Session) -> None:
    stranger = Actor("stranger")
    with pytest.raises(NotAllowed):
        publish_document(session, by=stranger, kind=DocumentKind.TERMS, texts={"en": "x"}, languages=("en",))
    with pytest.raises(TextMissing):
        publish_document(session, by=SYSTEM, kind=DocumentKind.TERMS, texts={"en": " "}, languages=("en",))
    publish(session)
    with pytest.raises(TextSame):
        publish(session)
    user = make_user(session)
    with pytest.raises(TextsUnread):
        accept_documents(session, by=Actor("u", user_id=user.id), accepted=[], address="")
    with pytest.raises(NotAllowed):
        accept_documents(session, by=stranger, accepted=[1], address="")
