"""A log of its own for each day, which several processes write: every line is one write to a file opened for appending."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

from webapp.core.clock import utc_now

FOLDER = "logs"  # of the instance


class DayFile:
    """`<stem>-<day>.jsonl` in a folder, of the day (UTC) on which a line is written; only the house's user may read it."""

    def __init__(self, folder: Path, stem: str) -> None:
        self._folder = folder
        self._stem = stem
        self._day: dt.date | None = None
        self._file = -1
        self._broken = False

    def write(self, line: bytes) -> str:
        """Append a line. Never raises: says why it cannot, once until it can again, since the log may lie on the same disk."""
        try:
            self._open(utc_now().date())
            os.write(self._file, line)
        except OSError as problem:
            self._day, told, self._broken = None, self._broken, True
            return "" if told else str(problem)
        self._broken = False
        return ""

    def close(self) -> None:
        """Let the file go; a further line opens it again."""
        if self._file >= 0:
            os.close(self._file)
        self._file, self._day = -1, None

    def _open(self, today: dt.date) -> None:
        if today == self._day:
            return
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self._folder / f"{self._stem}-{today.isoformat()}.jsonl"
        fresh = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self.close()
        self._file, self._day = fresh, today
