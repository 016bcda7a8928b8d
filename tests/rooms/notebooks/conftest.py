"""An installation with an engine that nobody but the test drives."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.rooms.notebooks.browsing import Person, Role, person
from tests.rooms.notebooks.gold_shop import door, hands, jupyter, people, relay, shop
from tests.rooms.notebooks.makers import make_image, make_notebook, make_team
from webapp.blueprints.notebooks.models import Notebook, Volume
from webapp.blueprints.notebooks.services.homes import home_of
from webapp.blueprints.notebooks.settings import EXTENSION, NotebookSettings
from webapp.core.company import get_company
from webapp.core.db import db, transaction

__all__ = ["door", "hands", "house", "jupyter", "people", "relay", "shop", "sign", "slug", "team"]


@pytest.fixture
def house(fresh_app: Flask) -> Flask:
    """An installation with an engine, which nobody but the test drives."""
    fresh_app.extensions[EXTENSION] = NotebookSettings(engine="docker", proxy="front", start_seconds=30)
    with transaction() as session:
        get_company(session).languages = "en"
    return fresh_app


@pytest.fixture
def slug(house: Flask) -> Iterator[str]:
    """A stopped notebook."""
    with transaction() as session:
        slug = make_notebook(session, image=make_image(session, reference="image:1")).slug
    yield slug
    db.session.remove()


@pytest.fixture
def sign(sign_in: Callable[[str], FlaskClient]) -> Role:
    """Somebody of that role."""
    return lambda role: Person(sign_in(role))


@pytest.fixture
def team(app: Flask, session: Session) -> tuple[Notebook, Person]:
    """A stopped notebook with a home, and a member of its group."""
    _owner, member, project = make_team(session)
    notebook = make_notebook(session, project=project, name="Forecast")
    home = session.get_one(Volume, home_of(session, notebook.id, quota_mb=64).id)
    home.size, home.measured_at = 5 * 1024 * 1024, dt.datetime.now(dt.UTC)
    session.commit()
    return notebook, person(app, session, member)
