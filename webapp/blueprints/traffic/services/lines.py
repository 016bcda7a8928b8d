r"""One line of a log at a time: every format, read leniently. What the fast way of `parsing` does not take comes here.

Formats: `combined` and `common` (Apache, nginx), `vhost` (combined after the host), `json` (this house's nginx, and the
names that others use), `error` (nginx's own log of problems). What a log escapes (`\x22`, `\"`) is read as what it stands
for; bytes that are no text stay visible as `\xff`.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Format = Literal["combined", "common", "json", "vhost", "error"]
FORMATS: tuple[Format, ...] = ("combined", "common", "json", "vhost", "error")
FIRST = dt.datetime(1995, 1, 1, tzinfo=dt.UTC)
AHEAD = dt.timedelta(days=1)
NOT_A_LINE = "format"
NO_TIME = "time"
NO_STATUS = "status"
TOO_LONG = "long"
LARGEST = 2**63 - 1
LONGEST = 1e9  # seconds
LONGEST_LOOSE = 65_536

QUOTED = rb'"((?:[^"\\]++|\\.)*+)"'
TAIL = rb'"((?:[^"\\]++|\\.)*+)(?:"|$)'  # a last field whose closing quote is missing
TIME = rb"\[(\d{2}/[A-Za-z]{3}/\d{4}:\d{2}:\d{2}:\d{2} [+-]\d{4})\]"
FIGURES = rb"(\d{3}|-) (\d+|-)?"
COMMON = rb"(\S+) \S+ .*?" + TIME + rb" "
LINE = re.compile(
    COMMON + QUOTED + rb" +" + FIGURES + rb"(?: +" + QUOTED + rb"(?: +" + TAIL + rb".*)?)?\s*$", re.DOTALL
)
# a line whose last field, or one before it, has no closing quote, or quotes that nobody escaped
LOOSE = re.compile(
    COMMON + rb'"(.*)" +' + FIGURES + rb'(?: +"(.*?)"(?: +"(.*))?)?\s*$', re.DOTALL
)  # fmt: skip
BROKEN = re.compile(COMMON + rb'"(.*?)(?:" +' + FIGURES + rb'(?: +"(.*))?)?\s*$', re.DOTALL)
VHOST = re.compile(rb"([A-Za-z0-9._\-\[\]:*]+?)(?::\d+)? (?=[0-9A-Fa-f.:]+ \S+ )")
REQUEST = re.compile(r"([A-Za-z][A-Za-z0-9_-]{0,31}) (.*?)(?: +(HTTP/[0-9.]+))?", re.DOTALL)
ESCAPE = re.compile(rb"\\(?:x([0-9A-Fa-f]{2})|([\"\\nrt]))")
CONTROL = re.compile("[\x00-\x1f\x7f]")
_LOST_BYTES = {0xDC00 + byte: f"\\\\x{byte:02x}" for byte in range(0x80, 0x100)}
LETTERS = {b"n": b"\n", b"r": b"\r", b"t": b"\t"}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MONTHS = {name: number for number, name in enumerate(_MONTHS, 1)}
ERROR = re.compile(
    rb"(\d{4}/\d{2}/\d{2} \d{2}:\d{2}:\d{2}) \[(\w+)\] (\d+)#\d+: (?:\*(\d+) )?(.*)", re.DOTALL
)  # fmt: skip


@dataclass(frozen=True)
class Access:
    """A request as a line tells it. `at` is in microseconds since 1970, UTC; times are in seconds; None: not told."""

    at: int
    address: str
    method: str
    path: str
    status: int
    query: str = ""
    protocol: str = ""
    size: int = 0
    host: str = ""
    referrer: str = ""
    agent: str = ""
    request_id: str = ""
    request_size: int | None = None
    request_time: float | None = None
    upstream_time: float | None = None
    database_time: float | None = None
    upstream_status: int | None = None
    cache: str = ""
    tls: str = ""
    pid: int | None = None
    connection: int | None = None


@dataclass(frozen=True)
class Problem:
    """A line of nginx's error log, or of the application's. `at` as in `Access`.

    `context` are its words behind the message: client, and others. `connection` is nginx's number of it.
    """

    at: int
    level: str
    pid: int
    message: str
    context: Mapping[str, str] = field(default_factory=dict)
    connection: int | None = None
    source: str = "nginx"


class NotUnderstood(Exception):
    """The line is none that the format knows; `reason` is one of those of the book."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def read_line(line: bytes, form: Format, zone: dt.tzinfo) -> Access | Problem:
    """What one line says. `zone` is that of times without an offset. Raises NotUnderstood."""
    return _READERS[form](line, zone)


