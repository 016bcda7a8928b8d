"""Logs on the disk: which ones there are, what they begin with, and their bytes in blocks of whole lines.

Compressed ones (gzip, xz, Zstandard) are told by their first bytes, not by their names.
"""

from __future__ import annotations

import glob
import gzip
import hashlib
import io
import lzma
import os
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from webapp.core.errors import DomainError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

BLOCK = 8 << 20
LONGEST_LINE = 64 << 20
BEGINNING = 64 << 10  # bytes that are kept of a line that is longer than that
HEAD = 1024
TAIL = 256
STDIN = "-"
_MAGIC = {b"\x1f\x8b": "gz", b"\xfd7zXZ\x00": "xz", b"\x28\xb5\x2f\xfd": "zst"}
_PACKED = re.compile(r"\.(gz|xz|zst|zstd)$", re.IGNORECASE)
_ROTATED = re.compile(r"([.-](\d{1,4}|\d{8}([.-]\d+)?|\d{4}-\d{2}-\d{2}([T_.-]\d+)*|old))+$")


class LogUnreadable(DomainError):
    """A log cannot be read; the sentence says why."""


@dataclass(frozen=True)
class Place:
    """Where a log lies: its path, and what the file system knows it by. Standard input has neither device nor inode."""

    path: str
    device: int | None
    inode: int | None
    packed: str
    size: int


@dataclass(frozen=True)
class Piece:
    """Some whole lines of a log, or, where `cut`, the beginning of one that is too long; `size` counts all of its bytes."""

    content: bytes
    size: int
    tail: bytes
    cut: bool = False


class Log:
    """An open log. `at` counts the uncompressed bytes that were given away."""

    def __init__(self, place: Place, stream: IO[bytes]) -> None:
        self.place = place
        self._stream = stream
        self._held = b""
        self.at = 0

    def head(self) -> bytes:
        """The first bytes; call it before anything is read."""
        while len(self._held) < HEAD:
            piece = self._stream.read(HEAD - len(self._held))
            if not piece:
                break
            self._held += piece
        return self._held[:HEAD]

    def skip(self, count: int) -> bytes:
        """Go on behind the first `count` bytes; the last of those before. Fewer when the log is shorter."""
        if not self.place.packed and self.place.inode is not None and count > len(self._held):
            start = max(0, count - TAIL)
            self._stream.seek(start)
            before = self._stream.read(count - start)
            self._held, self.at = b"", start + len(before)
            return before
        before = b""
        while self.at < count and (piece := self._take(min(BLOCK, count - self.at))):
            before = (before + piece)[-TAIL:]
            self.at += len(piece)
        return before

    def blocks(self, *, whole: bool) -> Iterator[Piece]:
        """The rest in pieces of whole lines. `whole`: what stands behind the last line end is a line as well.

        Of a line that is longer than 64 MB there is the beginning alone. Raises LogUnreadable for a broken archive.
        """
        rest = b""
        while piece := self._take(BLOCK):
            end = piece.rfind(b"\n") + 1
            if end:
                yield _whole(rest + piece[:end])
                rest = piece[end:]
                continue
            rest += piece
            if len(rest) > LONGEST_LINE:
                cut, rest, ended = self._cut(rest)
                if not ended and not whole:  # it is being written still
                    return
                yield cut
                if end := rest.rfind(b"\n") + 1:
                    yield _whole(rest[:end])
                    rest = rest[end:]
        if rest and whole:
            yield _whole(rest)

    def _cut(self, begun: bytes) -> tuple[Piece, bytes, bool]:
        """Go on to the end of a line without keeping it: its beginning, what was read behind it, and whether it ended."""
        size, tail = len(begun), begun[-TAIL:]
        while piece := self._take(BLOCK):
            end = piece.find(b"\n") + 1
            part = piece[:end] if end else piece
            size, tail = size + len(part), (tail + part)[-TAIL:]
            if end:
                return Piece(begun[:BEGINNING], size, tail, cut=True), piece[end:], True
        return Piece(begun[:BEGINNING], size, tail, cut=True), b"", False

    def _take(self, count: int) -> bytes:
        held, self._held = self._held[:count], self._held[count:]
        try:
            return held + self._stream.read(count - len(held)) if len(held) < count else held
        except (OSError, EOFError, lzma.LZMAError, zstd.ZstdError) as problem:
            raise LogUnreadable(f"{self.place.path} cannot be read: {problem}") from None


