"""What people do with messages: answer by mail, note, set the state, let one out that was held, delete, forget."""

from __future__ import annotations

import datetime as dt
import logging

from flask_babel import gettext as _
from sqlalchemy import Integer, Interval, cast, delete, func, select
from sqlalchemy.orm import Session

from webapp.blueprints.forms.models import Entry, Form, State, Submission
from webapp.blueprints.forms.permissions import FormsPermission as May
from webapp.blueprints.forms.queries.forms import get_form
from webapp.blueprints.forms.queries.submissions import ASIDE, STATES, get_submission
from webapp.blueprints.forms.services.receiving import reply_address, take_in
from webapp.core.errors import DomainError, EditConflict, NotAllowed
from webapp.core.mail.posting import post
from webapp.core.security import Actor
from webapp.core.site_events import tell_of_change
from webapp.core.storing import store

log = logging.getLogger(__name__)
MOST_ANSWER, MOST_NOTE = 20_000, 5_000


class NoAddress(DomainError):
    """The writer left no e-mail address."""

    def __init__(self) -> None:
        super().__init__(
            _("The writer left no e-mail address, so there is no answering by mail. Note what you did instead.")
        )


class NothingWritten(DomainError):
    """There is nothing to send or to note, or too much."""

    status = 422

    def __init__(self, field: str, most: int) -> None:
        self.field = field
        super().__init__(_("Write something, of at most %(count)s characters.", count=most))


def answer(session: Session, *, by: Actor, submission_id: int, subject: str, words: str) -> Entry:
    """Answer by mail; the answer to that comes back to the form's first address. Raises NothingWritten, NoAddress, NotAllowed.

    The mail leaves with the transaction, through the outbox.
    """
    submission = _allowed(session, by, submission_id)
    if not words.strip() or len(words) > MOST_ANSWER:
        raise NothingWritten("words", MOST_ANSWER)
    if not submission.sender_email:
        raise NoAddress
    form = get_form(session, submission.form_id)
    if submission.state in ASIDE:
        _let_out(session, submission, form)
    line = " ".join(subject.split())[:300] or form.word(submission.language, "title") or form.name
    entry = _add(session, submission, by, "answer", words.strip(), subject=line)
    post(
        session,
        to=submission.sender_email,
        template="forms/answer",
        language=submission.language,
        cause=f"forms:answer:{entry.id}",
        by=by,
        reply_to=reply_address(form),
        title=line,
        words=words.strip(),
        written=[(each["label"], each["shown"]) for each in submission.answers if each["shown"]],
        received=submission.received_at,
    )
    submission.state = State.ANSWERED.value
    store(session)
    log.info("forms: message %s answered by %s", submission.id, by.name)
    return entry


def add_note(session: Session, *, by: Actor, submission_id: int, words: str) -> Entry:
    """Note something for the colleagues. Raises NothingWritten, NotFound, NotAllowed."""
    submission = _allowed(session, by, submission_id)
    if not words.strip() or len(words) > MOST_NOTE:
        raise NothingWritten("note", MOST_NOTE)
    return _add(session, submission, by, "note", words.strip())


def set_state(session: Session, *, by: Actor, submission_id: int, version: int, state: State) -> Submission:
    """Say how a message stands. One that is let out of what is held is treated as if it had just come.

    Raises NotFound, NotAllowed, EditConflict.
    """
    submission = _allowed(session, by, submission_id)
    if submission.version != version:
        raise EditConflict
    if submission.state == state:
        return submission
    if submission.state in ASIDE and state.value not in ASIDE:
        _let_out(session, submission, get_form(session, submission.form_id))
    submission.state = state.value
    _add(session, submission, by, "state", str(STATES[state.value]))
    store(session)
    log.info("forms: message %s is %s, says %s", submission.id, state.value, by.name)
    return submission


def delete_submission(session: Session, *, by: Actor, submission_id: int, version: int) -> None:
    """Delete a message with its thread. The consents that came with it stay in their register. Raises as set_state does."""
    if not by.may(May.SUBMISSIONS_DELETE):
        raise NotAllowed(_("Your role does not include deleting messages. Ask the owner for the right."))
    submission = get_submission(session, submission_id, lock=True)
    if submission.version != version:
        raise EditConflict
    title = f"{submission.form} #{submission_id}"  # the writer is not kept here
    session.delete(submission)
    store(session)
    tell_of_change(session, by=by, part="message", deed="deleted", title=title)
    log.info("forms: message %s deleted by %s", submission_id, by.name)


def forget_old(session: Session, now: dt.datetime) -> int:
    """Delete the messages that are older than their form keeps them; how many there were."""
    months = func.make_interval(0, cast(Form.keep_months, Integer), type_=Interval)
    old = select(Submission.id).join(Form, Form.id == Submission.form_id).where(Submission.received_at + months < now)
    deleted = session.execute(delete(Submission).where(Submission.id.in_(old)).returning(Submission.id))
    return len(deleted.all())


def _allowed(session: Session, by: Actor, submission_id: int) -> Submission:
    if not by.may(May.SUBMISSIONS_ANSWER):
        raise NotAllowed(_("Your role does not include answering messages. Ask the owner for the right."))
    return get_submission(session, submission_id, lock=True)


def _let_out(session: Session, submission: Submission, form: Form) -> None:
    submission.state = State.NEW.value
    source = f"/{submission.language}/{form.slug(submission.language)}"
    take_in(session, submission, form, source=source)


def _add(session: Session, submission: Submission, by: Actor, kind: str, words: str, *, subject: str = "") -> Entry:
    entry = Entry(
        submission_id=submission.id, kind=kind, subject=subject, text=words, by_name=by.name[:200], user_id=by.user_id
    )
    session.add(entry)
    session.flush()
    return entry
