"""The reader's own choices, language and theme: a cookie for everybody, and the room of accounts keeps a person's."""

from __future__ import annotations

from typing import Protocol

from flask import current_app, g, request

THEMES = ("light", "dark", "auto")
THEME_COOKIE = "theme"


class KeptPreferences(Protocol):
    """What a room that knows people offers as `app.extensions["bottega_preferences"]`."""

    def read(self) -> dict[str, str]:
        """The stored choices of the signed-in person by name (`language`, `theme`); empty for nobody."""

    def keep(self, name: str, value: str) -> None:
        """Store a choice of the signed-in person; nothing for nobody."""


def current_theme() -> str:
    """The theme of this page: the person's, the cookie's, else what the device prefers (`auto`)."""
    chosen = kept_choice("theme") or request.cookies.get(THEME_COOKIE)
    return chosen if chosen in THEMES else "auto"


def kept_choice(name: str) -> str | None:
    """The stored choice of the signed-in person, read once a request; None for nobody."""
    if "preferences" not in g:
        kept: KeptPreferences | None = current_app.extensions.get("bottega_preferences")
        g.preferences = kept.read() if kept and g.get("company") else {}
    choice: str | None = g.preferences.get(name)
    return choice or None
