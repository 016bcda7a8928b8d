"""Events: all listeners are told in the announcer's transaction, and one that fails undoes it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from webapp.core.company import get_company
from webapp.core.db import transaction
from webapp.core.events import LISTENERS, announce, gather, listen


@dataclass(frozen=True)
class Renamed:
    """The company is called otherwise."""

    name: str


@dataclass(frozen=True)
class Asked:
    """What do you know?"""


@pytest.fixture(autouse=True)
def no_listeners(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.extensions, LISTENERS, {})


def test_nobody_needs_to_listen(app: Flask, session: Session) -> None:
    announce(session, Renamed("x"))
    assert gather(session, Asked(), str) == []


def test_all_who_listen_are_told_in_their_order_and_nobody_else(app: Flask, session: Session) -> None:
    told: list[tuple[str, object]] = []
    listen(app, Renamed, lambda given, event: told.append(("first", event.name if given is session else None)))
    listen(app, Asked, lambda _session, _event: told.append(("other", None)))
    listen(app, Renamed, lambda _session, event: told.append(("second", event.name)))
    announce(session, Renamed("Manfredi"))
    assert told == [("first", "Manfredi"), ("second", "Manfredi")]


def test_a_question_gathers_what_each_listener_answers(app: Flask, session: Session) -> None:
    def several(_session: Session, _asked: Asked) -> Iterator[str]:
        yield from ("a", "b")

    listen(app, Asked, several)
    listen(app, Asked, lambda _session, _asked: None)
    listen(app, Asked, lambda _session, _asked: ["c"])
    assert gather(session, Asked(), str) == ["a", "b", "c"]


def test_a_listener_that_fails_undoes_what_was_announced(app: Flask, session: Session) -> None:
    def fail(_session: Session, _event: Renamed) -> None:
        raise ValueError("not now")

    before = get_company(session).name
    listen(app, Renamed, fail)

    def rename() -> None:
        with transaction() as deed:
            get_company(deed).name = "Other"
            deed.flush()
            announce(deed, Renamed("Other"))

    with pytest.raises(ValueError, match="not now"):
        rename()
    session.expire_all()
    assert get_company(session).name == before
