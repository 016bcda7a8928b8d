"""The list of rooms in `webapp/rooms.py`, changed line by line so that what a client wrote around it stays."""

from __future__ import annotations

import ast
from pathlib import Path

from webapp.core.room import RoomError


def read_rooms(source: str) -> tuple[str, ...]:
    """The names in ROOMS. Raises RoomError when the source has no such list of plain names."""
    return tuple(str(element.value) for element in _elements(_value(source)))


def with_room(source: str, name: str) -> str:
    """The source with `name` added at the end of ROOMS."""
    value = _value(source)
    names = [*read_rooms(source), name]
    lines = source.splitlines()
    elements = _elements(value)
    if elements and value.end_lineno != elements[-1].end_lineno:
        last = elements[-1]
        line, column = (last.end_lineno or 0) - 1, last.end_col_offset or 0
        indent = lines[line][: len(lines[line]) - len(lines[line].lstrip())]
        if not lines[line][column:].lstrip().startswith(","):
            lines[line] = f"{lines[line][:column]},{lines[line][column:]}"
        lines.insert(line + 1, f'{indent}"{name}",')
    return _agreed(source, lines, names)


def without_room(source: str, name: str) -> str:
    """The source with `name` taken out of ROOMS, together with the comment on its line."""
    value = _value(source)
    names = [listed for listed in read_rooms(source) if listed != name]
    lines = source.splitlines()
    for element in _elements(value):
        line = element.lineno - 1
        alone = lines[line].strip().split("#")[0].strip().rstrip(",") in (f'"{name}"', f"'{name}'")
        if element.value == name and alone:
            del lines[line]
            break
    return _agreed(source, lines, names)


def rewrite(path: Path, source: str) -> None:
    """Replace the file at once, so that no half-written list is ever read."""
    fresh = path.with_suffix(".new")
    fresh.write_text(source)
    fresh.replace(path)


def _value(source: str) -> ast.Tuple | ast.List:
    try:
        statements = ast.parse(source).body
    except SyntaxError as error:
        raise RoomError(f"the list of rooms is not Python: line {error.lineno}: {error.msg}") from None
    for statement in statements:
        targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
        named = any(isinstance(target, ast.Name) and target.id == "ROOMS" for target in targets)
        value = getattr(statement, "value", None)
        if named and isinstance(value, ast.Tuple | ast.List) and len(_elements(value)) == len(value.elts):
            return value
    raise RoomError('the list of rooms is not there: write ROOMS = ("accounts", …) with plain names')


def _elements(value: ast.Tuple | ast.List) -> list[ast.Constant]:
    return [item for item in value.elts if isinstance(item, ast.Constant) and isinstance(item.value, str)]


def _agreed(source: str, lines: list[str], names: list[str]) -> str:
    """The edited lines if they say `names`; else (the list stood on one line) the list written anew, a name a line."""
    edited = "\n".join(lines) + "\n"
    if _says(edited, names):
        return edited
    value = _value(source)
    lines = source.splitlines()
    before = lines[value.lineno - 1][: value.col_offset]
    after = lines[(value.end_lineno or 0) - 1][value.end_col_offset :]
    written = [f"{before}(", *(f'    "{name}",' for name in names), f"){after}"]
    lines[value.lineno - 1 : value.end_lineno] = written
    return "\n".join(lines) + "\n"


def _says(source: str, names: list[str]) -> bool:
    try:
        return list(read_rooms(source)) == names
    except RoomError:  # without its last comma, a list of one name is no list
        return False
