"""The heads of requests and answers that pass the door: what a notebook's server hears, and what it may tell a browser."""

from __future__ import annotations

import re
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urljoin, urlsplit

END = b"\r\n\r\n"
LONGEST = 65536
COOKIE = "bottega_notebook"
SLUG_HEADER = "x-notebook"
HOST = re.compile(r"[A-Za-z0-9.:\[\]-]{1,255}")
# what a notebook's server is not told: the browser's cookies, who is behind the proxy, and keys of any kind
KEPT_BACK = ("cookie", "authorization", "connection", "keep-alive", "te", "expect", "x-xsrftoken")
KEPT_BACK_PREFIXES = ("proxy-", "x-forwarded", "x-notebook", "x-real", "x-request")
# what it may tell a browser; anything else could set cookies of the suite, widen a worker's reach, steer nginx, and so on
PASSED_ON = frozenset({
    "accept-ranges", "allow", "cache-control", "content-disposition", "content-encoding", "content-language",
    "content-length", "content-range", "content-type", "date", "etag", "expires", "last-modified", "location",
    "retry-after", "sec-websocket-accept", "sec-websocket-extensions", "sec-websocket-protocol", "transfer-encoding",
    "upgrade", "vary",
})  # fmt: skip


class BadHead(Exception):
    """This is no HTTP, or none that passes this door."""


@dataclass(frozen=True)
class Head:
    """The first line and the headers, names in lower case, in their order."""

    first: str
    headers: tuple[tuple[str, str], ...]

    @classmethod
    def read(cls, raw: bytes) -> Head:
        """Parse what came before the empty line. Raises BadHead."""
        first, *lines = raw.decode("latin-1").split("\r\n")
        headers = []
        for line in lines:
            name, colon, value = line.partition(":")
            if not colon or not name or name != name.strip() or "\n" in line or "\r" in line:
                raise BadHead(f"no header: {line[:60]!r}")
            headers.append((name.lower(), value.strip()))
        return cls(first, tuple(headers))

    def get(self, name: str) -> str:
        """The value of the first header of that name; "" for none."""
        return next((value for each, value in self.headers if each == name), "")

    @property
    def upgrades(self) -> bool:
        """Whether it speaks of a websocket."""
        return self.get("upgrade").lower() == "websocket"

    @property
    def target(self) -> str:
        """What a request asks for. Raises BadHead."""
        parts = self.first.split(" ")
        if len(parts) != 3 or not parts[1].startswith("/"):
            raise BadHead(f"no request: {self.first[:60]!r}")
        return parts[1]

    @property
    def status(self) -> int:
        """The status of an answer. Raises BadHead."""
        parts = self.first.split(" ", 2)
        if len(parts) < 2 or not parts[0].startswith("HTTP/1.") or not re.fullmatch(r"[1-5]\d\d", parts[1]):
            raise BadHead(f"no answer: {self.first[:60]!r}")
        return int(parts[1])

    def cookie(self, name: str) -> str:
        """A cookie's value; "" for none."""
        try:
            jar = SimpleCookie("; ".join(value for each, value in self.headers if each == "cookie"))
        except CookieError:
            return ""
        return jar[name].value if name in jar else ""

    def write(self) -> bytes:
        """The head as it goes on the line."""
        lines = [self.first, *(f"{name.title()}: {value}" for name, value in self.headers)]
        return "\r\n".join(lines).encode("latin-1") + END


def for_notebook(request: Head, *, token: str) -> Head:
    """The request as the notebook's server hears it: with its token, and nothing that belongs to the suite."""
    kept = [
        (name, value)
        for name, value in request.headers
        if name not in KEPT_BACK and not name.startswith(KEPT_BACK_PREFIXES)
    ]
    kept.append(("connection", "Upgrade" if request.upgrades else "close"))
    if token:
        kept.append(("authorization", f"token {token}"))
    return Head(request.first, tuple(kept))


def for_browser(answer: Head, request: Head, *, base: str, own: bool) -> Head:
    """The answer as the browser hears it. `own`: the notebook has a host name to itself, not a path of the suite's.

    Raises BadHead for one that leads out of the notebook: a browser forgets the path of a policy when it is redirected.
    """
    upgraded = answer.status == 101
    if upgraded and not request.upgrades:
        raise BadHead("the notebook changed the protocol unasked")
    kept = [(name, value) for name, value in answer.headers if name in PASSED_ON and (upgraded or name != "upgrade")]
    for name, value in kept:
        if name == "location" and not _stays(value, request.target, base):
            raise BadHead("the notebook sent the browser elsewhere")
    kept.append(("connection", "Upgrade" if upgraded else "close"))
    if not upgraded:
        kept += _rules(request, base=base, own=own)
    return Head(answer.first, tuple(kept))


def _stays(location: str, target: str, base: str) -> bool:
    if "\\" in location or any(ord(char) <= 32 for char in location):
        return False
    here = urlsplit(urljoin("http://notebook" + target.partition("?")[0], location))
    inside = here.path.startswith(base) and "%2e" not in here.path.lower() and "/." not in here.path + "/"
    return here.scheme == "http" and here.netloc == "notebook" and inside


def _rules(request: Head, *, base: str, own: bool) -> list[tuple[str, str]]:
    """What the browser must keep the page to."""
    rules = [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("x-robots-tag", "noindex"),
    ]
    if own:
        return [*rules, ("content-security-policy", "frame-ancestors 'self'; base-uri 'self'")]
    return [*rules, ("content-security-policy", path_policy(request, base))]


def path_policy(request: Head, base: str) -> str:
    """The policy of a page on the suite's own host: it talks to its own path alone, opens no window, leaves no frame.

    Without a host name of its own a notebook shares the origin of the suite. Then this is all that keeps its scripts from
    what the person who looks at it may do there.
    """
    host = request.get("host")
    if not HOST.fullmatch(host):
        raise BadHead("no host")
    scheme = "https" if request.get("x-forwarded-proto") == "https" else "http"
    here = f"{scheme}://{host}{base}"
    line = f"{scheme.replace('http', 'ws')}://{host}{base}"
    rules = {
        "default-src": "'none'",
        "script-src": f"{here} 'unsafe-inline' 'unsafe-eval' blob:",
        "style-src": f"{here} 'unsafe-inline'",
        "img-src": f"{here} data: blob:",
        "font-src": f"{here} data:",
        "media-src": f"{here} data: blob:",
        "connect-src": f"{here} {line} data: blob:",
        "worker-src": f"{here} blob:",
        "manifest-src": here,
        "frame-src": f"{here} blob: data:",
        "frame-ancestors": "'self'",
        "form-action": here,
        "base-uri": here,
        "object-src": "'none'",
        "sandbox": "allow-scripts allow-same-origin allow-forms allow-modals allow-downloads",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())
