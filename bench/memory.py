"""The memory of the whole set at rest: `bottega run` with the demo company on an instance of its own.

Proportional set size: a page that several processes share is counted once, in parts.
"""

from __future__ import annotations

import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

import psutil

from bench.context import Context
from bench.rows import Row

LIMIT = 700.0
PATIENCE = 300.0
PROGRAMS = {"gunicorn": "web", "worker": "worker", "scheduler": "scheduler", "collector": "collector"}
REQUESTS = 20  # so that each web process has served
QUIET = 0.1  # seconds of CPU in two seconds, of all together


def measure(context: Context) -> list[Row]:
    """One row for each part of the set, and the limited sum. Raises SystemExit when the set does not come up."""
    if sys.platform != "linux":
        print("memory is measured on Linux only", file=sys.stderr)
        return []
    with tempfile.TemporaryDirectory(prefix="bottega-bench-", ignore_cleanup_errors=True) as folder:
        environ = {**context.environ, "BOTTEGA_INSTANCE": f"{folder}/instance", "PORT": str(_free_port())}
        environ = {**environ, "BOTTEGA_ENV": "development"}
        output = Path(folder) / "output"
        with output.open("w") as file:
            suite = subprocess.Popen(
                [sys.executable, "-m", "webapp.cli", "run"],
                env=environ, stdout=file, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        try:
            _wait_for_start(suite, output)
            for _ in range(REQUESTS):
                with urllib.request.urlopen(f"http://127.0.0.1:{environ['PORT']}/") as page:
                    page.read()
            _wait_for_rest(suite, Path(folder))
            sizes = {name: _megabytes(processes) for name, processes in _parts(suite, Path(folder)).items()}
        finally:
            suite.send_signal(signal.SIGTERM)
            suite.wait()
    rows = [Row(f"memory at rest: {name}", size, "MB", "") for name, size in sizes.items()]
    return [*rows, Row("memory at rest, all", sum(sizes.values()), "MB", "proportional set size", limit=LIMIT)]


def _free_port() -> int:
    while True:
        port = 20_000 + secrets.randbelow(10_000)
        with suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port


def _wait_for_start(suite: subprocess.Popen[bytes], output: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while set(PROGRAMS) != set(_programs(suite.pid)) or "is ready" not in output.read_text():
        if suite.poll() is not None or time.monotonic() > deadline:
            raise SystemExit(f"`bottega run` did not come up:\n{output.read_text()}")
        time.sleep(0.5)


def _programs(supervisor: int) -> dict[str, psutil.Process]:
    """The children of the supervisor by the name of their process, gunicorn by its command."""
    found: dict[str, psutil.Process] = {}
    for child in psutil.Process(supervisor).children():
        with suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
            name = "gunicorn" if "gunicorn" in child.cmdline() else child.name()
            found |= {word: child for word in PROGRAMS if word == name}
    return found


def _wait_for_rest(suite: subprocess.Popen[bytes], folder: Path) -> None:
    time.sleep(10)  # the worker and the scheduler have come up and made their first rounds
    deadline = time.monotonic() + PATIENCE
    while True:
        before = _seconds(suite, folder)
        time.sleep(2)
        if _seconds(suite, folder) - before < QUIET:
            return
        if time.monotonic() > deadline:
            raise SystemExit("`bottega run` does not come to rest")


def _seconds(suite: subprocess.Popen[bytes], folder: Path) -> float:
    total = 0.0
    for process in (each for processes in _parts(suite, folder).values() for each in processes):
        with suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            total += times.user + times.system
    return total


def _parts(suite: subprocess.Popen[bytes], folder: Path) -> dict[str, list[psutil.Process]]:
    programs = _programs(suite.pid)
    parts = {"supervisor": [psutil.Process(suite.pid)]}
    for word, name in PROGRAMS.items():
        parts[name] = [programs[word], *programs[word].children(recursive=True)]
    parts["keepers"] = [
        child for child in parts["supervisor"][0].children() if any("keeper.py" in word for word in child.cmdline())
    ]
    parts["PostgreSQL"] = _servers(folder)
    return parts


def _servers(folder: Path) -> list[psutil.Process]:
    """The processes of the database whose data lie in the folder: they are nobody's children."""
    pid = int((folder / "instance" / "postgres" / "data" / "postmaster.pid").read_text().split()[0])
    server = psutil.Process(pid)
    return [server, *server.children(recursive=True)]


def _megabytes(processes: list[psutil.Process]) -> float:
    total = 0
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            total += process.memory_full_info().pss
    return total / 2**20
