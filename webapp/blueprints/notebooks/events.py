"""What the notebooks room announces, and what it asks of the rooms above it (`webapp.core.events`)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class NotebooksDeleted:
    """Notebooks go, in this transaction: who listens lets go of what refers to them. Their rows are still there."""

    notebook_ids: tuple[int, ...]


@dataclass(frozen=True)
class WhatGoesAlong:
    """Asked before a deletion: what of other rooms would go with these notebooks? Answered by workspaces' `Belongings`."""

    notebook_ids: tuple[int, ...]


@dataclass(frozen=True)
class WhichErrands:
    """Asked by the keeper on its rounds: which errands are still under way? Answered by `ErrandUnderWay`.

    What is left of the others (a container, a reader of GOLD) it removes.
    """


@dataclass(frozen=True)
class ErrandUnderWay:
    """Somebody still works on the errand with this number."""

    number: int
