"""The owner at the administration."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict

SignIn = Callable[[str], FlaskClient]


class Owner:
    """The owner at the administration, with the token of the pages."""

    def __init__(self, browser: FlaskClient) -> None:
        self.browser = browser
        self.browser.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
        self.token = browser.get("/admin/").text.split('name="csrf-token" content="')[1].split('"')[0]

    def get(self, path: str) -> Any:
        return self.browser.get(f"/admin/{path}")

    def post(self, path: str, **fields: Any) -> Any:
        return self.browser.post(f"/admin/{path}", data=MultiDict({**fields, "csrf_token": self.token}))


@pytest.fixture
def owner(sign_in: SignIn) -> Owner:
    return Owner(sign_in("owner"))