def guess_format(lines: Iterable[bytes]) -> Format:
    """The format that most of these lines have; `combined` when none is told by any."""
    votes: dict[Format, int] = {}
    for line in lines:
        form = _guess(line)
        if form:
            votes[form] = votes.get(form, 0) + 1
    return max(votes, key=lambda form: votes[form]) if votes else "combined"


def _guess(line: bytes) -> Format | None:
    stripped = line.strip()
    if stripped.startswith(b"{"):
        return "json"
    if ERROR.match(stripped):
        return "error"
    head = VHOST.match(stripped)
    if head and re.match(rb"\S+ \S+ \S+ ?.*?\[", stripped[head.end() :]) and LINE.match(stripped[head.end() :]):
        return "vhost"
    found = LINE.match(stripped)
    if not found:
        return None
    return "combined" if found[6] is not None or found[7] is not None else "common"


def readable(raw: bytes) -> str:
    """The text behind what a log wrote: its escapes undone, bytes that are no text and control characters kept visible."""
    if b"\\" in raw:
        raw = ESCAPE.sub(_unescaped, raw)
    return visible(raw.decode("utf-8", "backslashreplace"))


def visible(text: str) -> str:
    """The text with control characters and halves of characters written as escapes, so that a database can hold it."""
    if not text.isascii():
        text = text.encode("utf-8", "backslashreplace").decode("utf-8")
    return CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", text)


def _unescaped(found: re.Match[bytes]) -> bytes:
    if found[1]:
        return bytes([int(found[1], 16)])
    return LETTERS.get(found[2], found[2])


def split_request(raw: bytes) -> tuple[str, str, str, str]:
    """Method, path, query and protocol of a request line; what is no request is a path without a method."""
    text = readable(raw)
    found = REQUEST.fullmatch(text)
    if not found:
        return "", "" if text == "-" else text, "", ""
    path, _mark, query = found[2].partition("?")
    return found[1], path, query, found[3] or ""


def _read_combined(line: bytes, _zone: dt.tzinfo) -> Access:
    found = LINE.match(line)
    if not found and len(line) <= LONGEST_LOOSE:  # beyond that, a crafted line could keep these busy
        found = LOOSE.match(line) or BROKEN.match(line)
    if not found:
        raise NotUnderstood(NOT_A_LINE)
    address, moment, request, status, size, *rest = found.groups()
    if status is None or status == b"-":
        raise NotUnderstood(NO_STATUS)
    referrer, agent = ([*rest, None, None])[:2]
    method, path, query, protocol = split_request(request)
    return Access(
        at=_clf_time(moment), address=readable(address), method=method, path=path, query=query, protocol=protocol,
        status=int(status), size=_whole(size), referrer=_told(referrer), agent=_told(agent),
    )  # fmt: skip


def _read_vhost(line: bytes, zone: dt.tzinfo) -> Access:
    found = VHOST.match(line)
    if not found:
        raise NotUnderstood(NOT_A_LINE)
    access = _read_combined(line[found.end() :], zone)
    return Access(**{**vars(access), "host": readable(found[1])})


def _told(raw: bytes | None) -> str:
    text = readable(raw or b"")
    return "" if text == "-" else text


