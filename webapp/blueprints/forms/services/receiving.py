"""Taking in what a visitor sends: suspected spam is kept apart, and nothing is lost when mail is down.

Nobody else is asked about it. What tells people from programs here: a field that nobody sees, the time since the form came
into sight, a mark that only the form's page has, links, and how often something comes from one address or to one form.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
import re
import secrets
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from webapp.blueprints.consents.public import record_consent
from webapp.blueprints.crm.public import find_or_create_contact
from webapp.blueprints.forms.models import Entry, Form, Knock, Salt, State, Submission
from webapp.blueprints.forms.queries.submissions import count_knocks, find_twin
from webapp.blueprints.forms.services.reading import Reading
from webapp.core.clock import utc_now
from webapp.core.company import LANGUAGES
from webapp.core.errors import DomainError
from webapp.core.mail.posting import post
from webapp.core.networks import household_of
from webapp.core.security import SYSTEM

log = logging.getLogger(__name__)
LEAST_SECONDS = 3.0
MOST_SECONDS = 24 * 3600.0
WINDOW = dt.timedelta(hours=1)
AGAIN = dt.timedelta(minutes=10)
HELD_FROM_ADDRESS, REFUSED_FROM_ADDRESS = 5, 30
HELD_FOR_FORM, REFUSED_FOR_FORM = 120, 2000
MOST_LINKS = 2
LINK = re.compile(r"https?://|www\.|\[url|<a\s", re.IGNORECASE)
CERTAIN = frozenset({"trap", "quick", "often", "flood"})


class TooMany(DomainError):
    """So much came from there, or to this form, that nothing more is taken for a while."""

    status = 429
    retry_after = 3600

    def __init__(self) -> None:
        super().__init__(
            _("Too many messages came in the last hour, so this one was not taken. What you wrote is still here: "
              "send it again in an hour, or write us an e-mail.")
        )  # fmt: skip


@dataclass(frozen=True)
class Circumstances:
    """How something was sent. `seconds`: since the form came into sight, None when its sender's browser cannot tell.

    `marked`: it was sent from a page of ours. `trapped`: the field was filled in that nobody sees.
    """

    address: str
    seconds: float | None = None
    marked: bool = False
    trapped: bool = False


def receive(
    session: Session, *, form: Form, language: str, reading: Reading, how: Circumstances, source: str,
    now: dt.datetime | None = None,
) -> Submission:  # fmt: skip
    """Store what was written in a form that has no problems; suspected spam as held. Raises TooMany.

    The same once more within minutes is a second click: the first message is given back, and nothing happens.
    Otherwise tells those who wait for it by mail, thanks the sender, notes the consents, finds or makes the contact: all in the
    caller's transaction.
    """
    now = now or utc_now()
    suspicion = _suspect(session, form, reading, how, now)
    sender = reading.sender_email or reading.sender_name
    if twin := find_twin(session, form, sender=sender, answers=reading.answers, since=now - AGAIN):
        log.info("forms: message %s to form %s was sent twice", twin.id, form.id)
        return twin
    submission = Submission(
        form_id=form.id,
        language=language,
        state=State.HELD.value if is_held(suspicion) else State.NEW.value,
        sender_name=reading.sender_name,
        sender_email=reading.sender_email,
        summary=reading.summary,
        answers=reading.answers,
        suspicion=" ".join(sorted(suspicion)),
        received_at=now,
    )
    session.add(submission)
    session.flush()
    log.info("forms: message %s to form %s: %s", submission.id, form.id, submission.state)
    if submission.state == State.NEW:
        take_in(session, submission, form, source=source)
    return submission


def is_held(suspicion: set[str]) -> bool:
    """Whether it is kept apart: one thing that no person does, or two that people do at times."""
    return bool(suspicion & CERTAIN) or len(suspicion) > 1


def take_in(session: Session, submission: Submission, form: Form, *, source: str) -> None:
    """All that a message sets going which is none of spam."""
    for answer in submission.answers:
        if answer["kind"] == "consent" and answer["value"]:
            record_consent(
                session,
                subject=submission.sender_email or f"forms:{submission.id}",
                purpose=answer["purpose"] or form.name,
                version=str(answer["version"]),
                words=answer["label"],
                language=submission.language,
                source=source,
                reference=f"forms:{submission.id}",
                at=submission.received_at,
            )
    if form.makes_contact and submission.sender_email:
        name = submission.sender_name
        contact = find_or_create_contact(session, by=SYSTEM, email=submission.sender_email, name=name)
        submission.customer_id = contact.id
    for address in form.addresses:
        _post(
            session,
            to=address,
            template="forms/notice",
            language=None,
            cause=f"forms:notice:{submission.id}",
            reply_to=submission.sender_email or None,
            form=form.name,
            number=submission.id,
            sender=submission.sender_name or submission.sender_email,
            answers=[(answer["label"], answer["shown"]) for answer in submission.answers],
        )
    words = form.word(submission.language, "answer")
    if form.answers_itself and words and submission.sender_email:
        subject = form.word(submission.language, "answer_subject") or form.word(submission.language, "title")
        day = submission.received_at.date().isoformat()
        # once a day and address, and without what was written: nobody can use us to write to others
        _post(
            session,
            to=submission.sender_email,
            template="forms/receipt",
            language=submission.language,
            cause=f"forms:receipt:{form.id}:{day}",
            reply_to=reply_address(form),
            title=subject,
            words=words,
        )
        entry = Entry(submission_id=submission.id, kind="automatic", subject=subject, text=words, by_name=form.name)
        session.add(entry)
    session.flush()


def reply_address(form: Form) -> str | None:
    """Where the answers to our mails go: the first who gets a notice; None is the company."""
    return form.addresses[0] if form.addresses else None


def forget_knocks(session: Session, now: dt.datetime) -> None:
    """Forget who sent something yesterday, and the salt with which that could be told."""
    session.execute(delete(Knock).where(Knock.at < now - dt.timedelta(days=1)))
    session.execute(delete(Salt).where(Salt.day < now.date()))


def _suspect(session: Session, form: Form, reading: Reading, how: Circumstances, now: dt.datetime) -> set[str]:
    found = {"trap"} if how.trapped else set[str]()
    if not how.marked:
        found.add("unmarked")
    if how.seconds is None or how.seconds > MOST_SECONDS:
        found.add("untimed")
    elif how.seconds < LEAST_SECONDS:
        found.add("quick")
    if len(LINK.findall(reading.text)) > MOST_LINKS:
        found.add("links")
    return found | _knock(session, form, how.address, now)


def _knock(session: Session, form: Form, address: str, now: dt.datetime) -> set[str]:
    hashed = _hashed(session, address, now)
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"forms knock {hashed}", 0))))
    since = now - WINDOW
    from_there = count_knocks(session, since, address=hashed)
    to_form = count_knocks(session, since, form_id=form.id)
    if from_there >= REFUSED_FROM_ADDRESS or to_form >= REFUSED_FOR_FORM:
        raise TooMany
    session.add(Knock(form_id=form.id, address=hashed, at=now))
    found = {"often"} if from_there >= HELD_FROM_ADDRESS else set[str]()
    return found | ({"flood"} if to_form >= HELD_FOR_FORM else set())


def _hashed(session: Session, address: str, now: dt.datetime) -> str:
    """The address as nobody can read it tomorrow: hashed with the day's salt, which is made by chance and then forgotten."""
    day = now.date()
    salt = session.scalars(select(Salt.salt).where(Salt.day == day)).one_or_none()
    if salt is None:
        made = insert(Salt).values(day=day, salt=secrets.token_bytes(32)).on_conflict_do_nothing()
        session.execute(made)
        salt = session.scalars(select(Salt.salt).where(Salt.day == day)).one()
    return hashlib.sha256(salt + household_of(address).encode()).hexdigest()


def _post(
    session: Session, *, to: str, template: str, language: str | None, cause: str, reply_to: str | None, **words: Any
) -> None:
    """Post a mail; an address that cannot be written to is noted and keeps nobody's message from being stored."""
    spoken = language if language in LANGUAGES else None
    try:
        post(
            session,
            to=to,
            template=template,
            language=spoken,
            cause=cause,
            by=SYSTEM,
            reply_to=reply_to,
            **words,
        )
    except DomainError as problem:
        log.warning("forms: %s is not sent to %s: %s", template, cause, problem)
