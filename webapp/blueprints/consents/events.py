"""What consents asks of the rooms above it: which data their public forms take, and which consents they still rely on."""

from dataclasses import dataclass


@dataclass(frozen=True)
class WhatIsTaken:
    """A question: which personal data do strangers leave, in the words of this language?"""

    language: str


@dataclass(frozen=True)
class Taken:
    """An answer: at `path` a visitor is asked for `asked`; `purpose` says what for. Kept for so many months, None: not said.

    `by_consent` are the lines that a visitor may tick.
    """

    title: str
    path: str
    asked: tuple[str, ...]
    purpose: str
    months: int | None = None
    by_consent: tuple[str, ...] = ()


@dataclass(frozen=True)
class WhichAreUsed:
    """A question, before old consents are forgotten: which of these `references` does something still stand on?"""

    references: frozenset[str]


@dataclass(frozen=True)
class Used:
    """An answer: these; their consents are kept though they are old."""

    references: frozenset[str]
