"""A task at work, in a test's own hands."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from sqlalchemy.orm import Session

from webapp.core.db import transaction
from webapp.core.security import SYSTEM, Actor


class TaskInHand:
    """A `TaskRun` without the machinery around it: what it was told is kept."""

    attempt = 1

    def __init__(self, by: Actor = SYSTEM, *, number: int = 1) -> None:
        self.id, self.by = number, by
        self.told: list[tuple[int, int | None, str]] = []
        self.lines: list[str] = []

    def progress(self, done: int, total: int | None = None, words: str = "") -> None:
        self.told.append((done, total, words))

    def log(self, sentence: str, level: str = "info") -> None:
        self.lines.append(f"{level}: {sentence}")

    def check(self) -> None:
        """Nobody asks it to stop."""

    def time_left(self, at_most: float | None = None) -> float:
        return at_most or 60.0

    def transaction(self) -> AbstractContextManager[Session]:
        return transaction()

    def start(self, kind: str, args: Any, *, key: str | None = None) -> int:
        raise AssertionError(f"no task is to follow: {kind} {args} {key}")
