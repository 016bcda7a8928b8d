"""What the room stores about a person who works in the back office."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.blueprints.traffic.models import Alert, AlertNotice, AlertRule, ReportReaders, TimeMark, VaultReading


def tell_personal(session: Session, user_id: int) -> dict[str, Any]:
    """Notes that they wrote, alerts of which they were told, by name what is to tell them, and what they read of the vault."""
    notes = select(TimeMark).where(TimeMark.user_id == user_id).order_by(TimeMark.at, TimeMark.id)
    notices = (
        select(AlertNotice, Alert)
        .join(Alert, Alert.id == AlertNotice.alert_id)
        .where(AlertNotice.user_id == user_id)
        .order_by(Alert.opened_at, Alert.id, AlertNotice.what)
    )
    readings = select(VaultReading).where(VaultReading.user_id == user_id).order_by(VaultReading.id)
    named = f"person:{user_id}"
    rules = session.scalars(select(AlertRule).where(AlertRule.receivers.contains([named])).order_by(AlertRule.id))
    reports = session.scalar(select(ReportReaders.id).where(ReportReaders.receivers.contains([named])))
    found: dict[str, Any] = {
        "notes": [{"at": note.at.isoformat(), "text": note.text} for note in session.scalars(notes)],
        "alerts_told": [
            {
                "alert": alert.id, "kind": alert.kind, "subject": alert.subject, "what": notice.what,
                "opened_at": alert.opened_at.isoformat(),
                "mailed_at": notice.mailed_at.isoformat() if notice.mailed_at else None,
            }
            for notice, alert in session.execute(notices)
        ],
        "told_by_name_of": [str(rule) for rule in rules] + (["weekly report"] if reports else []),
        "vault_read": [{"at": each.read_at.isoformat(), "what": each.what} for each in session.scalars(readings)],
    }  # fmt: skip
    return {name: told for name, told in found.items() if told}
