"""What the tests of the accounts room share."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.rooms.accounts.makers import PASSWORD, make_user
from tests.rooms.accounts.pages import sign_in_as
from webapp.blueprints.accounts.models import User
from webapp.core.company import get_company


@pytest.fixture
def english(session: Session) -> None:
    """Pages and mails are in English where nobody says otherwise."""
    get_company(session).languages = "en,it"
    session.commit()


@pytest.fixture
def user(session: Session) -> User:
    """Somebody with the role of a viewer."""
    return make_user(session)


@pytest.fixture
def at_home(app: Flask, user: User) -> FlaskClient:
    """A browser in which the user has just signed in."""
    browser = app.test_client()
    sign_in_as(browser, user.email, PASSWORD)
    return browser
