"""Of many who ask for the same page at the same moment one draws it, and the others take that ("single flight")."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from webapp.core.page_store import Kept, Key

PATIENCE = 5.0  # seconds; whoever waited so long draws the page too
MOST = 10_000  # addresses that are remembered as shared


@dataclass
class Flight:
    """A page that is being drawn from a version of what it shows; `kept` when it turned out to be the same for all."""

    version: int
    kept: Kept | None = None
    landed: threading.Event = field(default_factory=threading.Event)


class SingleFlight:
    """Safe among threads. Nobody waits at an address that shared nothing yet: each would have to draw its own afterwards."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._under_way: dict[Key, Flight] = {}
        self._shared: set[Key] = set()

    def wait(self, key: Key, version: int) -> Kept | None:
        """What another one draws from that version or a newer one; None when nobody does, or it is not for all."""
        with self._lock:
            flight = self._under_way.get(key) if key in self._shared else None
        if flight is None or flight.version < version:
            return None
        flight.landed.wait(PATIENCE)
        return flight.kept

    @contextmanager
    def drawing(self, key: Key, version: int) -> Iterator[Flight]:
        """While the page is drawn; set `kept` of what this gives when it is for all."""
        flight = Flight(version)
        with self._lock:
            self._under_way[key] = flight
        try:
            yield flight
        finally:
            with self._lock:
                if self._under_way.get(key) is flight:
                    del self._under_way[key]
                if flight.kept is not None:
                    if len(self._shared) >= MOST:
                        self._shared.clear()
                    self._shared.add(key)
            flight.landed.set()
