"""What the workspaces room announces, and what it asks of the rooms above it (`webapp.core.events`)."""

from __future__ import annotations

from dataclasses import dataclass

from webapp.core.security import Actor


@dataclass(frozen=True)
class MembershipBegun:
    """Somebody belongs to a group from now on."""

    group_id: int
    user_id: int


@dataclass(frozen=True)
class MembershipEnded:
    """Somebody belongs to a group no longer: they left, or were taken out."""

    group_id: int
    user_id: int


@dataclass(frozen=True)
class GroupHandedOver:
    """A group has another owner."""

    group_id: int
    before: int
    after: int


@dataclass(frozen=True)
class VisibilityChanged:
    """A project is open to others than before: `public`, `internal` or `private`."""

    project_id: int
    before: str
    after: str


@dataclass(frozen=True)
class ProjectMoved:
    """A project lies in another group, whose members may do from now on what those of the former one could."""

    project_id: int
    before: int
    after: int


@dataclass(frozen=True)
class ProjectsDeleted:
    """Projects go, in this transaction: who listens lets go of what refers to them. Their rows are still there."""

    project_ids: tuple[int, ...]
    by: Actor


@dataclass(frozen=True)
class WhatBelongs:
    """Asked before a deletion: what would go with these projects? Answered by `Belongings`."""

    project_ids: tuple[int, ...]


@dataclass(frozen=True)
class Belongings:
    """Some things that go with projects: `words` count them for people ("3 notebooks"), `name` and `count` for programs."""

    name: str
    words: str
    count: int
    bytes: int = 0
