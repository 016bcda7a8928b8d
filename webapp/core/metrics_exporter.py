"""Serves the figures that the web processes left in files: a program of its own, so that it takes nobody's thread.

python -m webapp.core.metrics_exporter FOLDER HOST PORT
"""

from __future__ import annotations

import signal
import sys
import threading

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.multiprocess import MultiProcessCollector


def main(folder: str, host: str, port: str) -> None:
    """Serve until SIGTERM."""
    leave = threading.Event()
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, lambda *_: leave.set())
    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=folder)  # type: ignore[no-untyped-call]  # the library's
    server, thread = start_http_server(int(port), host, registry)
    leave.wait()
    server.shutdown()
    thread.join()


if __name__ == "__main__":
    main(*sys.argv[1:])
