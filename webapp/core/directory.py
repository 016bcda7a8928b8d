"""Who is who: the names behind the numbers of people and groups, as the room that knows people tells them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from flask import current_app

DIRECTORY = "bottega_directory"


@dataclass(frozen=True)
class Reader:
    """Somebody who gets mails from the house; `language` "" is the company's first."""

    user_id: int
    address: str
    name: str
    language: str


class Directory(Protocol):
    """What the room that knows people tells the others."""

    def person_name(self, user_id: int) -> str:
        """How the person is called; "" for one who is gone."""

    def group_name(self, group_id: int) -> str:
        """How the group is called; "" for one that is gone."""

    def people(self) -> list[tuple[int, str]]:
        """Those who can sign in, by name."""

    def groups(self) -> list[tuple[int, str]]:
        """All groups, each after the one above it; a name begins with those above."""

    def members(self, group_id: int) -> list[int]:
        """The numbers of those in the group and in the groups below it, as far as they can sign in."""

    def roles(self) -> list[str]:
        """The names of all roles, the highest first."""

    def readers(self, people: Collection[int], roles: Collection[str]) -> list[Reader]:
        """These people, and those who have one of the roles or belong to a group that does, as far as they can sign in."""


class NobodyKnown:
    """The directory of a house without a room that knows people."""

    def person_name(self, user_id: int) -> str:
        """Nobody."""
        del user_id
        return ""

    def group_name(self, group_id: int) -> str:
        """Nothing."""
        del group_id
        return ""

    def people(self) -> list[tuple[int, str]]:
        """Nobody."""
        return []

    def groups(self) -> list[tuple[int, str]]:
        """None."""
        return []

    def members(self, group_id: int) -> list[int]:
        """Nobody."""
        del group_id
        return []

    def roles(self) -> list[str]:
        """None."""
        return []

    def readers(self, people: Collection[int], roles: Collection[str]) -> list[Reader]:
        """Nobody."""
        del people, roles
        return []


def directory() -> Directory:
    """The directory of this application."""
    known: Directory = current_app.extensions.get(DIRECTORY, NobodyKnown())
    return known
