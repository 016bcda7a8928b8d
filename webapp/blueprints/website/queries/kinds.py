"""The website's own kinds of blocks, and what the search finds in blocks of any kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from webapp.blueprints.website.models import Blocks
from webapp.core.markdown import markdown
from webapp.core.site import BlockField, BlockKind, Values, block_kinds

TEXTS = ("line", "text", "markdown")
LONG = 20_000


def _styles(_session: Session, _language: str) -> list[tuple[str, str]]:
    return [("main", str(_l("Filled"))), ("plain", str(_l("Outlined")))]


def _tones(_session: Session, _language: str) -> list[tuple[str, str]]:
    return [("info", str(_l("Information"))), ("success", str(_l("Good news"))), ("warning", str(_l("Attention")))]


def _sides(_session: Session, _language: str) -> list[tuple[str, str]]:
    return [
        ("", str(_l("No picture beside it"))),
        ("end", str(_l("Picture at the end"))),
        ("start", str(_l("Picture at the start"))),
    ]


def _sorts(_session: Session, _language: str) -> list[tuple[str, str]]:
    return [("video", str(_l("Video"))), ("map", str(_l("Map"))), ("page", str(_l("Something else")))]


def _elsewhere(_session: Session, values: Values, _language: str) -> Mapping[str, Any]:
    """The site that the link leads to, as visitors are told before they go there."""
    try:
        host = urlsplit(str(values.get("link") or "")).hostname or ""
    except ValueError:
        host = ""
    return {"host": host.removeprefix("www.")}


def _formatted(_session: Session, values: Values, _language: str) -> Mapping[str, Any]:
    return {"html": markdown(str(values.get("text") or ""), ours=True)}


def _cells(_session: Session, values: Values, _language: str) -> Mapping[str, Any]:
    """The lines of a table: columns are parted by a vertical bar; all lines as wide as the widest."""
    lines = [[cell.strip() for cell in str(row.get("cells") or "").split("|")] for row in values.get("rows") or ()]
    head = [cell.strip() for cell in str(values.get("head") or "").split("|")] if values.get("head") else []
    width = max([len(head), *map(len, lines)], default=0)
    return {
        "head": head + [""] * (width - len(head)) if head else [],
        "lines": [line + [""] * (width - len(line)) for line in lines],
    }


_TITLE = BlockField("title", _l("Title"), most=120)
_LINK = BlockField("link", _l("Link"), "link")
_LINK_TEXT = BlockField("link_text", _l("Words of the link"), most=60)

KINDS = (
    BlockKind(
        "hero",
        _l("Opening"),
        "star",
        "website/blocks/_hero.html",
        (
            BlockField("title", _l("Title"), required=True, most=120),
            BlockField("text", _l("Text"), "text", most=400),
            BlockField("picture", _l("Picture"), "image"),
            _LINK,
            _LINK_TEXT,
            BlockField("second_link", _l("Second link"), "link"),
            BlockField("second_link_text", _l("Words of the second link"), most=60),
        ),
        order=1,
    ),
    BlockKind(
        "text",
        _l("Text"),
        "file-text",
        "website/blocks/_text.html",
        (
            _TITLE,
            BlockField("text", _l("Text"), "markdown", required=True, most=LONG),
            BlockField("picture", _l("Picture"), "image"),
            BlockField("side", _l("Where the picture stands"), "choice", choices=_sides, default=""),
        ),
        context=_formatted,
        order=2,
    ),
    BlockKind(
        "cards",
        _l("Cards"),
        "columns-3",
        "website/blocks/_cards.html",
        (
            _TITLE,
            BlockField("text", _l("Introduction"), "text", most=600),
            BlockField(
                "cards",
                _l("Cards"),
                "rows",
                required=True,
                most=12,
                columns=(
                    BlockField("title", _l("Title"), required=True, most=100),
                    BlockField("text", _l("Text"), "text", most=600),
                    BlockField("picture", _l("Picture"), "image"),
                    _LINK,
                    _LINK_TEXT,
                ),
            ),
        ),
        order=3,
    ),
    BlockKind(
        "embed",
        _l("Video or map elsewhere"),
        "player-play",
        "website/blocks/_embed.html",
        (
            BlockField("title", _l("Title"), required=True, most=120),
            BlockField("text", _l("Text"), "text", most=600),
            BlockField(
                "link",
                _l("Address at the other site"),
                "link",
                required=True,
                abroad=True,
                help=_l("Visitors are told which site it is, and nothing of it is loaded before they open it."),
            ),
            BlockField("sort", _l("What it is"), "choice", choices=_sorts, default="video"),
            BlockField("picture", _l("Picture of it"), "image"),
        ),
        context=_elsewhere,
        order=19,
    ),
    BlockKind(
        "quote",
        _l("Quotation"),
        "message",
        "website/blocks/_quote.html",
        (
            BlockField("text", _l("Text"), "text", required=True, most=600),
            BlockField("author", _l("Who said it"), most=100),
            BlockField("about", _l("Who that is"), most=120),
        ),
        order=20,
    ),
    BlockKind(
        "table",
        _l("Table"),
        "table",
        "website/blocks/_table.html",
        (
            BlockField("title", _l("Title"), required=True, most=120),
            BlockField("head", _l("Heads of the columns"), most=400, help=_l("Part the columns by a vertical bar: |")),
            BlockField(
                "rows",
                _l("Lines"),
                "rows",
                required=True,
                most=200,
                columns=(BlockField("cells", _l("Cells"), required=True, most=1000),),
            ),
            BlockField("note", _l("Note below it"), most=300),
        ),
        context=_cells,
        order=21,
    ),
    BlockKind(
        "notice",
        _l("Notice"),
        "info-circle",
        "website/blocks/_notice.html",
        (
            _TITLE,
            BlockField("text", _l("Text"), "markdown", required=True, most=2000),
            BlockField("tone", _l("Tone"), "choice", choices=_tones, default="info"),
        ),
        context=_formatted,
        order=22,
    ),
    BlockKind(
        "buttons",
        _l("Links as buttons"),
        "external-link",
        "website/blocks/_buttons.html",
        (
            _TITLE,
            BlockField(
                "buttons",
                _l("Links"),
                "rows",
                required=True,
                most=8,
                columns=(
                    BlockField("text", _l("Words of the link"), required=True, most=60),
                    BlockField("link", _l("Link"), "link", required=True),
                    BlockField("style", _l("Look"), "choice", choices=_styles, default="main"),
                ),
            ),
        ),
        order=23,
    ),
)


def whole(kind: BlockKind, values: Values) -> dict[str, Any]:
    """All values of a block of that kind: those that were stored, and the defaults of fields that came later."""
    return {field.name: values.get(field.name, default_of(field)) for field in kind.fields}


def default_of(field: BlockField) -> Any:
    """What a field says before anybody filled it in."""
    if field.default is not None:
        return field.default
    return {"rows": [], "images": [], "switch": False, "image": None, "number": None}.get(field.kind, "")


def words_of(blocks: Blocks) -> str:
    """What a search finds in the blocks, each kind's own words or all its texts; nothing of kinds that are not open."""
    kinds = block_kinds()
    found = [_words(kinds[block["kind"]], block["values"]) for block in blocks if block["kind"] in kinds]
    return "\n".join(filter(None, found))


def _words(kind: BlockKind, values: Values) -> str:
    if kind.words:
        return kind.words(values)
    return "\n".join(_texts(kind.fields, values))


def _texts(fields: tuple[BlockField, ...], values: Values) -> list[str]:
    found: list[str] = []
    for field in fields:
        value = values.get(field.name)
        if field.kind in TEXTS and value:
            found.append(str(value))
        elif field.kind == "rows" and value:
            found += [text for row in value for text in _texts(field.columns, row)]
    return found
