"""The weekly report: the figures of the command, kept once for each week, mailed once to each reader with its document."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
import zlib
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.rooms.accounts.makers import make_user
from tests.rooms.conftest import ENGLISH
from tests.rooms.traffic.browsing import SignIn, send
from tests.rooms.traffic.makers import as_json, ask, run_task, store
from webapp.blueprints.mail.models import MailAttachment, OutgoingMail
from webapp.blueprints.mail.services import forget_old
from webapp.blueprints.tasks.public import State
from webapp.blueprints.traffic.models import WeekReport
from webapp.blueprints.traffic.services.alert_rules import get_report_readers
from webapp.blueprints.traffic.services.marks import add_note
from webapp.blueprints.traffic.services.week_document import summary
from webapp.blueprints.traffic.services.weekly import (
    WeekNotOver,
    last_week,
    let_go_of_reports,
    mail_week_report,
    make_week_report,
)
from webapp.blueprints.traffic.views.cards import written as written_as
from webapp.core.clock import utc_now
from webapp.core.company import get_company
from webapp.core.db import db, transaction
from webapp.core.pdf import Document, written
from webapp.core.security import SYSTEM

MONDAY = dt.date(2026, 11, 9)
NOW = dt.datetime(2026, 11, 16, 6, 0, tzinfo=dt.UTC)  # Monday at seven in Rome
PAGE = "/backoffice/traffic/weeks/"


def store_lines(folder: Path) -> None:
    """A week of twelve hits, of which four fail and one attacks, after one of three."""

    def at(day: int, hour: int, **changes: str) -> bytes:
        moment = dt.datetime.combine(MONDAY + dt.timedelta(days=day), dt.time(hour), dt.UTC)
        return as_json(moment, request_id=f"{day + 9:016x}{hour:016x}", **changes)

    content = [at(-7 + number, 9) for number in range(3)]
    content += [at(number, 9, referrer="https://other.example/") for number in range(7)]
    content += [
        at(1, 10, status="404", uri="/gone/caffè", referrer="https://suite.example.it/x"), at(2, 10, status="500"),
        at(3, 11, status="404", uri="/.env", address="198.51.100.9"), at(4, 12, status="404", uri="/nothing", request_time="2.500"), at(5, 1),
    ]  # fmt: skip
    store(db.session(), folder, content)
    with transaction() as session:
        add_note(session, by=SYSTEM, at=dt.datetime.combine(MONDAY, dt.time(12), dt.UTC), text="Fair of Faenza")


@pytest.fixture
def lines(session: Session, tmp_path: Path) -> None:
    """The hits of two weeks."""
    assert session.is_active
    store_lines(tmp_path)


def words_of(document: bytes) -> str:
    """The words of a PDF of this house, line by line."""
    assert document.startswith(b"%PDF-1.7")
    found = []
    for stream in re.findall(rb"stream\n(.*?)\nendstream", document, re.DOTALL):
        found += [
            bytes.fromhex(each.decode()).decode("cp1252")
            for each in re.findall(rb"<([0-9a-f]*)> Tj", zlib.decompress(stream))
        ]
    return "\n".join(found)


def test_the_report_has_the_figures_of_the_command(fresh_app: Flask, tmp_path: Path) -> None:
    store_lines(tmp_path)
    db.session.remove()
    with transaction() as session:
        figures = dict(make_week_report(session, MONDAY + dt.timedelta(days=3), NOW, get_company(session)).figures)

    def command(first: str, last: str) -> dict[str, Any]:
        db.session.remove()
        answer = fresh_app.test_cli_runner().invoke(args=["traffic", "report", "--from", first, "--to", last, "--json"])
        assert answer.exit_code == 0, (answer.output, answer.exception)
        told: dict[str, Any] = json.loads(answer.stdout)
        return told

    told, before = command("2026-11-09", "2026-11-15"), command("2026-11-02", "2026-11-08")
    assert figures.pop("week") == "2026-W46"
    compared = figures.pop("before")
    assert figures == told
    assert compared == {name: before[name] for name in compared}
    assert (told["hits"], told["errors"], compared["hits"]) == (12, 4, 3)
    assert told["by_status"] == {"200": 8, "404": 3, "500": 1}
    assert {each["path"] for each in told["missing"]} == {"/gone/caffè", "/.env", "/nothing"}
    assert told["attackers"][0]["network"] == "198.51.100.0"
    assert told["marks"][0]["text"] == "Fair of Faenza"
    slowest = told["slowest"][0]
    assert (slowest["path"], slowest["seconds"], slowest["application"], slowest["database"]) == (
        "/nothing",
        2.5,
        0.1,
        0.04,
    )
    assert len(told["slowest"]) == 12
    assert told["referring_sites"] == [{"site": "other.example", "hits": 7, "visits": 7}]


@pytest.mark.usefixtures("lines")
def test_each_reader_gets_one_mail_a_week_with_the_document_in_their_language(session: Session) -> None:
    anna, joe = (
        make_user(session, email=f"{name}@client.it", roles=(role,))
        for name, role in (("anna", "owner"), ("joe", "staff"))
    )
    make_user(session, email="vera@client.it", roles=("viewer",))
    anna.language, joe.language = "it", "en"
    get_report_readers(session).receivers = ["role:owner", "role:staff", "role:viewer"]
    company = get_company(session)
    for _again in range(3):
        mail_week_report(session, make_week_report(session, MONDAY, NOW, company), company)
    sent = session.scalars(
        select(OutgoingMail).where(OutgoingMail.template == "traffic/week").order_by(OutgoingMail.id)
    ).all()
    assert [(mail.address, mail.language) for mail in sent] == [("anna@client.it", "it"), ("joe@client.it", "en")]
    files = session.scalars(select(MailAttachment).order_by(MailAttachment.mail_id)).all()
    assert [(each.mail_id, each.name, each.type) for each in files] == [
        (mail.id, "traffic-2026-W46.pdf", "application/pdf") for mail in sent
    ]
    english = words_of(files[1].content)
    for word in (
        "Traffic, week 46 of 2026",
        "Hits by the day",
        "Slowest answers",
        "/gone/caffè",
        "Fair of Faenza",
        "198.51.100.0",
        "before: 3",
        "+300",
    ):
        assert word in english, word
    assert b"/Lang (it)" in files[0].content
    assert session.query(WeekReport).count() == 1


@pytest.mark.usefixtures("lines")
def test_what_is_attached_goes_when_what_the_mail_says_does(session: Session) -> None:
    make_user(session, email="anna@client.it", roles=("owner",))
    company = get_company(session)
    mail_week_report(session, make_week_report(session, MONDAY, NOW, company), company)
    forget_old(session, utc_now() + dt.timedelta(days=89))
    assert session.query(MailAttachment).count() == 1
    forget_old(session, utc_now() + dt.timedelta(days=91))
    assert session.query(MailAttachment).count() == 0


def test_the_last_week_is_that_of_the_company_s_monday(session: Session) -> None:
    company = get_company(session)
    assert last_week(NOW, company) == MONDAY
    assert last_week(dt.datetime(2026, 11, 15, 22, 59, tzinfo=dt.UTC), company) == MONDAY - dt.timedelta(days=7)
    assert last_week(dt.datetime(2026, 11, 15, 23, 0, tzinfo=dt.UTC), company) == MONDAY
    assert last_week(dt.datetime(2027, 1, 4, 12, tzinfo=dt.UTC), company).isocalendar()[:2] == (2026, 53)


def test_a_week_that_is_not_over_has_no_report(session: Session) -> None:
    with pytest.raises(WeekNotOver):
        make_week_report(session, MONDAY + dt.timedelta(days=7), NOW, get_company(session))


def test_a_week_without_hits_has_a_report_too(session: Session) -> None:
    report = make_week_report(session, dt.date(2020, 12, 28), NOW, get_company(session))
    assert (report.figures["week"], report.figures["hits"]) == ("2020-W53", 0)


def test_reports_go_as_hits_do(session: Session) -> None:
    make_week_report(session, MONDAY, NOW, get_company(session))
    let_go_of_reports(session, MONDAY + dt.timedelta(days=760), 760)
    assert session.query(WeekReport).count() == 1
    let_go_of_reports(session, MONDAY + dt.timedelta(days=761), 760)
    assert session.query(WeekReport).count() == 0


def test_the_task_makes_the_report_of_the_last_week_once(fresh_app: Flask) -> None:
    assert run_task(fresh_app, "traffic.report") == State.DONE
    assert run_task(fresh_app, "traffic.report") == State.DONE
    assert ask("SELECT count(*) FROM traffic_week_reports") == [(1,)]
    assert run_task(fresh_app, "traffic.report", day="2026-11-04") == State.DONE
    assert (dt.date(2026, 11, 2),) in ask("SELECT week FROM traffic_week_reports")


@pytest.mark.usefixtures("lines")
def test_reports_are_made_read_and_downloaded_on_their_pages(sign_in: SignIn) -> None:
    staff = sign_in("staff")
    assert "No report yet" in staff.get(PAGE, headers=ENGLISH).text
    assert send(staff, "weeks/", day="2026-11-11") == 303
    assert "Traffic, week 46 of 2026" in staff.get(PAGE, headers=ENGLISH).text
    page = staff.get(f"{PAGE}2026-11-09/", headers=ENGLISH).text
    for word in ("/gone/caffè", "Fair of Faenza", "before: 3", "other.example"):
        assert word in page, word
    answer = staff.get(f"{PAGE}2026-11-09.pdf", headers=ENGLISH)
    assert answer.content_type == "application/pdf"
    assert "Traffic, week 46 of 2026" in words_of(answer.data)
    for path in ("2026-11-02/", "2026-11-02.pdf", "x/", "x.pdf"):
        assert staff.get(f"{PAGE}{path}").status_code == 404
    assert send(staff, "weeks/", day="2999-01-01") == 422
    assert send(staff, "weeks/", day=(dt.datetime.now(dt.UTC) + dt.timedelta(days=8)).date().isoformat()) == 422
    assert sign_in("viewer").get(f"{PAGE}2026-11-09.pdf").status_code == 403


def test_the_owner_chooses_who_gets_the_report(sign_in: SignIn, session: Session) -> None:
    owner, staff = sign_in("owner"), sign_in("staff")
    assert "role:staff" in owner.get(f"{PAGE}readers").text
    assert send(staff, "weeks/readers", receivers="role:staff") == 403
    assert send(owner, "weeks/readers", receivers="role:staff", version="1") == 303
    assert send(owner, "weeks/readers", receivers="role:owner", version="1") == 409
    assert send(owner, "weeks/readers", receivers="role:nobody", version="2") == 422
    session.expire_all()
    assert get_report_readers(session).receivers == ["role:staff"]


def test_a_document_keeps_letters_that_its_font_lacks_as_an_address_does() -> None:
    assert written("caffè €5 – “да”") == "caffè €5 – “%D0%B4%D0%B0”"  # noqa: RUF001 - letters of the font
    made = Document("Title", language="en", foot="Foot", colour="#206bc4")
    made.table(["Path", "Hits"], [[f"/page/{number}/" + "x" * 200, "1"] for number in range(100)], widths=[0.8, 0.2])
    content = made.content()
    assert "100" not in io.BytesIO(content).getvalue()[:8].decode()
    shown = words_of(content)
    assert "/page/99/" in shown
    assert "3 / 3" in shown


@pytest.mark.usefixtures("session")
def test_a_change_too_small_to_tell_has_no_sign() -> None:
    sums = dict.fromkeys(("visitors", "visits", "page_views", "bytes", "errors"), 0)
    told = summary({**sums, "hits": 99_990, "before": {**sums, "hits": 100_000}})
    assert told[0] == ("Hits", "99,990", "0\xa0% · before: 100,000")
    assert written_as(-0.0001, "change") == "0\xa0%"
    assert (written_as(0.001, "change"), written_as(-0.001, "change")) == ("+0.1\xa0%", "-0.1\xa0%")
