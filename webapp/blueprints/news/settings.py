"""Where the news are found on the public site, in each language."""

from __future__ import annotations

NEWS = {"it": "/it/notizie", "en": "/en/news"}
FEEDS = {language: f"{path}/rss.xml" for language, path in NEWS.items()}
TOPICS = {"it": "tema", "en": "topic"}
AUTHORS = {"it": "autore", "en": "author"}
YEARS = {"it": "anno", "en": "year"}
PREVIEWS = {"it": "anteprima", "en": "preview"}


def article_path(language: str, slug: str) -> str:
    """The address of an article."""
    return f"{NEWS[language]}/{slug}"


def topic_path(language: str, slug: str) -> str:
    """The address of the articles with a tag."""
    return f"{NEWS[language]}/{TOPICS[language]}/{slug}"


def author_path(language: str, slug: str) -> str:
    """The address of an author."""
    return f"{NEWS[language]}/{AUTHORS[language]}/{slug}"


def year_path(language: str, year: int) -> str:
    """The address of a year's articles."""
    return f"{NEWS[language]}/{YEARS[language]}/{year}"


def preview_path(language: str, token: str) -> str:
    """The address of a preview."""
    return f"{NEWS[language]}/{PREVIEWS[language]}/{token}"
