"""Two people at the same moment: the database has the last word, and the second one is told in words."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.blueprints.crm.models import Customer
from webapp.blueprints.crm.services import (
    NumberTaken,
    create_customer,
    delete_customer,
    find_or_create_contact,
    update_customer,
)
from webapp.core.db import db, transaction
from webapp.core.errors import EditConflict, NotFound
from webapp.core.security import SYSTEM

VALUES: dict[str, Any] = {"number": "1", "name": "Ada", "kind": "person", "country": ""}


def meanwhile(
    app: Flask, first: Callable[[Session], object], second: Callable[[Session], object]
) -> list[BaseException]:
    """Run `second` in another thread while the transaction of `first` is still open; what it raised."""
    raised: list[BaseException] = []

    def run() -> None:
        with app.app_context():
            try:
                with transaction() as session:
                    second(session)
            except Exception as error:  # noqa: BLE001 - the test looks at it
                raised.append(error)
            db.session.remove()

    thread = threading.Thread(target=run)
    with transaction() as session:
        first(session)
        thread.start()
        thread.join(0.3)
        assert thread.is_alive(), "the second one did not wait for the first"
    thread.join(10)
    return raised


@pytest.fixture
def stored(fresh_app: Flask) -> int:
    with transaction() as session:
        return create_customer(session, by=SYSTEM, values=VALUES).id


def test_the_second_click_on_create_is_told_that_the_number_is_taken(fresh_app: Flask) -> None:
    def create(session: Session) -> Customer:
        return create_customer(session, by=SYSTEM, values=VALUES)

    assert [type(error) for error in meanwhile(fresh_app, create, create)] == [NumberTaken]


@pytest.mark.parametrize("first_deletes", [False, True])
def test_the_second_save_at_once_is_told(fresh_app: Flask, stored: int, first_deletes: bool) -> None:
    def save(session: Session) -> object:
        return update_customer(session, by=SYSTEM, customer_id=stored, version=1, values=VALUES | {"name": "B"})

    def delete(session: Session) -> None:
        delete_customer(session, by=SYSTEM, customer_id=stored, version=1)

    raised = meanwhile(fresh_app, delete if first_deletes else save, save)
    assert [type(error) for error in raised] == [NotFound if first_deletes else EditConflict]


def test_two_who_write_at_once_from_one_address_are_one_contact(fresh_app: Flask) -> None:
    def write(session: Session) -> Customer:
        return find_or_create_contact(session, by=SYSTEM, email="Ada@people.example.com", name="Ada")

    assert meanwhile(fresh_app, write, write) == []
    assert db.session.scalar(select(func.count()).select_from(Customer)) == 1
