"""What is watched from outside: figures on a private port, from all processes, and traces sent to a collector."""

from __future__ import annotations

import gzip
import re
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from flask import Flask
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.core.web_server import WebServer, read, served
from webapp.app import create_app
from webapp.blueprints.tasks.gateways.runner import execute
from webapp.blueprints.tasks.public import ask
from webapp.core.db import db, transaction
from webapp.core.metrics import RoomFigures
from webapp.core.security import SYSTEM
from webapp.core.settings import Settings


@dataclass
class Collector:
    """A collector of OTLP over HTTP that keeps the spans it is sent."""

    address: str = ""
    spans: list[Span] = field(default_factory=list)

    def wait_for(self, name: str) -> Span:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            for span in list(self.spans):
                if span.name == name:
                    return span
            time.sleep(0.1)
        raise AssertionError(f"no span {name!r} came; {[span.name for span in self.spans]}")


@pytest.fixture
def collector() -> Iterator[Collector]:
    kept = Collector()

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            if self.path == "/v1/traces":
                for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                    for scope in resource.scope_spans:
                        kept.spans.extend(scope.spans)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_words: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    kept.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield kept
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def traced(fresh_settings: Settings, collector: Collector) -> Iterator[Flask]:
    app = create_app(replace(fresh_settings, otlp_endpoint=collector.address))
    yield app
    app.extensions["bottega_tracer_provider"].shutdown()
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()


def attributes(span: Span) -> dict[str, object]:
    return {each.key: each.value.string_value or each.value.int_value for each in span.attributes}


def test_a_request_becomes_a_span_of_its_callers_trace_with_its_statements_inside(
    traced: Flask, collector: Collector
) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    traced.test_client().get(
        "/en", headers={"traceparent": f"00-{trace}-00f067aa0ba902b7-01", "X-Request-ID": "number-of-this"}
    )
    traced.extensions["bottega_tracer_provider"].force_flush()
    request = collector.wait_for("GET website.page")
    assert request.trace_id.hex() == trace
    assert request.parent_span_id.hex() == "00f067aa0ba902b7"
    assert attributes(request) | {
        "http.response.status_code": 200,
        "bottega.request_id": "number-of-this",
    } == attributes(request)
    statement = collector.wait_for("SELECT bottega")
    assert statement.parent_span_id == request.span_id
    assert "core_company" in str(attributes(statement)["db.query.text"])


def test_a_task_becomes_a_span_that_names_the_request_which_asked_for_it(traced: Flask, collector: Collector) -> None:
    with traced.app_context(), transaction() as session:
        task_id = ask(session, "sales.clean_uploads", {}, by=SYSTEM).id
    execute(traced, task_id, worker="test", kill=lambda: None)
    traced.extensions["bottega_tracer_provider"].force_flush()
    assert attributes(collector.wait_for("task sales.clean_uploads"))["bottega.task_id"] == task_id


def test_health_checks_leave_no_trace(traced: Flask, collector: Collector) -> None:
    traced.test_client().get("/healthz")
    traced.test_client().get("/login")
    traced.extensions["bottega_tracer_provider"].force_flush()
    collector.wait_for("GET accounts.sign_in" if "accounts.sign_in" in traced.view_functions else "GET security.login")
    assert not [span for span in collector.spans if "healthz" in span.name]


def test_the_rooms_count_tasks_processes_and_the_age_of_the_figures(fresh_app: Flask) -> None:
    with transaction() as session:
        ask(session, "sales.clean_uploads", {}, by=SYSTEM)
    result = fresh_app.test_cli_runner().invoke(args=["etl", "run"])
    assert result.exit_code == 0, result.output
    figures = {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in RoomFigures(fresh_app).collect()
        for sample in family.samples
    }
    assert figures["bottega_tasks", ("queue", "default"), ("state", "queued")] == 1
    assert figures["bottega_queue_oldest_seconds", ("queue", "default")] >= 0
    assert figures["bottega_processes", ("role", "worker")] == 0
    assert 0 <= figures["bottega_etl_age_seconds", ("flow", "sales")] < 300
    assert figures["bottega_etl_failed", ("flow", "sales")] == 0
    assert figures[("bottega_figures_read",)] == 1


def test_figures_of_a_database_that_is_down_say_so(fresh_settings: Settings) -> None:
    app = create_app(replace(fresh_settings, database_url="postgresql+psycopg2://b:p@127.0.0.1:1/nowhere"))
    names = {sample.name: sample.value for family in RoomFigures(app).collect() for sample in family.samples}
    assert names == {"bottega_figures_read": 0}


@pytest.fixture
def web(fresh_settings: Settings) -> Iterator[Callable[..., WebServer]]:
    """Start `bottega web` on databases of its own."""
    with ExitStack() as stack:
        yield lambda **environ: stack.enter_context(served(fresh_settings, **environ))


def test_the_figures_of_all_web_processes_are_one_on_a_port_of_their_own(web: Callable[..., WebServer]) -> None:
    server = web(WEB_WORKERS="2")
    for _ in range(30):
        read(f"http://127.0.0.1:{server.port}/login")
    figures = read(f"http://127.0.0.1:{server.figures}/metrics")
    counted = re.findall(
        r'^bottega_requests_total\{endpoint="([^"]+)",method="GET",status="200"\} ([\d.]+)', figures, re.MULTILINE
    )
    assert [float(count) for endpoint, count in counted if "health" not in endpoint] == [30.0]
    assert "bottega_request_seconds_bucket" in figures
    assert 'bottega_database_connections{database="bottega",state="idle"}' in figures
    with pytest.raises(urllib.error.HTTPError):
        read(f"http://127.0.0.1:{server.port}/metrics")


def test_spans_come_from_processes_that_gunicorn_forked(web: Callable[..., WebServer], collector: Collector) -> None:
    server = web(OTEL_EXPORTER_OTLP_ENDPOINT=collector.address, OTEL_BSP_SCHEDULE_DELAY="200")
    read(f"http://127.0.0.1:{server.port}/en")
    assert collector.wait_for("GET website.page")
