"""Where the products are found on the public site, in each language."""

from __future__ import annotations

PRODUCTS = {"it": "/it/prodotti", "en": "/en/products"}
CATEGORIES = {"it": "categoria", "en": "category"}


def product_path(language: str, slug: str) -> str:
    """The address of a product."""
    return f"{PRODUCTS[language]}/{slug}"


def category_path(language: str, slug: str) -> str:
    """The address of a category."""
    return f"{PRODUCTS[language]}/{CATEGORIES[language]}/{slug}"
