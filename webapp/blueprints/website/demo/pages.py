"""The demo company's pages in Italian and English; blocks of other rooms stand in them where those are open."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from webapp.blueprints.media.public import demo_picture
from webapp.blueprints.website.demo.texts import PAGES
from webapp.blueprints.website.models import Blocks
from webapp.blueprints.website.queries.kinds import default_of
from webapp.blueprints.website.queries.pages import get_written
from webapp.blueprints.website.services.drafts import Content, save_draft
from webapp.blueprints.website.services.pages import begin_text, create_page
from webapp.blueprints.website.services.publishing import publish
from webapp.core.security import SYSTEM
from webapp.core.site import BlockField, block_kinds

LANGUAGES = ("it", "en")
FIRST = "*"  # the first of the choices that there are


def write_pages(session: Session) -> None:
    """Make the pages, each after the one above it, and publish them."""
    numbers: dict[str, int] = {}
    for name, above, texts in PAGES:
        first = texts["it"]
        parent = numbers[above] if above else None
        page = create_page(session, by=SYSTEM, parent_id=parent, language="it", title=first["title"])
        english = texts["en"]
        begin_text(session, by=SYSTEM, page=page, language="en", title=english["title"], blocks=[])
        numbers[name] = page.id
        for language in LANGUAGES:
            text = texts[language]
            draft = get_written(session, page.id, language).draft
            content = Content(
                title=text["title"],
                menu_title=text.get("menu", ""),
                description=text["description"],
                blocks=_blocks(session, text["blocks"], language),
            )
            saved = save_draft(
                session,
                by=SYSTEM,
                page_id=page.id,
                language=language,
                version=draft.version,
                content=content,
                remember=True,
            )
            publish(session, by=SYSTEM, page_id=page.id, language=language, version=saved.version)


def _blocks(session: Session, wanted: list[tuple[str, dict[str, Any]]], language: str) -> Blocks:
    kinds = block_kinds()
    blocks: Blocks = []
    for number, (name, given) in enumerate(wanted, 1):
        if (kind := kinds.get(name)) is None:
            continue
        values = {field.name: _value(session, field, given, language) for field in kind.fields}
        if all(values[field.name] not in (None, "", []) for field in kind.fields if field.required):
            blocks.append({"id": f"b{number}", "kind": name, "values": values})
    return blocks


def _value(session: Session, field: BlockField, given: dict[str, Any], language: str) -> Any:
    """What was written for the field; a picture and a choice by its name; the first choice where one is needed."""
    value = given.get(field.name, default_of(field))
    if field.kind == "image" and isinstance(value, str):
        return demo_picture(session, value) if value else None
    if field.kind == "rows":
        return [
            {column.name: _value(session, column, row, language) for column in field.columns} for row in value or ()
        ]
    if field.kind == "choice" and field.choices:
        offered = {str(label): str(each) for each, label in field.choices(session, language)}
        first = next(iter(offered.values()), "") if value == FIRST or (field.required and not value) else value
        return offered.get(value, first)
    return value
