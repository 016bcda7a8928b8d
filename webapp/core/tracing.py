"""Traces by OpenTelemetry, where OTEL_EXPORTER_OTLP_ENDPOINT says where to: requests, their statements, and tasks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, g, request
from sqlalchemy import Engine, event

from webapp.core.db import db
from webapp.core.logs import telling
from webapp.core.settings import Settings, SettingsError

if TYPE_CHECKING:
    from opentelemetry.trace import Span, Tracer

SILENT = ("healthz", "readyz", "static")
LONGEST_STATEMENT = 2000


def set_up_tracing(app: Flask, settings: Settings) -> None:
    """Send traces to `<endpoint>/v1/traces`; nothing, and nothing imported, without the setting. Raises SettingsError."""
    app.extensions["bottega_tracer"] = None
    if not settings.otlp_endpoint:
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        raise SettingsError(
            "OTEL_EXPORTER_OTLP_ENDPOINT is set, but the packages are missing: pip install 'bottega[telemetry]'"
        ) from None
    provider = TracerProvider(resource=Resource.create({"service.name": "bottega"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(f"{settings.otlp_endpoint}/v1/traces")))
    tracer = provider.get_tracer("bottega")
    app.extensions["bottega_tracer"] = tracer
    app.extensions["bottega_tracer_provider"] = provider
    requests = _Requests(tracer)
    app.before_request(requests.begin)
    app.after_request(requests.answer)
    app.teardown_request(requests.end)
    with app.app_context():
        for bind, engine in db.engines.items():
            _follow(engine, bind or "bottega", tracer)


@contextmanager
def traced_task(app: Flask, name: str, **facts: Any) -> Iterator[None]:
    """A span around a task, and its trace id in the log."""
    tracer: Tracer | None = app.extensions["bottega_tracer"]
    if tracer is None:
        yield
        return
    attributes = {f"bottega.{key}": fact for key, fact in facts.items()}
    with (
        tracer.start_as_current_span(f"task {name}", attributes=attributes) as span,
        telling(trace_id=f"{span.get_span_context().trace_id:032x}"),
    ):
        yield


class _Requests:
    """One span a request, a child of what `traceparent` says."""

    def __init__(self, tracer: Tracer) -> None:
        self.tracer = tracer

    def begin(self) -> None:
        from opentelemetry import context, trace
        from opentelemetry.propagate import extract
        from opentelemetry.trace import SpanKind

        if request.endpoint in SILENT:
            return
        span = self.tracer.start_span(
            f"{request.method} {request.endpoint or 'unknown'}",
            context=extract(dict(request.headers.items(), traceparent=request.headers.get("traceparent", ""))),
            kind=SpanKind.SERVER,
            attributes={
                "http.request.method": request.method,
                "http.route": str(request.url_rule or ""),
                "url.path": request.path,
            },
        )
        g.span = span
        g.span_context = context.attach(trace.set_span_in_context(span))
        g.trace_id = f"{span.get_span_context().trace_id:032x}"

    def answer(self, response: Response) -> Response:
        span: Span | None = g.get("span")
        if span is not None:
            span.set_attribute("http.response.status_code", response.status_code)
            span.set_attribute("bottega.request_id", str(g.get("request_id", "")))
        return response

    def end(self, problem: BaseException | None) -> None:
        from opentelemetry import context

        span: Span | None = g.pop("span", None)
        if span is not None:
            if isinstance(problem, Exception):
                span.record_exception(problem)
            span.end()
            context.detach(g.pop("span_context"))


def _follow(engine: Engine, name: str, tracer: Tracer) -> None:
    """A span for each statement inside another span: its text with placeholders, never its values."""
    from opentelemetry import trace
    from opentelemetry.trace import SpanKind

    @event.listens_for(engine, "before_cursor_execute")
    def _(connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not trace.get_current_span().get_span_context().is_valid:
            connection.info["bottega_span"] = None
            return
        verb = statement.lstrip().partition(" ")[0].upper()
        connection.info["bottega_span"] = tracer.start_span(
            f"{verb} {name}",
            kind=SpanKind.CLIENT,
            attributes={
                "db.system.name": "postgresql",
                "db.namespace": name,
                "db.query.text": statement[:LONGEST_STATEMENT],
            },
        )

    def end(connection: Any) -> None:
        if span := connection.info.pop("bottega_span", None):
            span.end()

    @event.listens_for(engine, "after_cursor_execute")
    def _(connection: Any, *_rest: Any) -> None:
        end(connection)

    @event.listens_for(engine, "handle_error")
    def _(failure: Any) -> None:
        if failure.connection is not None:
            end(failure.connection)
