"""The outbox in the back office: the owner looks at it, secrets stay dots, and one button sends a mail again."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.rooms.mail.conftest import put_one, with_templates
from webapp.blueprints.mail.models import MailState, OutgoingMail
from webapp.blueprints.mail.services import settle
from webapp.blueprints.tasks.models import State, Task
from webapp.core.clock import utc_now
from webapp.core.security import SYSTEM, Actor

SignIn = Callable[[str], FlaskClient]


@pytest.fixture
def mail(app: Flask, session: Session) -> OutgoingMail:
    """A mail with a secret, which a server refused."""
    with_templates(app)
    put_one(session, cause="order:7", by=Actor("Giulia", 3))
    mail = session.scalars(select(OutgoingMail).order_by(OutgoingMail.id.desc()).limit(1)).one()
    settle(session, mail, MailState.REFUSED, "refused", "The mail server refuses: 550 <no> such user")
    session.commit()
    return mail


def page(client: FlaskClient, path: str, status: int = 200) -> str:
    answer = client.get(path, headers={"Accept-Language": "en"})
    assert answer.status_code == status
    return answer.text


def test_the_owner_sees_what_left_and_what_became_of_it_without_its_secrets(
    sign_in: SignIn, mail: OutgoingMail
) -> None:
    owner = sign_in("owner")
    listed = page(owner, "/backoffice/mail/")
    assert "Password: Anna" in listed
    assert f'href="/backoffice/mail/{mail.id}/"' in listed
    for path in (f"/backoffice/mail/{mail.id}/", f"/backoffice/mail/{mail.id}/?as=text"):
        shown = page(owner, path)
        assert "550 &lt;no&gt; such user" in shown
        assert "Giulia" in shown
        assert "s3cret-token" not in shown
    assert "Hello Anna" in shown
    assert "••••••••" in shown
    for path in (
        "/backoffice/mail/?format=csv",
        "/admin/mail_messages/",
        f"/admin/mail_messages/details/?id={mail.id}",
    ):
        assert "s3cret-token" not in page(owner, path)
        assert str(mail.sealed) not in page(owner, path)


def test_a_mail_is_shown_in_a_frame_that_can_do_nothing(sign_in: SignIn, mail: OutgoingMail) -> None:
    owner = sign_in("owner")
    assert re.search(r"<iframe[^>]*\ssandbox\s", page(owner, f"/backoffice/mail/{mail.id}/"))
    answer = owner.get(f"/backoffice/mail/{mail.id}/preview")
    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    for rule in ("default-src 'none'", "frame-ancestors 'self'", "form-action 'none'", "style-src 'sha256-"):
        assert rule in policy
    assert policy.endswith("; sandbox")
    assert "s3cret-token" not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_list_is_filtered_by_state_and_address(sign_in: SignIn, session: Session, mail: OutgoingMail) -> None:
    put_one(session, to="bruno@client.it", name="Bruno")
    session.commit()
    owner = sign_in("owner")
    assert "bruno@client.it" not in page(owner, "/backoffice/mail/?state=refused")
    waiting = page(owner, "/backoffice/mail/?state=waiting")
    assert "bruno@client.it" in waiting
    assert "anna@client.it" not in waiting
    assert "anna@client.it" not in page(owner, "/backoffice/mail/?to=bruno")


def test_a_mail_whose_task_was_stopped_does_not_pretend_to_wait(
    sign_in: SignIn, session: Session, mail: OutgoingMail
) -> None:
    mail.state, mail.error = MailState.WAITING.value, ""
    task = session.get_one(Task, mail.task_id)
    task.state, task.finished_at = State.CANCELLED.value, utc_now()
    session.commit()
    owner = sign_in("owner")
    assert "Its task was stopped" in page(owner, f"/backoffice/mail/{mail.id}/")
    assert "anna@client.it" in page(owner, "/backoffice/mail/?state=failed")


def test_the_button_sends_it_again_without_javascript(sign_in: SignIn, session: Session, mail: OutgoingMail) -> None:
    owner = sign_in("owner")
    path = f"/backoffice/mail/{mail.id}/send"
    token = re.search(r'name="csrf_token" value="([^"]+)"', page(owner, f"/backoffice/mail/{mail.id}/"))
    assert token
    assert owner.post(path).status_code == 400
    answer = owner.post(path, data={"csrf_token": token[1]})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/backoffice/mail/{mail.id}/")
    session.expire_all()
    assert (mail.state, mail.sendings) == (MailState.WAITING, 2)
    assert owner.post(path, data={"csrf_token": token[1]}).status_code == 409
    assert "/send" not in page(owner, f"/backoffice/mail/{mail.id}/")


@pytest.mark.parametrize("role", ["staff", "viewer"])
def test_others_see_no_mails_and_send_none(sign_in: SignIn, mail: OutgoingMail, role: str) -> None:
    client = sign_in(role)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page(client, "/backoffice/"))
    assert token
    for path in ("", f"{mail.id}/", f"{mail.id}/preview", "?format=csv"):
        page(client, f"/backoffice/mail/{path}", 403)
    assert client.post(f"/backoffice/mail/{mail.id}/send", data={"csrf_token": token[1]}).status_code == 403


def test_nobody_signed_in_is_asked_to(client: FlaskClient, mail: OutgoingMail) -> None:
    assert client.get(f"/backoffice/mail/{mail.id}/preview").status_code == 302


@pytest.mark.parametrize("number", [0, 2**63, 999_999])
def test_a_mail_that_is_not_there_is_not_found(sign_in: SignIn, number: int) -> None:
    page(sign_in("owner"), f"/backoffice/mail/{number}/", 404)


def test_old_texts_are_gone_and_it_is_said(sign_in: SignIn, session: Session, mail: OutgoingMail) -> None:
    mail.text = mail.html = mail.sealed = None
    session.commit()
    owner = sign_in("owner")
    shown = page(owner, f"/backoffice/mail/{mail.id}/")
    assert "kept for 90 days" in shown
    assert "<iframe" not in shown
    assert "/send" not in shown
    page(owner, f"/backoffice/mail/{mail.id}/preview")


def test_mails_are_looked_at_and_sent_again_from_the_command_line(
    session: Session, mail: OutgoingMail, bottega: Callable[..., object]
) -> None:
    def said(*words: object) -> str:
        return str(bottega("mail", *words).output)

    assert f"{mail.id}  " in said("list")
    assert "refused" in said("list")
    assert said("list", "--state", "sent") == ""
    assert '"cause": "order:7"' in said("list", "--json")
    assert "550 <no> such user" in said("show", mail.id)
    assert "s3cret" not in said("show", mail.id) + said("list", "--json")
    assert said("again", mail.id) == "it waits for a worker\n"
    assert "still on its way" in said("again", mail.id)
    assert "does not exist" in said("show", 999_999)
    assert SYSTEM.name in said("show", mail.id)
