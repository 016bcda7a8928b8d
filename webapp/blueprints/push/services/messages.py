"""What people do with messages: write, change, send, stop and delete them; and what events send by themselves."""

from __future__ import annotations

import datetime as dt
import logging
import re
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete, exists, insert, literal, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from webapp.blueprints.push.models import (
    Audience,
    DeliveryState,
    MessageState,
    PushDelivery,
    PushMessage,
    PushSubscription,
    PushTopic,
    subscription_topics,
)
from webapp.blueprints.push.permissions import PushPermission as May
from webapp.blueprints.push.queries import count_deliveries, get_message, receives
from webapp.blueprints.push.services.keys import ensure_key
from webapp.blueprints.tasks.public import ask
from webapp.core.clock import utc_now
from webapp.core.errors import DomainError, EditConflict, NotAllowed
from webapp.core.security import SYSTEM, Actor
from webapp.core.site_events import tell_of_change
from webapp.core.storing import store

log = logging.getLogger(__name__)
SEND = "push.send"
LONGEST_TITLE, LONGEST_BODY, LONGEST_LINK = 80, 300, 300  # what telephones show, and what fits into a push (4 kB)
LINK = re.compile(r"/[!-~]*")
KEPT_FOR = dt.timedelta(days=90)


class NobodyThere(DomainError):
    """No browser would get the message."""

    def __init__(self) -> None:
        super().__init__(_("No browser would get this notification: nobody has asked for it yet."))


class NotADraft(DomainError):
    """The message left already, or is leaving."""

    def __init__(self) -> None:
        super().__init__(_("This notification was sent already: write a new one."))


class NotUnderWay(DomainError):
    """There is nothing to stop."""

    def __init__(self) -> None:
        super().__init__(_("This notification is not being sent."))


def is_own_link(text: str) -> bool:
    """Whether a link stays on this site: a path of plain signs."""
    return len(text) <= LONGEST_LINK and bool(LINK.fullmatch(text)) and not text.startswith("//") and "\\" not in text


def save_message(
    session: Session, *, by: Actor, values: Mapping[str, Any], message_id: int | None = None, version: int = 0
) -> PushMessage:
    """A new draft with these values, or the one that the actor saw as `version` changed. Raises NotAllowed, NotFound, NotADraft, EditConflict."""
    _demand(by)
    if message_id is None:
        message = PushMessage(actor=by.name[:200], **values)
        session.add(message)
    else:
        message = _draft(session, message_id, version)
        for name, value in values.items():
            setattr(message, name, value)
    store(session)
    return message


def delete_message(session: Session, *, by: Actor, message_id: int, version: int) -> None:
    """Delete a message that is not under way. Raises NotAllowed, NotFound, EditConflict, NotADraft."""
    _demand(by)
    message = get_message(session, message_id, lock=True)
    if message.version != version:
        raise EditConflict
    if message.state == MessageState.SENDING:
        raise NotADraft
    session.delete(message)
    store(session)
    log.info("notification %s deleted by %s", message_id, by.name)


def send_message(session: Session, *, by: Actor, message_id: int, version: int) -> PushMessage:
    """Send the draft that the actor saw as `version`. Raises NotAllowed, NotFound, EditConflict, NotADraft, NobodyThere, KeyLost."""
    _demand(by)
    message = _draft(session, message_id, version)
    _start(session, message)
    if not count_deliveries(session, message):
        raise NobodyThere
    tell_of_change(session, by=by, part="push", deed="sent", title=message)
    log.info("notification %s is sent by %s", message.id, by.name)
    return message


def stop_message(session: Session, *, by: Actor, message_id: int) -> PushMessage:
    """Let it reach nobody whom it has not reached yet. Raises NotAllowed, NotFound, NotUnderWay."""
    _demand(by)
    message = get_message(session, message_id, lock=True)
    if message.state != MessageState.SENDING:
        raise NotUnderWay
    waiting = (PushDelivery.message_id == message.id, PushDelivery.state == DeliveryState.WAITING)
    session.execute(update(PushDelivery).where(*waiting).values(state=DeliveryState.CANCELLED.value, at=utc_now()))
    end_message(session, message, MessageState.CANCELLED)
    tell_of_change(session, by=by, part="push", deed="stopped", title=message)
    log.info("notification %s stopped by %s", message.id, by.name)
    return message


def end_message(session: Session, message: PushMessage, state: MessageState) -> None:
    """Note that a message has reached all whom it will reach."""
    message.state, message.ended_at = state.value, utc_now()
    message.counts = count_deliveries(session, message)
    session.flush()


def send_by_event(
    session: Session,
    event: str,
    *,
    cause: str,
    titles: Mapping[str, str],
    bodies: Mapping[str, str],
    links: Mapping[str, str],
    hours: int = 12,
) -> list[int]:
    """Tell of an event all who want a topic that is sent by it; the numbers of the messages. The same `cause` is told once.

    A topic that nobody wants is passed over. Texts that are too long for a telephone are cut.
    """
    wanted = exists().where(subscription_topics.c.topic_id == PushTopic.id)
    topics = session.scalars(select(PushTopic.id).where(PushTopic.event == event, PushTopic.offered.is_(True), wanted))
    sent: list[int] = []
    if not any(titles.values()):
        return sent
    for topic_id in topics.all():
        values = {
            "titles": {language: _cut(text, LONGEST_TITLE) for language, text in titles.items()},
            "bodies": {language: _cut(text, LONGEST_BODY) for language, text in bodies.items()},
            "links": {language: path for language, path in links.items() if is_own_link(path)},
            "audience": Audience.TOPIC.value,
            "topic_id": topic_id,
            "hours": hours,
            "cause": f"{cause}:{topic_id}"[:200],
            "actor": SYSTEM.name,
        }
        made = upsert(PushMessage).values(values).on_conflict_do_nothing(constraint="uq_push_messages_cause")
        message = session.scalars(made.returning(PushMessage)).one_or_none()
        if message is None:
            continue
        _start(session, message)
        sent.append(message.id)
    return sent


def forget_old(session: Session, now: dt.datetime) -> None:
    """Forget to which browser what was sent, after 90 days; how many they were stays."""
    old = select(PushMessage.id).where(PushMessage.ended_at < now - KEPT_FOR)
    session.execute(delete(PushDelivery).where(PushDelivery.message_id.in_(old)))


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def _start(session: Session, message: PushMessage) -> None:
    """As the house: whoever pressed the button may be gone before the last push is."""
    ensure_key(session)
    chosen = select(literal(message.id), PushSubscription.id).where(receives(message)).order_by(PushSubscription.id)
    session.execute(insert(PushDelivery).from_select(["message_id", "subscription_id"], chosen))
    message.state, message.started_at = MessageState.SENDING.value, utc_now()
    session.flush()
    ask(session, SEND, {"message": message.id}, by=SYSTEM)


def _draft(session: Session, message_id: int, version: int) -> PushMessage:
    message = get_message(session, message_id, lock=True)
    if message.state != MessageState.DRAFT:
        raise NotADraft
    if message.version != version:
        raise EditConflict
    return message


def _demand(by: Actor) -> None:
    if not by.may(May.MESSAGES_SEND):
        raise NotAllowed(_("Your role does not include this. Ask the owner for the right."))
