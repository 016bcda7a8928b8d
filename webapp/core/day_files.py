"""Files of lines, one a day under `instance/logs`, to which all processes of an installation append.

Every line is one write to a file opened for appending, so that no process writes into the lines of another.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable
from pathlib import Path

from webapp.core.clock import utc_now

FOLDER = "logs"


class DayFile:
    """`<name>-<day>.jsonl` of today (UTC) in a folder, only for its owner; `tell` hears why lines are not written."""

    def __init__(self, folder: Path, name: str, *, tell: Callable[[OSError], object]) -> None:
        self._folder = folder
        self._name = name
        self._tell = tell
        self._day: dt.date | None = None
        self._file = -1
        self._broken = False

    def write(self, line: bytes) -> None:
        """Append a line. It never raises: what hinders it is told once, and again after it went well meanwhile."""
        try:
            self._open(utc_now().date())
            os.write(self._file, line)
        except OSError as problem:
            self._day = None
            if not self._broken:
                self._tell(problem)
            self._broken = True
        else:
            self._broken = False

    def close(self) -> None:
        """Let the file go; the next line opens it again."""
        if self._file >= 0:
            os.close(self._file)
        self._file, self._day = -1, None

    def _open(self, today: dt.date) -> None:
        if today == self._day:
            return
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self._folder / f"{self._name}-{today.isoformat()}.jsonl"
        old, self._file = self._file, os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._day = today
        if old >= 0:
            os.close(old)
