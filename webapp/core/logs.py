"""Logging: one line a fact, on standard error."""

from __future__ import annotations

import logging.config

from webapp.core.settings import Settings


def set_up_logging(settings: Settings) -> None:
    """Send the log of the application and its libraries to standard error at the level of the settings."""
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
            "root": {"level": settings.log_level, "handlers": ["stderr"]},
            "loggers": {"alembic": {"level": "WARNING"}},
        }
    )
