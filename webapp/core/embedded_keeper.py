"""The guard of an embedded PostgreSQL: stops it when all who used it are gone, however they went.

A program of its own, run by path with nothing but the standard library, so that it costs a few megabytes. Its arguments:
the folder of the server, the user and group to become (-1: stay), and the command that stops the server.
"""

from __future__ import annotations

import fcntl
import os
import sys
import time
from pathlib import Path

PAUSE = 0.5


def keep(folder: Path, user: int, group: int, stop: list[str]) -> None:
    """Wait until nobody holds users.lock, then become `stop`, which inherits the locks. One keeper guards a folder."""
    guard, start, users = (_open(folder / name) for name in ("keeper.lock", "start.lock", "users.lock"))
    if not _lock_now(guard):
        return
    while True:
        fcntl.flock(start, fcntl.LOCK_EX)
        if _lock_now(users):
            break
        fcntl.flock(start, fcntl.LOCK_UN)
        time.sleep(PAUSE)
    if user != -1:
        os.setgroups([])
        os.setgid(group)
        os.setuid(user)
    os.execv(stop[0], stop)  # noqa: S606 - the command of EmbeddedPostgres, no shell wanted


def _open(path: Path) -> int:
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    os.set_inheritable(handle, True)
    return handle


def _lock_now(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


if __name__ == "__main__":
    keep(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:])
