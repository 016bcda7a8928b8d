"""Pages of the index, redirects and missing addresses for tests."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from webapp.blueprints.discovery.models import Missing, Redirect
from webapp.core.room import Room
from webapp.core.site import PublicPage

WHEN = dt.datetime(2026, 11, 1, 12, tzinfo=dt.UTC)


def page(path: str, title: str, text: str = "", **changes: Any) -> PublicPage:
    """A page as a room tells of it."""
    told = PublicPage(path=path, language=path.split("/")[1], title=title, kind="page", modified=WHEN, text=text)
    return replace(told, **changes)


@contextmanager
def pages_are(app: Flask, pages: Iterable[PublicPage]) -> Iterator[list[PublicPage]]:
    """The rooms tell of these pages alone; the list may be changed."""
    told = list(pages)
    rooms = app.extensions["rooms"]
    silent = tuple(replace(room, public_pages=None) for room in rooms)
    speaker: Room = replace(silent[0], public_pages=lambda _session: iter(told))
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(app.extensions, "rooms", (speaker, *silent[1:]))
        yield told


def make_redirect(session: Session, source: str, target: str = "/it", **changes: Any) -> Redirect:
    """A stored redirect."""
    redirect = Redirect(**{"source": source, "target": target, "kind": 301} | changes)
    session.add(redirect)
    session.flush()
    return redirect


def make_missing(session: Session, path: str, **changes: Any) -> Missing:
    """A stored missing address."""
    missing = Missing(**{"path": path, "count": 3} | changes)
    session.add(missing)
    session.flush()
    return missing
