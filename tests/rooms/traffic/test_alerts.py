"""Alerts: opened once, lasting while their rule is met, over by themselves, mailed once and never in quiet hours."""

from __future__ import annotations

import datetime as dt
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from html import unescape
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from flask import Flask, current_app
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.rooms.accounts.makers import make_user
from tests.rooms.traffic.makers import as_json, ask
from tests.rooms.traffic.test_tasks import run
from webapp.blueprints.mail.models import OutgoingMail
from webapp.blueprints.tasks.public import State
from webapp.blueprints.traffic.models import Alert, AlertNotice, AlertRule
from webapp.blueprints.traffic.services.alerts import Look, certificate_due, look_at_rules
from webapp.blueprints.traffic.services.certificates import Certificate, CertificateUnreadable, read_certificate
from webapp.blueprints.traffic.services.ingesting import Reading, read_files
from webapp.blueprints.traffic.services.telling import is_quiet, tell
from webapp.blueprints.traffic.services.terms import get_terms
from webapp.blueprints.traffic.services.visits import derive_all
from webapp.core.clock import utc_now
from webapp.core.company import get_company
from webapp.core.db import transaction

SignIn = Callable[[str], FlaskClient]
Read = Callable[..., None]
ROME = ZoneInfo("Europe/Rome")
NOW = dt.datetime(2026, 11, 18, 10, 0, tzinfo=dt.UTC)  # a Wednesday, 11 in Rome
PAGE = "/backoffice/traffic/"
ENGLISH = {"Accept-Language": "en"}
A_MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def read(session: Session, tmp_path: Path) -> Read:
    """Store so many hits of a minute."""
    count = iter(range(1_000_000))

    def stored(at: dt.datetime, times: int = 1, **changes: str) -> None:
        path = tmp_path / f"access-{next(count)}.jsonl"
        path.write_bytes(b"".join(as_json(at, request_id=f"{next(count):032x}", **changes) for _ in range(times)))
        read_files([str(path)], Reading(transaction, get_terms(session, current_app.extensions["settings"], utc_now())))
        derive_all(transaction)

    return stored


def rule(session: Session, kind: str, **changes: Any) -> AlertRule:
    """The house's rule of a kind, alone, with changes."""
    for each in session.scalars(select(AlertRule)):
        each.active = each.kind == kind
    found = session.scalars(select(AlertRule).where(AlertRule.kind == kind)).one()
    for name, value in changes.items():
        setattr(found, name, value)
    session.commit()
    return found


def look(session: Session, now: dt.datetime, certificate: Certificate | str | None = None) -> tuple[int, int, int]:
    """One round of the task: how many opened, closed, and mails."""
    opened, closed = look_at_rules(session, Look(now, ROME, certificate))
    return opened, closed, tell(session, now, get_company(session))


def mails(session: Session) -> list[OutgoingMail]:
    query = select(OutgoingMail).where(OutgoingMail.template == "traffic/alerts").order_by(OutgoingMail.id)
    return list(session.scalars(query))


@pytest.fixture
def owner(session: Session) -> Any:
    return make_user(session, email="anna@client.it", roles=("owner",))


@pytest.mark.usefixtures("owner")
def test_an_alert_opens_once_lasts_and_ends_by_itself_with_one_mail_for_each(session: Session, read: Read) -> None:
    rule(session, "failures", threshold=10, least=20, window_minutes=10, pause_minutes=0)
    read(NOW - 2 * A_MINUTE, 18)
    read(NOW - 2 * A_MINUTE, 4, status="503")
    assert look(session, NOW) == (1, 0, 1)
    assert look(session, NOW + A_MINUTE) == (0, 0, 0)
    alert = session.query(Alert).one()
    assert (alert.value, alert.figures["failures"], alert.figures["requests"]) == (Decimal("18.182"), 4, 22)
    assert look(session, NOW + 9 * A_MINUTE) == (0, 0, 0)  # no longer met, not yet calm
    assert look(session, NOW + 20 * A_MINUTE) == (0, 1, 1)
    assert look(session, NOW + 30 * A_MINUTE) == (0, 0, 0)
    opening, end = mails(session)
    assert "4" in str(opening.text)
    assert (opening.address, end.address) == ("anna@client.it", "anna@client.it")


@pytest.mark.usefixtures("owner")
def test_too_few_requests_open_nothing(session: Session, read: Read) -> None:
    rule(session, "failures", threshold=10, least=20)
    read(NOW - 2 * A_MINUTE, 19, status="500")
    assert look(session, NOW) == (0, 0, 0)


