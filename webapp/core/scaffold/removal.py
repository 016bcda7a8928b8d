"""Closing a room: out of the list, and what stays behind said in words."""

from __future__ import annotations

import importlib
import shutil
from dataclasses import dataclass
from pathlib import Path

from webapp.core.room import RoomError
from webapp.core.scaffold.layout import FOLDERS, LIST
from webapp.core.scaffold.listing import read_rooms, rewrite, without_room


@dataclass(frozen=True)
class Removal:
    """A room that may leave the list: no other room requires it."""

    project: Path
    name: str

    @classmethod
    def planned(cls, project: Path, name: str, package: str = "webapp.blueprints") -> Removal:
        """Look whether the room may go. Raises RoomError when it is not listed, or naming the rooms that require it."""
        listed = read_rooms((project / LIST).read_text())
        if name not in listed:
            raise RoomError(f"room {name!r} is not open: `bottega rooms list` shows those that are")
        needing = [other for other in listed if other != name and name in _requirements(other, package)]
        if needing:
            words = f"{' and '.join(map(repr, needing))} {'requires' if len(needing) == 1 else 'require'} it"
            raise RoomError(f"room {name!r} must stay: {words}")
        return cls(project, name)

    def left(self, *, delete_files: bool, dropped: bool) -> list[str]:
        """What stays, in words, and how to be rid of it."""
        there = [f"{folder}/{self.name}" for folder in FOLDERS if (self.project / folder / self.name).exists()]
        lines = [f"kept {', '.join(there)}"] if there else []
        if not dropped:
            lines.append(f"kept its tables ({self.name}_…) with all that is in them, and with them its migrations")
        if there and not delete_files:
            lines.append(
                f"To delete its folders as well, open it again and use --delete-files: add {self.name!r} to {LIST}"
            )
        return lines


def remove_room(removal: Removal, *, delete_files: bool, delete_migrations: bool) -> None:
    """Take the room out of ROOMS; with `delete_files` delete its folders, its migrations only when its tables are gone."""
    path = removal.project / LIST
    rewrite(path, without_room(path.read_text(), removal.name))
    if delete_files:
        for folder in FOLDERS:
            if folder != "migrations" or delete_migrations:
                shutil.rmtree(removal.project / folder / removal.name, ignore_errors=True)


def _requirements(name: str, package: str) -> tuple[str, ...]:
    """What a listed room requires; a room whose folder is missing requires nothing, so that the list can be mended."""
    try:
        requires: tuple[str, ...] = importlib.import_module(f"{package}.{name}.room").room.requires
    except ModuleNotFoundError as error:
        if not (error.name or "").startswith(package):
            raise
        return ()
    return requires
