"""An application that commits for good and knows the kinds of the tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from tests.rooms.tasks.kinds import declare
from tests.rooms.tasks.schedules import HOUSE, OWN, REPORT, TITLE
from webapp.blueprints.tasks.gateways.runner import execute
from webapp.blueprints.tasks.models import State, Task
from webapp.blueprints.tasks.public import ask
from webapp.core.db import db, transaction
from webapp.core.room import Room
from webapp.core.security import SYSTEM

Ask = Callable[..., int]
Run = Callable[[int], State | None]


@pytest.fixture
def tasks_app(fresh_app: Flask) -> Flask:
    """The kinds of tests declared, and the table in which they leave traces."""
    declare(fresh_app)
    with transaction() as session:
        session.execute(text("CREATE TABLE traces (task_id bigint, attempt int)"))
    return fresh_app


@pytest.fixture
def ask_for(tasks_app: Flask) -> Ask:
    """Ask for a task of a kind with arguments; its id."""

    def make(kind: str, **args: Any) -> int:
        with transaction() as session:
            return ask(session, kind, args, by=SYSTEM).id

    return make


@pytest.fixture
def run(tasks_app: Flask) -> Run:
    """Work on a task here and now."""

    def work(task_id: int) -> State | None:
        db.session.remove()
        return execute(tasks_app, task_id, worker="test", kill=lambda: None)

    return work


@pytest.fixture
def row(tasks_app: Flask) -> Callable[[int], Task]:
    """A task as it stands in the database."""

    def read(task_id: int) -> Task:
        db.session.remove()
        task = db.session.get(Task, task_id)
        assert task is not None
        return task

    return read


@pytest.fixture
def kinds(request: pytest.FixtureRequest) -> Iterator[None]:
    """What may be scheduled is known to the application of the test."""
    app: Flask = request.getfixturevalue("fresh_app" if "fresh_app" in request.fixturenames else "app")
    app.extensions["task_kinds"] |= {REPORT.name: REPORT, HOUSE.name: HOUSE}
    yield
    for name in (REPORT.name, HOUSE.name):
        app.extensions["task_kinds"].pop(name, None)


@pytest.fixture
def nightly(request: pytest.FixtureRequest) -> Iterator[None]:
    """A room with a schedule of its own."""
    app: Flask = request.getfixturevalue("fresh_app" if "fresh_app" in request.fixturenames else "app")
    before = app.extensions["rooms"]
    app.extensions["rooms"] = (*before, Room("extra", TITLE, schedules=(OWN,)))
    yield
    app.extensions["rooms"] = before