@pytest.mark.usefixtures("owner")
def test_quiet_hours_gather_what_happened_in_one_mail_afterwards(session: Session, read: Read) -> None:
    rule(
        session,
        "failures",
        threshold=10,
        least=1,
        window_minutes=5,
        pause_minutes=0,
        quiet_from=dt.time(22),
        quiet_until=dt.time(12),
    )
    read(NOW - A_MINUTE, 5, status="500")
    assert look(session, NOW) == (1, 0, 0)
    assert look(session, NOW + 20 * A_MINUTE) == (0, 1, 0)
    read(NOW + 30 * A_MINUTE, 5, status="500")
    assert look(session, NOW + 31 * A_MINUTE) == (1, 0, 0)
    assert look(session, NOW + 60 * A_MINUTE) == (0, 1, 1)  # noon in Rome
    (mail,) = mails(session)
    assert str(mail.text).count("100") >= 2
    assert {notice.what for notice in session.query(AlertNotice)} == {"opened", "closed"}
    assert session.query(AlertNotice).filter(AlertNotice.mailed_at.is_(None)).count() == 0


@pytest.mark.usefixtures("owner")
def test_an_alert_that_comes_and_goes_is_not_mailed_again_within_the_pause(session: Session, read: Read) -> None:
    rule(session, "failures", threshold=10, least=1, window_minutes=1, pause_minutes=60, tell_end=False)
    sent = 0
    for minute in range(0, 40, 4):
        read(NOW + minute * A_MINUTE - dt.timedelta(seconds=30), 2, status="500")
        for later in (0, 1, 2, 3):
            sent += look(session, NOW + (minute + later) * A_MINUTE)[2]
    assert session.query(Alert).count() == 10
    assert sent == 1
    assert look(session, NOW + 61 * A_MINUTE)[2] == 1
    assert len(mails(session)) == 2


@pytest.mark.usefixtures("owner")
def test_a_drop_is_measured_by_the_median_of_the_same_hours_of_the_last_weeks(session: Session, read: Read) -> None:
    rule(session, "drop", threshold=50, least=10, window_minutes=60)
    for week, times in ((1, 40), (2, 44), (3, 4), (4, 48)):
        read(NOW - dt.timedelta(weeks=week, minutes=20), times)
    read(NOW - 5 * A_MINUTE, 30)
    assert look(session, NOW) == (0, 0, 0)  # 42 are usual
    robot = {
        "user_agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        "address": "198.51.100.9",
    }
    later = NOW + 50 * A_MINUTE
    for week in (1, 2, 3, 4):
        read(later - dt.timedelta(weeks=week, minutes=20), 42)
    read(later - 5 * A_MINUTE, 12)
    read(later - 5 * A_MINUTE, 500, **robot)
    assert look(session, later + 6 * A_MINUTE)[0] == 1
    figures = session.query(Alert).one().figures
    assert (figures["requests"], figures["usual"]) == (12, 42)


@pytest.mark.usefixtures("owner")
def test_without_two_weeks_that_are_known_nothing_is_usual(session: Session, read: Read) -> None:
    rule(session, "drop", threshold=50, least=1)
    read(NOW - dt.timedelta(weeks=1, minutes=20), 40)
    assert look(session, NOW) == (0, 0, 0)


@pytest.mark.usefixtures("owner")
def test_the_same_hours_are_those_of_the_clock_on_the_wall(session: Session, read: Read) -> None:
    rule(session, "drop", threshold=50, least=10, window_minutes=60)
    summer = dt.datetime(
        2026, 10, 28, 10, 0, tzinfo=dt.UTC
    )  # winter time since Sunday: 11 in Rome, 9 UTC a week before
    for week in (1, 2):
        read(summer - dt.timedelta(weeks=week, hours=1, minutes=20), 40)
    assert look(session, summer) == (1, 0, 1)


@pytest.mark.usefixtures("owner")
def test_slow_answers_open_an_alert(session: Session, read: Read) -> None:
    rule(session, "slow", threshold=2, least=10, window_minutes=15)
    read(NOW - A_MINUTE, 18)
    read(NOW - A_MINUTE, 2, request_time="4.000")
    assert look(session, NOW)[0] == 1
    assert session.query(Alert).one().value > 2


