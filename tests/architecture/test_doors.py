"""Every endpoint carries a lock, and an application with an unlocked one does not start."""

from __future__ import annotations

import pytest
from flask import Blueprint, Flask
from sqlalchemy import Engine, event

from webapp.app import create_app
from webapp.core.room import Room
from webapp.core.security import LOCK, CorePermission, public, refuse_unlocked_doors, requires
from webapp.core.settings import Settings


def test_every_endpoint_carries_a_lock(shared_app: Flask) -> None:
    assert shared_app.view_functions
    assert [name for name, view in shared_app.view_functions.items() if not hasattr(view, LOCK)] == []


def test_every_lock_names_a_permission_that_an_open_room_or_the_floor_declares(shared_app: Flask) -> None:
    rooms = shared_app.extensions["rooms"]
    known = {*CorePermission, *(permission for room in rooms for permission in (room.permissions or ()))}
    asked = {lock for view in shared_app.view_functions.values() for lock in getattr(view, LOCK)}
    assert asked <= known


def test_writing_endpoints_of_the_back_office_are_never_public(shared_app: Flask) -> None:
    writing = [
        rule.endpoint
        for rule in shared_app.url_map.iter_rules()
        if rule.rule.startswith(("/backoffice", "/admin")) and rule.methods and rule.methods & {"POST", "PUT", "DELETE"}
    ]
    assert [name for name in writing if not getattr(shared_app.view_functions[name], LOCK)] == []


def test_an_endpoint_without_a_lock_keeps_the_application_from_starting(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    forgetful = Blueprint("forgetful", __name__)
    forgetful.add_url_rule("/forgotten", "forgotten", lambda: "open to all")
    manifest = Room(name="forgetful", title="Forgetful", blueprints=(forgetful,))
    monkeypatch.setattr("webapp.core.room.load_rooms", lambda _names: (manifest,))
    with pytest.raises(RuntimeError, match=r"without @requires.*forgetful\.forgotten"):
        create_app(settings)


def test_locked_and_public_endpoints_pass() -> None:
    app = Flask("two_doors", static_folder=None)
    app.add_url_rule("/locked", "locked", requires("x:things:read")(lambda: "locked"))
    app.add_url_rule("/public", "public", public(lambda: "public"))
    refuse_unlocked_doors(app)


def test_nothing_is_queried_at_start_up(settings: Settings) -> None:
    connections: list[object] = []

    def record(*arguments: object) -> None:
        connections.append(arguments)

    event.listen(Engine, "do_connect", record)
    try:
        create_app(settings)
    finally:
        event.remove(Engine, "do_connect", record)
    assert connections == []