def _whole(raw: bytes | None) -> int:
    """The number; nothing was sent where none is told."""
    return min(int(raw[:20]), LARGEST) if raw and raw.isdigit() else 0


def _clf_time(raw: bytes) -> int:
    text = raw.decode("ascii", "replace")
    try:
        offset = (int(text[22:24]) * 60 + int(text[24:26])) * (-60 if text[21] == "-" else 60)
        moment = dt.datetime(
            int(text[7:11]), MONTHS[text[3:6].title()], int(text[:2]), int(text[12:14]), int(text[15:17]),
            min(int(text[18:20]), 59), tzinfo=dt.UTC,
        )  # fmt: skip
    except (ValueError, KeyError):
        raise NotUnderstood(NO_TIME) from None
    return int(moment.timestamp() - offset) * 1_000_000


# the names under which others write what this house's nginx writes, the surest first
_NAMES: dict[str, tuple[str, ...]] = {
    "time": ("msec", "time", "time_iso8601", "timestamp", "@timestamp", "StartUTC", "time_local", "ts"),
    "address": ("address", "remote_addr", "client_ip", "client", "ClientHost", "ip", "remote_ip"),
    "request": ("request", "request_line"),
    "method": ("method", "request_method", "RequestMethod"),
    "uri": ("uri", "request_uri", "RequestPath", "path", "url"),
    "query": ("query", "args", "query_string"),
    "status": ("status", "DownstreamStatus", "status_code", "response"),
    "size": ("bytes", "body_bytes_sent", "bytes_sent", "DownstreamContentSize", "size"),
    "request_size": ("request_bytes", "request_length", "RequestContentSize"),
    "request_time": ("request_time",),
    "upstream_time": ("upstream_time", "upstream_response_time"),
    "database_time": ("database_time", "upstream_http_x_database_seconds"),
    "upstream_status": ("upstream_status", "OriginStatus"),
    "cache": ("cache", "upstream_cache_status"),
    "referrer": ("referrer", "http_referer", "http_referrer", "referer", "request_Referer"),
    "agent": ("user_agent", "http_user_agent", "agent", "request_User-Agent"),
    "protocol": ("protocol", "server_protocol", "RequestProtocol"),
    "tls": ("tls", "ssl_protocol", "TLSVersion"),
    "host": ("host", "http_host", "server_name", "RequestHost", "vhost"),
    "request_id": ("request_id", "requestId", "x_request_id"),
    "pid": ("pid",),
    "connection": ("connection",),
}


def _read_json(line: bytes, zone: dt.tzinfo) -> Access | Problem:
    try:
        said = json.loads(_json_text(line), strict=False)
    except (ValueError, RecursionError):
        raise NotUnderstood(NOT_A_LINE) from None
    if not isinstance(said, dict):
        raise NotUnderstood(NOT_A_LINE)
    found = {name: _first(said, names) for name, names in _NAMES.items()}
    at = _json_time(said, zone)
    if {"logger", "level", "message"} <= said.keys() and not found["status"]:
        return _logged(said, at)
    if not found["status"].isdigit() or len(found["status"]) != 3:
        raise NotUnderstood(NO_STATUS)
    if found["request"] and not found["method"]:
        method, path, query, protocol = split_request(found["request"].encode("utf-8", "backslashreplace"))
    else:
        path, _mark, query = found["uri"].partition("?")
        method, query, protocol = found["method"], found["query"] or query, found["protocol"]
    return Access(
        at=at, address=found["address"], method=method, path=path, query=query, protocol=protocol,
        status=int(found["status"]), size=_whole(found["size"].encode()), host=found["host"],
        referrer=_known(found["referrer"]), agent=_known(found["agent"]), request_id=found["request_id"][:64],
        request_size=_whole(found["request_size"].encode()) if found["request_size"] else None,
        request_time=_seconds(found["request_time"]), upstream_time=_seconds(found["upstream_time"]),
        database_time=_seconds(found["database_time"]),
        upstream_status=_last_status(found["upstream_status"]), cache=_known(found["cache"]), tls=_known(found["tls"]),
        pid=_number(found["pid"]), connection=_number(found["connection"]),
    )  # fmt: skip


