"""What the tests of the editorial room stand on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from webapp.core.security import SYSTEM


class RunHere:
    """A run of a task in the test's own session."""

    id, by, attempt = 1, SYSTEM, 1

    def __init__(self, session: Session) -> None:
        self.session = session
        self.told: list[str] = []

    def progress(self, done: int, total: int | None = None, words: str = "") -> None:
        """Remember how far it is."""
        self.told.append(f"{done}/{total} {words}")

    def log(self, sentence: str, level: str = "info") -> None:
        """Remember the line."""
        self.told.append(f"{level}: {sentence}")

    def check(self) -> None:
        """Go on."""

    def time_left(self, at_most: float | None = None) -> float:
        """Enough."""
        return at_most or 60.0

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """The test's session, committed to its savepoint."""
        yield self.session
        self.session.commit()

    def start(self, kind: str, args: Mapping[str, Any], *, key: str | None = None) -> int:
        """Nothing is started."""
        raise AssertionError((kind, args, key))


def send(browser: FlaskClient, address: str, **data: Any) -> TestResponse:
    """Post a form with the token that every page of a signed-in person has."""
    token = browser.get("/backoffice/nothing-here").text.split('name="csrf-token" content="')[1].split('"')[0]
    return browser.post(address, data={**data, "csrf_token": token}, headers={"Accept-Language": "en"})
