"""The register of consents: who agreed to which words, and that they took it back."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.rooms.accounts.makers import make_user
from tests.rooms.crm.makers import make_customer
from tests.rooms.forms.makers import contact_form
from tests.rooms.forms.test_visitors import latest, send
from webapp.blueprints.consents.models import Consent
from webapp.blueprints.consents.queries import has_consent
from webapp.blueprints.consents.services import WithdrawnBefore, forget_old, record_consent, withdraw_consent
from webapp.core.clock import utc_now
from webapp.core.errors import NotAllowed
from webapp.core.security import ANONYMOUS, SYSTEM

SignIn = Callable[[str], FlaskClient]
URL = "/backoffice/site/consents/"


def make_consent(session: Session, **changes: object) -> Consent:
    values = {
        "subject": "Anna@People.example.com", "purpose": "News", "version": "3", "words": "I want the news.",
        "language": "en", "source": "/en/forms/news",
    }  # fmt: skip
    consent = record_consent(session, **(values | changes))
    session.commit()
    return consent


def test_the_latest_word_counts_whatever_the_letter_case(session: Session) -> None:
    asked = {"subject": "ANNA@people.example.com", "purpose": "News"}
    assert not has_consent(session, **asked)
    given = make_consent(session)
    assert has_consent(session, **asked)
    assert not has_consent(session, subject="anna@people.example.com", purpose="Other")
    withdraw_consent(session, by=SYSTEM, consent_id=given.id, how="By phone")
    assert not has_consent(session, **asked)
    make_consent(session)
    assert has_consent(session, **asked)
    make_consent(session, given=False)
    assert not has_consent(session, **asked)


def test_a_consent_is_withdrawn_once_and_by_those_who_may(session: Session) -> None:
    consent = make_consent(session)
    with pytest.raises(NotAllowed):
        withdraw_consent(session, by=ANONYMOUS, consent_id=consent.id, how="")
    withdraw_consent(session, by=SYSTEM, consent_id=consent.id, how="By mail")
    with pytest.raises(WithdrawnBefore):
        withdraw_consent(session, by=SYSTEM, consent_id=consent.id, how="Again")
    refused = make_consent(session, given=False)
    with pytest.raises(WithdrawnBefore):
        withdraw_consent(session, by=SYSTEM, consent_id=refused.id, how="Never given")


def test_the_register_is_searched_exported_and_shut_to_others(
    session: Session, client: FlaskClient, sign_in: SignIn
) -> None:
    consent = make_consent(session)
    make_consent(session, subject="other@people.example.com", purpose="Answers")
    staff, english = sign_in("staff"), {"Accept-Language": "en"}
    found = staff.get(f"{URL}?q=anna@", headers=english).text
    assert "anna@people.example.com" in found
    assert "other@people.example.com" not in found
    export = staff.get(f"{URL}?format=csv&purpose=News&columns=subject&columns=words", headers=english)
    assert "I want the news." in export.text
    assert "other@" not in export.text
    assert "I want the news." in staff.get(f"{URL}{consent.id}/").text
    assert client.get(URL).status_code in {302, 401}
    assert sign_in("viewer").get(URL).status_code == 403
    assert sign_in("viewer").get(f"{URL}{consent.id}/").status_code == 403


def test_a_withdrawal_is_noted_in_the_back_office(session: Session, sign_in: SignIn) -> None:
    consent, staff = make_consent(session), sign_in("staff")
    page = staff.get(f"{URL}{consent.id}/").text
    token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    given = {"csrf_token": token, "how": "By mail of 3 May\x00"}
    assert staff.post(f"{URL}{consent.id}/withdraw", data=given).status_code == 303
    session.expire_all()
    assert consent.withdrawn_at is not None
    assert consent.withdrawn_how == "By mail of 3 May"
    assert staff.post(f"{URL}{consent.id}/withdraw", data=given).status_code == 409


def test_consents_are_forgotten_after_their_last_word_unless_something_stands_on_them(
    session: Session, client: FlaskClient
) -> None:
    now = utc_now()
    old, young = now - dt.timedelta(days=400), now - dt.timedelta(days=300)
    send(client, contact_form(session))
    used = session.scalars(select(Consent)).one()
    used.given_at = old
    fate = {
        "stands": make_consent(session, at=old),
        "refused": make_consent(session, at=old, given=False),
        "taken back lately": make_consent(session, at=old),
        "young": make_consent(session, at=young),
    }
    fate["taken back lately"].withdrawn_at = young
    session.flush()
    assert forget_old(session, now, months=12) == 2
    left = set(session.scalars(select(Consent.id)))
    assert left == {used.id, fate["taken back lately"].id, fate["young"].id}
    session.delete(latest(session))
    session.flush()
    assert forget_old(session, now, months=12) == 1


def test_all_that_is_stored_about_a_person_is_one_file(session: Session, client: FlaskClient, sign_in: SignIn) -> None:
    user = make_user(session, email="anna@people.example.com")
    make_customer(session, name="Anna Bianchi", email="Anna@people.example.com")
    send(client, contact_form(session))
    make_consent(session)
    make_consent(session, subject="other@people.example.com", words="Another's")
    owner, path = sign_in("owner"), f"{URL}person"
    token = owner.get(path).text.partition('name="csrf_token" value="')[2].partition('"')[0]
    answer = owner.post(path, data={"csrf_token": token, "address": " ANNA@people.example.com "})
    assert "attachment" in answer.headers["Content-Disposition"]
    told = json.loads(answer.text)["rooms"]
    assert [each["purpose"] for each in told["consents"]["consents"]] == ["Answers", "News"]
    assert told["forms"]["messages"][0]["written"]["Message"] == "Hello, are you open?"
    assert [each["name"] for each in told["crm"]["customers"]] == ["Anna Bianchi"]
    assert told["accounts"]["rooms"]["accounts"]["profile"]["name"] == user.name
    assert "notifications" in told["accounts"]["rooms"]["push"]
    assert "Another's" not in answer.text
    for wrong in ("nobody@people.example.com", "nonsense", ""):
        again = owner.post(path, data={"csrf_token": token, "address": wrong})
        assert (again.status_code, 'id="address-problem"' in again.text, f'value="{wrong}"' in again.text) == (
            422,
            True,
            True,
        )
    assert sign_in("staff").get(path).status_code == 403
