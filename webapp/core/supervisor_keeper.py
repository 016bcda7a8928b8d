"""The guard of a supervisor that is killed: ends what its children leave behind when they do not end by themselves.

A program of its own, run by path with nothing but the standard library, so that it costs a few megabytes. Its argument is
the grace in seconds; each line of its input is the process group of a child, negative when the child is gone.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterable

PAUSE = 0.2


def keep(lines: Iterable[str], grace: float) -> None:
    """Follow the children until the supervisor is gone, give the rest its grace, and kill them."""
    groups: set[int] = set()
    for line in lines:
        group = int(line)
        groups = groups | {group} if group > 0 else groups - {-group}
    deadline = time.monotonic() + grace
    while groups and time.monotonic() < deadline:
        time.sleep(PAUSE)
        groups = {group for group in groups if _signalled(group, 0)}
    for group in groups:
        _signalled(group, signal.SIGKILL)


def _signalled(group: int, which: int) -> bool:
    try:
        os.killpg(group, which)
    except ProcessLookupError:
        return False
    return True


if __name__ == "__main__":
    keep(sys.stdin, float(sys.argv[1]))
