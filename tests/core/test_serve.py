"""`bottega run` prepares, serves, tells the address last, and leaves no process behind."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from tests.core.test_embedded import wait_for_end
from webapp.core.embedded import EmbeddedPostgres

BOTTEGA = [sys.executable, "-m", "webapp.cli"]
PATIENCE = 60  # seconds; generous, for a machine that has other things to do


def free_port() -> int:
    """A port that nobody holds, and that no system gives away by itself before `bottega run` gets round to taking it."""
    while True:
        port = 20_000 + secrets.randbelow(10_000)
        with suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port


@pytest.fixture
def environ() -> Iterator[dict[str, str]]:
    """A bare machine with an instance folder and a port of its own.

    Not in tmp_path: another run of pytest closes that one to the unprivileged user that PostgreSQL runs as.
    """
    left_out = ("DATABASE_URL", "GOLD_DATABASE_URL", "BOTTEGA_ENV")
    kept = {key: value for key, value in os.environ.items() if key not in left_out}
    with tempfile.TemporaryDirectory(prefix="bottega-test-", ignore_cleanup_errors=True) as folder:
        yield {**kept, "BOTTEGA_INSTANCE": f"{folder}/instance", "PORT": str(free_port()), "PYTHONUNBUFFERED": "1"}


@contextmanager
def heard(*signals: signal.Signals) -> Iterator[None]:
    """What starts here hears these signals, though pytest may run under nohup or in the background and ignore them."""
    before = {each: signal.signal(each, signal.SIG_DFL) for each in signals}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


@pytest.fixture
def suite(environ: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """`bottega run` in a process group of its own, as a terminal would start it."""
    with heard(signal.SIGHUP, signal.SIGINT):
        process = subprocess.Popen(
            [*BOTTEGA, "run"],
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
    yield process
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def read_until(process: subprocess.Popen[str], words: str) -> list[str]:
    lines = []
    assert process.stdout
    for line in process.stdout:
        lines.append(line)
        if words in line:
            return lines
    raise AssertionError("".join(lines))


def test_the_suite_serves_beside_commands_and_ends_all_it_started(
    suite: subprocess.Popen[str], environ: dict[str, str]
) -> None:
    told = read_until(suite, "Bottega is ready")
    assert "owner@demo.bottega.it" in "".join(told)
    address = f"http://127.0.0.1:{environ['PORT']}/"
    with urllib.request.urlopen(address) as page:
        assert page.status == 200
    beside = subprocess.run([*BOTTEGA, "etl", "status"], env=environ, capture_output=True, text=True, check=True)
    assert "sales" in beside.stdout
    children = psutil.Process(suite.pid).children(recursive=True)
    assert children
    os.killpg(suite.pid, signal.SIGINT)
    assert suite.wait(PATIENCE) == 0
    _gone, alive = psutil.wait_procs(children, timeout=PATIENCE)
    assert not alive
    wait_for_end(EmbeddedPostgres(Path(environ["BOTTEGA_INSTANCE"]) / "postgres"), seconds=PATIENCE)


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGHUP])
def test_a_suite_that_is_killed_or_loses_its_terminal_leaves_nothing_behind(
    suite: subprocess.Popen[str], environ: dict[str, str], ending: signal.Signals
) -> None:
    read_until(suite, "Bottega is ready")
    children = psutil.Process(suite.pid).children(recursive=True)
    assert children
    suite.send_signal(ending)
    _gone, alive = psutil.wait_procs(children, timeout=PATIENCE)
    assert not alive
    wait_for_end(EmbeddedPostgres(Path(environ["BOTTEGA_INSTANCE"]) / "postgres"), seconds=PATIENCE)


def test_web_server_worker_and_scheduler_come_back_when_they_are_killed(
    suite: subprocess.Popen[str], environ: dict[str, str]
) -> None:
    read_until(suite, "Bottega is ready")
    first = programs(suite.pid)
    assert set(first) == {"gunicorn", "worker", "scheduler"}
    theirs = [child for each in first.values() for child in each.children(recursive=True)]
    for each in first.values():
        each.kill()
    said = [read_until(suite, "it starts again in 0.5 s")[-1] for _ in first]
    assert {line.partition(" ended")[0] for line in said} == {"The web server", "The worker", "The scheduler"}
    _gone, alive = psutil.wait_procs(theirs, timeout=PATIENCE)
    assert not alive
    deadline = time.monotonic() + PATIENCE
    while not answers(environ) or set(programs(suite.pid)) != set(first):
        assert time.monotonic() < deadline, f"only {set(programs(suite.pid))} came back"
        time.sleep(0.2)
    suite.terminate()
    assert suite.wait(PATIENCE) == 0


def programs(supervisor: int) -> dict[str, psutil.Process]:
    """The children of `bottega run` by the name of their process, gunicorn by its command."""
    found = {}
    for child in psutil.Process(supervisor).children():
        with suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
            name = "gunicorn" if "gunicorn" in child.cmdline() else child.name()
            found |= {word: child for word in ("gunicorn", "worker", "scheduler") if word == name}
    return found


def answers(environ: dict[str, str]) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{environ['PORT']}/", timeout=10) as page:
            return bool(page.status == 200)
    except OSError:
        return False


def test_a_taken_port_is_told_before_anything_starts(environ: dict[str, str]) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", int(environ["PORT"])))
        holder.listen()
        refused = subprocess.run([*BOTTEGA, "run"], env=environ, capture_output=True, text=True, check=False)
    assert refused.returncode == 2
    assert f"127.0.0.1:{environ['PORT']}" in refused.stderr
    assert not Path(environ["BOTTEGA_INSTANCE"]).joinpath("postgres", "data").exists()


def test_a_command_that_touches_no_data_starts_no_database(environ: dict[str, str]) -> None:
    subprocess.run([*BOTTEGA, "rooms", "list"], env=environ, check=True, capture_output=True)
    assert not Path(environ["BOTTEGA_INSTANCE"]).joinpath("postgres", "data").exists()


def test_a_command_that_is_asked_to_end_stops_the_database_it_started(environ: dict[str, str]) -> None:
    subprocess.run([*BOTTEGA, "db", "init"], env=environ, check=True, capture_output=True)
    command = subprocess.Popen(
        [*BOTTEGA, "shell"], env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert command.stdin
    assert command.stdout
    command.stdin.write(
        "from webapp.core.db import db; _ = db.session.connection(); print('con' + 'nected', flush=True)\n"
    )
    command.stdin.flush()
    read_until(command, "connected")
    command.terminate()
    command.communicate()
    assert not EmbeddedPostgres(Path(environ["BOTTEGA_INSTANCE"]) / "postgres").running()
