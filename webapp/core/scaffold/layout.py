"""Laying out a new room: its name is looked over first, then every file is written from its pattern under `files/`."""

from __future__ import annotations

import keyword
import re
from pathlib import Path
from string import Template

from webapp.core.room import RoomError
from webapp.core.scaffold.listing import read_rooms, rewrite, with_room
from webapp.core.scaffold.tidy import tidy
from webapp.core.scaffold.words import add_translations

PATTERNS = Path(__file__).parent / "files"
WORD = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
LONGEST = 24  # the names of its tables' constraints must stay below PostgreSQL's 63 signs
RESERVED = frozenset(
    {
        "admin", "api", "app", "assets", "backoffice", "bottega", "branding", "cli", "company", "core", "db", "demo", "errors",
        "etl", "layouts", "migrations", "pg", "public", "room", "rooms", "routes", "run", "security", "shell", "static",
        "templates", "test", "tests", "translations", "ui", "webapp",
    }
)  # fmt: skip
FOLDERS = ("webapp/blueprints", "migrations", "tests/rooms")
LIST = "webapp/rooms.py"


def lay_out(project: Path, name: str, *, thing: str, title: str, titolo: str) -> list[Path]:
    """Write the folders of a new room whose records are `thing`s; the paths, relative to `project`.

    `title` and `titolo` are its names on screen, English and Italian. Raises RoomError when a name will not do, or
    when something of that name is there already; then nothing is written.
    """
    _check_name(project, name)
    _check_word(thing, "thing")
    names = _names(name, thing, title)
    written = []
    for pattern in sorted(PATTERNS.rglob("*.tmpl")):
        inside = Template(str(pattern.relative_to(PATTERNS).with_suffix(""))).substitute(names)
        top, _, rest = inside.partition("/")
        path = Path({"blueprint": FOLDERS[0], "migrations": FOLDERS[1], "tests": FOLDERS[2]}[top]) / name / rest
        (project / path).parent.mkdir(parents=True, exist_ok=True)
        (project / path).write_text(Template(pattern.read_text()).substitute(names))
        written.append(path)
    tidy(project, written)
    add_translations(project, names["title"], titolo)
    return written


def add_room(project: Path, name: str) -> None:
    """Add a name at the end of ROOMS."""
    rewrite(project / LIST, with_room((project / LIST).read_text(), name))


def _check_word(word: str, what: str) -> None:
    if not WORD.fullmatch(word) or keyword.iskeyword(word) or keyword.issoftkeyword(word):
        raise RoomError(f"{word!r} is no name for a {what}: use small letters, digits and _, beginning with a letter")
    if len(word) > LONGEST:
        raise RoomError(f"{word!r} is too long for a {what}: {LONGEST} signs at most")


def _check_name(project: Path, name: str) -> None:
    _check_word(name, "room")
    if name in RESERVED:
        raise RoomError(f"{name!r} is reserved: the house uses that name itself")
    listed = read_rooms((project / LIST).read_text())
    if name in listed:
        raise RoomError(f"room {name!r} is open already")
    for folder in FOLDERS:
        if (project / folder / name).exists():
            raise RoomError(
                f"{folder}/{name} is there already: move it away, or add {name!r} to ROOMS to open that room"
            )
    for other in listed:
        if other.startswith(f"{name}_") or name.startswith(f"{other}_"):
            raise RoomError(f"the tables of {name!r} and {other!r} could not be told apart: choose another name")
    taken = re.compile(rf"""["']/backoffice/{re.escape(name)}[/"']""")
    for source in (project / FOLDERS[0]).rglob("*.py"):
        if taken.search(source.read_text()):
            owner = source.relative_to(project / FOLDERS[0]).parts[0]
            raise RoomError(f"the address /backoffice/{name} belongs to the room {owner!r}: choose another name")


def _names(name: str, thing: str, title: str) -> dict[str, str]:
    things = _plural(thing)
    return {
        "room": name,
        "Room": _camel(name),
        "thing": thing,
        "Thing": _camel(thing),
        "things": things,
        "Things": _camel(things),
        "THINGS": things.upper(),
        "title": title.replace("\\", "").replace('"', ""),
        "thing_words": thing.replace("_", " "),
        "things_words": things.replace("_", " "),
    }


def _plural(word: str) -> str:
    if re.search(r"[^aeiou]y$", word):
        return f"{word[:-1]}ies"
    return f"{word}es" if re.search(r"(s|x|z|ch|sh)$", word) else f"{word}s"


def _camel(word: str) -> str:
    return "".join(part.capitalize() for part in word.split("_"))
