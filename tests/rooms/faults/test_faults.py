"""Errors that nobody expected are kept, alike ones once, without secrets, and a resolved one that comes again says so."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask, current_app
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from webapp.blueprints.faults.models import Affected, Fault, Occurrence
from webapp.blueprints.faults.queries import list_of_request, tell_personal
from webapp.blueprints.faults.services import KEPT, fingerprint, record_crash
from webapp.blueprints.tasks.gateways.runner import execute
from webapp.blueprints.tasks.public import State, ask
from webapp.core.crashes import Crashed
from webapp.core.db import transaction
from webapp.core.jobs import Arguments, TaskKind, TaskRun
from webapp.core.security import SYSTEM, public

SignIn = Callable[[str], FlaskClient]
PAGE = "/backoffice/errors/"
ENGLISH = {"Accept-Language": "en"}


def _post(client: FlaskClient, address: str) -> TestResponse:
    token = client.get("/backoffice/").text.split('name="csrf-token" content="')[1].split('"')[0]
    return client.post(address, data={"csrf_token": token}, headers=ENGLISH)


def fall(words: str) -> None:
    raise ValueError(words)


def slip(words: str) -> None:
    raise ValueError(words)


def caught(work: Callable[[str], None], words: str = "wrong") -> ValueError:
    with pytest.raises(ValueError, match=re.escape(words)) as told:
        work(words)
    return told.value


@pytest.fixture
def crash(fresh_app: Flask) -> Callable[..., TestResponse]:
    """Ask for a page that crashes with these words; commits are real."""

    def broken(words: str) -> str:
        fall(words)
        return words

    fresh_app.add_url_rule("/broken/<words>", "broken", public(broken))
    client = fresh_app.test_client()
    return lambda words, **headers: client.get(f"/broken/{words}", headers=headers)


def faults() -> list[Fault]:
    with transaction() as session:
        return list(session.scalars(select(Fault).order_by(Fault.id)))


def test_a_request_that_crashes_is_kept_with_its_id_and_not_with_its_address(
    crash: Callable[..., TestResponse],
) -> None:
    assert crash("one", **{"X-Request-ID": "0123456789abcdef"}).status_code == 500
    assert crash("two").status_code == 500
    with transaction() as session:
        [fault] = session.scalars(select(Fault)).all()
        assert (fault.kind, fault.message, fault.count, fault.state) == ("ValueError", "two", 2, "open")
        assert fault.place == "tests/rooms/faults/test_faults.py fall"
        assert "in fall" in fault.trace
        [(occurrence, found)] = list_of_request(session, "0123456789abcdef")
        assert found is fault
        assert (occurrence.method, occurrence.route, occurrence.user_id) == ("GET", "/broken/<words>", None)


def test_a_resolved_fault_that_comes_again_opens_by_itself(crash: Callable[..., TestResponse]) -> None:
    crash("one")
    with transaction() as session:
        session.scalars(select(Fault)).one().state = "resolved"
    crash("two")
    crash("three")
    assert [(fault.state, fault.returns, fault.count) for fault in faults()] == [("reopened", 1, 3)]


def test_secrets_and_addresses_of_people_are_masked(session: Session) -> None:
    secret = current_app.extensions["settings"].secret_key
    words = f"{secret} password=hunter22 mario@example.it 203.0.113.77 2001:db8::77 postgresql://u:hunter22@db/x"
    record_crash(session, Crashed(caught(fall, words)))
    [fault] = session.scalars(select(Fault)).all()
    for word in (secret, "hunter22", "mario@example.it", "203.0.113.77", "2001:db8::77"):
        assert word not in fault.message
        assert word not in fault.trace
    assert "in fall" in fault.trace
    assert "test_faults.py" in fault.trace


def test_errors_are_alike_by_type_and_way_not_by_words() -> None:
    assert fingerprint(caught(fall, "a")) == fingerprint(caught(fall, "b"))
    assert fingerprint(caught(fall)) != fingerprint(caught(slip))


def test_people_whom_a_fault_met_are_counted_once_and_can_have_what_is_stored(session: Session) -> None:
    for user in (7, 7, 8, None):
        record_crash(session, Crashed(caught(fall), user_id=user, route="/x"))
    [fault] = session.scalars(select(Fault)).all()
    assert fault.count == 4
    assert sorted(session.scalars(select(Affected.user_id))) == [7, 8]
    assert len(tell_personal(session, 7)["errors_met"]) == 2
    assert tell_personal(session, 9) == {}


def test_the_latest_occurrences_are_kept(session: Session) -> None:
    error = caught(fall)
    for number in range(KEPT + 3):
        record_crash(session, Crashed(error, request_id=str(number)))
    kept = [int(each) for each in session.scalars(select(Occurrence.request_id))]
    assert (len(kept), min(kept)) == (KEPT, 3)
    assert session.scalars(select(Fault.count)).one() == KEPT + 3


def test_a_task_that_crashes_is_kept(fresh_app: Flask) -> None:
    def work(_run: TaskRun, _args: Arguments) -> None:
        fall("in a task")

    fresh_app.extensions["task_kinds"]["test.crash"] = TaskKind(name="test.crash", title="Crash", work=work, attempts=1)
    with transaction() as session:
        number = ask(session, "test.crash", {}, by=SYSTEM).id
    assert execute(fresh_app, number, worker="test", kill=lambda: None) == State.FAILED
    with transaction() as session:
        [occurrence] = session.scalars(select(Occurrence)).all()
        assert (occurrence.task, occurrence.task_id) == ("test.crash", number)


def test_a_listener_that_stumbles_does_not_hide_the_page_of_the_error(crash: Callable[..., TestResponse]) -> None:
    def stumble(_session: Session, _event: Crashed) -> None:
        raise RuntimeError("twice")

    current_app.extensions["bottega_listeners"][Crashed].append(stumble)
    answer = crash("one")
    assert answer.status_code == 500
    assert "twice" not in answer.text
    assert faults() == []


def test_the_owner_looks_at_faults_and_calls_them_resolved(session: Session, sign_in: SignIn) -> None:
    record_crash(session, Crashed(caught(fall, "<b>wrong</b>"), request_id="abcdefgh", method="GET", route="/x"))
    session.commit()
    owner, fault = sign_in("owner"), session.scalars(select(Fault)).one()
    address = f"{PAGE}{fault.id}/"
    assert "ValueError" in owner.get(PAGE, headers=ENGLISH).text
    page = owner.get(address, headers=ENGLISH).text
    assert "&lt;b&gt;wrong&lt;/b&gt;" in page
    assert "abcdefgh" in page
    assert _post(owner, f"{address}resolve").status_code == 303
    session.refresh(fault)
    assert (fault.state, bool(fault.resolved_at), fault.resolved_by) == ("resolved", True, "The owner")
    assert "Resolved by" in owner.get(address, headers=ENGLISH).text
    assert _post(owner, f"{address}reopen").status_code == 303
    session.refresh(fault)
    assert fault.state == "open"
    assert owner.get(f"{PAGE}999999/", headers=ENGLISH).status_code == 404
    staff = sign_in("staff")
    assert staff.get(PAGE, headers=ENGLISH).status_code == 403
    assert _post(staff, f"{address}resolve").status_code == 403
