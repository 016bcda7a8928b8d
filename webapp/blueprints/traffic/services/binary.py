"""Columns as PostgreSQL's binary COPY format, built with numpy.

Format: https://www.postgresql.org/docs/current/sql-copy.html, "Binary Format".
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER = b"\xff\xff"
EPOCH_TO_2000 = 946_684_800_000_000  # microseconds
DAYS_TO_2000 = 10_957

Bytes = npt.NDArray[np.uint8]
Flags = npt.NDArray[np.bool_]
Field = tuple[Bytes, npt.NDArray[np.int32]]


def figures(values: npt.NDArray[np.generic], dtype: str, missing: Flags | None = None) -> Field:
    """Numbers of a PostgreSQL type whose bytes are numpy's `dtype` (">i4" for integer); NULL where `missing`."""
    encoded = np.ascontiguousarray(values.astype(dtype)).view(np.uint8).reshape(len(values), -1)
    lengths = np.full(len(values), encoded.shape[1], np.int32)
    if missing is not None:
        lengths[missing] = -1
    return encoded, lengths


def moments(microseconds: npt.NDArray[np.int64]) -> Field:
    """Moments, given in microseconds since 1970."""
    return figures(microseconds - EPOCH_TO_2000, ">i8")


def days(numbers: npt.NDArray[np.int64]) -> Field:
    """Dates, given in days since 1970."""
    return figures(numbers - DAYS_TO_2000, ">i4")


def texts(codes: npt.NDArray[np.int64], distinct: Sequence[str]) -> Field:
    """Texts, given as numbers of the `distinct` ones; number 0 is NULL. For short ones: the longest sets the width."""
    encoded = [text.encode() for text in distinct]
    room = max(1, *(len(text) for text in encoded))
    dictionary = np.frombuffer(b"".join(text.ljust(room, b"\0") for text in encoded), np.uint8).reshape(-1, room)
    lengths = np.array([-1, *(len(text) for text in encoded[1:])], np.int32)
    return dictionary[codes], lengths[codes]


def encode(fields: Sequence[Field]) -> bytes:
    """The rows as the content of one binary COPY."""
    count = len(fields[0][1])
    width = 2 + sum(4 + values.shape[1] for values, _ in fields)
    rows = np.empty((count, width), np.uint8)
    used = np.ones((count, width), bool)
    rows[:, :2] = np.frombuffer(len(fields).to_bytes(2, "big"), np.uint8)
    at = 2
    for values, lengths in fields:
        rows[:, at : at + 4] = np.ascontiguousarray(lengths.astype(">i4")).view(np.uint8).reshape(count, 4)
        at += 4
        room = values.shape[1]
        rows[:, at : at + room] = values
        if lengths.min(initial=room) < room:
            used[:, at : at + room] = np.arange(room) < lengths[:, None]
        at += room
    return HEADER + rows[used].tobytes() + TRAILER
