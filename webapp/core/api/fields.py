"""Values as the API writes them: exact amounts and moments in UTC, both as text."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from marshmallow import fields

AMOUNT = r"^-?[0-9]+\.[0-9]+$"


class Amount(fields.Field[Decimal]):
    """A decimal number with so many places, as text: no client rounds it in passing."""

    def __init__(self, places: int, **more: Any) -> None:
        metadata = {"type": "string", "pattern": AMOUNT, "examples": [f"{Decimal(1234).scaleb(-2):.{places}f}"]}
        super().__init__(metadata={**metadata, **more.pop("metadata", {})}, **more)
        self.places = places

    def _serialize(self, value: Decimal | None, attr: str | None, obj: Any, **kwargs: Any) -> str | None:  # noqa: ARG002 - the library's signature
        return None if value is None else f"{value:.{self.places}f}"


class Moment(fields.Field[dt.datetime]):
    """A moment in UTC, as RFC 3339 writes it."""

    def __init__(self, **more: Any) -> None:
        metadata = {"type": "string", "format": "date-time", "examples": ["2026-05-31T10:15:00Z"]}
        super().__init__(metadata={**metadata, **more.pop("metadata", {})}, **more)

    def _serialize(self, value: dt.datetime | None, attr: str | None, obj: Any, **kwargs: Any) -> str | None:  # noqa: ARG002 - the library's signature
        return None if value is None else value.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
