"""The mark in the address that says where a keyset page begins or ends. It is data from outside: read with care."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

LARGEST_ID = 2**63 - 1
LONGEST_VALUE = 1000


class BadCursor(Exception):
    """The mark does not say a place in this list."""


@dataclass(frozen=True)
class Cursor:
    """A place in a list ordered by `sort` (as in the address): the row with this sort value and id, and which side of it."""

    after: bool
    sort: str
    value: Any
    id: int

    def encode(self) -> str:
        """As opaque text for an address."""
        value = self.value.isoformat() if isinstance(self.value, dt.date) else str(self.value)
        packed = json.dumps([int(self.after), self.sort, value, self.id], ensure_ascii=False, separators=(",", ":"))
        return base64.urlsafe_b64encode(packed.encode()).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str, sort: str, python_type: type) -> Cursor:
        """Read what `encode` wrote, for a list ordered by `sort` whose values have this type. Raises BadCursor."""
        try:
            packed = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
            after, found_sort, raw, number = json.loads(packed)
            if found_sort != sort or not isinstance(number, int) or not -LARGEST_ID <= number <= LARGEST_ID:
                raise BadCursor
            return cls(bool(after), sort, _read_value(raw, python_type), number)
        except (ValueError, TypeError, binascii.Error, InvalidOperation, RecursionError) as error:
            raise BadCursor from error


def _read_value(raw: object, python_type: type) -> Any:
    if not isinstance(raw, str) or len(raw) > LONGEST_VALUE:
        raise BadCursor
    return READERS[python_type](raw)


def _read_text(raw: str) -> str:
    if "\x00" in raw:
        raise BadCursor
    raw.encode()  # a lone surrogate is a ValueError here, not in the driver
    return raw


def _read_int(raw: str) -> int:
    number = int(raw)
    if abs(number) > LARGEST_ID:
        raise BadCursor
    return number


def _read_decimal(raw: str) -> Decimal:
    number = Decimal(raw)
    if not number.is_finite() or abs(number.adjusted()) > 40:
        raise BadCursor
    return number


def _read_moment(raw: str) -> dt.datetime:
    moment = dt.datetime.fromisoformat(raw)
    if moment.tzinfo is None:
        raise BadCursor
    return moment


READERS: dict[type, Callable[[str], Any]] = {
    str: _read_text,
    int: _read_int,
    Decimal: _read_decimal,
    dt.datetime: _read_moment,
    dt.date: dt.date.fromisoformat,
}
