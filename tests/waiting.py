"""Waiting for something that comes by itself, in the one loop of the tests and the bench, or for time alone."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE = 90.0  # seconds; a worker has to do something, on a busy machine


def until(
    condition: Callable[[], object],
    seconds: float = PATIENCE,
    what: Callable[[], object] = lambda: "it does not come",
    *,
    every: float = 0.1,
) -> None:
    """Wait until `condition()` is true, asking `every` so many seconds; fails after `seconds` with what `what()` tells."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, what()
        time.sleep(every)


def let_pass(seconds: float) -> None:
    """Let time itself go by: the pace of a load, a death at any moment. Who waits for something asks `until` it is there."""
    time.sleep(seconds)
