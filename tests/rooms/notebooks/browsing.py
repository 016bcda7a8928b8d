"""People in front of the pages of notebooks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.rooms.conftest import ENGLISH, token_of
from tests.rooms.notebooks.makers import browser_of
from webapp.blueprints.accounts.models import User
from webapp.blueprints.tasks.public import Task


class Person:
    """Somebody with a browser that speaks English and sends the token of its forms."""

    def __init__(self, browser: FlaskClient) -> None:
        self.browser = browser

    def get(self, place: str) -> TestResponse:
        return self.browser.get(place, headers=ENGLISH)

    def post(self, place: str, data: dict[str, Any] | None = None) -> TestResponse:
        return self.browser.post(place, data={**(data or {}), "csrf_token": token_of(self.browser)}, headers=ENGLISH)


Role = Callable[[str], Person]


def person(app: Flask, session: Session, user: User) -> Person:
    return Person(browser_of(app, session, user))


def tasks_of(session: Session, kind: str) -> list[dict[str, object]]:
    return [task.args for task in session.scalars(select(Task).where(Task.kind == kind).order_by(Task.id))]
