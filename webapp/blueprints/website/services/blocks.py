"""The law of blocks: what their fields may say, and what lacks before they can be published."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from webapp.blueprints.website.models import Blocks
from webapp.blueprints.website.queries.kinds import TEXTS, default_of
from webapp.core.site import BlockField, BlockKind, block_kinds

MOST_BLOCKS = 60
MOST_ROWS = 500
LINK_LENGTH = 500
IDENTIFIER = re.compile(r"[a-z0-9]{1,16}")
PATH = re.compile(r"[/#](?![/\\])[^\s\\<>\"]*")
MAIL = re.compile(r"mailto:[^\s@<>\"]+@[^\s@<>\"]+\.[^\s@<>\"]+")
PHONE = re.compile(r"tel:\+?[0-9][0-9().-]*")
Problems = dict[str, str]
"""Sentences by place: `<block>-<field>`, `<block>-<field>-<row>-<column>`."""


def new_identifier(taken: Iterable[str] = ()) -> str:
    """A name for a block that none of its page has."""
    while (name := secrets.token_hex(4)) in set(taken):
        pass
    return name


def is_link(text: str) -> bool:
    """Whether a link may lead there: a path of this site, a whole https address, a mail address, a telephone number."""
    if PATH.fullmatch(text) or MAIL.fullmatch(text) or PHONE.fullmatch(text):
        return True
    if not re.fullmatch(r"https://[^\s\\<>\"]+", text):
        return False
    try:
        host = urlsplit(text).hostname
    except ValueError:
        return False
    return bool(host) and "." in str(host)


def tidy_blocks(session: Session, blocks: Blocks, *, language: str) -> tuple[Blocks, Problems]:
    """The blocks as they are stored, and what cannot be stored. Blocks of kinds that are not open stay as they are.

    What lacks is no problem yet: drafts may be unfinished, `lacking` tells.
    """
    kinds = block_kinds()
    tidy: Blocks = []
    problems: Problems = {}
    for block in blocks[:MOST_BLOCKS]:
        kind = kinds.get(block["kind"])
        values = dict(block["values"])
        if kind is not None:
            values = _tidy(session, kind.fields, values, place=str(block["id"]), language=language, problems=problems)
        tidy.append({"id": block["id"], "kind": block["kind"], "values": values})
    if len(blocks) > MOST_BLOCKS:
        problems[""] = _("A page has at most %(count)s blocks: make a page of its own of some.", count=MOST_BLOCKS)
    return tidy, problems


def lacking(blocks: Blocks) -> Problems:
    """What must be filled in before the blocks can be published."""
    kinds = block_kinds()
    found: Problems = {}
    for block in blocks:
        if kind := kinds.get(block["kind"]):
            _lacking(kind.fields, block["values"], str(block["id"]), found)
    return found


def places_of(blocks: Blocks, problems: Problems) -> list[str]:
    """The problems as sentences that say in which block they are."""
    kinds = block_kinds()
    told = []
    for place, sentence in problems.items():
        name = place.partition("-")[0]
        number = next((number for number, block in enumerate(blocks, 1) if block["id"] == name), 0)
        kind = kinds.get(blocks[number - 1]["kind"]) if number else None
        field = next((each for each in kind.fields if each.name == place.split("-")[1]), None) if kind else None
        if kind and field:
            told.append(
                _(
                    "Block %(number)s (%(kind)s), %(field)s: %(sentence)s",
                    number=number, kind=kind.title, field=field.label, sentence=sentence,
                )
            )  # fmt: skip
        else:
            told.append(sentence)
    return told


def new_block(kind: BlockKind, taken: Iterable[str] = ()) -> dict[str, Any]:
    """An empty block; a list begins with one line to fill in."""
    values = {field.name: default_of(field) for field in kind.fields}
    for field in kind.fields:
        if field.kind == "rows" and not values[field.name]:
            values[field.name] = [{column.name: default_of(column) for column in field.columns}]
    return {"id": new_identifier(taken), "kind": kind.name, "values": values}


def _tidy(
    session: Session,
    fields: Iterable[BlockField],
    raw: Mapping[str, Any],
    *,
    place: str,
    language: str,
    problems: Problems,
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for field in fields:
        here = f"{place}-{field.name}"
        value = raw.get(field.name, default_of(field))
        if field.kind == "rows":
            rows = list(value or ())
            values[field.name] = [
                _tidy(session, field.columns, row, place=f"{here}-{number}", language=language, problems=problems)
                for number, row in enumerate(rows)
            ]
            if len(rows) > min(field.most, MOST_ROWS):
                problems[here] = _("At most %(count)s lines.", count=min(field.most, MOST_ROWS))
        else:
            values[field.name], problem = _tidy_one(session, field, value, language)
            if problem:
                problems[here] = problem
    return values


def _tidy_one(session: Session, field: BlockField, value: Any, language: str) -> tuple[Any, str]:
    """A value as it is stored and "", or as it was typed and what is wrong with it."""
    if field.kind == "switch":
        return bool(value), ""
    if field.kind == "images":
        return _numbers(value)
    text = "" if value is None else str(value).replace("\x00", "").replace("\r\n", "\n").strip()
    if field.kind in ("number", "image"):
        return _number(field, text)
    if field.kind == "link":
        return text, _problem_of_link(text, abroad=field.abroad)
    if field.kind == "choice":
        choices = [str(each) for each, _label in field.choices(session, language)] if field.choices else []
        good = text in choices or not text
        return text, "" if good else _("This can no longer be chosen: take another one.")
    if field.kind == "line":
        text = " ".join(text.split())
    return text, "" if len(text) <= field.most else _("At most %(count)s characters.", count=field.most)


def _problem_of_link(text: str, *, abroad: bool) -> str:
    if len(text) > LINK_LENGTH:
        return str(_("At most %(count)s characters.", count=LINK_LENGTH))
    if not text or (is_link(text) and (text.startswith("https://") or not abroad)):
        return ""
    if abroad:
        return str(
            _("Write the address as the browser shows it, beginning with https://, not the code that embeds it.")
        )
    return str(_("Write a page of this site as /en/about, or an address that begins with https://, mailto: or tel:"))


def _number(field: BlockField, text: str) -> tuple[Any, str]:
    if not text:
        return None, ""
    if not re.fullmatch(r"-?[0-9]{1,15}", text):
        return text, _("This is not a number.")
    number = int(text)
    if field.kind == "number" and not field.least <= number <= field.most:
        return text, _("It must be from %(least)s to %(most)s.", least=field.least, most=field.most)
    return number, ""


def _numbers(value: Any) -> tuple[Any, str]:
    given = list(value or ()) if not isinstance(value, str) else value.split(",")
    texts = [str(each).strip() for each in given if str(each).strip()]
    if all(re.fullmatch(r"[0-9]{1,15}", text) for text in texts):
        return [int(text) for text in texts], ""
    return texts, _("This is not a number.")


def _lacking(fields: Iterable[BlockField], values: Mapping[str, Any], place: str, found: Problems) -> None:
    for field in fields:
        here = f"{place}-{field.name}"
        value = values.get(field.name)
        if field.required and (value is None or value in ("", [])):
            found[here] = _("Add a line.") if field.kind == "rows" else _("Fill this in.")
        if field.kind == "rows":
            for number, row in enumerate(value or ()):
                _lacking(field.columns, row, f"{here}-{number}", found)


__all__ = ["TEXTS", "is_link", "lacking", "new_block", "new_identifier", "places_of", "tidy_blocks"]
