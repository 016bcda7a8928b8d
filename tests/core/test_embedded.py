"""The embedded server starts on first use and stops with its last user, however the others ended."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from webapp.core.embedded import EmbeddedPostgres

HOLD = """
import sys, time
from pathlib import Path
from webapp.core.embedded import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]), {"fsync": "off"})
server.acquire()
print("ready", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder of the test alone; not tmp_path, which another run of pytest closes to the user that PostgreSQL runs as."""
    with tempfile.TemporaryDirectory(prefix="bottega-test-", ignore_cleanup_errors=True) as path:
        yield Path(path)


def hold(folder: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    return process


def wait_for_end(server: EmbeddedPostgres, *, seconds: float = 30) -> None:
    """Wait until the server has stopped: while it shuts down it now and then gives no answer, and then one again."""
    deadline = time.monotonic() + seconds
    while (server.data / "postmaster.pid").exists():
        assert time.monotonic() < deadline, f"PostgreSQL still runs after {seconds} s"
        time.sleep(0.1)
    assert not server.running()


def test_the_last_user_stops_the_server(folder: Path) -> None:
    server = EmbeddedPostgres(folder)
    first, second = hold(folder), hold(folder)
    first.communicate()
    assert server.running()
    second.communicate()
    assert not server.running()


def test_the_server_stops_when_its_last_user_is_killed(folder: Path) -> None:
    server = EmbeddedPostgres(folder)
    first, second = hold(folder), hold(folder)
    first.kill()
    first.communicate()
    time.sleep(2)  # longer than the keeper's pause: the second user still holds the server
    assert server.running()
    second.kill()
    second.communicate()
    wait_for_end(server)


def test_a_killed_user_leaves_no_claim_behind(folder: Path) -> None:
    killed = hold(folder)
    killed.kill()
    killed.communicate()
    hold(folder).communicate()
    assert not EmbeddedPostgres(folder).running()
