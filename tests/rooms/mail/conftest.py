"""An application that commits for good, with a template of the tests, and a mail server that it sends by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from jinja2 import ChoiceLoader, FileSystemLoader
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.core.smtp_server import MailServer
from webapp.blueprints.mail.models import OutgoingMail
from webapp.blueprints.tasks.gateways.runner import execute
from webapp.blueprints.tasks.models import State, Task
from webapp.core.db import db, transaction
from webapp.core.mail import post
from webapp.core.security import SYSTEM

TEMPLATES = Path(__file__).parent / "templates"
Post = Callable[..., OutgoingMail]
Send = Callable[[int], State | None]
Row = Callable[[int], OutgoingMail]


def with_templates(app: Flask) -> None:
    """Let the application find the templates of these tests."""
    app.jinja_loader = ChoiceLoader([app.jinja_loader, FileSystemLoader(TEMPLATES)])
    app.extensions.pop("mail_templates", None)


@pytest.fixture
def mail_app(fresh_app: Flask) -> Flask:
    with_templates(fresh_app)
    return fresh_app


@pytest.fixture
def mail_server(mail_app: Flask) -> MailServer:
    """A mail server that the application sends by; it runs when a test starts it."""
    with MailServer().running() as mail_server:
        pass
    url = f"smtp://127.0.0.1:{mail_server.port}"
    before = mail_app.extensions["settings"]
    mail_app.extensions["settings"] = replace(before, mail_url=url, mail_from="bottega@manfredi.it")
    return mail_server


def write_one(**changes: Any) -> None:
    """Post a mail of the tests' template in a transaction of its own."""
    with transaction() as session:
        put_one(session, **changes)


def put_one(session: Session, **changes: Any) -> None:
    """Post a mail of the tests' template."""
    given: dict[str, Any] = {
        "to": "anna@client.it",
        "template": "tests/hello",
        "language": "en",
        "cause": None,
        "by": SYSTEM,
        "name": "Anna",
        "link": "https://suite.test/reset/s3cret-token",
    }
    post(session, **(given | changes))


@pytest.fixture
def posted(mail_app: Flask) -> Post:
    """Post a mail; the newest one there is now."""

    def write(**changes: Any) -> OutgoingMail:
        write_one(**changes)
        db.session.remove()
        newest = select(OutgoingMail).order_by(OutgoingMail.id.desc()).limit(1)
        mail = db.session.scalars(newest).one()
        db.session.expunge(mail)
        return mail

    return write


@pytest.fixture
def send(mail_app: Flask) -> Send:
    """Let a worker try the mail of that number here and now."""

    def work(mail_id: int) -> State | None:
        db.session.remove()
        with transaction() as session:
            task = session.get_one(Task, session.get_one(OutgoingMail, mail_id).task_id)
            task.not_before = None
            task_id = task.id
        db.session.remove()
        return execute(mail_app, task_id, worker="test", kill=lambda: None)

    return work


@pytest.fixture
def row(mail_app: Flask) -> Row:
    """A mail as it stands in the database."""

    def read(mail_id: int) -> OutgoingMail:
        db.session.remove()
        return db.session.get_one(OutgoingMail, mail_id)

    return read
