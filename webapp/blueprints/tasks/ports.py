"""What the tasks room needs of the outside: something that carries a task's id to a worker."""

from __future__ import annotations

from typing import Protocol


class CarrierDown(Exception):
    """The broker does not take anything now; the message says why."""


class Carrier(Protocol):
    """Carries ids to workers: at least most of the time, perhaps twice. The rows know better."""

    def send(self, task_id: int, queue: str) -> None:
        """Hand a task's id to the broker. Raises CarrierDown within a few seconds."""

    def check(self) -> None:
        """Raise CarrierDown unless something could be handed over now."""
