"""The questions that the website asks the rooms above it before somebody changes a page: none of them is asked by name."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from webapp.core.events import gather
from webapp.core.security import Actor


@dataclass(frozen=True)
class MayChange:
    """Asked before a page is changed: may `by`, who has the `permission`, use it there?

    `branch` are the numbers of the page and of those above it, the page first, the root last. A room `listen`s to it and
    answers with none or several `Refusal`s; `text_id` is given where it is about one language.
    """

    by: Actor
    permission: str
    branch: tuple[int, ...]
    text_id: int | None = None


@dataclass(frozen=True)
class Refusal:
    """Why the actor may not, in words."""

    sentence: str


def refusals(session: Session, question: MayChange) -> list[Refusal]:
    """What speaks against it; nothing where no room minds."""
    return gather(session, question, Refusal)
