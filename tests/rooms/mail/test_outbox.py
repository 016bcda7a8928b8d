"""Mails are kept with their cause, once for each, and their secrets are told to nobody but the reader."""

from __future__ import annotations

from sqlalchemy import text

from tests.core.smtp_server import MailServer
from tests.rooms.mail.conftest import Post, Row, Send
from webapp.blueprints.mail.models import MailState
from webapp.blueprints.tasks.models import State
from webapp.core.db import db

SECRET = "s3cret-token"


def everything_stored() -> str:
    """All that anybody with the database, but without SECRET_KEY, can read of mails and tasks."""
    tables = ("mail_messages", "mail_deliveries", "tasks_tasks", "tasks_log_lines")
    return " ".join(str(row) for table in tables for row in db.session.execute(text(f"SELECT * FROM {table}")).all())


def test_a_mail_arrives_with_its_secret_which_is_stored_nowhere_in_clear(
    mail_server: MailServer, posted: Post, send: Send, row: Row
) -> None:
    mail = posted()
    assert mail is not None
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
