"""People who fill in the forms of the rooms; a room's tests run while it is open."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from webapp.rooms import ROOMS

collect_ignore = [path.name for path in Path(__file__).parent.iterdir() if path.is_dir() and path.name not in ROOMS]
ENGLISH = {"Accept-Language": "en"}
Fill = Callable[..., TestResponse]


def token_of(browser: FlaskClient) -> str:
    """The CSRF token of a signed-in browser."""
    return browser.get("/backoffice/customers/").text.split('name="csrf-token" content="')[1].split('"')[0]


@pytest.fixture
def fill(sign_in: Callable[[str], FlaskClient]) -> Fill:
    """Post a form as a member of staff (or `role`), its CSRF token included: `fill(url, {"name": …})`."""
    browsers: dict[str, FlaskClient] = {}

    def post(url: str, data: Mapping[str, str], role: str = "staff", **headers: str) -> TestResponse:
        browser = browsers.setdefault(role, browsers.get(role) or sign_in(role))
        return browser.post(url, data={**data, "csrf_token": token_of(browser)}, headers={**ENGLISH, **headers})

    return post
