"""The words of a search: as they are compared, as they are noted, and as PostgreSQL asks for them."""

from __future__ import annotations

import re
import unicodedata
from html import escape

from webapp.blueprints.discovery.models import LONGEST_WORDS

CONFIGS = {"it": "italian", "en": "english"}
MOST_WORDS = 12
WORD = re.compile(r"[^\W_]+")
PERSONAL = re.compile(r"\S+@\S+|\+?\d[\d ./-]{5,}\d")
BEGIN, END = "\x02", "\x03"


def config_of(language: str) -> str:
    """PostgreSQL's text search configuration of a language."""
    return CONFIGS.get(language, "simple")


def plain(text: str) -> str:
    """A text as it is compared: in small letters, without accents and control characters. No extension is needed for it."""
    split = unicodedata.normalize("NFKD", text)
    kept = "".join(sign for sign in split if not unicodedata.combining(sign) and (sign.isprintable() or sign.isspace()))
    return kept.casefold()


def words_of(asked: str) -> list[str]:
    """The words that were asked for, as they are compared; at most MOST_WORDS, each once."""
    return list(dict.fromkeys(WORD.findall(plain(asked[:500]))))[:MOST_WORDS]


def noted(asked: str) -> str:
    """The search as it is counted; "" for one that holds what may tell of a person (an address of mail, a long number)."""
    return "" if PERSONAL.search(asked) else " ".join(words_of(asked))[:LONGEST_WORDS].strip()


def all_of(words: list[str]) -> str:
    """A tsquery text: all words, of which the last one may go on."""
    return " & ".join([*words[:-1], f"{words[-1]}:*"])


def any_of(words: list[str]) -> str:
    """A tsquery text: any of the words or of those that begin so, where there is nothing with all of them."""
    return " | ".join(f"{word}:*" for word in words if len(word) > 2)


def marked(text: str) -> str:
    """A snippet with its found words between BEGIN and END, as HTML in which nothing else is."""
    return escape(text).replace(BEGIN, "<mark>").replace(END, "</mark>")
