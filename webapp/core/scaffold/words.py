"""The words of a new room in the Italian catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

CATALOGUE = "webapp/translations/it/LC_MESSAGES/messages.po"


def add_translations(project: Path, names: Mapping[str, str], titolo: str) -> None:
    """Append what the new room says and the catalogue lacks."""
    path = project / CATALOGUE
    if not path.exists():
        return
    present = path.read_text()
    words = {names["title"]: titolo}
    fresh = "".join(
        _entry(said, italian) for said, italian in words.items() if f"msgid {_quoted(said)}\n" not in present
    )
    if fresh:
        path.write_text(present.rstrip("\n") + "\n" + fresh)


def _entry(said: str, italian: str) -> str:
    return f"\nmsgid {_quoted(said)}\nmsgstr {_quoted(italian)}\n"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
