"""A room enters another only by its `public` module, and only if its manifest says that it requires it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from webapp.core.room import load_rooms
from webapp.core.settings import PROJECT
from webapp.rooms import ROOMS

BLUEPRINTS = PROJECT / "webapp" / "blueprints"
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
