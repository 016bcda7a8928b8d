"""The questions to the records of the push room."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, func, literal, select, type_coerce
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session
from sqlalchemy.types import String

from webapp.blueprints.push.models import (
    Audience,
    MessageState,
    PushDelivery,
    PushKey,
    PushMessage,
    PushSubscription,
    PushTopic,
    subscription_topics,
)
from webapp.core.directory import directory
from webapp.core.errors import NotFound
from webapp.core.lists import Choice, Column, DateRange, ListSpec, Search, folded

STATES = {
    MessageState.DRAFT.value: _l("Draft"),
    MessageState.SENDING.value: _l("Being sent"),
    MessageState.SENT.value: _l("Was sent"),
    MessageState.CANCELLED.value: _l("Stopped"),
}
AUDIENCES = {
    Audience.ALL.value: _l("Everybody"),
    Audience.TOPIC.value: _l("Topic"),
    Audience.GROUP.value: _l("Group"),
    Audience.PERSON.value: _l("Person"),
}
URGENCIES = {
    "very-low": _l("Can wait for power and Wi-Fi"),
    "low": _l("Can wait for power or Wi-Fi"),
    "normal": _l("Normal"),
    "high": _l("At once"),
}
EVENTS = {
    "": _l("Only what somebody writes"),
    "closed": _l("A site stays closed today"),
    "news": _l("An article was published"),
}
LARGEST_ID = 2**63 - 1


def in_language(texts: Mapping[str, str], language: str) -> str:
    """The text of that language, else of the first one that has any."""
    return texts.get(language) or next((text for text in texts.values() if text), "")


def find_key(session: Session) -> PushKey | None:
    """The house's key pair, None before it is made."""
    return session.scalars(select(PushKey)).one_or_none()


def list_topics(session: Session, *, offered: bool = False) -> Sequence[PushTopic]:
    """The topics in their order; those alone that are offered to visitors, if so asked."""
    query = select(PushTopic).order_by(PushTopic.position, PushTopic.id)
    return session.scalars(query.where(PushTopic.offered.is_(True)) if offered else query).all()


def get_topic(session: Session, topic_id: int, *, lock: bool = False) -> PushTopic:
    """The topic with this id. Raises NotFound."""
    found = session.get(PushTopic, topic_id, with_for_update=lock or None) if 0 <= topic_id <= LARGEST_ID else None
    if found is None:
        raise NotFound(_("This topic does not exist, or does not any more."))
    return found


def count_by_topic(session: Session) -> dict[int, int]:
    """How many browsers want each topic."""
    query = select(subscription_topics.c.topic_id, func.count()).group_by(subscription_topics.c.topic_id)
    return {row[0]: row[1] for row in session.execute(query)}


def count_subscriptions(session: Session) -> int:
    """How many browsers want notifications."""
    return session.execute(select(func.count()).select_from(PushSubscription)).scalar_one()


def find_subscription(session: Session, endpoint: str) -> PushSubscription | None:
    """The browser with that endpoint."""
    return session.scalars(select(PushSubscription).where(PushSubscription.endpoint == endpoint)).one_or_none()


def list_subscribed_people(session: Session) -> list[tuple[int, str]]:
    """Those who want notifications while signed in, by name."""
    numbers = set(
        session.scalars(select(PushSubscription.user_id).where(PushSubscription.user_id.is_not(None)).distinct())
    )
    return [(number, name) for number, name in directory().people() if number in numbers]


def get_message(session: Session, message_id: int, *, lock: bool = False) -> PushMessage:
    """The message with this id, kept from others until the end if it is to `lock`. Raises NotFound."""
    found = (
        session.get(PushMessage, message_id, with_for_update=lock or None) if 0 <= message_id <= LARGEST_ID else None
    )
    if found is None:
        raise NotFound(_("This notification does not exist, or does not any more."))
    if lock:
        session.refresh(found)
    return found


