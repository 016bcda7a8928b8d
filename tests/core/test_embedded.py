"""The embedded server starts on first use and stops with its last user, however the others ended."""

import subprocess
import sys
import time
from pathlib import Path

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


def hold(folder: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    return process


def test_the_last_user_stops_the_server(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path)
    first, second = hold(tmp_path), hold(tmp_path)
    first.communicate()
    assert server.running()
    second.communicate()
    assert not server.running()


def test_the_server_stops_when_its_last_user_is_killed(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path)
    first, second = hold(tmp_path), hold(tmp_path)
    first.kill()
    first.communicate()
    time.sleep(2)  # longer than the keeper's pause: the second user still holds the server
    assert server.running()
    second.kill()
    second.communicate()
    deadline = time.monotonic() + 30
    while server.running() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not server.running()


def test_a_killed_user_leaves_no_claim_behind(tmp_path: Path) -> None:
    killed = hold(tmp_path)
    killed.kill()
    killed.communicate()
    hold(tmp_path).communicate()
    assert not EmbeddedPostgres(tmp_path).running()
