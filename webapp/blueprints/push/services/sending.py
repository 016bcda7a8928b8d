"""The sending of a message, step by step: who is next, what goes out, and what became of it.

A browser is marked before its push leaves and settled afterwards. Whoever is still marked when a worker begins was under
way when another one ended: nobody knows whether that push arrived, so it is not sent again.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import case, delete, func, or_, select, update
from sqlalchemy.orm import Session

from webapp.blueprints.push.models import DeliveryState, MessageState, PushDelivery, PushMessage, PushSubscription
from webapp.blueprints.push.ports import Answer, Outgoing
from webapp.blueprints.push.queries import count_deliveries, get_message, in_language
from webapp.blueprints.push.services.messages import end_message

MOST_ATTEMPTS = 6
FIRST_WAIT = 30.0  # seconds, doubled with each attempt
LONGEST_WAIT = 3600.0


@dataclass(frozen=True)
class Batch:
    """What is to leave now. `waiting_until`: nothing is due before; None with nothing to leave: all is done."""

    outgoing: tuple[Outgoing, ...] = ()
    waiting_until: dt.datetime | None = None
    over: bool = False


def give_up_unclear(session: Session, message_id: int) -> int:
    """Settle those that were under way when a worker ended; how many they were."""
    message = _locked(session, message_id)
    if message is None:
        return 0
    words = _("It is not known whether it arrived: the worker ended while it was under way.")
    under_way = (PushDelivery.message_id == message_id, PushDelivery.state == DeliveryState.SENDING)
    values = {"state": DeliveryState.UNCLEAR.value, "words": words, "at": func.now()}
    done = session.execute(update(PushDelivery).where(*under_way).values(values).returning(PushDelivery.id)).all()
    _count_again(session, message)
    return len(done)


def take_batch(session: Session, message_id: int, *, most: int, now: dt.datetime) -> Batch:
    """Mark the next browsers and tell what they are to get. Raises NotFound."""
    message = get_message(session, message_id, lock=True)
    if message.state != MessageState.SENDING or message.started_at is None:
        return Batch(over=True)
    until = message.started_at + dt.timedelta(hours=message.hours)
    mine = PushDelivery.message_id == message.id
    waiting = (mine, PushDelivery.state == DeliveryState.WAITING)
    _settle(session, (*waiting, PushDelivery.subscription_id.is_(None)), DeliveryState.DEAD, "")
    if now >= until:
        words = _("Its time was over before the push service took it.")
        _settle(session, waiting, DeliveryState.FAILED, words)
    due = select(PushDelivery.id).where(
        *waiting, or_(PushDelivery.not_before.is_(None), PushDelivery.not_before <= now)
    )
    # A statement of its own: as a subquery, the planner may run it once a row, and each run locks other rows.
    chosen = session.scalars(due.order_by(PushDelivery.id).limit(most).with_for_update(skip_locked=True)).all()
    marked = session.scalars(
        update(PushDelivery)
        .where(PushDelivery.id.in_(chosen))
        .values(state=DeliveryState.SENDING.value, attempts=PushDelivery.attempts + 1)
        .returning(PushDelivery.id)
    ).all()
    if marked:
        outgoing = tuple(_outgoing(session, message, marked, seconds=int((until - now).total_seconds())))
        if left := set(marked) - {each.delivery_id for each in outgoing}:  # their browsers went away just now
            _settle(session, (PushDelivery.id.in_(left),), DeliveryState.DEAD, "")
        return Batch(outgoing) if outgoing else take_batch(session, message_id, most=most, now=now)
    next_one = session.scalar(select(func.min(PushDelivery.not_before)).where(*waiting))
    if next_one is None:
        end_message(session, message, MessageState.SENT)
    return Batch(waiting_until=next_one, over=next_one is None)


def settle_batch(session: Session, message_id: int, answers: Iterable[Answer], *, now: dt.datetime) -> None:
    """Note what the push services said; browsers that are gone are forgotten, those that shall wait are put off.

    A message that ended meanwhile, stopped or given up because this worker was slow, is counted again.
    """
    message = _locked(session, message_id)
    if message is None:
        return
    for answer in answers:
        delivery = session.get(PushDelivery, answer.delivery_id, populate_existing=True)
        if delivery is None or delivery.state not in (DeliveryState.SENDING, DeliveryState.UNCLEAR):
            continue
        delivery.at, delivery.words = now, answer.words[:300]
        goes_on = message.state == MessageState.SENDING and delivery.attempts < MOST_ATTEMPTS
        if answer.outcome == "later" and goes_on:
            _put_off(session, delivery, answer, now)
        else:
            state = DeliveryState.FAILED if answer.outcome in ("later", "refused") else answer.outcome
            delivery.state = str(state)
            _note_subscription(session, delivery, answer, now)
    session.flush()
    _count_again(session, message)


def count_left(session: Session, message_id: int) -> tuple[int, int]:
    """How many browsers a message is done with, of how many."""
    waits = PushDelivery.state.in_((DeliveryState.WAITING, DeliveryState.SENDING))
    query = select(func.count(), func.coalesce(func.sum(case((waits, 1), else_=0)), 0))
    total, waiting = session.execute(query.where(PushDelivery.message_id == message_id)).one()
    return int(total) - int(waiting), int(total)


def _outgoing(session: Session, message: PushMessage, marked: Iterable[int], *, seconds: int) -> Iterable[Outgoing]:
    join = PushDelivery.subscription_id == PushSubscription.id
    query = select(PushDelivery.id, PushSubscription).join(PushSubscription, join).where(PushDelivery.id.in_(marked))
    for delivery_id, browser in session.execute(query.order_by(PushDelivery.id)):
        yield Outgoing(
            delivery_id=delivery_id,
            endpoint=browser.endpoint,
            p256dh=browser.p256dh,
            auth=browser.auth,
            content=json.dumps(content_of(message, browser.language), ensure_ascii=False),
            seconds=max(0, seconds),
            urgency=message.urgency,
        )


def content_of(message: PushMessage, language: str) -> dict[str, Any]:
    """What the worker of a browser is told."""
    spoken = (
        language if message.titles.get(language) else next((code for code, text in message.titles.items() if text), "")
    )
    return {
        "title": in_language(message.titles, spoken),
        "body": message.bodies.get(spoken, ""),
        "link": message.links.get(spoken, "") or (f"/{spoken}" if spoken else "/"),
        "language": spoken,
        "tag": f"push-{message.id}",
    }


def _put_off(session: Session, delivery: PushDelivery, answer: Answer, now: dt.datetime) -> None:
    """Try again later; where the service said when, nothing else goes to it before either."""
    wait = min(FIRST_WAIT * 2 ** (delivery.attempts - 1), LONGEST_WAIT)
    if answer.retry_after is not None:
        wait = min(max(answer.retry_after, 1.0), 24 * 3600.0)
    delivery.state, delivery.not_before = DeliveryState.WAITING.value, now + dt.timedelta(seconds=wait)
    if answer.retry_after is None or answer.status != 429:
        return
    browser = session.get(PushSubscription, delivery.subscription_id) if delivery.subscription_id else None
    if browser is not None:
        same = select(PushSubscription.id).where(PushSubscription.host == browser.host)
        session.execute(
            update(PushDelivery)
            .where(
                PushDelivery.message_id == delivery.message_id,
                PushDelivery.state == DeliveryState.WAITING,
                PushDelivery.subscription_id.in_(same),
                or_(PushDelivery.not_before.is_(None), PushDelivery.not_before < delivery.not_before),
            )
            .values(not_before=delivery.not_before)
            .execution_options(synchronize_session=False)
        )


def _note_subscription(session: Session, delivery: PushDelivery, answer: Answer, now: dt.datetime) -> None:
    mine = PushSubscription.id == delivery.subscription_id
    if answer.outcome == "dead":
        session.flush()
        session.execute(delete(PushSubscription).where(mine))
        session.expire(delivery, ["subscription_id"])
    elif answer.outcome == "sent":
        session.execute(update(PushSubscription).where(mine).values(last_success_at=now, failures=0))
    else:
        session.execute(update(PushSubscription).where(mine).values(failures=PushSubscription.failures + 1))


def _locked(session: Session, message_id: int) -> PushMessage | None:
    return session.get(PushMessage, message_id, with_for_update=True, populate_existing=True)


def _count_again(session: Session, message: PushMessage) -> None:
    if message.ended_at is not None:
        message.counts = count_deliveries(session, message)
        session.flush()


def _settle(session: Session, where: tuple[Any, ...], state: DeliveryState, words: str) -> None:
    session.execute(update(PushDelivery).where(*where).values(state=state.value, words=words, at=func.now()))