def receives(message: PushMessage) -> ColumnElement[bool]:
    """Whether a browser is among those that a message goes to."""
    if message.audience == Audience.TOPIC:
        wanting = select(subscription_topics.c.subscription_id).where(
            subscription_topics.c.topic_id == message.topic_id
        )
        return PushSubscription.id.in_(wanting)
    if message.audience == Audience.GROUP:
        return PushSubscription.user_id.in_(directory().members(message.group_id) if message.group_id else [])
    if message.audience == Audience.PERSON:
        return PushSubscription.user_id == message.user_id
    return literal(value=True)


def count_receivers(session: Session, message: PushMessage) -> int:
    """To how many browsers the message would go now."""
    query = select(func.count()).select_from(PushSubscription).where(receives(message))
    return session.execute(query).scalar_one()


def count_deliveries(session: Session, message: PushMessage) -> dict[str, int]:
    """How many browsers the message stands at in each state; what was counted at the end, once the single ones are forgotten."""
    query = select(PushDelivery.state, func.count()).where(PushDelivery.message_id == message.id)
    counted = {row[0]: row[1] for row in session.execute(query.group_by(PushDelivery.state))}
    return counted or {name: int(count) for name, count in message.counts.items()}


def list_failures(session: Session, message: PushMessage) -> list[tuple[str, int]]:
    """Why it did not reach browsers: sentences, the most frequent first."""
    query = select(PushDelivery.words, func.count()).where(
        PushDelivery.message_id == message.id, PushDelivery.words != ""
    )
    counted = query.group_by(PushDelivery.words).order_by(func.count().desc(), PushDelivery.words).limit(20)
    return [(words, count) for words, count in session.execute(counted)]


def audience_name(session: Session, message: PushMessage, language: str) -> str:
    """To whom a message goes, in words."""
    if message.audience == Audience.TOPIC and message.topic_id:
        return f"{_('Topic')}: {in_language(get_topic(session, message.topic_id).names, language)}"
    if message.audience == Audience.GROUP and message.group_id:
        return f"{_('Group')}: {directory().group_name(message.group_id) or '—'}"
    if message.audience == Audience.PERSON and message.user_id:
        return f"{_('Person')}: {directory().person_name(message.user_id) or '—'}"
    return str(AUDIENCES[message.audience])


def list_of_messages(language: str) -> ListSpec:
    """The list of messages, the newest first, with the titles of that language."""
    titles: Any = type_coerce(PushMessage.titles, JSONB)
    title = func.coalesce(
        func.nullif(titles[language].astext, ""), titles["it"].astext, titles["en"].astext, "", type_=String()
    )
    sent = func.coalesce(type_coerce(PushMessage.counts, JSONB)["sent"].as_integer(), 0)
    return ListSpec(
        name="notifications",
        source=PushMessage,
        id=PushMessage.id,
        columns=(
            Column("title", _l("Title"), title, sort_by=folded(title)),
            Column("state", _l("State"), PushMessage.state, kind="choice", choices=STATES, sort_by=PushMessage.state),
            Column("audience", _l("To whom"), PushMessage.audience, kind="choice", choices=AUDIENCES),
            Column("sent", _l("Reached"), sent, kind="number"),
            Column(
                "created_at", _l("Was written"), PushMessage.created_at, kind="date", sort_by=PushMessage.created_at
            ),
            Column("started_at", _l("Was sent"), PushMessage.started_at, kind="date"),
            Column("actor", _l("By"), PushMessage.actor, shown=False),
        ),
        sort="-created_at",
        filters=(
            Choice("state", _l("State"), PushMessage.state, STATES),
            Choice("audience", _l("To whom"), PushMessage.audience, AUDIENCES),
            DateRange(_l("Written from"), _l("Written until"), PushMessage.created_at, "written_from", "written_to"),
        ),
        search=(Search(title),),
        search_hint=_l("Title"),
    )


def tell_personal(session: Session, user_id: int) -> dict[str, Any]:
    """The browsers in which somebody asked for notifications, as their export of their own data has them."""
    own = select(PushSubscription).where(PushSubscription.user_id == user_id).order_by(PushSubscription.id)
    return {
        "notifications": [
            {
                "service": each.host,
                "language": each.language,
                "topics": [str(topic) for topic in each.topics],
                "since": each.created_at.isoformat(),
            }
            for each in session.scalars(own)
        ]
    }
