"""Answers that are kept in memory: bounded by their bytes, the longest unused goes first, each with its compressed twin."""

from __future__ import annotations

import gzip
import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass, field

Key = tuple[str, ...]
Headers = list[tuple[str, str]]
LEAST = 1024  # bytes; less is not worth the head of a compressed file
BESIDE = 2048  # bytes that an answer takes beside its bodies: headers, key, objects


@dataclass
class Kept:
    """An answer with status 200. `version` is that of what it shows, `until` the second (monotonic) in which it ends."""

    body: bytes
    headers: Headers
    endpoint: str
    version: int
    until: float
    etag: str = ""
    packed: bytes | None = field(default=None)

    def __post_init__(self) -> None:
        self.etag = self.etag or f'W/"{hashlib.blake2b(self.body, digest_size=12).hexdigest()}"'
        if len(self.body) >= LEAST:
            self.packed = gzip.compress(self.body, 6, mtime=0)

    @property
    def size(self) -> int:
        """The bytes that it takes, roughly."""
        return len(self.body) + len(self.packed or b"") + BESIDE


class PageStore:
    """Safe among threads. An answer of another version than the newest that was asked for is let go."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._kept: OrderedDict[Key, Kept] = OrderedDict()
        self._size = 0
        self._version = 0

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def size(self) -> int:
        """The bytes of all that is kept."""
        return self._size

    def find(self, key: Key, *, version: int, now: float) -> Kept | None:
        """What is kept there, if it shows this version and its time is not over."""
        with self._lock:
            self._forget_older(version)
            kept = self._kept.get(key)
            if kept is None:
                return None
            if kept.until <= now:
                self._let_go(key)
                return None
            self._kept.move_to_end(key)
            return kept

    def keep(self, key: Key, kept: Kept) -> None:
        """Keep an answer, unless a newer version was asked for meanwhile, or it takes more than an eighth of the room."""
        with self._lock:
            self._forget_older(kept.version)
            if kept.version != self._version or kept.size > self._most // 8:
                return
            if key in self._kept:
                self._let_go(key)
            self._kept[key] = kept
            self._size += kept.size
            while self._size > self._most:
                self._let_go(next(iter(self._kept)))

    def clear(self) -> None:
        """Let all of it go."""
        with self._lock:
            self._kept.clear()
            self._size = 0

    def _forget_older(self, version: int) -> None:
        if version > self._version:
            self._kept.clear()
            self._size = 0
            self._version = version

    def _let_go(self, key: Key) -> None:
        self._size -= self._kept.pop(key).size
