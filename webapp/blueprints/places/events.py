"""What the places room announces."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class ClosedToday:
    """A site stays closed on the `day` that is today there, otherwise than planned. Texts are by language, "" where untold."""

    site_id: int
    day: dt.date
    names: Mapping[str, str]
    words: Mapping[str, str]
