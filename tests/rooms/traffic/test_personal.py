"""What a person's export of their own data tells of the room: their notes, of what they were told, what they read of the vault."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.blueprints.traffic.models import Alert, AlertNotice, AlertRule, ReportReaders
from webapp.blueprints.traffic.queries.privacy import tell_personal
from webapp.blueprints.traffic.room import room
from webapp.blueprints.traffic.services.marks import add_note, mark_release
from webapp.blueprints.traffic.services.vault import note_reading
from webapp.core.security import SYSTEM

AT = dt.datetime(2026, 11, 18, 10, 0, tzinfo=dt.UTC)


def test_a_person_s_own_notes_notices_and_readings_are_told_and_nobody_else_s(session: Session) -> None:
    assert room.personal is tell_personal
    ada, ben = (replace(SYSTEM, user_id=number, name=name) for number, name in ((4711, "Ada"), (4712, "Ben")))
    add_note(session, by=ada, at=AT, text="Fair of Faenza")
    add_note(session, by=ben, at=AT, text="Somebody else's")
    mark_release(session, by=SYSTEM, release="1.2.0", at=AT)
    note_reading(session, ada, "rejected lines of file 1")
    note_reading(session, ben, "address of visitor 2")
    rule = session.scalars(select(AlertRule).where(AlertRule.kind == "slow")).one()
    rule.receivers = ["role:owner", "person:4711"]
    session.get_one(ReportReaders, 1).receivers = ["person:4711"]
    alert = Alert(rule_id=rule.id, kind="slow", opened_at=AT, met_at=AT, threshold=1, value=2, worst=3)
    session.add(alert)
    session.flush()
    session.add(AlertNotice(alert_id=alert.id, user_id=4711, what="opened", mailed_at=AT))
    session.flush()
    told = tell_personal(session, 4711)
    assert told["notes"] == [{"at": AT.isoformat(), "text": "Fair of Faenza"}]
    assert [each["what"] for each in told["vault_read"]] == ["rejected lines of file 1"]
    assert [(each["alert"], each["what"], each["mailed_at"]) for each in told["alerts_told"]] == [
        (alert.id, "opened", AT.isoformat())
    ]
    assert told["told_by_name_of"] == [str(rule), "weekly report"]
    assert set(tell_personal(session, 4712)) == {"notes", "vault_read"}
    assert tell_personal(session, 4713) == {}
