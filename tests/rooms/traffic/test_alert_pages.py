"""Alerts and their rules on the pages: shown where somebody looks, edited by the owner alone."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from html import unescape

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.rooms.conftest import ENGLISH
from tests.rooms.traffic.alerting import A_MINUTE, NOW, Read, look, rule
from tests.rooms.traffic.browsing import PAGE, SignIn, send
from webapp.blueprints.traffic.models import Alert, AlertRule


def test_an_alert_is_shown_on_its_page_the_dashboard_and_by_the_bell_and_leads_to_its_lines(
    sign_in: SignIn, session: Session, read: Read
) -> None:
    staff = sign_in("staff")
    assert "No alerts" in staff.get(PAGE, headers=ENGLISH).text
    rule(session, "failures", threshold=10, least=1)
    read(NOW - 2 * A_MINUTE, 3)
    read(NOW - 2 * A_MINUTE, 5, status="502")
    look(session, NOW)
    session.commit()
    alert = session.query(Alert).one()
    assert "One alert lasts" in staff.get(PAGE, headers=ENGLISH).text
    sentence = "5 of 8 in 15 minutes"
    for path in (f"{PAGE}alerts/", f"{PAGE}alerts/{alert.id}/", "/backoffice/"):
        assert sentence in staff.get(path, headers=ENGLISH, follow_redirects=True).text, path
    page = staff.get(f"{PAGE}alerts/{alert.id}/", headers=ENGLISH).text
    lines = re.search(r'href="([^"]+requests/[^"]+)"', page)
    assert lines
    assert staff.get(unescape(lines[1]) + "&format=csv", headers=ENGLISH).text.count("502") == 5
    viewer = sign_in("viewer")
    assert "alert-bell" not in viewer.get("/backoffice/", follow_redirects=True).text
    assert viewer.get(f"{PAGE}alerts/").status_code == 403


RULE = {
    "kind": "slow", "name": "Shop", "threshold": "1.5", "window_minutes": "10", "least": "20", "receivers": "role:owner",
    "quiet_from": "22:00", "quiet_until": "07:00", "pause_minutes": "30", "tell_end": "y", "active": "y",
}  # fmt: skip


def test_the_owner_edits_the_rules_and_others_do_not(sign_in: SignIn, session: Session) -> None:
    owner, staff = sign_in("owner"), sign_in("staff")
    assert send(owner, "alerts/rules/new", **RULE) == 303
    made = session.scalars(select(AlertRule).where(AlertRule.name == "Shop")).one()
    assert (made.threshold, made.quiet_from, made.receivers) == (Decimal("1.5"), dt.time(22), ["role:owner"])
    assert "Shop" in staff.get(f"{PAGE}alerts/rules/", headers=ENGLISH).text
    path = f"alerts/rules/{made.id}"
    assert "Shop" in owner.get(f"{PAGE}{path}/edit").text
    assert send(staff, f"{path}/edit", **RULE) == 403
    assert send(owner, f"{path}/edit", **{**RULE, "version": "1", "threshold": "9"}) == 303
    assert send(owner, f"{path}/edit", **{**RULE, "version": "1", "threshold": "7"}) == 409
    session.refresh(made)
    assert made.threshold == 9
    assert owner.get(f"{PAGE}{path}/delete").status_code == 200
    assert send(owner, f"{path}/delete", version="2") == 303
    assert session.scalars(select(AlertRule).where(AlertRule.name == "Shop")).all() == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"threshold": "0"},
        {"threshold": "x"},
        {"window_minutes": "0"},
        {"kind": "x"},
        {"quiet_until": ""},
        {"quiet_from": "25:00"},
        {"receivers": "role:nobody"},
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_beside_its_field(sign_in: SignIn, wrong: dict[str, str]) -> None:
    assert send(sign_in("owner"), "alerts/rules/new", **{**RULE, **wrong}) == 422
