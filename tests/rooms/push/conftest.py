"""A push service of the test's own, browsers that registered there, and a worker's hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.rooms.push.service import PushService
from tests.rooms.tasks.in_hand import TaskInHand
from webapp.blueprints.push.models import PushMessage, PushSubscription, PushTopic
from webapp.blueprints.push.services.messages import save_message, send_message
from webapp.blueprints.push.services.subscribing import read_subscription, subscribe
from webapp.blueprints.push.services.topics import save_topic
from webapp.blueprints.push.tasks import send
from webapp.core.security import SYSTEM


@pytest.fixture
def service() -> Iterator[PushService]:
    """A push service that runs."""
    with PushService().running() as running:
        yield running
        assert running.problems == []


@pytest.fixture
def local(app: Flask) -> Iterator[None]:
    """The house may send to this machine."""
    before = app.extensions["settings"]
    app.extensions["settings"] = replace(before, push_local=True)
    yield
    app.extensions["settings"] = before


def make_topic(session: Session, **changes: Any) -> PushTopic:
    values = {"names": {"it": "Novità", "en": "News"}} | changes
    return save_topic(session, by=SYSTEM, values=values)


Register = Callable[..., PushSubscription]


@pytest.fixture
def register(app: Flask, session: Session, service: PushService, local: None) -> Register:
    """`register("phone", topic)`: a browser of that name wants a topic."""

    def registered(
        name: str, topic: PushTopic, *, language: str = "en", user_id: int | None = None
    ) -> PushSubscription:
        given = read_subscription(service.device(name).told, app.extensions["settings"])
        return subscribe(session, given, topics=[topic.id], language=language, user_id=user_id, origin=f"origin {name}")

    return registered


def make_message(session: Session, topic: PushTopic | None = None, **changes: Any) -> PushMessage:
    values = {
        "titles": {"it": "Chiuso oggi", "en": "Closed today"},
        "bodies": {"it": "Torniamo domani", "en": "Back tomorrow"},
        "links": {"it": "/it/orari", "en": ""},
        "audience": "topic" if topic else "all",
        "topic_id": topic.id if topic else None,
    }
    return save_message(session, by=SYSTEM, values=values | changes)


def start(session: Session, message: PushMessage) -> PushMessage:
    started = send_message(session, by=SYSTEM, message_id=message.id, version=message.version)
    session.commit()
    return started


def work(message: PushMessage) -> TaskInHand:
    """Do what a worker does with the message now."""
    hand = TaskInHand()
    send(hand, {"message": message.id})
    return hand


def known_devices(session: Session) -> set[str]:
    return {endpoint.rpartition("/")[2] for endpoint in session.scalars(select(PushSubscription.endpoint))}
