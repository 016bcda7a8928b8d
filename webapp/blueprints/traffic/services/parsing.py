"""A block of a log at once: where its quotes and line ends stand is found by numpy for all lines together.

Lines of one shape (`combined`, `common`, `vhost`, and `json` with the same names in the same order) are cut at those
places, their times and figures read as columns; a text that many lines share is read once. Whatever has another shape
goes line by line through `lines`, which reads every format leniently. numpy is there already, by way of the ETL: a
vectorised engine of its own (Polars 181 MB, PyArrow 170 MB, DuckDB 68 MB installed) would weigh more than it gives here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from webapp.blueprints.traffic.services.lines import (
    AHEAD,
    FIRST,
    FORMATS,
    NO_TIME,
    TOO_LONG,
    Access,
    Format,
    NotUnderstood,
    Problem,
    read_line,
    readable,
    split_request,
)
from webapp.blueprints.traffic.services.places import (
    BACKSLASH,
    DASH,
    POINT,
    SPACE,
    Block,
    Places,
    clf_times,
    distinct,
    figures,
    is_nothing,
    lines_of,
    quotes_of,
)

TEXTS = ("address", "host", "method", "path", "query", "protocol", "referrer", "agent", "cache", "tls", "request_id")
NONE = -1
NAN = float("nan")
JSON_NAMES = (
    b"time", b"msec", b"request_id", b"host", b"method", b"uri", b"query", b"status", b"bytes", b"request_bytes",
    b"request_time", b"upstream_time", b"database_time", b"upstream_status", b"cache", b"referrer", b"user_agent", b"address",
    b"protocol", b"tls", b"cipher", b"pid", b"connection",
)  # fmt: skip
OLD_JSON_NAMES = tuple(name for name in JSON_NAMES if name != b"database_time")  # before the application told it
TIMES = ("request_time", "upstream_time", "database_time")
REMEMBERED = 16_384
SHORT = 512


@dataclass(frozen=True)
class Rejected:
    """A line that no format knows: its number in the block from 0, why, and its bytes as they were."""

    place: int
    reason: str
    line: bytes


@dataclass
class Parsed:
    """What a block says, as columns; `place` is the number of the line in the block, from 0.

    `codes` has, for each of `TEXTS`, a number for each row; `texts` what it stands for ("" is always number 0). Figures
    that a line does not tell are -1 or, where they have fractions, not a number. Lines = rows + problems + rejected + blank.
    """

    lines: int
    place: Places
    at: Places
    status: Places
    size: Places
    request_size: Places
    upstream_status: Places
    request_time: npt.NDArray[np.float64]
    upstream_time: npt.NDArray[np.float64]
    database_time: npt.NDArray[np.float64]
    pid: Places
    connection: Places
    codes: dict[str, Places]
    texts: dict[str, list[str]]
    problems: list[tuple[int, Problem]] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    blank: int = 0


class _Texts:
    """The distinct texts of one kind, numbered in the order in which they come."""

    def __init__(self) -> None:
        self.known: dict[str, int] = {"": 0}

    def number(self, text: str) -> int:
        return self.known.setdefault(text, len(self.known))


class _Columns:
    """The columns of a block while it is read; a row for each line, kept where `told`."""

    def __init__(self, lines: int) -> None:
        self.told = np.zeros(lines, bool)
        self.whole = {
            name: np.full(lines, NONE, np.int64)
            for name in ("at", "status", "size", "request_size", "upstream_status", "pid", "connection")
        }
        self.parts = {name: np.full(lines, NAN) for name in TIMES}
        self.codes = {name: np.zeros(lines, np.int64) for name in TEXTS}
        self.texts = {name: _Texts() for name in TEXTS}

    def put(self, row: int, access: Access) -> None:
        """One line that was read alone."""
        self.told[row] = True
        self.whole["at"][row], self.whole["status"][row], self.whole["size"][row] = (
            access.at,
            access.status,
            access.size,
        )
        for name in ("request_size", "upstream_status", "pid", "connection"):
            figure = getattr(access, name)
            self.whole[name][row] = NONE if figure is None else figure
        for name in TIMES:
            seconds = getattr(access, name)
            self.parts[name][row] = NAN if seconds is None else seconds
        for name in TEXTS:
            self.codes[name][row] = self.texts[name].number(getattr(access, name))

    def put_texts(
        self, name: str, rows: Places, block: bytes, where: tuple[Places, Places], read: Callable[[bytes], str]
    ) -> None:
        """The same text of many lines."""
        numbers, said = distinct(block, *where)
        texts = self.texts[name]
        known = np.array([texts.number(read(raw)) for raw in said] or [0], np.int64)
        self.codes[name][rows] = known[numbers]

    def put_requests(self, rows: Places, block: bytes, starts: Places, ends: Places) -> None:
        """The request lines of many lines."""
        numbers, said = distinct(block, starts, ends)
        parts = [_request(raw) for raw in said]
        for at, name in enumerate(("method", "path", "query", "protocol")):
            texts = self.texts[name]
            known = np.array([texts.number(part[at]) for part in parts] or [0], np.int64)
            self.codes[name][rows] = known[numbers]


def parse(block: bytes, form: Format, zone: dt.tzinfo, now: dt.datetime, *, auto: bool = False) -> Parsed:
    """Read a block of whole lines (the last one may lack its end).

    `zone` is that of times without an offset. With `auto`, a line that is not of `form` is tried as every other format.
    A line of a time before 1995, or beyond tomorrow, is rejected.
    """
    view = np.frombuffer(block, np.uint8)
    starts, ends = lines_of(view)
    columns = _Columns(len(starts))
    if form == "json":
        for names in (JSON_NAMES, OLD_JSON_NAMES):
            _read_json_block(block, view, starts, ends, columns, names=names)
    elif form != "error":
        _read_quoted_block(block, view, starts, ends, columns, vhost=form == "vhost")
    earliest, latest = (int(moment.timestamp()) * 1_000_000 for moment in (FIRST, now + AHEAD))
    at = columns.whole["at"]
    columns.told &= (at >= earliest) & (at < latest)
    rest = _Rest(
        columns, (form, *(each for each in FORMATS if each != form)) if auto else (form,), zone, (earliest, latest)
    )
    rest.read(block, starts, ends)
    kept = np.flatnonzero(columns.told)
    whole = {name: values[kept] for name, values in columns.whole.items()}
    parts = {name: values[kept] for name, values in columns.parts.items()}
    return Parsed(
        len(starts), kept, whole["at"], whole["status"], whole["size"], whole["request_size"], whole["upstream_status"],
        parts["request_time"], parts["upstream_time"], parts["database_time"], whole["pid"], whole["connection"],
        codes={name: values[kept] for name, values in columns.codes.items()},
        texts={name: list(texts.known) for name, texts in columns.texts.items()},
        problems=rest.problems, rejected=rest.rejected, blank=rest.blank,
    )  # fmt: skip


def parse_cut(beginning: bytes, form: Format, zone: dt.tzinfo, now: dt.datetime, *, auto: bool = False) -> Parsed:
    """One line that is too long to be read, of which the beginning is there: it is rejected. Arguments as of `parse`."""
    nothing = parse(b"", form, zone, now, auto=auto)
    return replace(nothing, lines=1, rejected=[Rejected(0, TOO_LONG, beginning)])


class _Rest:
    """The lines that are read one by one."""

    def __init__(self, columns: _Columns, forms: Sequence[Format], zone: dt.tzinfo, span: tuple[int, int]) -> None:
        self.columns, self.forms, self.zone, self.span = columns, forms, zone, span
        self.problems: list[tuple[int, Problem]] = []
        self.rejected: list[Rejected] = []
        self.blank = 0

    def read(self, block: bytes, starts: Places, ends: Places) -> None:
        """Read those that are not told yet."""
        for row in np.flatnonzero(~self.columns.told).tolist():
            line = block[starts[row] : ends[row]].removesuffix(b"\r")
            if not line.strip():
                self.blank += 1
            else:
                self._read(row, line)

    def _read(self, row: int, line: bytes) -> None:
        reason = ""
        for form in self.forms:
            try:
                said = read_line(line, form, self.zone)
                if not self.span[0] <= said.at < self.span[1]:
                    raise NotUnderstood(NO_TIME)
            except NotUnderstood as problem:
                reason = problem.reason if reason in ("", "format") else reason
                continue
            if isinstance(said, Problem):
                self.problems.append((row, said))
            else:
                self.columns.put(row, said)
            return
        self.rejected.append(Rejected(row, reason, line))


def _read_quoted_block(
    block: bytes, view: Block, starts: Places, ends: Places, columns: _Columns, *, vhost: bool
) -> None:
    """`address ident user [time] "request" status size "referrer" "agent"`, the last two not in every line."""
    for count in (6, 2):
        rows, quotes = quotes_of(view, starts, ends, count)
        spaces = np.flatnonzero(view == SPACE)
        if not len(rows) or not len(spaces):
            continue
        start, end = starts[rows], ends[rows]
        opened, closed = quotes[:, 0], quotes[:, 1]
        behind = quotes[:, 2] if count == 6 else end + 1  # as if the referrer began there
        good = (opened - start > 31) & (
            behind - closed >= 7
        )  # room for an address and the time; for a status and a size
        if count == 6:
            good &= (quotes[:, 4] == quotes[:, 3] + 2) & (quotes[:, 5] == end - 1)
        keep = np.flatnonzero(good)
        rows, start, opened, closed, behind, quotes = (
            each[keep] for each in (rows, start, opened, closed, behind, quotes)
        )
        at, good = clf_times(view, opened - 29)
        status, right = figures(view, closed + 2, closed + 5)
        size, sized = figures(view, closed + 6, behind - 1)
        dash = (behind - closed == 8) & (view[closed + 6] == DASH)
        good &= right & (sized | dash) & (view[closed + 1] == SPACE) & (view[closed + 5] == SPACE)
        if count == 6:
            good &= (view[behind - 1] == SPACE) & (view[quotes[:, 3] + 1] == SPACE)
        words = np.searchsorted(spaces, start)
        first = spaces[words]
        if vhost:
            first, host_end = spaces[np.minimum(words + 1, len(spaces) - 1)], first
        good &= first < opened
        keep = np.flatnonzero(good)
        taken = rows[keep]
        columns.told[taken] = True
        columns.whole["at"][taken] = at[keep]
        columns.whole["status"][taken] = status[keep]
        columns.whole["size"][taken] = np.where(dash, 0, size)[keep]
        begin = host_end + 1 if vhost else start
        columns.put_texts("address", taken, block, (begin[keep], first[keep]), _told)
        if vhost:
            columns.put_texts("host", taken, block, (start[keep], host_end[keep]), _host)
        columns.put_requests(taken, block, opened[keep] + 1, closed[keep])
        if count == 6:
            columns.put_texts("referrer", taken, block, (quotes[keep, 2] + 1, quotes[keep, 3]), _told)
            columns.put_texts("agent", taken, block, (quotes[keep, 4] + 1, quotes[keep, 5]), _told)


def _read_json_block(
    block: bytes, view: Block, starts: Places, ends: Places, columns: _Columns, *, names: Sequence[bytes]
) -> None:
    """The lines of this house's nginx: these names in their order, each value in quotes, nothing escaped."""
    rows, quotes = quotes_of(view, starts, ends, 4 * len(names))
    good = np.ones(len(rows), bool)
    for number, said in enumerate(names):
        opened = quotes[:, 4 * number]
        good &= quotes[:, 4 * number + 1] - opened == len(said) + 1
        good &= quotes[:, 4 * number + 2] - opened == len(said) + 3
        for at, letter in enumerate(said, 1):
            good &= view[np.minimum(opened + at, len(view) - 1)] == letter
    slashes = np.flatnonzero(view == BACKSLASH)
    good &= np.searchsorted(slashes, starts[rows]) == np.searchsorted(slashes, ends[rows])
    place = {said: number for number, said in enumerate(names)}

    def piece(name: bytes) -> tuple[Places, Places]:
        return quotes[:, 4 * place[name] + 2] + 1, quotes[:, 4 * place[name] + 3]

    start, end = piece(b"msec")
    good &= (end - start >= 13) & (view[np.maximum(end - 4, 0)] == POINT)
    seconds, right = figures(view, start, end - 4)
    thousandths, exact = figures(view, end - 3, end)
    status, known = figures(view, *piece(b"status"))
    good &= right & exact & known & (status >= 100) & (status <= 999)
    wholes: dict[str, Places] = {"at": seconds * 1_000_000 + thousandths * 1000, "status": status}
    for name, said in (("size", b"bytes"), ("request_size", b"request_bytes")):
        wholes[name], known = figures(view, *piece(said))
        good &= known
    for name in ("upstream_status", "pid", "connection"):
        wholes[name], known = figures(view, *piece(name.encode()))
        wholes[name][~known] = NONE
        good &= known | is_nothing(view, *piece(name.encode()))
    parts = {}
    for name in (each for each in TIMES if each.encode() in place):
        start, end = piece(name.encode())
        whole, right = figures(view, start, end - 4)
        thousandths, exact = figures(view, end - 3, end)
        exact &= right & (end - start >= 5) & (view[np.maximum(end - 4, 0)] == POINT)
        parts[name] = np.where(exact, whole + thousandths / 1000, NAN)
        good &= exact | is_nothing(view, start, end)
    keep = np.flatnonzero(good)
    taken = rows[keep]
    columns.told[taken] = True
    for name, values in wholes.items():
        columns.whole[name][taken] = values[keep]
    for name, times in parts.items():
        columns.parts[name][taken] = times[keep]
    for name, said in _JSON_TEXTS.items():
        start, end = piece(said)
        columns.put_texts(name, taken, block, (start[keep], end[keep]), _told)


_JSON_TEXTS = {
    "address": b"address", "host": b"host", "method": b"method", "path": b"uri", "query": b"query", "protocol": b"protocol",
    "referrer": b"referrer", "agent": b"user_agent", "cache": b"cache", "tls": b"tls", "request_id": b"request_id",
}  # fmt: skip


def _remembering(read: Callable[[bytes], Any]) -> Callable[[bytes], Any]:
    """`read` with a memory for short texts: the same ones come in block after block."""
    known = lru_cache(maxsize=REMEMBERED)(read)
    return lambda raw: known(raw) if len(raw) <= SHORT else read(raw)


def _said(raw: bytes) -> str:
    return "" if raw == b"-" else readable(raw)


def _named(raw: bytes) -> str:
    name, colon, port = raw.rpartition(b":")
    return readable(name if colon and port.isdigit() else raw)


_told, _host, _request = _remembering(_said), _remembering(_named), _remembering(split_request)


def sample(block: bytes, count: int = 50) -> Iterable[bytes]:
    """The first lines of a block that are not blank, for `guess_format`."""
    found: list[Any] = [line for line in block[: 1 << 20].split(b"\n", count * 4)[: count * 4] if line.strip()]
    return found[:count]
