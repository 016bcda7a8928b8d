"""How two states of a text differ, as pages tell it."""

from __future__ import annotations

import difflib
from dataclasses import dataclass


@dataclass(frozen=True)
class Piece:
    """Words of a comparison: `same` in both, only `old`, or only `new`."""

    kind: str
    text: str


@dataclass(frozen=True)
class Change:
    """What differs in one place of what people write: of a page, of an article."""

    place: str
    pieces: tuple[Piece, ...]


def words_apart(old: str, new: str) -> tuple[Piece, ...]:
    """The differences between two texts, word by word."""
    one, other = _split(old), _split(new)
    pieces = []
    for tag, a, b, c, d in difflib.SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces.append(Piece("same", "".join(one[a:b])))
            continue
        if b > a:
            pieces.append(Piece("old", "".join(one[a:b])))
        if d > c:
            pieces.append(Piece("new", "".join(other[c:d])))
    return tuple(pieces)


def _split(text: str) -> list[str]:
    words: list[str] = []
    for line in text.splitlines(keepends=True):
        parts = line.split(" ")
        words += [part + " " for part in parts[:-1]] + [parts[-1]]
    return [word for word in words if word]
