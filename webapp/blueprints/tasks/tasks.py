"""The long work of the tasks room itself: mail."""

from __future__ import annotations

from typing import Any

from flask import current_app
from flask_babel import lazy_gettext as _l

from webapp.blueprints.tasks.services.mailing import MAIL_KIND
from webapp.core.jobs import TEMPORARY, Arguments, TaskKind, TaskRun
from webapp.core.mail import MailDelayed, Message, mailer_for

MOST_SECONDS = 30


def deliver(run: TaskRun, args: Arguments) -> dict[str, Any]:
    """Hand the mail to the server. Raises MailDelayed where another try is worth it, MailRefused where none is."""
    message = Message(
        to=args["to"],
        subject=args["subject"],
        text=args["text"],
        html=args.get("html"),
        reply_to=args.get("reply_to"),
    )
    mailer = mailer_for(current_app.extensions["settings"])
    where = mailer.send(message, key=f"bottega-{args['id']}", timeout=run.time_left(at_most=MOST_SECONDS))
    run.log(where)  # not progress: nobody can stop it any more
    return {"to": message.to}


MAIL = TaskKind(
    name=MAIL_KIND,
    title=_l("Mail"),
    work=deliver,
    attempts=8,
    backoff=60,  # doubled each time: a server may be away for two hours
    retry_on=(*TEMPORARY, MailDelayed),
    soft_limit=120,
    hard_limit=150,
)
