"""A room enters another only by its `public` module, and only if its manifest says that it requires it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from webapp.core.room import load_rooms
from webapp.core.settings import PROJECT
from webapp.rooms import ROOMS

BLUEPRINTS = PROJECT / "webapp" / "blueprints"
FOREIGN_KEY = re.compile(r'ForeignKey\(\s*"([a-z]+)_')
# what a room needs of another without a word of its code or a key into its tables
USED_OTHERWISE = {
    ("dashboard", "sales"): "its notes lead to the orders",
    ("forms", "mail"): "what is written is told and answered by mail",
    ("forms", "tasks"): "old messages are forgotten by a schedule",
    ("notebooks", "mail"): "owners are told by mail",
    ("push", "installed"): "the worker that the site installs shows them",
    ("traffic", "tasks"): "the logs are read by a schedule",
}
REQUIRED = {room.name: set(room.requires) for room in load_rooms(ROOMS)}


def _entered(path: Path) -> set[tuple[str, str]]:
    """The modules of rooms that a file imports: pairs of room and module."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    parts = [name.split(".") for name in names if name.startswith("webapp.blueprints.")]
    return {(part[2], part[3] if len(part) > 3 else "") for part in parts}


@pytest.mark.parametrize("room", sorted(REQUIRED))
def test_a_room_enters_only_rooms_that_it_requires_and_by_their_front_door(room: str) -> None:
    for path in (BLUEPRINTS / room).rglob("*.py"):
        for other, module in _entered(path):
            if other != room:
                assert module == "public", f"{path.relative_to(PROJECT)} enters {other} by {module}, not by public"
                assert other in REQUIRED[room], (
                    f"{path.relative_to(PROJECT)} enters {other}, which {room} does not require"
                )


@pytest.mark.parametrize("room", sorted(REQUIRED))
def test_a_room_requires_no_room_that_it_could_do_without(room: str) -> None:
    """An agency closes rooms: each that is required for nothing keeps one open."""
    sources = list((BLUEPRINTS / room).rglob("*.py"))
    used = {other for path in sources for other, _module in _entered(path)}
    used |= {other for path in sources for other in FOREIGN_KEY.findall(path.read_text())}
    used |= {other for mine, other in USED_OTHERWISE if mine == room}
    assert REQUIRED[room] - used == set()
