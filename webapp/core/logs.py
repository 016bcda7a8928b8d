"""Logging: one line a fact, on standard error, as text or as JSON; no line shows a secret."""

from __future__ import annotations

import datetime as dt
import json
import logging
import logging.config
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from flask import g, has_request_context, request
from sqlalchemy import inspect
from sqlalchemy.exc import NoInspectionAvailable

from webapp.core.day_file import FOLDER
from webapp.core.settings import Settings

MASK = "***"
# what looks like a secret though it is none of this installation: passwords in addresses, keys in headers and queries
SHAPES = (
    (re.compile(r"(?<=://)([^\s:/@]*):[^\s/@]+@"), rf"\1:{MASK}@"),
    (re.compile(r"(?i)\b(authorization: *(?:bearer|basic) +)\S+"), rf"\1{MASK}"),
    (
        re.compile(r"(?i)\b((?:password|passwd|secret|token|api_?key|csrf_token)[\"']?\s*[=:]\s*)(\"[^\"]*\"|'[^']*'|[^\s&,;)}]+)"),
        rf"\1{MASK}",
    ),
)  # fmt: skip
# what PostgreSQL quotes of the row that it refuses: people's data, and digests of their passwords
ROW = re.compile(
    r"^DETAIL:.*?(?=^(?:HINT|CONTEXT|QUERY|WHERE|\[SQL|\(Background|\s+File )|\Z)", re.DOTALL | re.MULTILINE
)
TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")
TRACE = re.compile(r"[0-9a-f]{32}")
_told: ContextVar[dict[str, Any] | None] = ContextVar("bottega_log", default=None)


@contextmanager
def telling(**facts: Any) -> Iterator[None]:
    """Inside, every line of a JSON log carries these facts: for what runs outside of a request, such as a task."""
    token = _told.set({**(_told.get() or {}), **{name: fact for name, fact in facts.items() if fact not in (None, "")}})
    try:
        yield
    finally:
        _told.reset(token)


def set_up_logging(settings: Settings) -> None:
    """Send the log of the application and its libraries to standard error at the level of the settings."""
    logging.config.dictConfig(log_config(settings))


def log_config(settings: Settings) -> dict[str, Any]:
    """How everything logs, as `logging.config` takes it; gunicorn is given the same."""
    formatter = JsonLines if settings.log_format == "json" else Lines
    handlers: dict[str, Any] = {"stderr": {"class": "logging.StreamHandler", "formatter": "house"}}
    if settings.request_log:
        folder = str(settings.instance / FOLDER)
        handlers["requests"] = {"()": "webapp.core.request_log.RequestLog", "formatter": "json", "folder": folder}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "house": {"()": formatter, "secrets": settings.secrets},
            "json": {"()": JsonLines, "secrets": settings.secrets},
        },
        "handlers": handlers,
        "root": {"level": settings.log_level, "handlers": list(handlers)},
        "loggers": {
            "alembic": {"level": "WARNING"},
            "gunicorn.error": {"level": "WARNING", "propagate": True, "handlers": []},
            "gunicorn.access": {"level": "WARNING", "propagate": True, "handlers": []},
        },
    }


class Masked(logging.Formatter):
    """A formatter whose lines show no secret: neither the installation's own, what looks like one, nor rows of a table."""

    def __init__(self, form: str | None = None, *, secrets: tuple[str, ...] = ()) -> None:
        super().__init__(form)
        self.secrets = secrets

    def masked(self, text: str) -> str:
        """The text with every secret replaced."""
        for secret in self.secrets:
            text = text.replace(secret, MASK)
        for shape, instead in SHAPES:
            text = shape.sub(instead, text)
        return text

    def formatException(self, ei: Any) -> str:  # noqa: N802 - the library's name
        """The traceback, without the row that the database quotes in it."""
        return ROW.sub("DETAIL: left out\n", super().formatException(ei))


class Lines(Masked):
    """A line for a person to read."""

    def __init__(self, *, secrets: tuple[str, ...] = ()) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s", secrets=secrets)

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        return self.masked(super().format(record))


class JsonLines(Masked):
    """One JSON object a line: time (UTC), level, logger, message, process, and of what it speaks.

    `request_id` is the one in nginx's log, `actor_id` the number of the signed-in user, `trace_id` that of OpenTelemetry
    or of the `traceparent` header; a task has `task_id` and the request and actor that asked for it.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The object."""
        at = dt.datetime.fromtimestamp(record.created, dt.UTC)
        facts: dict[str, Any] = {
            "time": at.isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": self.masked(record.getMessage()),
            **circumstances(),
            "process": record.process,
        }
        if record.exc_info and record.exc_info[1] is not None:
            facts["error"] = type(record.exc_info[1]).__name__
            facts["trace"] = self.masked(self.formatException(record.exc_info))
        return json.dumps(facts, ensure_ascii=False, default=str)


def circumstances() -> dict[str, Any]:
    """Of what a line speaks that is logged now: its request or task, who is signed in, its trace."""
    facts = dict(_told.get() or {})
    if has_request_context():
        facts |= {"request_id": g.get("request_id"), "actor_id": actor_id(), "method": request.method}
        facts |= {"path": request.path}
    if trace := trace_id():
        facts["trace_id"] = trace
    return {name: fact for name, fact in facts.items() if fact is not None}


def trace_id() -> str | None:
    """The trace that this belongs to: that of OpenTelemetry, of the `traceparent` header, or the request id as one."""
    if kept := (_told.get() or {}).get("trace_id"):
        return str(kept)
    if not has_request_context():
        return None
    if kept := g.get("trace_id"):
        return str(kept)
    if given := TRACEPARENT.fullmatch(request.headers.get("traceparent", "")):
        return given[1]
    number = str(g.get("request_id", ""))
    return number if TRACE.fullmatch(number) else None


def actor_id() -> int | None:
    """The number of who is signed in, as far as this request knows it already: a line of the log asks no database."""
    user = g.get("_login_user")
    try:
        identity = inspect(user).identity if user is not None else None
    except NoInspectionAvailable:
        return None
    return int(identity[0]) if identity else None