@pytest.mark.usefixtures("owner")
def test_an_attacker_is_told_once_and_not_again_while_he_is_known(session: Session, read: Read) -> None:
    rule(session, "attacker", threshold=5, window_minutes=30, pause_minutes=0, tell_end=False)
    bad = {"uri": "/.env", "status": "404", "address": "198.51.100.77", "query": ""}
    read(NOW - A_MINUTE, 6, **bad)
    read(NOW - A_MINUTE, 3, **{**bad, "address": "203.0.113.50"})  # too few
    assert look(session, NOW) == (1, 0, 1)
    assert session.query(Alert).one().subject == "198.51.100.0"
    assert look(session, NOW + 60 * A_MINUTE) == (0, 1, 0)
    later = NOW + dt.timedelta(days=4)
    read(later - A_MINUTE, 60, **bad)
    assert look(session, later) == (0, 0, 0)


@pytest.fixture
def tls_site(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A site on this machine whose certificate ends in nine days, and that certificate as a file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "suite.example.it")])
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(NOW - dt.timedelta(days=80))
        .not_valid_after(NOW + dt.timedelta(days=9)).sign(key, hashes.SHA256())
    )  # fmt: skip
    public, private = tmp_path / "site.pem", tmp_path / "site.key"
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        plain, _address = listener.accept()
        with plain, context.wrap_socket(plain, server_side=True):
            pass

    server = threading.Thread(target=serve)
    server.start()
    yield f"127.0.0.1:{listener.getsockname()[1]}", public
    server.join()
    listener.close()


def test_the_end_of_the_certificate_is_read_over_tls_and_from_a_file(tls_site: tuple[str, Path]) -> None:
    place, file = tls_site
    assert read_certificate(place) == Certificate("127.0.0.1", NOW + dt.timedelta(days=9))
    assert read_certificate(str(file)) == Certificate("site.pem", NOW + dt.timedelta(days=9))


@pytest.mark.parametrize("place", ["127.0.0.1:1", "/nowhere/site.pem"])
@pytest.mark.usefixtures("app")
def test_a_certificate_that_cannot_be_read_says_why(place: str) -> None:
    with pytest.raises(CertificateUnreadable, match="cannot be read"):
        read_certificate(place)


@pytest.mark.usefixtures("owner")
def test_a_certificate_near_its_end_is_told_until_it_is_renewed(session: Session) -> None:
    found = rule(session, "certificate", threshold=14)
    assert certificate_due(session, NOW)
    assert look(session, NOW, Certificate("suite.example.it", NOW + dt.timedelta(days=20))) == (0, 0, 0)
    assert not certificate_due(session, NOW + A_MINUTE)
    assert look(session, NOW, Certificate("suite.example.it", NOW + dt.timedelta(days=9))) == (1, 0, 1)
    assert look(session, NOW + A_MINUTE) == (0, 0, 0)  # nobody looked: it lasts
    assert look(session, NOW + A_MINUTE, "cannot be read") == (0, 0, 0)
    assert look(session, NOW + 2 * A_MINUTE, Certificate("suite.example.it", NOW + dt.timedelta(days=89))) == (0, 1, 1)
    assert found.kind == "certificate"


@pytest.mark.parametrize(
    ("begin", "end", "at", "quiet"),
    [
        (22, 7, 23, True),
        (22, 7, 6, True),
        (22, 7, 7, False),
        (13, 15, 14, True),
        (13, 15, 15, False),
        (None, None, 3, False),
    ],
)
def test_quiet_hours_may_go_over_midnight(begin: int | None, end: int | None, at: int, quiet: bool) -> None:
    asked = AlertRule(
        quiet_from=None if begin is None else dt.time(begin), quiet_until=None if end is None else dt.time(end)
    )
    assert is_quiet(asked, dt.time(at)) is quiet


def test_each_reader_is_told_in_their_language_and_only_those_who_may_see_the_room(
    session: Session, read: Read
) -> None:
    anna = make_user(session, email="anna@client.it", roles=("owner",))
    joe = make_user(session, email="joe@client.it", roles=("staff",))
    anna.language, joe.language = "it", "en"
    vera = make_user(session, email="vera@client.it", roles=("viewer",))
    rule(
        session,
        "failures",
        threshold=10,
        least=1,
        receivers=["role:owner", f"person:{joe.id}", f"person:{vera.id}", "person:0"],
    )
    read(NOW - A_MINUTE, 5, status="500")
    assert look(session, NOW)[0] == 1
    assert [(mail.address, mail.language) for mail in mails(session)] == [(anna.email, "it"), (joe.email, "en")]


def test_a_rule_that_is_switched_off_ends_its_alerts(session: Session, read: Read) -> None:
    found = rule(session, "failures", threshold=10, least=1)
    read(NOW - A_MINUTE, 5, status="500")
    assert look(session, NOW)[:2] == (1, 0)
    found.active = False
    assert look(session, NOW + A_MINUTE)[:2] == (0, 1)


