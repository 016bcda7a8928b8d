"""The rules of alerts and the readers of the weekly report, as the owner edits them."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.blueprints.traffic.models import AlertRule, ReportReaders
from webapp.blueprints.traffic.queries.alerts import get_alert_rule
from webapp.core.errors import DomainError, EditConflict
from webapp.core.security import Actor
from webapp.core.storing import store

log = logging.getLogger(__name__)


class QuietHoursOpen(DomainError):
    """Quiet hours have a beginning and an end, or none of both."""

    status = 422
    field = "quiet_until"


def create_alert_rule(session: Session, *, by: Actor, values: Mapping[str, Any]) -> AlertRule:
    """Store a rule. Raises QuietHoursOpen."""
    rule = AlertRule(**_checked(values))
    session.add(rule)
    store(session)
    log.info("rule of alerts %s created by %s", rule.id, by.name)
    return rule


def update_alert_rule(
    session: Session, *, by: Actor, rule_id: int, version: int, values: Mapping[str, Any]
) -> AlertRule:
    """Change the rule that the actor saw as `version`. Raises NotFound, EditConflict, QuietHoursOpen."""
    rule = get_alert_rule(session, rule_id, lock=True)
    if rule.version != version:
        raise EditConflict
    for name, value in _checked(values).items():
        setattr(rule, name, value)
    store(session)
    log.info("rule of alerts %s changed by %s", rule.id, by.name)
    return rule


def delete_alert_rule(session: Session, *, by: Actor, rule_id: int, version: int) -> None:
    """Delete the rule that the actor saw as `version`, with its alerts. Raises NotFound, EditConflict."""
    rule = get_alert_rule(session, rule_id, lock=True)
    if rule.version != version:
        raise EditConflict
    session.delete(rule)
    store(session)
    log.info("rule of alerts %s deleted by %s", rule_id, by.name)


def get_report_readers(session: Session, *, lock: bool = False) -> ReportReaders:
    """Who gets the weekly report."""
    query = select(ReportReaders)
    return session.scalars(query.with_for_update() if lock else query).one()


def choose_report_readers(session: Session, *, by: Actor, version: int, receivers: Sequence[str]) -> ReportReaders:
    """Let the weekly report go to these. Raises EditConflict."""
    readers = get_report_readers(session, lock=True)
    if readers.version != version:
        raise EditConflict
    readers.receivers = list(receivers)
    store(session)
    log.info("readers of the weekly report changed by %s", by.name)
    return readers


def _checked(values: Mapping[str, Any]) -> Mapping[str, Any]:
    if (values["quiet_from"] is None) != (values["quiet_until"] is None):
        raise QuietHoursOpen(gettext("Write when quiet hours begin and when they end, or neither."))
    return values
