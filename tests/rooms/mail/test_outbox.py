"""Mails are kept with their cause, once for each, and their secrets are told to nobody but the reader."""

from __future__ import annotations

import datetime as dt
import threading
from dataclasses import replace

import pytest
from flask import Flask
from jinja2 import UndefinedError
from sqlalchemy import func, select, text, update

from tests.core.smtp_server import MailServer
from tests.rooms.mail.conftest import Post, Row, Send, put_one, write_one
from webapp.blueprints.mail.models import MailState, OutgoingMail
from webapp.blueprints.mail.services import MailForgotten, MailUnderWay, send_again
from webapp.blueprints.tasks.gateways.runner import execute
from webapp.blueprints.tasks.models import State, Task
from webapp.core.clock import utc_now
from webapp.core.company import get_company
from webapp.core.db import db, transaction
from webapp.core.errors import FieldProblems, NotAllowed
from webapp.core.mail import MailNotSetUp, forget_mails, mails_to
from webapp.core.security import SYSTEM, Actor

SECRET = "s3cret-token"


def everything_stored() -> str:
    """All that anybody with the database, but without SECRET_KEY, can read of mails and tasks."""
    tables = ("mail_messages", "mail_deliveries", "tasks_tasks", "tasks_log_lines")
    return " ".join(str(row) for table in tables for row in db.session.execute(text(f"SELECT * FROM {table}")).all())


def count(model: type = OutgoingMail) -> int:
    db.session.remove()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_a_mail_arrives_with_its_secret_which_is_stored_nowhere_in_clear(
    mail_server: MailServer, posted: Post, send: Send, row: Row
) -> None:
    mail = posted()
    assert mail.secret
    assert SECRET not in everything_stored()
    with mail_server.running():
        assert send(mail.id) is State.DONE
    [received] = mail_server.mails
    plain, page = received.get_body(("plain",)), received.get_body(("html",))
    assert plain is not None
    assert page is not None
    assert SECRET in plain.get_content()
    assert f'href="https://suite.test/reset/{SECRET}"' in page.get_content()
    assert (received["to"], received["subject"]) == ("anna@client.it", "Password: Anna")
    mail = row(mail.id)
    assert (mail.state, mail.sealed, mail.attempts, mail.sent_at is not None) == (MailState.SENT, None, 1, True)
    assert [line.outcome for line in mail.deliveries] == ["sent"]
    assert SECRET not in everything_stored()
    assert "Hello Anna" in str(mail.text)


def test_the_task_of_a_mail_knows_its_number_and_is_nobodys_own(posted: Post) -> None:
    posted(by=Actor("Anna", 7))
    [task] = db.session.scalars(select(Task)).all()
    [mail] = db.session.scalars(select(OutgoingMail)).all()
    assert (task.args, task.user_id) == ({"mail": mail.id}, None)
    assert (mail.actor, mail.user_id, mail.task_id) == ("Anna", 7, task.id)


def test_mail_goes_with_its_cause_or_not_at_all(mail_app: Flask) -> None:
    def fall_over() -> None:
        with transaction() as session:
            put_one(session)
            assert session.scalar(select(func.count()).select_from(OutgoingMail)) == 1
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fall_over()
    assert (count(), count(Task)) == (0, 0)


def test_the_same_cause_is_told_to_the_same_address_once(posted: Post) -> None:
    for to in ("anna@client.it", "Anna <ANNA@client.it>", "bruno@client.it"):
        posted(to=to, cause="order:7")
    posted(cause="order:8")
    assert (count(), count(Task)) == (3, 3)
    posted()
    posted()
    assert count() == 5