def send(client: FlaskClient, path: str, **values: Any) -> int:
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/backoffice/", follow_redirects=True).text)
    assert token
    return client.post(f"{PAGE}{path}", data={"csrf_token": token[1], **values}, headers=ENGLISH).status_code


def test_an_alert_is_shown_on_its_page_the_dashboard_and_by_the_bell_and_leads_to_its_lines(
    sign_in: SignIn, session: Session, read: Read
) -> None:
    staff = sign_in("staff")
    assert "No alerts" in staff.get(PAGE, headers=ENGLISH).text
    rule(session, "failures", threshold=10, least=1)
    read(NOW - 2 * A_MINUTE, 3)
    read(NOW - 2 * A_MINUTE, 5, status="502")
    look(session, NOW)
    session.commit()
    alert = session.query(Alert).one()
    assert "One alert lasts" in staff.get(PAGE, headers=ENGLISH).text
    sentence = "5 of 8 in 15 minutes"
    for path in (f"{PAGE}alerts/", f"{PAGE}alerts/{alert.id}/", "/backoffice/"):
        assert sentence in staff.get(path, headers=ENGLISH, follow_redirects=True).text, path
    page = staff.get(f"{PAGE}alerts/{alert.id}/", headers=ENGLISH).text
    lines = re.search(r'href="([^"]+requests/[^"]+)"', page)
    assert lines
    assert staff.get(unescape(lines[1]) + "&format=csv", headers=ENGLISH).text.count("502") == 5
    viewer = sign_in("viewer")
    assert "alert-bell" not in viewer.get("/backoffice/", follow_redirects=True).text
    assert viewer.get(f"{PAGE}alerts/").status_code == 403


RULE = {
    "kind": "slow", "name": "Shop", "threshold": "1.5", "window_minutes": "10", "least": "20", "receivers": "role:owner",
    "quiet_from": "22:00", "quiet_until": "07:00", "pause_minutes": "30", "tell_end": "y", "active": "y",
}  # fmt: skip


def test_the_owner_edits_the_rules_and_others_do_not(sign_in: SignIn, session: Session) -> None:
    owner, staff = sign_in("owner"), sign_in("staff")
    assert send(owner, "alerts/rules/new", **RULE) == 303
    made = session.scalars(select(AlertRule).where(AlertRule.name == "Shop")).one()
    assert (made.threshold, made.quiet_from, made.receivers) == (Decimal("1.5"), dt.time(22), ["role:owner"])
    assert "Shop" in staff.get(f"{PAGE}alerts/rules/", headers=ENGLISH).text
    path = f"alerts/rules/{made.id}"
    assert "Shop" in owner.get(f"{PAGE}{path}/edit").text
    assert send(staff, f"{path}/edit", **RULE) == 403
    assert send(owner, f"{path}/edit", **{**RULE, "version": "1", "threshold": "9"}) == 303
    assert send(owner, f"{path}/edit", **{**RULE, "version": "1", "threshold": "7"}) == 409
    session.refresh(made)
    assert made.threshold == 9
    assert owner.get(f"{PAGE}{path}/delete").status_code == 200
    assert send(owner, f"{path}/delete", version="2") == 303
    assert session.scalars(select(AlertRule).where(AlertRule.name == "Shop")).all() == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"threshold": "0"},
        {"threshold": "x"},
        {"window_minutes": "0"},
        {"kind": "x"},
        {"quiet_until": ""},
        {"quiet_from": "25:00"},
        {"receivers": "role:nobody"},
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_beside_its_field(sign_in: SignIn, wrong: dict[str, str]) -> None:
    assert send(sign_in("owner"), "alerts/rules/new", **{**RULE, **wrong}) == 422


def test_the_task_marks_the_version_and_looks_at_the_rules(fresh_app: Flask) -> None:
    settings = replace(fresh_app.extensions["settings"], release="1.2.0", traffic_certificate="127.0.0.1:1")
    fresh_app.extensions["settings"] = settings
    assert run("traffic.watch") == State.DONE
    assert run("traffic.watch") == State.DONE
    assert ask("SELECT release FROM traffic_time_marks") == [("1.2.0",)]
    checks = ask(
        "SELECT r.kind, c.problem <> '' FROM traffic_alert_checks c JOIN traffic_alert_rules r ON r.id = c.rule_id"
    )
    assert sorted(checks) == [
        ("attacker", False),
        ("certificate", True),
        ("drop", False),
        ("failures", False),
        ("slow", False),
    ]
    assert ask("SELECT result FROM tasks_tasks ORDER BY id LIMIT 1") == [({"opened": 0, "closed": 0, "mails": 0},)]
