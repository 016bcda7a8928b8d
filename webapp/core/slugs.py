"""Slugs: the words of a title as they stand in an address."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container
from itertools import count

LONGEST_SLUG = 120


def slug_of(words: str, longest: int = LONGEST_SLUG) -> str:
    """The words without accents and signs, joined by hyphens: "Perché sì!" gives "perche-si"; "" when nothing is left."""
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:longest].strip("-")


def free_slug(words: str, taken: Container[str], *, otherwise: str) -> str:
    """A slug of the words (of `otherwise` when they give none) that is not `taken`, with a number behind it if need be."""
    slug = slug_of(words, LONGEST_SLUG - 8) or otherwise
    return slug if slug not in taken else next(each for n in count(2) if (each := f"{slug}-{n}") not in taken)
