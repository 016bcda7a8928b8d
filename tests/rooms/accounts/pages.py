"""What a browser without JavaScript does on the pages of signing in."""

from __future__ import annotations

import re

from flask.testing import FlaskClient
from werkzeug.test import TestResponse


def token_of(page: TestResponse) -> str:
    """The token of a page's forms, or of its scripts where it has no form that needs one."""
    found = re.search(r'name="csrf[_-]token" (?:value|content)="([^"]+)"', page.text)
    assert found, page.text
    return found[1]


def send(client: FlaskClient, path: str, *, at: str = "", **fields: str) -> TestResponse:
    """Open a page and send its form to `path`, or the form of the page `at` to `path`."""
    page = client.get(at or path)
    return client.post(path, data={"csrf_token": token_of(page)} | fields)


def sign_in_as(client: FlaskClient, name: str, password: str, **more: str) -> TestResponse:
    """Sign in through the page."""
    return send(client, "/login", email=name, password=password, **more)


def is_signed_in(client: FlaskClient) -> bool:
    """Whether a page for signed-in people opens."""
    return client.get("/account/security").status_code == 200
