"""People in front of the pages of the traffic."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.rooms.accounts.pages import token_of
from tests.rooms.conftest import ENGLISH

SignIn = Callable[[str], FlaskClient]
PAGE = "/backoffice/traffic/"


def submit(client: FlaskClient, address: str, **values: Any) -> TestResponse:
    """Send a form as a browser does that reads English."""
    token = token_of(client.get("/backoffice/", follow_redirects=True))
    return client.post(address, data={"csrf_token": token, **values}, headers=ENGLISH)


def send(client: FlaskClient, path: str, **values: Any) -> int:
    """The status of the answer to a form that is sent to a page below PAGE."""
    return submit(client, f"{PAGE}{path}", **values).status_code
