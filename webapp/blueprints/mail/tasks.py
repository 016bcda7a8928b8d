"""The long work of the mail room: handing a mail to the server."""

from __future__ import annotations

from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from webapp.blueprints.mail.models import MailState, OutgoingMail
from webapp.blueprints.mail.queries import MailNotThere, get_mail
from webapp.blueprints.mail.services import DELIVER, content_of, forget_old, settle
from webapp.core.clock import utc_now
from webapp.core.company import get_company
from webapp.core.errors import DomainError
from webapp.core.jobs import TEMPORARY, Arguments, TaskKind, TaskRun
from webapp.core.mail import Attachment, MailDelayed, MailNotSetUp, Message, dressed, mailer_for

MOST_SECONDS = 30
ATTEMPTS = 54  # 1, 2, 4 ... minutes, then every hour: more than two days


def deliver(run: TaskRun, args: Arguments) -> str:
    """Hand the mail to the server and note what it said. Raises MailDelayed and MailNotSetUp where another try is worth it.

    Between the server's yes and our note of it a process can die: then the mail is offered again, under the same
    Message-ID and date, since a mail that is lost is worse than one that a mail program recognises as a repeat.
    """
    with run.transaction() as session:
        try:
            mail = get_mail(session, int(args["mail"]))
        except MailNotThere:
            return ""
        if mail.state != MailState.WAITING:
            return ""
        key = f"bottega-mail-{mail.id}-{mail.sendings}"
        try:
            message = _message(session, mail)
        except DomainError as problem:
            settle(session, mail, MailState.FAILED, "failed", str(problem.sentence))
            return ""
    try:
        words = mailer_for(current_app.extensions["settings"]).send(
            message, key=key, timeout=run.time_left(at_most=MOST_SECONDS)
        )
    except (MailDelayed, MailNotSetUp) as problem:
        last = run.attempt >= ATTEMPTS
        _note(run, args, MailState.FAILED if last else MailState.WAITING, str(problem.sentence))
        raise
    except DomainError as problem:
        _note(run, args, MailState.REFUSED, str(problem.sentence))
        raise
    run.log(words)
    _note(run, args, MailState.SENT, words)
    return words


def _message(session: Session, mail: OutgoingMail) -> Message:
    company = get_company(session)
    text, html = content_of(mail)
    images: tuple[Attachment, ...] = ()
    if "cid:logo" in html and company.logo and company.logo_type:
        images = (Attachment("logo", company.logo, company.logo_type),)
    return Message(
        to=mail.recipient,
        subject=mail.subject,
        text=text,
        html=dressed(html),
        sender_name=company.name,
        reply_to=mail.reply_to or company.email or None,
        images=images,
        attachments=tuple(Attachment(each.name, each.content, each.type) for each in mail.attachments),
        dated=mail.created_at if mail.sendings == 1 else None,
    )


def _note(run: TaskRun, args: Arguments, state: MailState, words: str) -> None:
    outcome = "delayed" if state is MailState.WAITING else state.value
    with run.transaction() as session:
        settle(session, get_mail(session, int(args["mail"]), lock=True), state, outcome, words)
        forget_old(session, utc_now())


MAIL = TaskKind(
    name=DELIVER,
    title=_l("Mail"),
    work=deliver,
    attempts=ATTEMPTS,
    backoff=60,
    retry_on=(*TEMPORARY, MailDelayed, MailNotSetUp),
    alone=lambda args: f"mail:{args['mail']}",
    soft_limit=600,
    hard_limit=660,
)
