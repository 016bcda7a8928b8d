"""A company that sells, with real commits; tasks are worked on in the test's own thread."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.conftest import signed_in_cookie
from tests.etl.shop import Shop
from tests.rooms.tasks.makers import RememberingCarrier
from webapp.blueprints.accounts.services.users import create_user
from webapp.blueprints.tasks.gateways.runner import execute
from webapp.blueprints.tasks.public import State, Task
from webapp.core.db import db, gold_engine, transaction
from webapp.core.security import SYSTEM


@pytest.fixture
def shop(fresh_app: Flask) -> Shop:
    """A shop with three orders on three days, whose GOLD is not there yet."""
    fresh_app.extensions["task_carrier"] = RememberingCarrier()
    shop = Shop(db.engine, gold_engine())
    pen = shop.product("PEN", "Desk")
    for number, day in enumerate(("2011-03-01", "2011-03-02", "2011-06-01")):
        shop.order(
            str(number), f"{day} 10:00+01", (pen, "3", "2.50"), (pen, "1", "1"), customer=shop.customer(str(number))
        )
    return shop


@pytest.fixture
def work(fresh_app: Flask) -> Callable[[], list[tuple[str, str]]]:
    """Work on all that is queued, as one worker would; kind and state of each task in order."""

    def all_of_it() -> list[tuple[str, str]]:
        waiting = select(Task.id).where(Task.state == State.QUEUED).order_by(Task.id)
        while True:
            db.session.remove()
            found = db.session.scalars(waiting).all()
            db.session.remove()
            if not found:
                break
            for number in found:
                execute(fresh_app, number, worker="test", kill=lambda: None)
        ended = [(task.kind, task.state) for task in db.session.scalars(select(Task).order_by(Task.id))]
        db.session.remove()
        return ended

    return all_of_it


@pytest.fixture
def visitor(fresh_app: Flask) -> Callable[..., FlaskClient]:
    """`visitor("staff")`: a signed-in browser, in English."""

    def signed_in(role: str) -> FlaskClient:
        with transaction() as session:
            user = create_user(
                session,
                by=SYSTEM,
                email=f"{role}@people.bottega.it",
                name=f"The {role}",
                password="a-long-enough-password",
                roles=[role],
            )
            cookies = signed_in_cookie(session, user)
        client = fresh_app.test_client()
        with client.session_transaction() as cookie:
            cookie.update(cookies)
        client.set_cookie("language", "en")
        return client

    return signed_in
