"""What the rooms of the public site announce of their own changes, for whoever keeps a journal."""

from __future__ import annotations

from dataclasses import dataclass

from webapp.core.security import Actor


@dataclass(frozen=True)
class SiteChanged:
    """Somebody changed a part of the public site that is no page: a menu, the notice. `part` and `deed` are codes.

    `part`: menu, notice. `deed`: created, changed, deleted, ordered.
    """

    by: Actor
    part: str
    deed: str
    title: str
