"""Where the pieces of a block of lines stand, and the figures and moments that are written there, for all lines at once."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from webapp.blueprints.traffic.services.lines import MONTHS

Places = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Block = npt.NDArray[np.uint8]

QUOTE, SPACE, DASH, BACKSLASH, POINT = b'" -\\.'
WIDEST = 18  # digits of a figure that fits


def lines_of(view: Block) -> tuple[Places, Places]:
    """Where each line begins and ends, its end not included."""
    breaks = np.flatnonzero(view == ord("\n"))
    starts = np.concatenate(([0], breaks + 1))
    ends = np.concatenate((breaks, [len(view)]))
    last = len(starts) - 1 if starts[-1] >= len(view) else len(starts)
    return starts[:last], ends[:last]


def distinct(block: bytes, starts: Places, ends: Places) -> tuple[Places, list[bytes]]:
    """For each piece the number of its text, and the texts."""
    known: dict[bytes, int] = {}
    number = known.setdefault
    numbers = [number(block[start:end], len(known)) for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]
    return np.array(numbers, np.int64), list(known)


def quotes_of(view: Block, starts: Places, ends: Places, count: int) -> tuple[Places, Places]:
    """The lines with exactly `count` quotes and no backslash before one: their numbers, and where the quotes stand."""
    quotes = np.flatnonzero(view == QUOTE)
    escaped = quotes[(quotes > 0) & (view[quotes - 1] == BACKSLASH)] if len(quotes) else quotes
    first, last = np.searchsorted(quotes, starts), np.searchsorted(quotes, ends)
    clean = np.searchsorted(escaped, starts) == np.searchsorted(escaped, ends)
    rows = np.flatnonzero((last - first == count) & clean)
    return rows, quotes[first[rows][:, None] + np.arange(count)]


def is_nothing(view: Block, starts: Places, ends: Places) -> Flags:
    """Where a value is empty or a dash."""
    nothing: Flags = (ends == starts) | ((ends - starts == 1) & (view[np.minimum(starts, len(view) - 1)] == DASH))
    return nothing


def figures(view: Block, starts: Places, ends: Places) -> tuple[Places, Flags]:
    """The whole numbers written there, and whether there is one at all, of at most `WIDEST` digits."""
    width = ends - starts
    good = (width > 0) & (width <= WIDEST)
    values = np.zeros(len(starts), np.int64)
    for place in range(int(width[good].max(initial=0))):
        inside = good & (place < width)
        digit = view[np.where(inside, starts + place, 0)].astype(np.int64) - ord("0")
        good &= ~inside | ((digit >= 0) & (digit <= 9))
        values = np.where(inside, values * 10 + digit, values)
    return values, good


_MONTHS = {int.from_bytes(name.lower().encode(), "big"): number for name, number in MONTHS.items()}
_MONTH_LETTERS = np.array(sorted(_MONTHS))
_MONTH_NUMBERS = np.array([_MONTHS[letters] for letters in sorted(_MONTHS)])


def clf_times(view: Block, starts: Places) -> tuple[Places, Flags]:
    """The moments written as `[17/May/2015:10:05:03 +0000] ` there, in microseconds since 1970, and which are moments."""
    text = view[starts[:, None] + np.arange(29)].astype(np.int64)
    good = (text[:, [0, 3, 7, 12, 15, 18, 21, 27, 28]] == np.frombuffer(b"[//::: ] ", np.uint8)).all(1)
    digits = text - ord("0")

    def number(first: int, count: int) -> Places:
        nonlocal good
        value = np.zeros(len(text), np.int64)
        for column in range(first, first + count):
            good = good & (digits[:, column] >= 0) & (digits[:, column] <= 9)
            value = value * 10 + digits[:, column]
        return value

    day, year, hour, minute, second = number(1, 2), number(8, 4), number(13, 2), number(16, 2), number(19, 2)
    offset = (number(23, 2) * 60 + number(25, 2)) * np.where(text[:, 22] == DASH, -60, 60)
    small = text[:, 4:7] | 0x20
    letters = small[:, 0] << 16 | small[:, 1] << 8 | small[:, 2]
    found = np.minimum(np.searchsorted(_MONTH_LETTERS, letters), 11)
    month = np.where(_MONTH_LETTERS[found] == letters, _MONTH_NUMBERS[found], 0)
    good &= (
        (month > 0)
        & (day > 0)
        & (hour < 24)
        & (minute < 60)
        & (second < 60)
        & ((text[:, 22] == DASH) | (text[:, 22] == ord("+")))
    )
    months = (np.where(good, year, 1970) - 1970) * 12 + np.where(good, month, 1) - 1
    first_day = months.astype("datetime64[M]").astype("datetime64[D]")
    days = first_day.astype(np.int64) + day - 1
    good &= days < (months + 1).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    return (days * 86_400 + hour * 3600 + minute * 60 + second - offset) * 1_000_000, good
