"""The words of a title become an address of plain letters, of a bounded length, that nothing else has."""

from __future__ import annotations

import pytest

from webapp.core.slugs import LONGEST_SLUG, free_slug, slug_of


@pytest.mark.parametrize(
    ("text", "slug"), [("Perché no? È così!", "perche-no-e-cosi"), ("///", ""), ("a" * 999, "a" * LONGEST_SLUG)]
)
def test_an_address_is_made_of_plain_letters(text: str, slug: str) -> None:
    assert slug_of(text) == slug


def test_an_address_ends_with_a_letter_where_it_is_cut() -> None:
    assert slug_of("due parole", 4) == "due"


def test_an_address_that_is_taken_gets_a_number() -> None:
    assert free_slug("Due parole", {"due-parole", "due-parole-2"}, otherwise="page") == "due-parole-3"
    assert free_slug("///", (), otherwise="page") == "page"
