"""The questions to the mails: the list, and one of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, and_, case, func, literal, select
from sqlalchemy.orm import Session, join

from webapp.blueprints.mail.models import MailState, OutgoingMail
from webapp.blueprints.tasks.public import State, Task
from webapp.core.errors import NotFound
from webapp.core.lists import Choice, Column, DateRange, ListSpec, Search, Text, folded
from webapp.core.lists.filters import Label

STATES: dict[str, Label] = {
    MailState.WAITING.value: _l("Waiting"),
    MailState.SENT.value: _l("Sent"),
    MailState.REFUSED.value: _l("Refused"),
    MailState.FAILED.value: _l("Failed"),
}
OUTCOMES: dict[str, Label] = {
    "sent": _l("Sent"),
    "delayed": _l("Delayed"),
    "refused": _l("Refused"),
    "failed": _l("Failed"),
    "again": _l("Sent again"),
}
LARGEST_ID = 2**63 - 1
MOST_OF_REQUEST = 50


class MailNotThere(NotFound):
    """There is no such mail."""

    def __init__(self) -> None:
        super().__init__(gettext("This mail does not exist, or does not any more."))


def state_now() -> ColumnElement[str]:
    """The state of a mail beside its task: one whose task was cancelled or lost does not wait any more."""
    given_up = and_(
        OutgoingMail.state == MailState.WAITING, Task.state.in_((State.FAILED, State.CANCELLED, State.LOST))
    )
    return case((given_up, literal(MailState.FAILED.value)), else_=OutgoingMail.state)


def list_of_mails() -> ListSpec:
    """The list of mails, the newest first."""
    state: Any = state_now()
    return ListSpec(
        name="mails",
        source=join(OutgoingMail, Task, OutgoingMail.task_id == Task.id, isouter=True),
        id=OutgoingMail.id,
        columns=(
            Column("subject", _l("Subject"), OutgoingMail.subject, sort_by=folded(OutgoingMail.subject)),
            Column("recipient", _l("Recipient"), OutgoingMail.recipient, sort_by=OutgoingMail.address),
            Column("state", _l("State"), state, kind="choice", choices=STATES),
            Column("created_at", _l("Written"), OutgoingMail.created_at, kind="date", sort_by=OutgoingMail.created_at),
            Column("sent_at", _l("Sent"), OutgoingMail.sent_at, kind="date"),
            Column("attempts", _l("Attempts"), OutgoingMail.attempts, kind="number", sort_by=OutgoingMail.attempts),
            Column("error", _l("What the server said"), func.left(OutgoingMail.error, 200), shown=False),
            Column("template", _l("Template"), OutgoingMail.template, sort_by=OutgoingMail.template, shown=False),
            Column("actor", _l("Caused by"), OutgoingMail.actor, shown=False),
            Column("cause", _l("Cause"), OutgoingMail.cause, shown=False),
        ),
        sort="-created_at",
        filters=(
            Choice("state", _l("State"), state, STATES),
            Text("to", _l("Recipient"), OutgoingMail.address),
            DateRange(_l("Written from"), _l("Written until"), OutgoingMail.created_at, "written_from", "written_to"),
        ),
        search=(Search(OutgoingMail.subject), Search(OutgoingMail.address), Search(OutgoingMail.recipient)),
        search_hint=_l("Subject or address"),
    )


def get_mail(session: Session, mail_id: int, *, lock: bool = False) -> OutgoingMail:
    """The mail of that number, kept from others until the end if it is to `lock`. Raises MailNotThere."""
    found = None
    if 0 <= mail_id <= LARGEST_ID:
        found = session.get(OutgoingMail, mail_id, with_for_update=lock or None)
    if found is None:
        raise MailNotThere
    return found


def find_state(session: Session, mail: OutgoingMail) -> MailState:
    """Where the mail stands, beside its task."""
    statement = select(state_now()).select_from(OutgoingMail).outerjoin(Task, OutgoingMail.task_id == Task.id)
    return MailState(session.execute(statement.where(OutgoingMail.id == mail.id)).scalar_one())


def list_newest(session: Session, *, state: str | None, most: int) -> Sequence[OutgoingMail]:
    """The newest mails, the newest first; those in one `state` only, if it is given."""
    statement = select(OutgoingMail).order_by(OutgoingMail.id.desc()).limit(most)
    if state is not None:
        statement = statement.outerjoin(Task, OutgoingMail.task_id == Task.id).where(state_now() == state)
    return session.scalars(statement).all()


def list_of_request(session: Session, request_id: str) -> Sequence[OutgoingMail]:
    """The mails that were written in a request, or in a task that it asked for."""
    query = select(OutgoingMail).where(OutgoingMail.request_id == request_id).order_by(OutgoingMail.id)
    return session.scalars(query.limit(MOST_OF_REQUEST)).all()


def list_to(session: Session, address: str) -> Sequence[OutgoingMail]:
    """The mails to a bare address in lower case, the oldest first."""
    return session.scalars(select(OutgoingMail).where(OutgoingMail.address == address).order_by(OutgoingMail.id)).all()