def test_the_same_cause_told_by_several_at_once_is_one_mail(mail_app: Flask) -> None:
    start = threading.Barrier(6)

    def tell() -> None:
        with mail_app.app_context():
            start.wait(20)
            write_one(cause="order:7")
            db.session.remove()

    threads = [threading.Thread(target=tell) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (count(), count(Task)) == (1, 1)


@pytest.mark.parametrize("to", ["anna", "", "a@client.it, b@client.it", "a@client.it\nBcc: b@client.it"])
def test_a_wrong_address_is_told_before_anything_is_stored(mail_app: Flask, to: str) -> None:
    with pytest.raises(FieldProblems) as refusal:
        write_one(to=to)
    assert set(refusal.value.problems) == {"to"}
    assert count() == 0


def test_a_word_that_the_template_lacks_is_a_mistake_and_not_an_empty_place(mail_app: Flask) -> None:
    with pytest.raises(UndefinedError, match="recovery_codes"):
        write_one(template="tests/codes")
    assert count() == 0


def test_without_the_mail_room_it_is_said_that_mail_cannot_leave(mail_app: Flask) -> None:
    del mail_app.extensions["mail_outbox"]
    with pytest.raises(MailNotSetUp, match="is not open"):
        write_one()


def test_a_mail_speaks_its_readers_language_with_dates_in_the_companys_zone(posted: Post) -> None:
    at = dt.datetime(2026, 11, 21, 23, 30, tzinfo=dt.UTC)
    with transaction() as session:
        get_company(session).languages = "it,en"
    english = posted(template="tests/greeting", language="en", at=at, name="Anna")
    italian = posted(template="tests/greeting", language="it", at=at, name="Anna")
    first = posted(template="tests/greeting", language=None, at=at, name="Anna")
    assert (english.language, italian.language, first.language) == ("en", "it", "it")
    assert "22 Nov 2026" in str(english.text)
    assert "22 nov 2026" in str(italian.text)
    assert (english.subject, italian.subject) == ("Asked by: Anna", "Richiesta da: Anna")
    assert '<html lang="it"' in str(italian.html)
    assert not english.secret


def test_what_people_call_themselves_stays_a_name(posted: Post) -> None:
    mail = posted(name='A<b>\r\nBcc: b@client.it" class="mail-button')
    assert mail.subject == "Password: A<b>"
    assert "A&lt;b&gt;" in str(mail.html)
    assert 'class="mail-button' not in str(mail.html).split("</h1>")[0].split("<h1")[1]


def test_lists_of_codes_are_masked_too(posted: Post) -> None:
    mail = posted(template="tests/codes", recovery_codes=["abc-1", "abc-2"])
    assert str(mail.text).count("••••••••") == 2
    assert "abc-1" not in everything_stored()


def test_the_logo_travels_with_the_mail(mail_server: MailServer, posted: Post, send: Send) -> None:
    picture = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00IEND\xaeB`\x82"
    with transaction() as session:
        company = get_company(session)
        company.logo, company.logo_type, company.name = picture, "image/png", "Manfredi & Figli"
        company.email = "info@manfredi.it"
    mail = posted()
    with mail_server.running():
        assert send(mail.id) is State.DONE
    [received] = mail_server.mails
    [image] = [part for part in received.walk() if part.get_content_maintype() == "image"]
    assert image.get_content() == picture
    page = received.get_body(("html",))
    assert page is not None
    assert f"cid:{str(image['content-id']).strip('<>')}" in page.get_content()
    assert 'alt="" height="40"' in page.get_content()
    assert "Manfredi &amp; Figli" in page.get_content()
    assert received["reply-to"] == "info@manfredi.it"
    assert received["from"].addresses[0].display_name == "Manfredi & Figli"


def test_a_mail_program_that_reads_no_style_sheet_still_sees_the_colours(
    mail_server: MailServer, posted: Post, send: Send
) -> None:
    with transaction() as session:
        get_company(session).primary_colour = "#8b1a1a"
    mail = posted()
    with mail_server.running():
        send(mail.id)
    page = mail_server.mails[0].get_body(("html",))
    assert page is not None
    button = page.get_content().split('class="mail-button"')[1].split(">")[0]
    assert "background-color: #8b1a1a; color: #ffffff;" in button
    assert "style=" not in str(mail.html)


def test_a_mail_is_sent_again_as_a_new_message(mail_server: MailServer, posted: Post, send: Send, row: Row) -> None:
    mail = posted(template="tests/greeting", at=utc_now())
    with mail_server.running():
        send(mail.id)
        with pytest.raises(NotAllowed), transaction() as session:
            send_again(session, mail.id, by=Actor("Vera", 3))
        with transaction() as session:
            send_again(session, mail.id, by=Actor("Anna", 7, frozenset({"mail:outbox:send"})))
        with pytest.raises(MailUnderWay), transaction() as session:
            send_again(session, mail.id, by=SYSTEM)
        send(mail.id)
    assert len({received["message-id"] for received in mail_server.mails}) == 2
    mail = row(mail.id)
    assert [line.outcome for line in mail.deliveries] == ["sent", "again", "sent"]
    assert mail.deliveries[1].words == "Anna had it sent again."


def test_a_secret_that_was_sent_cannot_be_sent_again(mail_server: MailServer, posted: Post, send: Send) -> None:
    mail = posted()
    with mail_server.running():
        send(mail.id)
    with pytest.raises(MailForgotten), transaction() as session:
        send_again(session, mail.id, by=SYSTEM)


def test_a_secret_sealed_with_another_key_is_told_and_not_sent(
    mail_app: Flask, mail_server: MailServer, posted: Post, send: Send, row: Row
) -> None:
    mail = posted()
    mail_app.extensions["settings"] = replace(mail_app.extensions["settings"], secret_key="another" * 8)
    with mail_server.running():
        send(mail.id)
    assert mail_server.mails == []
    mail = row(mail.id)
    assert mail.state == MailState.FAILED
    assert "not kept any more" in mail.error


def test_old_mails_are_forgotten_step_by_step(mail_server: MailServer, posted: Post, send: Send, row: Row) -> None:
    ages = {name: posted(to=f"{name}@client.it") for name in ("week", "quarter", "years", "new")}
    days = {"week": 8, "quarter": 91, "years": 731, "new": 0}
    ids = {name: mail.id for name, mail in ages.items()}
    with transaction() as session:
        for name, mail_id in ids.items():
            moment = utc_now() - dt.timedelta(days=days[name])
            session.execute(update(OutgoingMail).where(OutgoingMail.id == mail_id).values(created_at=moment))
    with mail_server.running():
        send(ids["new"])
    kept = {name: db.session.get(OutgoingMail, mail_id) for name, mail_id in ids.items()}
    assert kept["years"] is None
    assert [(mail.sealed is None, mail.text is None) for mail in (kept["week"], kept["quarter"]) if mail] == [
        (True, False),
        (True, True),
    ]


def test_a_person_can_be_told_which_mails_they_got_and_those_of_one_room_forgotten(posted: Post) -> None:
    posted(to="Anna <ANNA@client.it>")
    posted(to="anna@client.it", template="tests/greeting", at=utc_now())
    posted(to="bruno@client.it")
    first, second = mails_to(db.session(), "anna@client.it")
    assert (first["to"], first["subject"], second["state"]) == ("Anna <ANNA@client.it>", "Password: Anna", "waiting")
    assert SECRET not in str(first)
    with transaction() as session:
        forget_mails(session, "anna@client.it", room="accounts")
        assert len(mails_to(session, "anna@client.it")) == 2
        forget_mails(session, "anna@client.it", room="tests")
        assert mails_to(session, "anna@client.it") == []
    assert count() == 1


def test_a_mail_that_was_forgotten_before_it_left_leaves_its_task_nothing_to_do(
    mail_app: Flask, mail_server: MailServer, posted: Post
) -> None:
    mail = posted()
    with transaction() as session:
        forget_mails(session, "anna@client.it", room="tests")
    db.session.remove()
    with mail_server.running():
        assert execute(mail_app, int(mail.task_id or 0), worker="test", kill=lambda: None) is State.DONE
    assert mail_server.mails == []
