"""Events: a room announces what happened, rooms above it listen; all of it in the announcer's transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from flask import Flask, current_app
from sqlalchemy.orm import Session

Event = TypeVar("Event")
Answer = TypeVar("Answer")
LISTENERS = "bottega_listeners"


def listen(app: Flask, kind: type[Event], listener: Callable[[Session, Event], Any]) -> None:
    """Call `listener` whenever an event of that kind is announced; a room does so in its `setup`.

    What it raises undoes what was announced. It stores and asks for tasks in the given session, and never commits.
    """
    app.extensions.setdefault(LISTENERS, {}).setdefault(kind, []).append(listener)


def announce(session: Session, event: object) -> None:
    """Tell all listeners, in the order of the rooms, in the caller's transaction."""
    for listener in _listeners(type(event)):
        listener(session, event)


def gather(session: Session, question: object, answers: type[Answer]) -> list[Answer]:
    """All that the listeners to a question answer: each gives none, one or several `answers`."""
    told: list[Answer] = []
    for listener in _listeners(type(question)):
        given: Iterable[Answer] = listener(session, question) or ()
        told += [answer for answer in given if isinstance(answer, answers)]
    return told


def _listeners(kind: type[Any]) -> tuple[Callable[[Session, Any], Any], ...]:
    return tuple(current_app.extensions.get(LISTENERS, {}).get(kind, ()))
