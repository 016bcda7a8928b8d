"""A line for each request, as this house's nginx writes it, where no nginx stands before the application.

One file a day under `instance/logs`, of all processes of the web server.
"""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from flask import Flask

from webapp.core.clock import utc_now
from webapp.core.database_time import HEADER
from webapp.core.day_file import FOLDER, DayFile
from webapp.core.settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = logging.getLogger(__name__)


def set_up_access_log(app: Flask, settings: Settings) -> None:
    """Write the lines, unless the settings leave it to the proxy. Comes last: what other layers answer is written too."""
    if settings.access_log:
        app.wsgi_app = AccessLog(app.wsgi_app, settings)  # type: ignore[method-assign]


class AccessLog:
    """The application, with a line written after each answer."""

    def __init__(self, inner: WSGIApplication, settings: Settings) -> None:
        self._inner = inner
        self._file = DayFile(settings.instance / FOLDER, "access")
        self._last = not settings.trusted_proxies

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        begun, answered = time.monotonic(), _Answer()
        asked = str(environ.get("RAW_URI") or environ.get("REQUEST_URI") or "") or _address(environ)

        def started(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            answered.status = status[:3]
            answered.request_id = _said(headers, "X-Request-ID")
            answered.database_seconds = _said(headers, HEADER)
            if self._last:  # nobody behind this takes it out
                headers = [each for each in headers if each[0] != HEADER]
            return start_response(status, headers, *rest)

        def ended() -> None:
            problem = self._file.write(_line(environ, asked, answered, time.monotonic() - begun))
            if problem:
                log.warning("requests are not written down: %s", problem)

        return _Counted(self._inner(environ, started), answered, ended)


class _Answer:
    status = "000"
    request_id = ""
    database_seconds = ""
    size = 0


class _Counted:
    """The body of an answer, counted as it leaves; `ended` is called once, however it ends."""

    def __init__(self, body: Iterable[bytes], answer: _Answer, ended: Any) -> None:
        self._body = body
        self._answer = answer
        self._ended = ended

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._body:
            self._answer.size += len(piece)
            yield piece

    def close(self) -> None:
        try:
            if hasattr(self._body, "close"):
                self._body.close()
        finally:
            ended, self._ended = self._ended, lambda: None
            ended()


def _said(headers: list[tuple[str, str]], wanted: str) -> str:
    return next((value for name, value in headers if name.lower() == wanted.lower()), "")


def _address(environ: WSGIEnvironment) -> str:
    path = (environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")).encode("latin-1").decode("utf-8", "replace")
    query = environ.get("QUERY_STRING", "")
    return f"{path}?{query}" if query else path


def _line(environ: WSGIEnvironment, asked: str, answer: _Answer, seconds: float) -> bytes:
    """The names and forms of `log_format bottega` in nginx/snippets/http.conf: every value is a text."""
    now = utc_now()
    path, _mark, query = asked.partition("?")
    told = {
        "time": now.astimezone().isoformat(timespec="seconds"),
        "msec": f"{now.timestamp():.3f}",
        "request_id": answer.request_id,
        "host": str(environ.get("HTTP_HOST", "")),
        "method": str(environ.get("REQUEST_METHOD", "")),
        "uri": path,
        "query": query,
        "status": answer.status,
        "bytes": str(answer.size),
        "request_bytes": str(environ.get("CONTENT_LENGTH") or 0),
        "request_time": f"{seconds:.3f}",
        "upstream_time": "",
        "database_time": answer.database_seconds,
        "upstream_status": "",
        "cache": "",
        "referrer": str(environ.get("HTTP_REFERER", "")),
        "user_agent": str(environ.get("HTTP_USER_AGENT", "")),
        "address": str(environ.get("REMOTE_ADDR", "")),
        "protocol": str(environ.get("SERVER_PROTOCOL", "")),
        "tls": "",
        "cipher": "",
        "pid": str(os.getpid()),
        "connection": "",
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace") + b"\n"
