"""The editor's form: a page's head and blocks as they were typed, what a button did to them, and the controls to show."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, SelectField
from wtforms.validators import DataRequired, Length

from webapp.blueprints.website.models import TITLE, Blocks
from webapp.blueprints.website.services.blocks import IDENTIFIER, new_block, new_identifier
from webapp.blueprints.website.services.drafts import Content
from webapp.core.db import db
from webapp.core.forms import CleanField, RecordForm, whole_number
from webapp.core.site import BlockField, BlockKind, block_kinds

MOST_ROWS = 500


class NewPageForm(RecordForm):
    """A new page: its title, its language, what it lies below, and what it begins with."""

    title = CleanField(_l("Title"), [DataRequired(), Length(max=TITLE)])
    language = SelectField(_l("Language"))
    parent_id = SelectField(_l("Below"))
    copy_of = SelectField(_l("Begin with"))


class DeletePageForm(RecordForm):
    """Whether the pages below go too."""

    with_below = BooleanField(_l("Delete the pages below it too"))


class TranslationForm(RecordForm):
    """A page in another language."""

    title = CleanField(_l("Title"), [DataRequired(), Length(max=TITLE)])
    copy_blocks = BooleanField(_l("Begin with the blocks of the other language"), default=True)


@dataclass(frozen=True)
class Control:
    """A field of a block as the editor shows it: its name in the form, what stands in it, what is wrong with it.

    `rows` are the controls of each line of a list, `other` is what the other language says.
    """

    name: str
    field: BlockField
    value: Any
    problem: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    rows: tuple[tuple[Control, ...], ...] = ()
    other: Any = None


@dataclass(frozen=True)
class BlockForm:
    """A block as the editor shows it; `kind` is None where the room that has it is closed."""

    id: str
    name: str
    kind: BlockKind | None
    controls: tuple[Control, ...] = field(default_factory=tuple)

    @property
    def title(self) -> str:
        """The first of its texts, to tell blocks of one kind apart."""
        texts = (str(each.value or "") for each in self.controls if each.field.kind in ("line", "text", "markdown"))
        return next((text[:60] for text in texts if text.strip()), "")


def read_content(form: MultiDict[str, str], stored: Blocks) -> Content:
    """The page as it was typed. Blocks of kinds that are not open stay what they are in `stored`."""
    kinds = block_kinds()
    before = {str(block["id"]): block for block in stored}
    blocks: Blocks = []
    for name in dict.fromkeys(form.getlist("order")):
        if not IDENTIFIER.fullmatch(name):
            continue
        kind = kinds.get(form.get(f"{name}-kind", ""))
        if kind is not None:
            values = {each.name: _read(form, f"{name}-{each.name}", each) for each in kind.fields}
            blocks.append({"id": name, "kind": kind.name, "values": values})
        elif name in before and before[name]["kind"] not in kinds:
            blocks.append(copy.deepcopy(before[name]))
    return Content(form.get("title", ""), form.get("menu_title", ""), form.get("description", ""), blocks)


def seen_version(form: MultiDict[str, str]) -> int:
    """The version of the draft that the person saw; -1, which no draft has, when the form does not say."""
    seen = whole_number(form.get("version"))
    return -1 if seen is None else seen


def do_to_blocks(form: MultiDict[str, str], content: Content) -> tuple[Content, str]:
    """What the pressed button does to the blocks, and the block that it was about; "" when it was none of these."""
    blocks = copy.deepcopy(content.blocks)
    places = {str(block["id"]): number for number, block in enumerate(blocks)}
    for action, work in _WORKS.items():
        pressed = form.get(action, "")
        if pressed:
            about = work(blocks, places, [part.strip() for part in pressed.split(":")], form)
            return replace(content, blocks=blocks), about
    return content, ""


def controls_of(
    content_blocks: Blocks, problems: Mapping[str, str], *, language: str, beside: Blocks | None = None
) -> list[BlockForm]:
    """The blocks as the editor shows them, with what is wrong and what the other language says."""
    kinds = block_kinds()
    others = {str(block["id"]): block for block in beside or ()}
    shown = []
    for number, block in enumerate(content_blocks):
        kind = kinds.get(block["kind"])
        other = others.get(str(block["id"]))
        if other is None and beside and number < len(beside):
            other = beside[number]
        said = other["values"] if other and other["kind"] == block["kind"] else {}
        controls = tuple(
            _control(
                f"{block['id']}-{each.name}",
                each,
                values=block["values"],
                problems=problems,
                language=language,
                said=said,
            )
            for each in (kind.fields if kind else ())
        )
        shown.append(BlockForm(str(block["id"]), str(block["kind"]), kind, controls))
    return shown


def _read(form: MultiDict[str, str], name: str, each: BlockField) -> Any:
    if each.kind == "rows":
        return [
            {column.name: _read(form, f"{name}-{key}-{column.name}", column) for column in each.columns}
            for key in _row_keys(form, name)
        ]
    if each.kind == "switch":
        return name in form
    if each.kind in ("image", "images"):
        numbers = [value for value in form.getlist(name) if value.strip()]
        return numbers if each.kind == "images" else next(reversed(numbers), "")
    return form.get(name, "")


def _row_keys(form: MultiDict[str, str], name: str) -> list[str]:
    """The lines of a list in the order in which they stand in the form now: they may have been dragged."""
    return [key for key in dict.fromkeys(form.getlist(f"{name}-rows")) if IDENTIFIER.fullmatch(key)][:MOST_ROWS]


def _control(
    name: str,
    each: BlockField,
    *,
    values: Mapping[str, Any],
    problems: Mapping[str, str],
    language: str,
    said: Mapping[str, Any],
) -> Control:
    value = values.get(each.name, "")
    rows: tuple[tuple[Control, ...], ...] = ()
    if each.kind == "rows":
        other_rows = said.get(each.name) or []
        rows = tuple(
            tuple(
                _control(
                    f"{name}-{number}-{column.name}",
                    column,
                    values=row,
                    problems=problems,
                    language=language,
                    said=other_rows[number] if number < len(other_rows) else {},
                )
                for column in each.columns
            )
            for number, row in enumerate(value or ())
        )
    choices = (
        tuple((str(key), str(label)) for key, label in each.choices(db.session(), language)) if each.choices else ()
    )
    other = said.get(each.name) if each.kind in ("line", "text", "markdown", "link") else None
    return Control(name, each, value, problems.get(name, ""), choices, rows, other)


def _add(blocks: Blocks, places: dict[str, int], words: list[str], form: MultiDict[str, str]) -> str:
    kind = block_kinds().get(words[0])
    if kind is None:
        return ""
    block = new_block(kind, places)
    where = form.get("where", "")
    number = places[where] + 1 if where in places else 0 if where == "first" else len(blocks)
    blocks.insert(number, block)
    return str(block["id"])


def _move(blocks: Blocks, places: dict[str, int], words: list[str], _form: MultiDict[str, str]) -> str:
    if len(words) == 2 and words[0] in places:
        _swap(blocks, places[words[0]], words[1])
    return words[0]


def _remove(blocks: Blocks, places: dict[str, int], words: list[str], _form: MultiDict[str, str]) -> str:
    if words[0] not in places:
        return ""
    number = places[words[0]]
    del blocks[number]
    return str(blocks[min(number, len(blocks) - 1)]["id"]) if blocks else "blocks"


def _duplicate(blocks: Blocks, places: dict[str, int], words: list[str], _form: MultiDict[str, str]) -> str:
    if words[0] not in places:
        return ""
    twin = copy.deepcopy(blocks[places[words[0]]])
    twin["id"] = new_identifier(places)
    blocks.insert(places[words[0]] + 1, twin)
    return str(twin["id"])


def _add_row(blocks: Blocks, places: dict[str, int], words: list[str], _form: MultiDict[str, str]) -> str:
    kind = block_kinds().get(blocks[places[words[0]]]["kind"]) if words[0] in places else None
    each = (
        next((each for each in kind.fields if each.name == words[-1] and each.kind == "rows"), None) if kind else None
    )
    if kind is None or each is None:
        return ""
    empty = new_block(kind)["values"]
    line = {column.name: column.default if column.default is not None else "" for column in each.columns}
    blocks[places[words[0]]]["values"].setdefault(each.name, empty.get(each.name, [])).append(line)
    return words[0]


def _remove_row(blocks: Blocks, places: dict[str, int], words: list[str], form: MultiDict[str, str]) -> str:
    if found := _row(blocks, places, words, form):
        rows, place = found
        del rows[place]
    return words[0]


def _move_row(blocks: Blocks, places: dict[str, int], words: list[str], form: MultiDict[str, str]) -> str:
    if (found := _row(blocks, places, words, form)) and len(words) == 4:
        _swap(*found, words[3])
    return words[0]


def _row(
    blocks: Blocks, places: dict[str, int], words: list[str], form: MultiDict[str, str]
) -> tuple[list[Any], int] | None:
    """The list that a button is about, and where in it the line stands that the button names."""
    if len(words) < 3 or words[0] not in places:
        return None
    rows = blocks[places[words[0]]]["values"].get(words[1])
    keys = _row_keys(form, f"{words[0]}-{words[1]}")
    return (rows, keys.index(words[2])) if isinstance(rows, list) and words[2] in keys[: len(rows)] else None


def _swap(things: list[Any], place: int, direction: str) -> None:
    other = place + (-1 if direction == "up" else 1)
    if 0 <= other < len(things):
        things[place], things[other] = things[other], things[place]


_WORKS = {
    "add": _add,
    "move": _move,
    "remove": _remove,
    "duplicate": _duplicate,
    "add_row": _add_row,
    "remove_row": _remove_row,
    "move_row": _move_row,
}