def _whole(content: bytes) -> Piece:
    return Piece(content, len(content), content[-TAIL:])


@contextmanager
def open_log(path: str) -> Iterator[Log]:
    """Open a log; `-` is standard input. Raises LogUnreadable."""
    try:
        raw: IO[bytes] = sys.stdin.buffer if path == STDIN else Path(path).open("rb")  # noqa: SIM115 - closed below
    except OSError as problem:
        raise LogUnreadable(f"{path} cannot be read: {problem.strerror}") from None
    try:
        buffered = raw if isinstance(raw, io.BufferedReader) else io.BufferedReader(raw)  # type: ignore[type-var]
        packed = next((kind for magic, kind in _MAGIC.items() if buffered.peek(8).startswith(magic)), "")
        yield Log(_place(path, buffered, packed), _unpacked(buffered, packed))
    except IsADirectoryError:
        raise LogUnreadable(f"{path} is a folder") from None
    finally:
        if path != STDIN:
            raw.close()


def _place(path: str, stream: IO[bytes], packed: str) -> Place:
    if path == STDIN:
        return Place("standard input", None, None, packed, 0)
    known = os.fstat(stream.fileno())
    return Place(str(Path(path).absolute()), known.st_dev, known.st_ino, packed, known.st_size)


def _unpacked(stream: IO[bytes], packed: str) -> IO[bytes]:
    if packed == "gz":
        return gzip.GzipFile(fileobj=stream)  # type: ignore[return-value]  # reads as one
    if packed == "xz":
        return lzma.LZMAFile(stream)
    if packed == "zst":
        return zstd.ZstdFile(stream)  # type: ignore[return-value]  # reads as one
    return stream


def family(path: str) -> str:
    """What the names of a log and of its rotated copies have in common: `access.log` of `access.log.2.gz`."""
    name = _PACKED.sub("", Path(path).name)
    stem = _ROTATED.sub("", name)
    return stem or name


def find_logs(patterns: Iterable[str]) -> list[str]:
    """The files that paths and globs name, each once, the oldest content first. Raises LogUnreadable for a path without file."""
    found: dict[str, float] = {}
    for pattern in patterns:
        if pattern == STDIN:
            found[STDIN] = 0
            continue
        paths = sorted(glob.glob(pattern, recursive=True)) if glob.has_magic(pattern) else [pattern]  # noqa: PTH207 - absolute ones too
        for path in paths:
            if Path(path).is_dir():
                paths += sorted(str(each) for each in Path(path).iterdir() if each.is_file())
                continue
            try:
                found[path] = Path(path).stat().st_mtime
            except OSError as problem:
                raise LogUnreadable(f"{path} cannot be read: {problem.strerror}") from None
    return sorted(found, key=lambda path: (found[path], path))


def with_rotated(patterns: Iterable[str]) -> list[str]:
    """The live logs that patterns name, and what was rotated away from them, the oldest content first."""
    found: dict[str, float] = {}
    for pattern in patterns:
        live = glob.glob(pattern)  # noqa: PTH207 - absolute ones too
        names = {family(path) for path in (*live, pattern)}
        rotated = (path for path in glob.glob(f"{pattern}[.-]*") if family(path) in names)  # noqa: PTH207 - as above
        for path in (*live, *rotated):
            try:
                if Path(path).is_file():
                    found[path] = Path(path).stat().st_mtime
            except OSError:  # rotated away at this moment: the next round finds it under its new name
                continue
    return sorted(found, key=lambda path: (found[path], path))


def digest(content: bytes) -> bytes:
    """What stands for some bytes without showing them: they hold addresses."""
    return hashlib.sha256(content).digest()[:16]
