"""What the names of browsers say, once for each name."""

from __future__ import annotations

import ua_parser
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from webapp.blueprints.traffic.models import KINDS, Agent, TrafficText

AT_ONCE = 500
LONGEST = 1000  # letters that are looked at


def read_agents(session: Session) -> int:
    """Read some of the names that nobody has read yet; how many. 0: none is left."""
    fresh = select(TrafficText.id, TrafficText.text).where(
        TrafficText.kind == KINDS["agent"], ~select(Agent.id).where(Agent.id == TrafficText.id).exists()
    )
    rows = [
        {"id": number, **_said(name)} for number, name in session.execute(fresh.order_by(TrafficText.id).limit(AT_ONCE))
    ]
    if rows:
        session.execute(insert(Agent), rows)
    return len(rows)


def _said(name: str) -> dict[str, str]:
    found = ua_parser.parse(name[:LONGEST])
    browser, system, device = found.user_agent, found.os, found.device
    return {
        "browser": browser.family if browser else "",
        "browser_version": (browser.major or "") if browser else "",
        "system": system.family if system else "",
        "device": device.family if device else "",
    }
