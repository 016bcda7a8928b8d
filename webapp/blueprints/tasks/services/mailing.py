"""Mail that leaves by a task: written with its cause, sent after the commit, again when the server was down."""

from __future__ import annotations

from uuid import uuid4

from sqlalchemy.orm import Session

from webapp.blueprints.tasks.models import Task
from webapp.blueprints.tasks.services.asking import ask
from webapp.core.mail import Message, check
from webapp.core.security import Actor

MAIL_KIND = "tasks.mail"


def send_mail(
    session: Session,
    *,
    to: str,
    subject: str,
    text: str,
    html: str | None = None,
    reply_to: str | None = None,
    by: Actor,
    key: str | None = None,
) -> Task:
    """Send a mail to one person when the caller's transaction commits; with `key`, the same one twice is one.

    What it says is kept with its task, where those who may see the task read it. A server that takes the message and dies
    before it says so gets it again under the same Message-ID. Raises FieldProblems for a wrong address or subject.
    """
    check(Message(to=to, subject=subject, text=text, html=html, reply_to=reply_to))
    args = {"id": uuid4().hex, "to": to, "subject": subject, "text": text, "html": html, "reply_to": reply_to}
    return ask(session, MAIL_KIND, args, by=by, key=key)
