"""The revisions of a text: their list, one of them, and how two of them differ."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.blueprints.website.models import Blocks, Draft, Revision
from webapp.core.errors import NotFound
from webapp.core.site import BlockField, block_kinds

MOST = 200


@dataclass(frozen=True)
class Piece:
    """Words of a comparison: `same` in both, only `old`, or only `new`."""

    kind: str
    text: str


@dataclass(frozen=True)
class Change:
    """What differs in one place of a page."""

    place: str
    pieces: tuple[Piece, ...]


def list_revisions(session: Session, text_id: int) -> list[Revision]:
    """The revisions of a text, the newest first."""
    statement = select(Revision).where(Revision.text_id == text_id).order_by(Revision.id.desc()).limit(MOST)
    return list(session.scalars(statement))


def last_revision(session: Session, text_id: int) -> Revision | None:
    """The newest revision of a text."""
    return session.scalars(
        select(Revision).where(Revision.text_id == text_id).order_by(Revision.id.desc()).limit(1)
    ).one_or_none()


def get_revision(session: Session, text_id: int, revision_id: int) -> Revision:
    """A revision of that text. Raises NotFound."""
    revision = session.get(Revision, revision_id)
    if revision is None or revision.text_id != text_id:
        raise NotFound(_("This revision does not exist, or does not any more."))
    return revision


def compare(old: Revision | Draft, new: Revision | Draft) -> list[Change]:
    """Where two states of a page differ, from its head through its blocks in the order of the new one."""
    changes = [
        Change(label, _words(str(getattr(old, name)), str(getattr(new, name))))
        for name, label in (
            ("title", _("Title")),
            ("menu_title", _("Short title")),
            ("description", _("Description for search engines")),
        )
        if getattr(old, name) != getattr(new, name)
    ]
    return changes + _compare_blocks(old.blocks, new.blocks)


def _compare_blocks(old: Blocks, new: Blocks) -> list[Change]:
    kinds = block_kinds()
    before = {block["id"]: block for block in old}
    after = {block["id"]: block for block in new}
    changes = []
    stayed = [block["id"] for block in old if block["id"] in after]
    if stayed != [block["id"] for block in new if block["id"] in before]:
        changes.append(Change(_("The order of the blocks"), _order(old, new)))
    for block in (*new, *(block for block in old if block["id"] not in after)):
        kind = kinds.get(block["kind"])
        title = str(kind.title) if kind else str(block["kind"])
        one, other = before.get(block["id"]), after.get(block["id"])
        told = {
            "old": _("Block %(kind)s, removed", kind=title),
            "new": _("Block %(kind)s, added", kind=title),
            "": _("Block %(kind)s", kind=title),
        }
        place = told["" if one and other else "old" if one else "new"]
        fields = kind.fields if kind else ()
        texts = _lines(fields, one["values"] if one else {}), _lines(fields, other["values"] if other else {})
        if texts[0] != texts[1] or not (one and other):
            changes.append(Change(place, _words(*texts)))
    return changes


def _order(old: Blocks, new: Blocks) -> tuple[Piece, ...]:
    kinds = block_kinds()

    def told(blocks: Blocks) -> str:
        return " · ".join(str(kinds[b["kind"]].title) if b["kind"] in kinds else str(b["kind"]) for b in blocks)

    return (Piece("old", told(old)), Piece("new", told(new)))


def _lines(fields: tuple[BlockField, ...], values: Mapping[str, Any]) -> str:
    """The values of a block as lines of text that people read."""
    if not fields:
        return json.dumps(values, ensure_ascii=False, sort_keys=True) if values else ""
    lines = []
    for field in fields:
        value = values.get(field.name)
        if value in (None, "", [], False):
            continue
        if field.kind == "rows":
            for row in value:
                inside = _lines(field.columns, row).replace("\n", "; ")
                lines.append(f"- {inside}")
        else:
            lines.append(f"{field.label}: {value}")
    return "\n".join(lines)


def _words(old: str, new: str) -> tuple[Piece, ...]:
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
