"""Where the public pages of the places room are."""

from __future__ import annotations

FIND_US = {"it": "/it/dove-siamo", "en": "/en/find-us"}
