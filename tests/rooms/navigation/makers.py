"""Menu entries for tests, and forms that are sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from webapp.blueprints.navigation.models import Item


def make_item(session: Session, **changes: Any) -> Item:
    """A stored entry of the main menu that leads to a page outside; only what the test speaks of is given."""
    target = "https://example.org/"
    item = Item(
        **{"menu": "main", "label_it": "Voce", "label_en": "Entry", "target_it": target, "target_en": target} | changes
    )
    session.add(item)
    session.flush()
    return item


def send(browser: FlaskClient, address: str, data: Mapping[str, Any]) -> TestResponse:
    """Post a form with the token that every page of a signed-in person has."""
    page = browser.get("/backoffice/site/menus").text
    token = page.split('name="csrf-token" content="')[1].split('"')[0]
    return browser.post(address, data={**data, "csrf_token": token}, headers={"Accept-Language": "en"})
