"""Which pictures the blocks of pages show: they stand in JSON, where no foreign key sees them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import String, cast, select, union_all
from sqlalchemy.orm import Session

from webapp.blueprints.website.models import Blocks, Draft, PageText, Publication, Revision
from webapp.core.site import BlockField, block_kinds


def list_uses(session: Session, number: int) -> list[tuple[str, int, str]]:
    """Title, page and language of the texts that show the picture: to visitors, soon, or in their draft."""
    drafts = select(Draft.text_id, Draft.title, Draft.blocks)
    shown = select(Revision.text_id, Revision.title, Revision.blocks).join(
        Publication, Revision.id.in_((Publication.revision_id, Publication.next_id))
    )
    each = union_all(drafts, shown).subquery()
    rows = session.execute(
        select(each.c.title, PageText.page_id, PageText.language, each.c.blocks)
        .join(PageText, PageText.id == each.c.text_id)
        .where(cast(each.c.blocks, String).regexp_match(rf"\y{number}\y"))  # narrows; a price may be the same number
        .order_by(PageText.page_id, PageText.language)
    )
    found = {(row.page_id, row.language): row.title for row in rows if number in set(pictures_of(row.blocks))}
    return [(title, page_id, language) for (page_id, language), title in found.items()]


def list_held(session: Session) -> set[int]:
    """The numbers of all pictures in drafts, and in what visitors see now or by a plan."""
    shown = select(Publication.revision_id.label("id")).union(select(Publication.next_id)).subquery()
    published = select(Revision.blocks).where(Revision.id.in_(select(shown.c.id)))
    return {
        number
        for query in (select(Draft.blocks), published)
        for blocks in session.scalars(query.execution_options(yield_per=500))
        for number in pictures_of(blocks)
    }


def pictures_of(blocks: Blocks) -> Iterator[int]:
    """The numbers of the pictures in blocks of the kinds that open rooms offer."""
    kinds = block_kinds()
    for block in blocks:
        if kind := kinds.get(str(block.get("kind"))):
            yield from _in_fields(kind.fields, block.get("values") or {})


def _in_fields(fields: tuple[BlockField, ...], values: dict[str, Any]) -> Iterator[int]:
    for each in fields:
        value = values.get(each.name)
        if each.kind == "image" and isinstance(value, int):
            yield value
        elif each.kind == "images":
            yield from (number for number in value or () if isinstance(number, int))
        elif each.kind == "rows":
            for row in value or ():
                yield from _in_fields(each.columns, row)
