"""The house law that the linters do not know: one commit, plain names, files of a readable size."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from webapp.core.settings import PROJECT

BLUEPRINTS = PROJECT / "webapp" / "blueprints"
SOURCES = sorted(path for top in ("webapp", "etl", "bench", "migrations") for path in (PROJECT / top).rglob("*.py"))
TESTS = sorted((PROJECT / "tests").rglob("*.py"))
LONGEST_FILE = 420  # the house says: about 400
# longer ones, each with its reason
LONG_FILES: dict[str, str] = {}
LONGEST_ROOM, MOST_TABLES = 3_200, 12  # the house says: about 3,000 lines of Python
# larger ones, with the lines that each may have; docs/adr/0014 says why they are not split, or where they will be
LARGE_ROOMS = {
    "accounts": 7_500,
    "media": 4_700,
    "notebooks": 11_000,
    "sales": 7_000,
    "tasks": 5_000,
    "traffic": 9_800,
    "website": 4_200,
}
MANY_TABLES = {"accounts": 16, "traffic": 26}
UNWANTED_NAMES = re.compile(r"(utils?|helpers?|common|misc|managers?|handlers?)")


def named(paths: list[Path]) -> Iterator[object]:
    for path in paths:
        yield pytest.param(path, id=str(path.relative_to(PROJECT)))


def test_the_application_commits_in_one_place() -> None:
    places = [
        str(path.relative_to(PROJECT))
        for path in sorted((PROJECT / "webapp").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit"
    ]
    assert places == ["webapp/core/db.py"]


def test_no_module_is_named_after_nothing() -> None:
    parts = {path: [*path.relative_to(PROJECT).parent.parts, path.stem] for path in SOURCES}
    assert [path for path, words in parts.items() if any(UNWANTED_NAMES.fullmatch(word) for word in words)] == []


def test_files_stay_readable() -> None:
    lengths = {path: len(path.read_text().splitlines()) for path in (*SOURCES, *TESTS)}
    long = {
        name: length
        for path, length in lengths.items()
        if length > LONGEST_FILE and (name := str(path.relative_to(PROJECT))) not in LONG_FILES
    }
    assert long == {}
    assert [name for name in LONG_FILES if lengths.get(PROJECT / name, 0) <= LONGEST_FILE] == []


def test_rooms_stay_readable_or_their_size_was_decided() -> None:
    rooms = {
        room.name: "".join(path.read_text() for path in room.rglob("*.py"))
        for room in BLUEPRINTS.iterdir()
        if room.is_dir()
    }
    lines = {name: len(source.splitlines()) for name, source in rooms.items()}
    tables = {name: source.count("__tablename__ = ") for name, source in rooms.items()}
    assert {name: size for name, size in lines.items() if size > LARGE_ROOMS.get(name, LONGEST_ROOM)} == {}
    assert {name: many for name, many in tables.items() if many > MANY_TABLES.get(name, MOST_TABLES)} == {}
    assert [name for name in LARGE_ROOMS if lines.get(name, 0) <= LONGEST_ROOM] == []


def test_every_module_opens_with_a_caption() -> None:
    silent = [
        str(path.relative_to(PROJECT))
        for path in SOURCES
        if (source := path.read_text()).strip() and not ast.get_docstring(ast.parse(source))
    ]
    assert silent == []


def test_the_floor_names_no_room() -> None:
    naming = re.compile(r"^\s*(from|import) webapp\.(blueprints|rooms|app|cli)\b", re.MULTILINE)
    offenders = [path for path in (PROJECT / "webapp/core").rglob("*.py") if naming.search(path.read_text())]
    assert offenders == []
