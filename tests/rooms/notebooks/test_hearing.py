"""A wish is heard when it is committed: nobody waits for a task to arrive or a round to come."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from sqlalchemy import text

from tests.rooms.notebooks.driven import hands_with, row, wish
from tests.rooms.notebooks.engines import MemorySpawner
from tests.waiting import until
from webapp.blueprints.notebooks.gateways.hearing import Hearing
from webapp.blueprints.notebooks.gateways.reconciler import Reconciler
from webapp.blueprints.notebooks.models import State
from webapp.blueprints.notebooks.services.wishes import start_notebook, stop_notebook
from webapp.core.db import db, transaction
from webapp.core.security import SYSTEM


@contextmanager
def under_way(work: Callable[[], None], leave: threading.Event) -> Iterator[None]:
    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        leave.set()
        thread.join(30)
        assert not thread.is_alive()


@pytest.fixture
def heard(house: Flask) -> Iterator[list[int]]:
    """The numbers that somebody who listens has heard."""
    numbers: list[int] = []
    leave = threading.Event()
    hearing = Hearing(house, leave, numbers.append)
    with under_way(hearing.run, leave):
        assert hearing.listening.wait(30)
        yield numbers


def test_a_wish_is_heard_once_it_is_committed_and_never_before(heard: list[int], slug: str) -> None:
    with transaction() as session:
        number = start_notebook(session, by=SYSTEM, slug=slug).id
        assert heard == []
    until(lambda: heard == [number])
    session = db.session()
    stop_notebook(session, by=SYSTEM, slug=slug)
    session.rollback()
    wish(stop_notebook, slug)
    until(lambda: len(heard) > 1)
    assert heard == [number, number]


def test_after_the_database_was_away_it_listens_again(heard: list[int], slug: str) -> None:
    listening = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'")
    with transaction() as session:
        session.execute(listening)

    def is_heard() -> bool:
        wish(start_notebook, slug)
        wish(stop_notebook, slug)
        return bool(heard)

    until(is_heard)


def test_a_keeper_begins_at_once_with_what_it_hears(house: Flask, slug: str) -> None:
    """No event of the engine wakes it, no task arrives, and its next round is far."""
    spawner = MemorySpawner()
    reconciler = Reconciler(house, lambda _app: hands_with(spawner))
    assert reconciler.go_round()
    wish(start_notebook, slug)
    reconciler.hear(row(slug).id)
    reconciler.settle_all()
    assert row(slug).state == State.RUNNING
    wish(stop_notebook, slug)
    reconciler.leave.set()
    reconciler.hear(row(slug).id)  # who leaves begins nothing
    reconciler.settle_all()
    assert row(slug).state == State.STOPPING
    db.session.remove()


def test_a_keeper_without_an_engine_lets_the_wish_wait_for_a_round(house: Flask, slug: str) -> None:
    reconciler = Reconciler(house, lambda _app: hands_with(MemorySpawner()))
    wish(start_notebook, slug)
    reconciler.hear(row(slug).id)
    reconciler.settle_all()
    assert row(slug).state == State.QUEUED
