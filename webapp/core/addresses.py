"""Addresses of pages for what leaves the site, as mails do: they begin with PUBLIC_URL, never with what a request says."""

from __future__ import annotations

from typing import Any

from flask import current_app

from webapp.core.settings import Settings


def absolute_url(endpoint: str, **values: Any) -> str:
    """The whole address of a page. Raises werkzeug's BuildError when no room has that endpoint."""
    settings: Settings = current_app.extensions["settings"]
    path = current_app.url_map.bind("").build(endpoint, values)
    return f"{settings.public_url}{path}"
