"""Who asks the API: the holder of a key, told by `Authorization: Bearer`, or else who is signed in."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, current_app, g, request
from flask_login import AnonymousUserMixin
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized

from webapp.core.security import ANONYMOUS, KEY_ACTOR, Actor

API = "/api/"
READER = "bottega_key_reader"

KeyReader = Callable[[str], Actor | None]


def set_key_reader(app: Flask, read: KeyReader) -> None:
    """Let `read` say who stands behind the text of a key: nobody (None) when it is wrong, over or taken back."""
    app.extensions[READER] = read


def is_api() -> bool:
    """Whether this request is one to the API."""
    return request.path.startswith(API)


def by_key() -> bool:
    """Whether this request came with a key; what a browser sends by itself (cookies) then counts for nothing."""
    return KEY_ACTOR in g


def recognise_key() -> None:
    """Take the holder of the key for the actor of this request. Raises Unauthorized for any other `Authorization`.

    From here on nobody is signed in, whatever the cookie says: a wrong key never falls back to it.
    """
    told = request.headers.get("Authorization")
    if told is None or not is_api():
        return
    g._login_user = AnonymousUserMixin()  # noqa: SLF001 - Flask-Login has no other seam
    setattr(g, KEY_ACTOR, ANONYMOUS)
    read: KeyReader | None = current_app.extensions.get(READER)
    scheme, _, key = told.partition(" ")
    actor = read(key.strip()) if read and scheme.lower() == "bearer" else None
    if actor is None:
        raise Unauthorized(www_authenticate=WWWAuthenticate("bearer", {"error": "invalid_token"}))
    setattr(g, KEY_ACTOR, actor)
