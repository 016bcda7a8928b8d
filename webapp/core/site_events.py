"""What the rooms of the public site announce of their own changes, for whoever keeps a journal."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from webapp.core.events import announce
from webapp.core.security import SYSTEM, Actor


@dataclass(frozen=True)
class SiteChanged:
    """Somebody changed a part of the public site that is no page: a menu, the notice. `part` and `deed` are codes.

    `part`: menu, notice, image, gallery, article, author, tag, site, contact, hours, form, product, category, redirect, words,
    installed, push. `deed`: created, changed, deleted, ordered, published, taken off, sent, stopped.
    """

    by: Actor
    part: str
    deed: str
    title: str


def tell_of_change(session: Session, *, by: Actor, part: str, deed: str, title: object) -> None:
    """Announce SiteChanged in the caller's transaction, unless the house itself did it: a command, a task, a demo."""
    if by != SYSTEM:
        announce(session, SiteChanged(by, part, deed, str(title)))
