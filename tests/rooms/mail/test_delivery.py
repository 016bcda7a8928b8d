"""A server that refuses, hangs or drops loses nothing, and nobody gets a mail twice that a server said it took."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from flask import Flask

from tests.core.smtp_server import MailServer
from tests.rooms.mail.conftest import Post, Row, Send
from webapp.blueprints.mail import tasks as mail_tasks
from webapp.blueprints.mail.models import MailState, OutgoingMail
from webapp.blueprints.mail.services import send_again
from webapp.blueprints.tasks.models import State, Task
from webapp.blueprints.tasks.public import ask, cancel
from webapp.core.db import db, transaction
from webapp.core.mail import mailers
from webapp.core.security import SYSTEM

MESSAGE_ID = "<bottega-mail-{}-1@manfredi.it>"


@contextmanager
def impatient() -> Iterator[None]:
    """Servers that hang are waited for as long as a test can bear; one that works may take its time on a busy machine."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(mail_tasks, "MOST_SECONDS", 0.5)
        patched.setattr(mailers, "PATIENCE", 0.5)
        yield


def outcomes(mail: OutgoingMail) -> list[str]:
    return [line.outcome for line in mail.deliveries]


def test_a_mail_waits_for_a_server_that_is_down_and_goes_out_once_when_it_is_back(
    mail_server: MailServer, posted: Post, send: Send, row: Row
) -> None:
    mail = posted()
    assert send(mail.id) is State.QUEUED
    waiting = row(mail.id)
    assert (waiting.state, waiting.attempts) == (MailState.WAITING, 1)
    assert "does not answer" in waiting.error
    assert waiting.sealed
    with mail_server.running():
        assert send(mail.id) is State.DONE
        assert send(mail.id) is None
    assert [received["to"] for received in mail_server.mails] == ["anna@client.it"]
    sent = row(mail.id)
    assert (sent.state, sent.attempts, sent.error) == (MailState.SENT, 2, "")
    assert outcomes(sent) == ["delayed", "sent"]


@pytest.mark.parametrize("verb", ["connect", "EHLO", "MAIL", "RCPT", "DATA", "content"])
@pytest.mark.parametrize("how", ["drops", "hangs"])
def test_a_server_that_goes_or_sleeps_before_it_took_the_mail_gets_it_later_once(
    mail_server: MailServer, posted: Post, send: Send, row: Row, *, how: str, verb: str
) -> None:
    mail = posted(cause="order:7")
    spoilt: set[str] = getattr(mail_server, how)
    spoilt.add(verb)
    with mail_server.running(), impatient():
        assert send(mail.id) is State.QUEUED
    assert mail_server.connections > 0
    assert mail_server.mails == []
    assert row(mail.id).state == MailState.WAITING
    spoilt.clear()
    posted(cause="order:7")
    with mail_server.running():
        assert send(mail.id) is State.DONE
    assert [received["message-id"] for received in mail_server.mails] == [MESSAGE_ID.format(mail.id)]
    assert outcomes(row(mail.id)) == ["delayed", "sent"]


@pytest.mark.parametrize("how", ["drops", "hangs"])
def test_a_server_that_took_the_mail_and_never_said_so_gets_the_very_same_again(
    mail_server: MailServer, posted: Post, send: Send, row: Row, how: str
) -> None:
    """No client of SMTP can know better (RFC 5321, 6.1): what it can do is to let the repeat be told as one."""
    mail = posted()
    getattr(mail_server, how).add("content")
    mail_server.takes_first = True
    with mail_server.running(), impatient():
        assert send(mail.id) is State.QUEUED
    assert "did not say whether it took it" in row(mail.id).error
    getattr(mail_server, how).clear()
    with mail_server.running():
        assert send(mail.id) is State.DONE
    first, again = mail_server.mails
    assert first["message-id"] == again["message-id"] == MESSAGE_ID.format(mail.id)
    assert first["date"] == again["date"]


def test_a_server_that_thinks_long_about_a_whole_message_is_waited_for_longer(
    mail_server: MailServer, posted: Post, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail_tasks, "MOST_SECONDS", 1.0)
    mail = posted()
    mail_server.thinks = 1.5
    with mail_server.running():
        assert send(mail.id) is State.DONE
    assert len(mail_server.mails) == 1


