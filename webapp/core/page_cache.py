"""Public pages are kept by the version of what they show, and answered before Flask sees the request. ADR 15.

What `share` answers to a stranger is the same for all of them: it is kept until a row changes that public pages show, until
the moment that the page named (`until`), and never longer than LONGEST.
"""

from __future__ import annotations

import datetime as dt
import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import Flask, g, has_request_context, request
from werkzeug.sansio.http import parse_cookie

from webapp.core.clock import utc_now
from webapp.core.database_time import HEADER
from webapp.core.metrics import count_request
from webapp.core.page_store import Headers, Kept, Key, PageStore
from webapp.core.public_state import PublicState
from webapp.core.settings import Settings
from webapp.core.single_flight import Flight, SingleFlight
from webapp.core.web import REQUEST_ID

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

LONGEST = 60.0  # seconds
SHARED = "bottega.shared"  # in the environment of a request: what `share` said of its answer
HOLDS = "bottega_holds"  # in `g`
LONGEST_ADDRESS = 400  # letters; whoever writes longer ones is no visitor
LONGEST_CHOICE = 40
REMEMBERED = "remember_token"  # Flask-Login's
VARYING_COOKIES = ("theme", "consent")  # a public page may look different by them, and by no others
# what belongs to one answer, or is said anew with each
OF_ONE_ANSWER = frozenset(
    {"x-request-id", "content-length", "etag", "date", "vary", "cache-control", "x-accel-expires", HEADER.lower()}
)
VARY = "Accept-Encoding, Cookie, HX-Request"
KEEP_AND_ASK = "no-cache"  # a browser may keep the page and asks each time whether it is still right: 304


@dataclass(frozen=True)
class Shared:
    """An answer that is the same for every stranger, until a moment if it depends on the clock (UTC)."""

    endpoint: str
    until: dt.datetime | None

    @property
    def seconds(self) -> float:
        """How long it may be kept; none when the moment is over."""
        if self.until is None:
            return LONGEST
        return min(LONGEST, max(0.0, (self.until - utc_now()).total_seconds()))


def set_up_page_cache(app: Flask, settings: Settings) -> None:
    """Keep public pages, unless PAGE_CACHE_MEGABYTES is 0. Comes before the proxy's word is believed, and so behind it."""
    if settings.page_cache_megabytes:
        cache = PageCache(app, settings)
        app.extensions["bottega_page_cache"] = cache
        app.wsgi_app = cache  # type: ignore[method-assign]  # as Flask has it wrapped


def mark_shared(until: dt.datetime | None) -> None:
    """Say that the answer of this request is the same for every stranger. Comes when all of it is drawn."""
    holds_until(until)
    request.environ[SHARED] = Shared(request.endpoint or "unknown", g.get(HOLDS))


def holds_until(moment: dt.datetime | None) -> None:
    """Say of what is being drawn that it is right up to that moment (UTC): by the clock something appears or goes then.

    For what knows no page: a block, a panel. The earliest moment counts; None is none.
    """
    if moment is not None and has_request_context():
        g.setdefault(HOLDS, moment)
        g.bottega_holds = min(g.bottega_holds, moment)


