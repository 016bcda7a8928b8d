"""Mail goes out through tasks: with its cause or not at all, when the server is back, and with words when it refuses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.core.smtp_server import MailServer
from tests.rooms.tasks.conftest import Run
from webapp.blueprints.tasks.models import State, Task
from webapp.blueprints.tasks.public import send_mail
from webapp.core.db import db, transaction
from webapp.core.errors import FieldProblems
from webapp.core.security import SYSTEM

Row = Callable[[int], Task]


@pytest.fixture
def mail_server(tasks_app: Flask) -> Iterator[MailServer]:
    """A mail server that the application sends by; it runs when a test starts it."""
    with MailServer().running() as mail_server:
        pass
    before = tasks_app.extensions["settings"]
    url = f"smtp://127.0.0.1:{mail_server.port}"
    tasks_app.extensions["settings"] = replace(before, mail_url=url, mail_from="bottega@manfredi.it")
    yield mail_server
    tasks_app.extensions["settings"] = before


def hello(key: str | None = None) -> int:
    with transaction() as session:
        return send_mail(session, to="anna@client.it", subject="Hello", text="Hello.", by=SYSTEM, key=key).id


def due_now(task_id: int) -> None:
    with transaction() as session:
        session.get_one(Task, task_id).not_before = None


def test_mail_waits_for_a_server_that_is_down_and_goes_out_once_when_it_is_back(
    mail_server: MailServer, run: Run, row: Row
) -> None:
    task_id = hello()
    assert run(task_id) is State.QUEUED
    task = row(task_id)
    assert "does not answer" in task.lines[-1].words
    assert task.not_before is not None
    due_now(task_id)
    with mail_server.running():
        assert run(task_id) is State.DONE
    assert [mail["to"] for mail in mail_server.mails] == ["anna@client.it"]
    assert row(task_id).lines[-1].words == "The mail server 127.0.0.1 has taken it."


def test_a_server_that_says_later_is_asked_again_under_the_same_message_id(
    mail_server: MailServer, run: Run, row: Row
) -> None:
    task_id = hello()
    mail_server.answers["RCPT"] = "450 4.2.1 greylisted"
    with mail_server.running():
        assert run(task_id) is State.QUEUED
        del mail_server.answers["RCPT"]
        due_now(task_id)
        assert run(task_id) is State.DONE
        assert mail_server.mails[0]["message-id"] == f"<bottega-{row(task_id).args['id']}@manfredi.it>"


def test_a_server_that_refuses_is_not_asked_again_and_its_words_are_kept(
    mail_server: MailServer, run: Run, row: Row
) -> None:
    task_id = hello()
    mail_server.answers["RCPT"] = "550 5.1.1 no such user here"
    with mail_server.running():
        assert run(task_id) is State.FAILED
    assert row(task_id).error == "The mail server 127.0.0.1 refuses: 550 5.1.1 no such user here"
    assert row(task_id).attempts == 1


def test_mail_goes_with_its_cause_or_not_at_all(tasks_app: Flask) -> None:
    def fall_over() -> None:
        with transaction() as session:
            send_mail(session, to="anna@client.it", subject="Hello", text="Hello.", by=SYSTEM)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fall_over()
    assert db.session.scalar(select(func.count()).select_from(Task)) == 0


def test_the_same_key_is_one_mail(mail_server: MailServer, run: Run) -> None:
    first = hello("order-7")
    with mail_server.running():
        run(first)
    assert hello("order-7") == first
    assert hello("order-8") != first


def test_a_wrong_address_is_told_before_anything_is_stored(tasks_app: Flask) -> None:
    with pytest.raises(FieldProblems) as refusal, transaction() as session:
        send_mail(session, to="anna", subject="a\nb", text="", by=SYSTEM)
    assert set(refusal.value.problems) == {"to", "subject"}


def test_the_settings_can_be_tried_from_the_command_line(mail_server: MailServer, tasks_app: Flask) -> None:
    command = tasks_app.test_cli_runner()
    with mail_server.running():
        done = command.invoke(args=["tasks", "mail-test", "anna@client.it"])
        refused = command.invoke(args=["tasks", "mail-test", "anna"])
    assert (done.exit_code, done.output) == (0, "The mail server 127.0.0.1 has taken it.\n")
    assert [mail["to"] for mail in mail_server.mails] == ["anna@client.it"]
    assert refused.exit_code == 2
    assert "to: This is not an e-mail address." in refused.output
    down = command.invoke(args=["tasks", "mail-test", "anna@client.it"])
    assert down.exit_code == 2
    assert "does not answer" in down.output