@pytest.mark.parametrize(("verb", "answer"), [("RCPT", "450 4.2.1 greylisted"), ("content", "451 disk full")])
def test_a_server_that_says_later_is_asked_again_under_the_same_message_id(
    mail_server: MailServer, posted: Post, send: Send, verb: str, answer: str
) -> None:
    mail = posted()
    mail_server.answers[verb] = answer
    with mail_server.running():
        assert send(mail.id) is State.QUEUED
        del mail_server.answers[verb]
        assert send(mail.id) is State.DONE
    assert [received["message-id"] for received in mail_server.mails] == [MESSAGE_ID.format(mail.id)]


def test_a_server_that_refuses_is_not_asked_again_its_words_are_kept_and_the_mail_too(
    mail_server: MailServer, posted: Post, send: Send, row: Row
) -> None:
    mail = posted()
    mail_server.answers["RCPT"] = "550 5.1.1 no such user here"
    with mail_server.running():
        assert send(mail.id) is State.FAILED
        refused = row(mail.id)
        assert (refused.state, outcomes(refused)) == (MailState.REFUSED, ["refused"])
        assert refused.error == "The mail server 127.0.0.1 refuses: 550 5.1.1 no such user here"
        mail_server.answers.clear()
        with transaction() as session:
            send_again(session, mail.id, by=SYSTEM)
        assert send(mail.id) is State.DONE
    plain = mail_server.mails[0].get_body(("plain",))
    assert plain is not None
    assert "s3cret-token" in plain.get_content()


def test_a_wrong_password_of_ours_delays_mail_and_refuses_none(
    mail_app: Flask, mail_server: MailServer, posted: Post, send: Send, row: Row
) -> None:
    mail = posted()
    settings = mail_app.extensions["settings"]
    url = settings.mail_url.replace("smtp://", "smtp://bottega:wrong@")
    mail_app.extensions["settings"] = replace(settings, mail_url=url)
    mail_server.answers["AUTH"] = "535 5.7.8 authentication failed"
    with mail_server.running():
        assert send(mail.id) is State.QUEUED
        assert "535 5.7.8" in row(mail.id).error
        mail_server.answers.clear()
        assert send(mail.id) is State.DONE


def test_mail_waits_for_somebody_to_say_how_it_leaves(
    mail_app: Flask, mail_server: MailServer, posted: Post, send: Send, row: Row
) -> None:
    settings = mail_app.extensions["settings"]
    mail_app.extensions["settings"] = replace(settings, environment="production", mail_url=None)
    mail = posted()
    assert send(mail.id) is State.QUEUED
    assert "set MAIL_URL" in row(mail.id).error
    mail_app.extensions["settings"] = settings
    with mail_server.running():
        assert send(mail.id) is State.DONE


def test_after_two_days_nobody_tries_any_more_and_it_is_said(
    mail_server: MailServer, posted: Post, send: Send, row: Row
) -> None:
    mail = posted()
    with transaction() as session:
        task = session.get_one(Task, mail.task_id)
        task.attempts = task.most_attempts - 1
    assert send(mail.id) is State.FAILED
    assert (row(mail.id).state, outcomes(row(mail.id))) == (MailState.FAILED, ["failed"])
    with transaction() as session:
        send_again(session, mail.id, by=SYSTEM)
    with mail_server.running():
        assert send(mail.id) is State.DONE


def test_a_mail_whose_task_was_cancelled_can_be_sent_again(mail_server: MailServer, posted: Post, send: Send) -> None:
    mail = posted()
    with transaction() as session:
        cancel(session, int(mail.task_id or 0), by=SYSTEM)
    with transaction() as session:
        send_again(session, mail.id, by=SYSTEM)
    with mail_server.running():
        assert send(mail.id) is State.DONE
    assert len(mail_server.mails) == 1


def test_a_second_task_for_the_same_mail_sends_nothing(
    mail_server: MailServer, posted: Post, send: Send, row: Row
) -> None:
    mail = posted()
    with mail_server.running():
        send(mail.id)
        with transaction() as session:
            task_id = ask(session, "mail.deliver", {"mail": mail.id}, by=SYSTEM).id
            session.get_one(OutgoingMail, mail.id).task_id = task_id
        db.session.remove()
        assert send(mail.id) is State.DONE
    assert len(mail_server.mails) == 1
    assert row(mail.id).attempts == 1


def test_without_a_server_mails_are_written_to_the_folder(mail_app: Flask, posted: Post, send: Send, row: Row) -> None:
    mail = posted(to="Anna Bianchi <anna@client.it>")
    assert send(mail.id) is State.DONE
    [path] = (mail_app.extensions["settings"].instance / "mail").glob(f"bottega-mail-{mail.id}-1.eml")
    assert "anna@client.it" in path.read_text()
    assert row(mail.id).deliveries[0].words.startswith("It was written to")
