"""Logging: one line a fact, on standard error."""

from __future__ import annotations

import logging.config
import re
from typing import Any

from webapp.core.settings import Settings

# what PostgreSQL quotes of the row that it refuses: people's data, and digests of their passwords
ROW = re.compile(
    r"^DETAIL:.*?(?=^(?:HINT|CONTEXT|QUERY|WHERE|\[SQL|\(Background|\s+File )|\Z)", re.DOTALL | re.MULTILINE
)


class DiscreetFormatter(logging.Formatter):
    """Writes errors without the rows that the database quotes in them."""

    def formatException(self, ei: Any) -> str:  # noqa: N802 - the library's name
        """The traceback; the database's details are left out."""
        return ROW.sub("DETAIL: left out\n", super().formatException(ei))


def set_up_logging(settings: Settings) -> None:
    """Send the log of the application and its libraries to standard error at the level of the settings."""
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "line": {"()": DiscreetFormatter, "format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}
            },
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
            "root": {"level": settings.log_level, "handlers": ["stderr"]},
            "loggers": {"alembic": {"level": "WARNING"}},
        }
    )
