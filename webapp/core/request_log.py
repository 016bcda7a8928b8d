"""What the application logs of a request, or of a task that a request asked for, kept for the request's trail.

JSON lines in `instance/logs/application-<day>.jsonl`, beside those of `access_log`, each one write to a file opened for
appending, so that all processes of an installation can write to it. Whoever reads them into a database masks people's
addresses; the files go with those of the requests.
"""

from __future__ import annotations

import datetime as dt
import logging
import os
import sys
from pathlib import Path

from webapp.core.clock import utc_now
from webapp.core.logs import circumstances


class RequestLog(logging.Handler):
    """Writes the lines that have a request."""

    def __init__(self, folder: str) -> None:
        super().__init__()
        self._folder = Path(folder)
        self._day: dt.date | None = None
        self._file = -1
        self._broken = False

    def emit(self, record: logging.LogRecord) -> None:
        """Write the line, if it is of a request."""
        if not circumstances().get("request_id"):
            return
        line = self.format(record).encode("utf-8", "backslashreplace") + b"\n"
        try:
            self._open(utc_now().date())
            os.write(self._file, line)
        except OSError as problem:
            self._day = None
            if not self._broken:  # once, and not by the log: this is its end
                sys.stderr.write(f"lines of requests are not written down: {problem}\n")
            self._broken = True
        else:
            self._broken = False

    def _open(self, today: dt.date) -> None:
        if today == self._day:
            return
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self._folder / f"application-{today.isoformat()}.jsonl"
        old, self._file = self._file, os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._day = today
        if old >= 0:
            os.close(old)

    def close(self) -> None:
        """Let the file go."""
        if self._file >= 0:
            os.close(self._file)
        self._file, self._day = -1, None
        super().close()
