"""Tables belong to their rooms, the migrations equal the models, and each room opens alone with what it requires."""

from __future__ import annotations

import subprocess
import sys

import pytest
from flask import Flask

from webapp.core import migrations
from webapp.core.db import Base, db
from webapp.core.room import Room, load_rooms
from webapp.core.settings import PROJECT, Settings
from webapp.rooms import ROOMS

ALONE = """
import sys
from sqlalchemy.orm import configure_mappers
from webapp.app import create_app
from webapp.core.db import Base
from webapp.core.settings import Settings
import os

names = tuple(sys.argv[1:])
app = create_app(Settings.from_environment(os.environ), rooms=names)
configure_mappers()
houses = tuple(f"{name}_" for name in ("core", *names))
strangers = [table.name for table in Base.metadata.sorted_tables if not table.name.startswith(houses)]
assert not strangers, f"tables of rooms that are not open: {strangers}"
rooms = app.extensions["rooms"]
missing = [entry.endpoint for room in rooms for entry in room.menu if entry.endpoint not in app.view_functions]
assert not missing, f"menu entries that lead nowhere: {missing}"
loaded = {name.split(".")[2] for name in sys.modules if name.startswith("webapp.blueprints.")}
assert loaded <= set(names), f"rooms loaded without being required: {loaded - set(names)}"
"""


def closure(name: str) -> list[str]:
    """A room with all that it requires, in the order of the list."""
    rooms = {room.name: room for room in load_rooms(ROOMS)}
    needed, waiting = set[str](), [name]
    while waiting:
        needed.add(current := waiting.pop())
        waiting += rooms[current].requires
    return [each for each in ROOMS if each in needed]


def test_every_table_bears_the_name_of_its_room(shared_app: Flask) -> None:
    room_of = {
        mapper.local_table.name: mapper.class_.__module__.split(".")[
            2 if "blueprints" in mapper.class_.__module__ else 1
        ]
        for mapper in Base.registry.mappers
        if mapper.class_.__module__.startswith("webapp.")
    }
    assert room_of
    assert {table: room for table, room in room_of.items() if not table.startswith(f"{room}_")} == {}


def test_no_table_lies_outside_of_the_rooms(shared_app: Flask) -> None:
    houses = tuple(f"{name}_" for name in ("core", *ROOMS))
    assert [name for name in Base.metadata.tables if not name.startswith(houses)] == []


def test_the_migrations_equal_the_models(fresh_app: Flask) -> None:
    migrations.check()
    assert migrations.pending() == []


def test_a_model_that_the_migrations_lack_is_named(fresh_app: Flask) -> None:
    with db.engines[None].begin() as connection:
        connection.exec_driver_sql("ALTER TABLE core_company DROP COLUMN tagline")
    with pytest.raises(migrations.MigrationError, match="add column: core_company tagline"):
        migrations.check()


@pytest.mark.parametrize("name", ROOMS)
def test_room_opens_alone_with_what_it_requires(settings: Settings, name: str) -> None:
    environment = {
        "BOTTEGA_ENV": "test",
        "BOTTEGA_INSTANCE": str(settings.instance),
        "DATABASE_URL": str(settings.database_url),
        "GOLD_DATABASE_URL": str(settings.gold_database_url),
        "PYTHONWARNINGS": "error::SyntaxWarning",
    }
    done = subprocess.run(
        [sys.executable, "-c", ALONE, *closure(name)],
        cwd=PROJECT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_rooms_are_named_as_their_folders() -> None:
    rooms: tuple[Room, ...] = load_rooms(ROOMS)
    assert [room.name for room in rooms] == list(ROOMS)


def test_what_hangs_on_a_customer_is_told_by_their_address(shared_app: Flask) -> None:
    rooms = {room.name: room for room in shared_app.extensions["rooms"]}
    keeping = {
        table.name.partition("_")[0]
        for table in Base.metadata.tables.values()
        for key in table.foreign_keys
        if key.target_fullname == "crm_customers.id"
    }
    assert "sales" in keeping
    assert [name for name in sorted(keeping) if rooms[name].of_address is None] == []
