"""Public pages are kept until a table changes that rooms name in `shows`: they read no other one."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask, request, request_finished
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.orm import Session

from webapp.core import demo
from webapp.core.company import LANGUAGES, get_company
from webapp.core.db import Base, db
from webapp.core.page_cache import SHARED
from webapp.core.public_state import shown_tables
from webapp.core.room import opened
from webapp.core.site import public_pages

OF_A_KIND = 3  # pages that are looked at, of each kind, language and endpoint
WORD = re.compile(r"[a-z_0-9]+")


def test_what_rooms_show_are_tables_of_the_house(app: Flask) -> None:
    assert shown_tables(opened()) - Base.metadata.tables.keys() == set()


def test_public_pages_read_only_what_rooms_show(app: Flask, session: Session, client: FlaskClient) -> None:
    demo.load(session)
    session.commit()
    hidden: dict[str, set[str]] = {}
    shown = shown_tables(opened())
    shared: list[str] = []

    def hear(_app: Flask, **_more: Any) -> None:
        if SHARED in request.environ:
            shared.append(request.path)

    for path in addresses(app, session):
        with statements() as said, request_finished.connected_to(hear, app):
            client.get(path)
        if path in shared:
            words = {word for statement in said for word in WORD.findall(statement.lower())}
            if read := (words & Base.metadata.tables.keys()) - shown:
                hidden[path] = read
    assert hidden == {}
    assert shared or not list(public_pages(session)), "no page of the demo company is shared"


def test_no_room_has_pages_in_a_language_that_the_company_lacks(
    app: Flask, session: Session, client: FlaskClient
) -> None:
    get_company(session).languages = "it"
    session.commit()
    rules = [rule for rule in app.url_map.iter_rules() if rule.defaults == {"language": "en"} and "GET" in rule.methods]
    paths = [re.sub(r"<int.*?>", "2026", rule.rule).replace("<", "").replace(">", "") for rule in rules]
    assert {path: status for path in paths if (status := client.get(path).status_code) != 404} == {}
    assert client.get("/it/%00").status_code == 404


def addresses(app: Flask, session: Session) -> list[str]:
    """A few pages of every kind and language, and every address that needs no part."""
    by_kind = itertools.groupby(
        sorted(public_pages(session), key=lambda page: (page.kind, page.language)),
        key=lambda page: (page.kind, page.language),
    )
    found = [page.path for _kind, pages in by_kind for page in list(pages)[:OF_A_KIND]]
    starts = tuple(f"/{language}" for language in LANGUAGES)
    rules = [
        rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and not rule.arguments - {"language"}
    ]
    return list(dict.fromkeys([*found, *(rule.rule for rule in rules if rule.rule.startswith(starts))]))


@contextmanager
def statements() -> Iterator[list[str]]:
    """What the rooms' database is asked meanwhile."""
    said: list[str] = []

    def hear(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        said.append(statement)

    connection = db.engines[None]
    event.listen(connection, "before_cursor_execute", hear)
    try:
        yield said
    finally:
        event.remove(connection, "before_cursor_execute", hear)
