"""The revisions of a text: their list, one of them, and how two of them differ."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.blueprints.media.public import find_images
from webapp.blueprints.website.models import Blocks, Draft, Revision
from webapp.core.differences import Change, Piece, words_apart
from webapp.core.errors import NotFound
from webapp.core.site import BlockField, block_kinds

MOST = 200


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


def compare(session: Session, old: Revision | Draft, new: Revision | Draft, language: str) -> list[Change]:
    """Where two states of a page differ, from its head through its blocks in the order of the new one.

    What was chosen is told as those who edit a page in that language read it.
    """
    changes = [
        Change(label, words_apart(str(getattr(old, name)), str(getattr(new, name))))
        for name, label in (
            ("title", _("Title")),
            ("menu_title", _("Short title")),
            ("description", _("Description for search engines")),
        )
        if getattr(old, name) != getattr(new, name)
    ]
    return changes + _compare_blocks(session, old.blocks, new.blocks, language)


def _compare_blocks(session: Session, old: Blocks, new: Blocks, language: str) -> list[Change]:
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
        texts = tuple(_lines(session, fields, each["values"] if each else {}, language) for each in (one, other))
        if texts[0] != texts[1] or not (one and other):
            changes.append(Change(place, words_apart(*texts)))
    return changes


def _order(old: Blocks, new: Blocks) -> tuple[Piece, ...]:
    kinds = block_kinds()

    def told(blocks: Blocks) -> str:
        return " · ".join(str(kinds[b["kind"]].title) if b["kind"] in kinds else str(b["kind"]) for b in blocks)

    return (Piece("old", told(old)), Piece("new", told(new)))


def _lines(session: Session, fields: tuple[BlockField, ...], values: Mapping[str, Any], language: str) -> str:
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
                inside = _lines(session, field.columns, row, language).replace("\n", "; ")
                lines.append(f"- {inside}")
        else:
            lines.append(f"{field.label}: {_told(session, field, value, language)}")
    return "\n".join(lines)


def _told(session: Session, field: BlockField, value: Any, language: str) -> str:
    """A value in words: the label of a choice, pictures by name (and number: two may have the same name)."""
    if field.kind in ("image", "images"):
        numbers = [number for number in (value if isinstance(value, list) else [value]) if isinstance(number, int)]
        known = find_images(session, numbers)
        return ", ".join(f"{known[number]} ({number})" if number in known else str(number) for number in numbers)
    if field.kind == "switch":
        return str(_("Yes"))
    if field.kind == "choice" and field.choices:
        labels = {str(key): str(label) for key, label in field.choices(session, language)}
        return labels.get(str(value), str(value))
    return str(value)
