"""The question that the media room asks the rooms above it before an image is changed: none of them is asked by name."""

from __future__ import annotations

from dataclasses import dataclass

from webapp.core.security import Actor


@dataclass(frozen=True)
class MayKeep:
    """Asked before an image of a collection is changed, or put into it: may `by`, who may change images, do so there?

    A room `listen`s to it and answers with none or several sentences that say why they may not.
    """

    by: Actor
    collection: str
