"""What the room says to a push service, and what that answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Outcome = Literal["sent", "dead", "later", "refused", "unclear"]


@dataclass(frozen=True)
class Outgoing:
    """A push to one browser. `content` is JSON; the service may keep it for so many `seconds`."""

    delivery_id: int
    endpoint: str
    p256dh: str
    auth: str
    content: str
    seconds: int
    urgency: str


@dataclass(frozen=True)
class Answer:
    """What became of a push. `later`: worth another try, in `retry_after` seconds where the service said so.

    `unclear`: it left, and nobody said whether it was taken. `dead`: that browser is gone for good.
    """

    delivery_id: int
    outcome: Outcome
    status: int = 0
    retry_after: float | None = None
    words: str = ""
