"""The terms under which lines are kept, from the settings and the company."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from webapp.blueprints.traffic.services.storing import Terms
from webapp.core.clock import local_day
from webapp.core.company import get_company
from webapp.core.settings import Settings


def get_terms(session: Session, settings: Settings, now: dt.datetime) -> Terms:
    """The terms of this moment."""
    zone = get_company(session).zone
    return Terms(
        zone,
        local_day(now, zone),
        settings.traffic_days,
        settings.traffic_vault_days,
        settings.traffic_anonymize,
        settings.traffic_secret_names,
        ZoneInfo(settings.traffic_log_zone) if settings.traffic_log_zone else None,
    )


def live_logs(settings: Settings) -> tuple[str, ...]:
    """The logs that are followed: those of the settings, and those that the application writes itself."""
    own = settings.instance / "logs"
    return (*settings.traffic_logs, str(own / "access-*.jsonl"), str(own / "application-*.jsonl"))