class PageCache:
    """The application, with what it answered to strangers kept before it."""

    def __init__(self, app: Flask, settings: Settings) -> None:
        self._inner: WSGIApplication = app.wsgi_app
        self._app = app
        self._session_cookie = str(app.config["SESSION_COOKIE_NAME"])
        self._behind_proxy = bool(settings.trusted_proxies)
        self._told_apart = bool(settings.trusted_proxies or settings.access_log)
        self.store = PageStore(settings.page_cache_megabytes * 1024 * 1024)
        self.state = PublicState(app)
        self._flights = SingleFlight()

    def close(self) -> None:
        """Stop listening and keep nothing."""
        self.state.close()
        self.store.clear()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        key = self._key(environ)
        if key is None:
            return self._inner(environ, start_response)
        begun, version = time.perf_counter(), self.state.version
        if version is None:
            return self._ask(environ, start_response, key, None)
        kept = self._find(key, version) or self._flights.wait(key, version) or self._find(key, version)
        if kept is None:
            with self._flights.drawing(key, version) as flight:
                return self._ask(environ, start_response, key, flight)
        status, body = self._answer(kept, environ, start_response, _number(environ))
        count_request(self._app, str(environ["REQUEST_METHOD"]), kept.endpoint, status, time.perf_counter() - begun)
        return body

    def _find(self, key: Key, version: int) -> Kept | None:
        return self.store.find(key, version=version, now=time.monotonic())

    def _key(self, environ: WSGIEnvironment) -> Key | None:
        """What the answer depends on; None when it is for this asker alone, or nothing that a stranger reads."""
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return None
        if "HTTP_AUTHORIZATION" in environ or "HTTP_HX_REQUEST" in environ:
            return None
        path, query = environ.get("PATH_INFO", ""), environ.get("QUERY_STRING", "")
        if len(path) + len(query) > LONGEST_ADDRESS:
            return None
        chosen = [""] * len(VARYING_COOKIES)
        if said := environ.get("HTTP_COOKIE"):
            cookies = parse_cookie(
                said
            )  # as Flask reads them: by another reading one visitor's page became everybody's
            chosen = [cookies.get(name, "") for name in VARYING_COOKIES]
            if self._session_cookie in cookies or REMEMBERED in cookies or len(max(chosen, key=len)) > LONGEST_CHOICE:
                return None
        return environ["wsgi.url_scheme"], environ.get("HTTP_HOST", ""), path, query, *chosen

    def _ask(
        self, environ: WSGIEnvironment, start_response: StartResponse, key: Key, flight: Flight | None
    ) -> Iterable[bytes]:
        """Let the application answer, and keep the answer when it may be kept. Without a flight nobody hears of changes yet."""
        begun = _Begun(start_response)
        pieces = self._inner(environ, begun)
        shared: Shared | None = environ.get(SHARED)
        if shared is None or environ["REQUEST_METHOD"] != "GET" or not begun.may_be_kept:
            begun.go_on()
            return pieces
        if flight is None:
            self.state.listen()  # from now on it is known what changes; this answer is not kept
            begun.go_on()
            return pieces
        try:
            body = b"".join(pieces)
        finally:
            if hasattr(pieces, "close"):
                pieces.close()
        kept = Kept(body, begun.lasting, shared.endpoint, flight.version, time.monotonic() + shared.seconds)
        flight.kept = kept
        if self.state.version == flight.version:
            self.store.keep(key, kept)
        return self._answer(kept, environ, start_response, begun.said("x-request-id"), begun.said(HEADER.lower()))[1]

    def _answer(
        self, kept: Kept, environ: WSGIEnvironment, start_response: StartResponse, number: str, database: str = "0.000"
    ) -> tuple[int, Iterable[bytes]]:
        """Send what is kept as this browser can read it, or that it has it already."""
        headers = [*kept.headers, ("ETag", kept.etag), ("Vary", VARY), ("Cache-Control", KEEP_AND_ASK)]
        headers.append(("X-Request-ID", number))
        if self._told_apart:
            headers.append((HEADER, database))
        if self._behind_proxy:  # nginx keeps it to the end of this second, and takes the header out
            headers.append(("X-Accel-Expires", f"@{int(time.time())}"))
        if _has_it(environ, kept.etag):
            start_response("304 Not Modified", [each for each in headers if each[0] != "Content-Type"])
            return 304, ()
        body = kept.body
        if kept.packed is not None and takes_gzip(environ.get("HTTP_ACCEPT_ENCODING", "")):
            body = kept.packed
            headers.append(("Content-Encoding", "gzip"))
        headers.append(("Content-Length", str(len(body))))
        start_response("200 OK", headers)
        return 200, (body,) if environ["REQUEST_METHOD"] == "GET" else ()


class _Begun:
    """Holds back the head of an answer until it is known what becomes of it."""

    def __init__(self, start_response: StartResponse) -> None:
        self._start_response = start_response
        self._head: tuple[str, Headers] | None = None
        self._waits = True

    def __call__(self, status: str, headers: Headers, *rest: Any) -> Any:
        """What the application calls."""
        if not self._waits or rest:
            self._waits = False
            return self._start_response(status, headers, *rest)
        self._head = (status, headers)
        return lambda _piece: None  # Flask writes nothing this way

    def go_on(self) -> None:
        """Send the head after all; what begins later passes as it is."""
        self._waits = False
        if self._head:
            self._start_response(*self._head)
            self._head = None

    @property
    def may_be_kept(self) -> bool:
        """Whether it is a whole page for everybody: no cookie, no nonce, nothing that forbids it."""
        if self._head is None or not self._head[0].startswith("200"):
            return False
        told = {name.lower(): value for name, value in self._head[1]}
        forbidden = "no-store" in told.get("cache-control", "") or "private" in told.get("cache-control", "")
        return (
            "set-cookie" not in told
            and "content-encoding" not in told
            and not forbidden
            and "'nonce-" not in told.get("content-security-policy", "")
        )

    @property
    def lasting(self) -> Headers:
        """The headers that every answer from the store has too."""
        return [(name, value) for name, value in (self._head or ("", []))[1] if name.lower() not in OF_ONE_ANSWER]

    def said(self, wanted: str) -> str:
        """The value of a header, "" for none."""
        return next((value for name, value in (self._head or ("", []))[1] if name.lower() == wanted), "")


def _number(environ: WSGIEnvironment) -> str:
    given = str(environ.get("HTTP_X_REQUEST_ID", ""))
    return given if REQUEST_ID.fullmatch(given) else secrets.token_hex(16)


def _has_it(environ: WSGIEnvironment, etag: str) -> bool:
    """RFC 9110, 13.1.2: compared weakly, `*` is any."""
    named = environ.get("HTTP_IF_NONE_MATCH")
    if not named:
        return False
    wanted = etag.removeprefix("W/")
    return any(each.strip().removeprefix("W/") in (wanted, "*") for each in named.split(","))


def takes_gzip(accepted: str) -> bool:
    """Whether a browser reads gzip (RFC 9110, 12.5.3)."""
    for each in accepted.lower().split(","):
        name, _mark, rest = each.partition(";")
        if name.strip() in ("gzip", "*"):
            return rest.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False
