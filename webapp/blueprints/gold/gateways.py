"""What is watched from outside: how fresh the figures of each flow are."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Flask
from sqlalchemy.orm import Session

from webapp.blueprints.gold.queries.state import list_flow_ages
from webapp.core.db import gold_engine
from webapp.core.metrics import Figure, add_figures


def set_up(app: Flask) -> None:
    """Give the application the figures of the ETL."""
    add_figures(app, list_figures)


def list_figures(_session: Session) -> Iterator[Figure]:
    """For each flow, the age of its last success and whether its last run failed."""
    with gold_engine().connect() as connection:
        for flow, seconds, failed in list_flow_ages(connection):
            labels = (("flow", flow),)
            if seconds is not None:
                yield Figure("etl_age_seconds", "Seconds since a flow last succeeded.", seconds, labels)
            yield Figure("etl_failed", "Whether the last run of a flow failed.", float(failed), labels)
