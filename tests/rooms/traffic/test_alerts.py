"""Alerts: opened once, lasting while their rule is met, over by themselves, mailed once and never in quiet hours."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.rooms.accounts.makers import make_user
from tests.rooms.traffic.alerting import A_MINUTE, NOW, Read, look, rule
from tests.rooms.traffic.makers import ask, run_task
from webapp.blueprints.mail.models import OutgoingMail
from webapp.blueprints.tasks.public import State
from webapp.blueprints.traffic.models import Alert, AlertNotice, AlertRule
from webapp.blueprints.traffic.services.telling import is_quiet


def mails(session: Session) -> list[OutgoingMail]:
    query = select(OutgoingMail).where(OutgoingMail.template == "traffic/alerts").order_by(OutgoingMail.id)
    return list(session.scalars(query))


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


def test_the_task_marks_the_version_and_looks_at_the_rules(fresh_app: Flask) -> None:
    settings = replace(fresh_app.extensions["settings"], release="1.2.0", traffic_certificate="127.0.0.1:1")
    fresh_app.extensions["settings"] = settings
    assert run_task(fresh_app, "traffic.watch") == State.DONE
    assert run_task(fresh_app, "traffic.watch") == State.DONE
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
