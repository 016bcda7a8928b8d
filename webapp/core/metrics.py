"""Figures for Prometheus, on a private port: requests and connections of the web processes, and what the rooms count.

The web processes write to files under PROMETHEUS_MULTIPROC_DIR, which an exporter beside them reads (metrics_exporter.py,
on METRICS_PORT). What only the database knows is read by the scheduler when it is asked (on the port after it).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.pool import QueuePool

from webapp.core.db import db
from webapp.core.settings import Settings

log = logging.getLogger(__name__)
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
SILENT = ("healthz", "readyz")


@dataclass(frozen=True)
class Figure:
    """One number of a room as it stands now: `name` without the prefix `bottega_`, the same `labels` for the same name."""

    name: str
    meaning: str
    value: float
    labels: tuple[tuple[str, str], ...] = ()


Source = Callable[[Session], Iterable[Figure]]


def set_up_metrics(app: Flask, settings: Settings) -> None:
    """Count requests where a port for figures is set; give the rooms a place for theirs."""
    app.extensions["bottega_figures"] = []
    if not settings.metrics_port:
        return
    counted = _Counted(app)
    app.extensions["bottega_counted"] = counted
    app.before_request(counted.begin)
    app.after_request(counted.end)


def count_request(app: Flask, method: str, endpoint: str, status: int, seconds: float) -> None:
    """Count a request that was answered without Flask, where figures are counted."""
    counted: _Counted | None = app.extensions.get("bottega_counted")
    if counted:
        counted.count(method, endpoint, status, seconds)


def add_figures(app: Flask, source: Source) -> None:
    """Let the scheduler offer a room's figures."""
    app.extensions["bottega_figures"].append(source)


def serve_figures(app: Flask, settings: Settings) -> None:
    """Offer the rooms' figures on the port after METRICS_PORT, from a thread of this process."""
    if settings.metrics_port:
        registry = CollectorRegistry()
        registry.register(RoomFigures(app))
        start_http_server(settings.metrics_port + 1, settings.metrics_host, registry)


class _Counted:
    """The figures of the requests that this process answers."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        registry = CollectorRegistry()  # one an application; the files of several processes are joined by the exporter
        self.requests = Counter(
            "bottega_requests", "Requests answered.", ("method", "endpoint", "status"), registry=registry
        )
        self.seconds = Histogram(
            "bottega_request_seconds", "Seconds that a request took.", ("endpoint",), buckets=SECONDS, registry=registry
        )
        self.pool = Gauge(
            "bottega_database_connections",
            "Connections of the web processes' pools.",
            ("database", "state"),
            multiprocess_mode="livesum",
            registry=registry,
        )
        app.extensions["bottega_registry"] = registry

    def begin(self) -> None:
        g.begun = time.perf_counter()

    def end(self, response: Response) -> Response:
        endpoint = request.endpoint or "unknown"
        if endpoint not in SILENT:
            seconds = time.perf_counter() - g.get("begun", time.perf_counter())
            self.count(request.method, endpoint, response.status_code, seconds)
        for bind, engine in db.engines.items():
            if isinstance(engine.pool, QueuePool):
                self.pool.labels(bind or "bottega", "used").set(engine.pool.checkedout())
                self.pool.labels(bind or "bottega", "idle").set(engine.pool.checkedin())
        return response

    def count(self, method: str, endpoint: str, status: int, seconds: float) -> None:
        """Count an answer."""
        method = method if method in ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD") else "other"
        self.requests.labels(method, endpoint, str(status)).inc()
        self.seconds.labels(endpoint).observe(seconds)


class RoomFigures(Collector):
    """What the rooms count, read anew each time somebody asks."""

    def __init__(self, app: Flask) -> None:
        self.app = app

    def collect(self) -> Iterator[Metric]:
        """The figures; `bottega_figures_read` is 0 where a room's could not be read, as with the database down."""
        families: dict[str, GaugeMetricFamily] = {}
        read = 1.0
        with self.app.app_context():
            try:
                for source in self.app.extensions["bottega_figures"]:
                    for figure in source(db.session()):
                        _add(families, figure)
            except DBAPIError as problem:
                log.warning("figures cannot be read: %s", str(problem.orig).strip().partition("\n")[0])
                read = 0.0
            finally:
                db.session.remove()
        yield from families.values()
        yield GaugeMetricFamily("bottega_figures_read", "Whether the rooms' figures could be read.", value=read)


def _add(families: dict[str, GaugeMetricFamily], figure: Figure) -> None:
    names = [name for name, _value in figure.labels]
    family = families.setdefault(figure.name, GaugeMetricFamily(f"bottega_{figure.name}", figure.meaning, labels=names))
    family.add_metric([value for _name, value in figure.labels], figure.value)
