"""The terms under which lines are kept, from the settings and the company."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from webapp.blueprints.traffic.services.storing import Terms
from webapp.core.clock import local_day
from webapp.core.company import get_company
from webapp.core.settings import Settings


def get_terms(session: Session, settings: Settings, now: dt.datetime) -> Terms:
    """The terms of this moment."""
    zone = get_company(session).zone
    return Terms(
        zone, local_day(now, zone), settings.traffic_days, settings.traffic_vault_days, settings.traffic_anonymize
    )


def live_logs(settings: Settings) -> tuple[str, ...]:
    """The logs that are followed: those of the settings, and those that the application writes itself."""
    return (*settings.traffic_logs, str(settings.instance / "logs" / "access-*.jsonl"))
