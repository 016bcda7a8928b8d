"""Ten thousand pages below the demo company's own: sections with pages, published in both languages."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from webapp.blueprints.website.models import HOME, Draft, Page, PageText, Publication, Revision
from webapp.core.clock import utc_now

SECTIONS, EACH = 100, 99  # a section is a page too: 10,000 in all
SENTENCES = 12
PIECE = 2000  # rows in one statement
WORDS = {
    "it": (
        ("piatto", "vaso", "brocca", "ciotola", "piastrella", "boccale", "anfora", "zuppiera", "lucerna", "saliera"),
        ("dipinto a mano", "del Settecento", "in maiolica", "con la melagrana", "a ruggine", "bianco di Faenza"),
        ("si cuoce due volte", "viene dalla collina", "si lava con acqua tiepida", "nasce al tornio", "sta in vetrina"),
    ),
    "en": (
        ("plate", "vase", "jug", "bowl", "tile", "mug", "amphora", "tureen", "lamp", "salt cellar"),
        ("painted by hand", "of the 1700s", "in majolica", "with the pomegranate", "printed in rust", "in Faenza white"),
        ("is fired twice", "comes from the hills", "is washed in warm water", "is born on the wheel", "stands in the window"),
    ),
}  # fmt: skip
LANGUAGES = tuple(WORDS)


def load_large(session: Session) -> None:
    """Store and publish them; what they say is the same each time."""
    chance = random.Random(1974)  # noqa: S311 - sentences of a demo
    home = session.scalars(select(Page.id).where(Page.kind == HOME)).one()
    sections = _store(session, ({"parent_id": home, "position": 1000 + number} for number in range(SECTIONS)), Page)
    _publish(session, sections, {}, chance)
    paths = {
        (text.page_id, text.language): text.path
        for text in session.execute(select(PageText.page_id, PageText.language, PageText.path))
    }
    below = [(section, number) for section in sections for number in range(EACH)]
    pages = _store(session, ({"parent_id": section, "position": number} for section, number in below), Page)
    above = {page: section for page, (section, _number) in zip(pages, below, strict=True)}
    _publish(session, pages, {(page, each): paths[above[page], each] for page in pages for each in LANGUAGES}, chance)


def _publish(session: Session, pages: list[int], above: dict[tuple[int, str], str], chance: random.Random) -> None:
    """Write the texts of pages in both languages and publish them; `above` are the paths below which they lie."""
    now = utc_now()
    places = [(page, language) for page in pages for language in LANGUAGES]
    slugs = {place: _title(chance, place[1]) for place in places}
    texts = _store(
        session,
        (
            {"page_id": page, "language": language, "slug": (slug := f"{_slug(slugs[page, language])}-{page}"),
             "path": f"{above.get((page, language), f'/{language}')}/{slug}"}
            for page, language in places
        ),
        PageText,
    )  # fmt: skip
    written = [
        {"text_id": text, "title": f"{slugs[place]} {place[0]}", "description": _sentences(chance, place[1], 2),
         "blocks": [_block(chance, place[1])]}
        for text, place in zip(texts, places, strict=True)
    ]  # fmt: skip
    _store(session, written, Draft)
    revisions = _store(session, written, Revision)
    shown = [
        {"text_id": text, "revision_id": revision, "published_at": now, "first_at": now}
        for text, revision in zip(texts, revisions, strict=True)
    ]
    for start in range(0, len(shown), PIECE):
        session.execute(insert(Publication), shown[start : start + PIECE])


def _store(session: Session, rows: Iterator[dict[str, Any]] | list[dict[str, Any]], model: Any) -> list[int]:
    """Insert rows in their order; their numbers in the same one."""
    waiting = list(rows)
    numbers: list[int] = []
    for start in range(0, len(waiting), PIECE):
        stored = insert(model).returning(model.id, sort_by_parameter_order=True)
        numbers += session.execute(stored, waiting[start : start + PIECE]).scalars()
    return numbers


def _title(chance: random.Random, language: str) -> str:
    things, kinds, _deeds = WORDS[language]
    return f"{chance.choice(things)} {chance.choice(kinds)}".capitalize()


def _sentences(chance: random.Random, language: str, count: int) -> str:
    deeds = WORDS[language][2]
    return " ".join(f"{_title(chance, language)} {chance.choice(deeds)}." for _ in range(count))


def _block(chance: random.Random, language: str) -> dict[str, Any]:
    return {
        "id": "b1",
        "kind": "text",
        "values": {"title": _title(chance, language), "text": _sentences(chance, language, SENTENCES)},
    }


def _slug(title: str) -> str:
    return title.lower().replace(" ", "-")
