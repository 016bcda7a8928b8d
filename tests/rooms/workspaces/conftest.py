"""People of the staff who are signed in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.conftest import signed_in_cookie
from tests.rooms.accounts.makers import make_user
from tests.rooms.accounts.pages import token_of
from webapp.blueprints.accounts.models import User


@dataclass
class Visitor:
    """Somebody signed in, with a browser without JavaScript that reads English."""

    user: User
    browser: FlaskClient

    def get(self, path: str) -> TestResponse:
        """A page below the workspaces."""
        return self.browser.get(f"/backoffice/workspaces/{path}", headers={"Accept-Language": "en"})

    def post(self, path: str, **fields: Any) -> TestResponse:
        """Send a form to a page below the workspaces."""
        token = token_of(self.browser.get("/backoffice/workspaces/groups/"))
        data = {name: str(value) for name, value in fields.items()} | {"csrf_token": token}
        return self.browser.post(f"/backoffice/workspaces/{path}", data=data, headers={"Accept-Language": "en"})


Visit = Callable[..., Visitor]


@pytest.fixture
def visit(app: Flask, session: Session) -> Visit:
    """Sign a new person in, or this one: `visit("staff", name="Ada")`, `visit(user=user)`."""

    def visited(role: str = "staff", user: User | None = None, **changes: Any) -> Visitor:
        user = user or make_user(session, roles=[role], **changes)
        session.commit()
        browser = app.test_client()
        with browser.session_transaction() as cookie:
            cookie.update(signed_in_cookie(session, user))
        return Visitor(user, browser)

    return visited


@pytest.fixture
def strangers_read(app: Flask) -> Iterator[None]:
    """An installation whose public projects anybody may read."""
    settings = app.extensions["settings"]
    app.extensions["settings"] = replace(settings, public_projects=True)
    yield
    app.extensions["settings"] = settings


@pytest.fixture
def heard(app: Flask, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What the room announces, as a room above it hears it."""
    from webapp.blueprints.workspaces import events
    from webapp.core.events import LISTENERS, listen

    told: list[object] = []
    monkeypatch.setitem(app.extensions, LISTENERS, {})
    for name in ("MembershipBegun", "MembershipEnded", "GroupHandedOver", "VisibilityChanged", "ProjectMoved"):
        listen(app, getattr(events, name), lambda _session, event: told.append(event))
    listen(app, events.ProjectsDeleted, lambda _session, event: told.append(event.project_ids))
    return told
