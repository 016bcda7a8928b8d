"""What the accounts room announces (`webapp.core.events`)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class AccountEnding:
    """Somebody's account is about to be deleted, in this transaction; who keeps what needs its owner refuses, and says what."""

    user_id: int
