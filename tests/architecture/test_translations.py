"""Everything a person reads is in the Italian catalogue, whole, and fills in the same names."""

from __future__ import annotations

import re
from functools import cache

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from webapp.core.settings import PROJECT

CATALOGUE = PROJECT / "webapp/translations/it/LC_MESSAGES/messages.po"
KEYWORDS = {
    "_": None,
    "_l": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "lazy_ngettext": (1, 2),
    "_n": (1, 2),
    "pgettext": ((1, "c"), 2),
    "lazy_pgettext": ((1, "c"), 2),
}
METHODS = [
    ("**/scaffold/files/**", "ignore"),
    ("**.py", "python"),
    ("**.html", "jinja2"),
    ("**.txt", "jinja2"),
    ("**.xml", "jinja2"),
]
PLACEHOLDER = re.compile(r"%(?:\((\w+)\))?[sd]")

Said = str | tuple[str, str]


@cache
def said() -> dict[tuple[Said, str | None], str]:
    """What the sources say, with the place where."""
    found = extract_from_dir(
        PROJECT / "webapp", METHODS, options_map={"**.html": {"silent": "false"}}, keywords=KEYWORDS
    )
    texts: dict[tuple[Said, str | None], str] = {}
    for path, line, message, _comments, context in found:
        words = tuple(message[:2]) if isinstance(message, (tuple, list)) else message
        if words and "/static/" not in path:
            texts.setdefault((words, context), f"webapp/{path}:{line}")
    return texts


@pytest.fixture(scope="module")
def italian() -> Catalog:
    """The Italian catalogue."""
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="it", abort_invalid=True)


def translations(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string)


def placeholders(text: str) -> set[str]:
    return {found[0] for found in PLACEHOLDER.finditer(text)}


def test_every_text_is_in_the_catalogue(italian: Catalog) -> None:
    missing = {}
    for (words, context), place in said().items():
        message = italian.get(words[0] if isinstance(words, tuple) else words, context)
        if message is None or not all(translations(message)):
            missing[words] = place
    assert missing == {}


def test_nothing_is_fuzzy(italian: Catalog) -> None:
    assert [message.id for message in italian if message.id and message.fuzzy] == []


def test_a_translation_fills_in_what_the_text_fills_in(italian: Catalog) -> None:
    different = {}
    for message in italian:
        originals = [message.id] if isinstance(message.id, str) else list(message.id)
        if not message.id:
            continue
        names = set[str]().union(*map(placeholders, originals))
        if any(placeholders(text) - names or (isinstance(message.id, str) and placeholders(text) != names)
               for text in translations(message) if text):  # fmt: skip
            different[originals[0]] = translations(message)
    assert different == {}


def test_the_sources_were_found() -> None:
    assert len(said()) > 100
