"""The house law that the linters do not know: one commit, plain names, files of a readable size."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from webapp.core.settings import PROJECT

SOURCES = sorted(path for top in ("webapp", "etl", "bench", "migrations") for path in (PROJECT / top).rglob("*.py"))
TESTS = sorted((PROJECT / "tests").rglob("*.py"))
LONGEST_FILE = 420  # the house says: about 400
LONGEST_TEST_FILE = 650  # a list of tests, each of which is read alone
# longer ones, each with its reason
LONG_FILES: dict[str, str] = {}
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
        if length > (LONGEST_TEST_FILE if path in TESTS else LONGEST_FILE)
        and (name := str(path.relative_to(PROJECT))) not in LONG_FILES
    }
    assert long == {}
    assert [name for name in LONG_FILES if lengths.get(PROJECT / name, 0) <= LONGEST_FILE] == []


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
