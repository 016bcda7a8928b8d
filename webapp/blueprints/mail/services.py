"""What becomes of mails: kept with their cause, handed to the server by a task, sent again by a person, forgotten."""

from __future__ import annotations

import datetime as dt
import json
import logging
from typing import Any

from flask_babel import gettext
from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from webapp.blueprints.mail.models import Delivery, MailAttachment, MailState, OutgoingMail
from webapp.blueprints.mail.permissions import MailPermission as May
from webapp.blueprints.mail.queries import find_state, get_mail, list_to
from webapp.blueprints.tasks.public import ask
from webapp.core.clock import utc_now
from webapp.core.errors import DomainError, NotAllowed
from webapp.core.jobs import request_id
from webapp.core.mail import Letter, plain_address
from webapp.core.sealing import SealBroken, seal, unseal
from webapp.core.security import SYSTEM, Actor

log = logging.getLogger(__name__)
DELIVER = "mail.deliver"
PURPOSE = "mail"
SEALED_FOR = dt.timedelta(days=7)
SHOWN_FOR = dt.timedelta(days=90)
KEPT_FOR = dt.timedelta(days=730)


class MailUnderWay(DomainError):
    """The mail still waits for the server."""

    def __init__(self) -> None:
        super().__init__(gettext("This mail is still on its way: it is tried again by itself."))


class MailForgotten(DomainError):
    """What the mail said is not kept any more."""

    def __init__(self) -> None:
        super().__init__(
            gettext("What this mail said is not kept any more, so it cannot be sent again. Start what caused it anew.")
        )


class RoomOutbox:
    """The `Outbox` of the floor: a row and the task that sends it, both in the caller's transaction."""

    def put(self, session: Session, letter: Letter, *, by: Actor) -> None:
        """Keep the letter until it is sent, unless the same address was told of the same cause."""
        values = {
            "recipient": letter.to.strip(),
            "address": plain_address(letter.to),
            "reply_to": letter.reply_to,
            "cause": letter.cause,
            "template": letter.template,
            "language": letter.language,
            "subject": letter.subject,
            "text": letter.shown_text,
            "html": letter.shown_html,
            "secret": letter.secret,
            "sealed": seal(json.dumps([letter.text, letter.html]), purpose=PURPOSE) if letter.secret else None,
            "actor": by.name[:200],
            "user_id": by.user_id,
            "request_id": request_id(),
        }
        statement = insert(OutgoingMail).values(values).on_conflict_do_nothing(constraint="uq_mail_messages_cause")
        mail = session.scalars(statement.returning(OutgoingMail)).one_or_none()
        if mail is None:
            log.info("mail: %s was told of %s before", plain_address(letter.to), letter.cause)
            return
        for each in letter.attachments:
            kept = MailAttachment(
                mail_id=mail.id, name=each.name, type=each.type, size=len(each.content), content=each.content
            )
            session.add(kept)
        _ask_to_send(session, mail)

    def tell(self, session: Session, address: str) -> list[dict[str, Any]]:
        """The mails to an address, the oldest first, as JSON values."""
        return [
            {
                "written_at": mail.created_at.isoformat(),
                "sent_at": mail.sent_at.isoformat() if mail.sent_at else None,
                "to": mail.recipient,
                "subject": mail.subject,
                "text": mail.text,
                "state": mail.state,
            }
            for mail in list_to(session, plain_address(address))
        ]

    def forget(self, session: Session, address: str, *, room: str) -> None:
        """Forget the mails that a room wrote to an address."""
        of_the_room = OutgoingMail.template.startswith(f"{room}/", autoescape=True)
        session.execute(delete(OutgoingMail).where(OutgoingMail.address == plain_address(address), of_the_room))


def content_of(mail: OutgoingMail) -> tuple[str, str]:
    """Text and HTML as they leave. Raises MailForgotten when they are not kept, or cannot be read, any more."""
    if not mail.secret and mail.text is not None and mail.html is not None:
        return mail.text, mail.html
    if mail.sealed is None:
        raise MailForgotten
    try:
        text, html = json.loads(unseal(mail.sealed, purpose=PURPOSE))
    except SealBroken:
        raise MailForgotten from None
    return text, html


def may_send_again(session: Session, mail: OutgoingMail) -> bool:
    """Whether there is something to send, and nobody is about to."""
    kept = mail.sealed is not None if mail.secret else mail.text is not None
    return kept and find_state(session, mail) is not MailState.WAITING


def send_again(session: Session, mail_id: int, *, by: Actor) -> OutgoingMail:
    """Send a mail once more, as a new message. Raises NotAllowed, MailNotThere, MailUnderWay and MailForgotten."""
    if not by.may(May.OUTBOX_SEND):
        raise NotAllowed(gettext("Your role does not include sending mails again. Ask the owner for the right."))
    mail = get_mail(session, mail_id, lock=True)
    session.refresh(mail)
    if find_state(session, mail) is MailState.WAITING:
        raise MailUnderWay
    content_of(mail)
    mail.state, mail.error, mail.attempts = MailState.WAITING.value, "", 0
    mail.sendings += 1
    note(session, mail, "again", gettext("%(name)s had it sent again.", name=by.name))
    _ask_to_send(session, mail)
    return mail


def note(session: Session, mail: OutgoingMail, outcome: str, words: str) -> None:
    """Add a line to the mail's delivery log."""
    session.add(Delivery(mail_id=mail.id, outcome=outcome, words=words))
    session.flush()
    log.info("mail %s: %s", mail.id, outcome)


def settle(session: Session, mail: OutgoingMail, state: MailState, outcome: str, words: str) -> None:
    """Note what a try came to. What was secret is forgotten once it is sent."""
    mail.attempts += 1
    mail.state = state.value
    mail.error = "" if state is MailState.SENT else words
    if state is MailState.SENT:
        mail.sent_at = utc_now()
        mail.sealed = None
    note(session, mail, outcome, words)


def forget_old(session: Session, now: dt.datetime) -> None:
    """Forget secrets after a week, what mails said after 90 days, and mails after two years."""
    old = OutgoingMail.created_at
    session.execute(
        update(OutgoingMail).where(OutgoingMail.sealed.is_not(None), old < now - SEALED_FOR).values(sealed=None)
    )
    session.execute(
        update(OutgoingMail)
        .where(OutgoingMail.text.is_not(None), old < now - SHOWN_FOR, old > now - SHOWN_FOR * 2)
        .values(text=None, html=None)
    )
    forgotten = select(OutgoingMail.id).where(OutgoingMail.text.is_(None), old < now - SHOWN_FOR)
    session.execute(delete(MailAttachment).where(MailAttachment.mail_id.in_(forgotten)))
    session.execute(delete(OutgoingMail).where(old < now - KEPT_FOR))


def _ask_to_send(session: Session, mail: OutgoingMail) -> None:
    """As the house: it goes out even when its cause was that somebody's account ended, and is nobody's task to look at."""
    mail.task_id = ask(session, DELIVER, {"mail": mail.id}, by=SYSTEM).id
    session.flush()
