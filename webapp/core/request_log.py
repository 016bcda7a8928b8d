"""What the application logs of a request, or of a task that a request asked for, kept for the request's trail.

JSON lines in `instance/logs/application-<day>.jsonl`, beside those of `access_log`. Whoever reads them into a database masks
people's addresses; the files go with those of the requests.
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path

from webapp.core.day_files import DayFile
from webapp.core.logs import circumstances


class RequestLog(logging.Handler):
    """Writes the lines that have a request."""

    def __init__(self, folder: str) -> None:
        super().__init__()
        self._file = DayFile(Path(folder), "application", tell=_tell)

    def emit(self, record: logging.LogRecord) -> None:
        """Write the line, if it is of a request."""
        if circumstances().get("request_id"):
            self._file.write(self.format(record).encode("utf-8", "backslashreplace") + b"\n")

    def close(self) -> None:
        """Let the file go."""
        self._file.close()
        super().close()


def _tell(problem: OSError) -> None:
    sys.stderr.write(f"lines of requests are not written down: {problem}\n")  # not by the log: this is its end