def _logged(said: Mapping[str, Any], at: int) -> Problem:
    """A line of the application's own log, as `core.logs.JsonLines` writes it."""
    told = {name: visible(str(said.get(name) or "")) for name in ("level", "logger", "message", "error")}
    message = f"{told['logger']}: {told['message']}" + (f" ({told['error']})" if told["error"] else "")
    number = _number(str(said.get("process", "")))
    request = visible(f"{said.get('method') or ''} {said.get('path') or ''}").strip()
    context = {"request_id": visible(str(said.get("request_id") or ""))[:64], "request": request}
    return Problem(at, told["level"].lower(), number or 0, message, context, source="application")


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _json_text(line: bytes) -> str:
    r"""The line as text; a byte that is none becomes the words `\xff` inside of its string."""
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("utf-8", "surrogateescape").translate(_LOST_BYTES)


def _first(said: Mapping[str, Any], names: Iterable[str]) -> str:
    for name in names:
        value = said.get(name)
        if isinstance(value, int | float | str) and value != "":
            return visible(str(value))
    return ""


def _known(text: str) -> str:
    return "" if text == "-" else text


def _json_time(said: Mapping[str, Any], zone: dt.tzinfo) -> int:
    for name in _NAMES["time"]:
        value = said.get(name)
        if value in (None, ""):
            continue
        try:
            return _moment(value, zone)
        except (ValueError, OverflowError, KeyError, NotUnderstood):
            continue
    raise NotUnderstood(NO_TIME)


def _moment(value: Any, zone: dt.tzinfo) -> int:
    text = str(value)
    if re.fullmatch(r"\d{9,11}(\.\d+)?", text):
        whole, _point, rest = text.partition(".")
        return int(whole) * 1_000_000 + int(f"{rest:0<6}"[:6])
    if "/" in text:
        return _clf_time(text.encode())
    moment = dt.datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text))
    moment = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    second = moment.replace(microsecond=0)
    return int(second.timestamp()) * 1_000_000 + moment.microsecond


def _seconds(text: str) -> float | None:
    """The sum of the times, in seconds: nginx tells one for each server that it asked ("0.010, 0.020 : 0.001")."""
    found = re.findall(r"\d+(?:\.\d+)?", text)
    return min(sum(map(float, found)), LONGEST) if found else None


def _last_status(text: str) -> int | None:
    found = re.findall(r"\b[1-9]\d\d\b", text)
    return int(found[-1]) if found else None


def _read_error(line: bytes, zone: dt.tzinfo) -> Problem:
    found = ERROR.match(line)
    if not found:
        raise NotUnderstood(NOT_A_LINE)
    try:
        moment = dt.datetime.strptime(found[1].decode(), "%Y/%m/%d %H:%M:%S").replace(tzinfo=zone)
    except ValueError:
        raise NotUnderstood(NO_TIME) from None
    text = readable(found[5].rstrip())
    names = r"client|server|request|subrequest|upstream|host|referrer|request_id"
    message, *rest = re.split(rf", (?=(?:{names}): )", text)
    context = dict(part.partition(": ")[::2] for part in rest)
    return Problem(
        at=int(moment.timestamp()) * 1_000_000, level=found[2].decode(), pid=int(found[3]), message=message,
        context={name: value.strip('"') for name, value in context.items()},
        connection=_number((found[4] or b"").decode()),
    )  # fmt: skip


_READERS: dict[Format, Callable[[bytes, dt.tzinfo], Access | Problem]] = {
    "combined": _read_combined,
    "common": _read_combined,
    "vhost": _read_vhost,
    "json": _read_json,
    "error": _read_error,
}
