"""The embedded server starts on first use and stops with its last user, however the others ended."""

import signal
import subprocess
import sys
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


def test_a_killed_user_leaves_no_claim_behind(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path)
    killed = hold(tmp_path)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    assert server.running()
    hold(tmp_path).communicate()
    assert not server.running()
