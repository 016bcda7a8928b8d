"""What the application logs of a request, or of a task that a request asked for, kept for the request's trail.

JSON lines in `instance/logs/application-<day>.jsonl`, beside those of `access_log`, of all processes of an installation.
Whoever reads them into a database masks people's addresses; the files go with those of the requests.
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path

from webapp.core.day_file import DayFile
from webapp.core.logs import circumstances


class RequestLog(logging.Handler):
    """Writes the lines that have a request."""

    def __init__(self, folder: str) -> None:
        super().__init__()
        self._file = DayFile(Path(folder), "application")

    def emit(self, record: logging.LogRecord) -> None:
        """Write the line, if it is of a request."""
        if not circumstances().get("request_id"):
            return
        problem = self._file.write(self.format(record).encode("utf-8", "backslashreplace") + b"\n")
        if problem:  # not by the log: this is its end
            sys.stderr.write(f"lines of requests are not written down: {problem}\n")

    def close(self) -> None:
        """Let the file go."""
        self._file.close()
        super().close()
