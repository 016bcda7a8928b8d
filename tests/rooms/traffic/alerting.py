"""Rules of alerts, and the looks of the task at them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.blueprints.traffic.models import AlertRule
from webapp.blueprints.traffic.services.alerts import Look, look_at_rules
from webapp.blueprints.traffic.services.certificates import Certificate
from webapp.blueprints.traffic.services.telling import tell
from webapp.core.company import get_company

Read = Callable[..., None]
ROME = ZoneInfo("Europe/Rome")
NOW = dt.datetime(2026, 11, 18, 10, 0, tzinfo=dt.UTC)  # a Wednesday, 11 in Rome
A_MINUTE = dt.timedelta(minutes=1)


def rule(session: Session, kind: str, **changes: Any) -> AlertRule:
    """The house's rule of a kind, alone, with changes."""
    for each in session.scalars(select(AlertRule)):
        each.active = each.kind == kind
    found = session.scalars(select(AlertRule).where(AlertRule.kind == kind)).one()
    for name, value in changes.items():
        setattr(found, name, value)
    session.commit()
    return found


def look(session: Session, now: dt.datetime, certificate: Certificate | str | None = None) -> tuple[int, int, int]:
    """One round of the task: how many opened, closed, and mails."""
    opened, closed = look_at_rules(session, Look(now, ROME, certificate))
    return opened, closed, tell(session, now, get_company(session))
