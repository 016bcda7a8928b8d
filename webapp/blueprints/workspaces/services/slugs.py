"""Short names: what stands in addresses, made of a name where nobody gives one."""

from __future__ import annotations

import re
import unicodedata

from webapp.blueprints.workspaces.models import SLUG
from webapp.blueprints.workspaces.services.problems import SlugWrong

LONGEST = 40


def slug_of(name: str) -> str:
    """A short name made of a name: "Vendite & Magazzino" gives "vendite-magazzino"; "" when nothing is left."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:LONGEST].strip("-")


def checked_slug(slug: str, name: str) -> str:
    """The short name that was given, or one made of the name. Raises SlugWrong."""
    chosen = slug.strip() or slug_of(name)
    if len(chosen) > LONGEST or not re.fullmatch(SLUG.strip("^$"), chosen):
        raise SlugWrong
    return chosen
