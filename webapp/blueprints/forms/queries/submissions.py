"""What people wrote: the lists of it, one of them, and how much came from where lately."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, cast, func, literal, select
from sqlalchemy import Text as SqlText
from sqlalchemy.dialects.postgresql import ARRAY, JSONPATH
from sqlalchemy.orm import Session, joinedload, selectinload

from webapp.blueprints.forms.models import FieldKind, Form, FormField, Knock, State, Submission
from webapp.core.errors import NotFound
from webapp.core.lists import Choice, Column, DateRange, ListSpec, Search, Text, distinct_values

STATES = {
    State.NEW.value: _l("New"),
    State.ANSWERED.value: _l("Has an answer"),
    State.CLOSED.value: _l("Closed"),
    State.HELD.value: _l("Held back"),
    State.SPAM.value: _l("Spam"),
}
OPEN_STATES = {code: STATES[code] for code in (State.NEW.value, State.ANSWERED.value, State.CLOSED.value)}
ASIDE = (State.HELD.value, State.SPAM.value)
ASIDE_STATES = {code: STATES[code] for code in ASIDE}
SUSPICIONS = {
    "trap": _l("a field was filled in that nobody sees"),
    "quick": _l("it was sent faster than anybody reads"),
    "often": _l("many messages came from the same address"),
    "flood": _l("very many messages came to this form"),
    "unmarked": _l("it did not come from the form's own page"),
    "untimed": _l("it is not known how long its writing took"),
    "links": _l("it holds several links"),
}
LANGUAGES = {"it": _l("Italian"), "en": _l("English")}


def list_form_names(session: Session) -> tuple[str, ...]:
    """The names of the forms, in order."""
    return distinct_values(session, Form.name)


SUBMISSIONS = ListSpec(
    name="messages",
    source=Submission,
    id=Submission.id,
    columns=(
        Column(
            "sender_name", _l("Sender"), func.coalesce(func.nullif(Submission.sender_name, ""), Submission.sender_email)
        ),
        Column("sender_email", _l("E-mail"), Submission.sender_email, sort_by=Submission.sender_email),
        Column("summary", _l("Message"), Submission.summary),
        Column(
            "form",
            _l("Form"),
            select(Form.name).where(Form.id == Submission.form_id).correlate(Submission).scalar_subquery(),
        ),
        Column("state", _l("State"), Submission.state, kind="choice", choices=STATES),
        Column("received_at", _l("Received"), Submission.received_at, kind="date", sort_by=Submission.received_at),
        Column("language", _l("Language"), Submission.language, kind="choice", choices=LANGUAGES, shown=False),
    ),
    sort="-received_at",
    filters=(
        Text(
            "form",
            _l("Form"),
            select(Form.name).where(Form.id == Submission.form_id).correlate(Submission).scalar_subquery(),
            match="exact",
            suggestions=list_form_names,
        ),
        Choice("state", _l("State"), Submission.state, OPEN_STATES),
        DateRange(_l("From"), _l("To"), Submission.received_at),
    ),
    search=(Search(Submission.sender_name), Search(Submission.sender_email, "prefix"), Search(Submission.summary)),
    search_hint=_l("Name, e-mail or the beginning of the message"),
    conditions=(Submission.state.not_in(ASIDE),),
)
HELD = replace(
    SUBMISSIONS,
    name="held-messages",
    columns=(*SUBMISSIONS.columns, Column("suspicion", _l("Why"), Submission.suspicion)),
    filters=(
        SUBMISSIONS.filters[0],
        Choice("state", _l("State"), Submission.state, ASIDE_STATES),
        SUBMISSIONS.filters[2],
    ),
    conditions=(Submission.state.in_(ASIDE),),
)


def messages_of(form: Form, fields: Iterable[FormField], language: str) -> ListSpec:
    """The list of what was written in one form, with a column for each of its fields as they are today."""
    asked = (each for each in fields if each.kind != FieldKind.HEADING)
    columns = tuple(Column(each.key, each.label(language)[:80], _answer_to(each.key), shown=False) for each in asked)
    return replace(
        SUBMISSIONS,
        columns=(*SUBMISSIONS.columns, *columns),
        filters=SUBMISSIONS.filters[1:],
        conditions=(*SUBMISSIONS.conditions, Submission.form_id == form.id),
    )


def _answer_to(key: str) -> ColumnElement[str]:
    path = cast(literal(f'$[*] ? (@.key == "{key}").shown'), JSONPATH)
    return func.jsonb_path_query_first(Submission.answers, path).op("#>>", return_type=SqlText())(
        cast(literal("{}"), ARRAY(SqlText))
    )


def get_submission(session: Session, submission_id: int, *, lock: bool = False) -> Submission:
    """What was written, with its form and its thread. Raises NotFound."""
    options = (joinedload(Submission.form), selectinload(Submission.entries))
    found = session.get(
        Submission,
        submission_id,
        options=options if not lock else (),
        with_for_update={"of": Submission} if lock else None,
        populate_existing=lock,
    )
    if found is None:
        raise NotFound(_("This message does not exist, or does not any more."))
    return found


def find_twin(
    session: Session, form: Form, *, sender: str, answers: list[dict[str, Any]], since: dt.datetime
) -> Submission | None:
    """The same words of the same sender to a form since then, unless they are held; None for who does not say who they are."""
    same = (Submission.form_id == form.id, Submission.received_at >= since, Submission.answers == answers)
    found = select(Submission).where(*same, Submission.state.not_in(ASIDE)).order_by(Submission.id).limit(1)
    return session.scalars(found).one_or_none() if sender else None


def count_held(session: Session) -> int:
    """How many messages wait for a look because they seem to be spam."""
    held = select(func.count()).select_from(Submission).where(Submission.state == State.HELD.value)
    return session.scalars(held).one()


def count_knocks(session: Session, since: dt.datetime, *, address: str = "", form_id: int | None = None) -> int:
    """How often something was sent since then: from an address, or to a form."""
    knocks = select(func.count()).select_from(Knock).where(Knock.at >= since)
    if address:
        knocks = knocks.where(Knock.address == address)
    if form_id is not None:
        knocks = knocks.where(Knock.form_id == form_id)
    return session.scalars(knocks).one()


def list_messages_of_customer(session: Session, customer_id: int) -> list[Submission]:
    """What a customer wrote lately, the latest first."""
    found = select(Submission).where(Submission.customer_id == customer_id, Submission.state.not_in(ASIDE))
    latest = found.order_by(Submission.received_at.desc(), Submission.id.desc()).limit(20)
    return list(session.scalars(latest.options(joinedload(Submission.form))))


def tell_of_address(session: Session, address: str) -> dict[str, Any]:
    """What whoever has that e-mail address wrote, and what was answered and noted, as JSON values."""
    options = (joinedload(Submission.form), selectinload(Submission.entries))
    found = select(Submission).where(func.lower(Submission.sender_email) == address).options(*options)
    return {
        "messages": [
            {
                "form": each.form.name,
                "received_at": each.received_at.isoformat(),
                "state": each.state,
                "written": {answer["label"]: answer["shown"] for answer in each.answers if answer["shown"]},
                "thread": [
                    {"at": entry.at.isoformat(), "kind": entry.kind, "subject": entry.subject, "text": entry.text}
                    for entry in each.entries
                ],
            }
            for each in session.scalars(found.order_by(Submission.received_at, Submission.id))
        ]
    }


def list_there(session: Session, numbers: Collection[int]) -> list[int]:
    """Those of these numbers whose messages are still kept."""
    return list(session.scalars(select(Submission.id).where(Submission.id.in_(numbers))))
