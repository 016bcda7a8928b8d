"""Looking at the rules of alerts: each alert opens once, lasts while its rule is met, ends by itself."""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import dataclass
from decimal import Decimal
from zoneinfo import ZoneInfo

from flask_babel import gettext
from sqlalchemy import Select, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from webapp.blueprints.traffic.models import Alert, AlertCheck, AlertNotice, AlertRule
from webapp.blueprints.traffic.queries.alerts import list_alert_rules
from webapp.blueprints.traffic.queries.measuring import (
    Measured,
    measure_attackers,
    measure_drop,
    measure_failures,
    measure_slow,
)
from webapp.blueprints.traffic.services.certificates import Certificate
from webapp.blueprints.traffic.services.receiving import readers_of

log = logging.getLogger(__name__)
LOCK = 0x616C6572  # "aler"
CERTIFICATE_EVERY = dt.timedelta(hours=1)
MEASURES = {"failures": measure_failures, "slow": measure_slow, "drop": measure_drop}


@dataclass(frozen=True)
class Look:
    """When rules are looked at, in which zone; the certificate, what kept us from reading it, or None: not looked at."""

    now: dt.datetime
    zone: ZoneInfo
    certificate: Certificate | str | None = None


def certificate_due(session: Session, now: dt.datetime) -> bool:
    """Whether a rule wants to know the certificate again."""
    known = select(AlertCheck.rule_id).where(AlertCheck.checked_at > now - CERTIFICATE_EVERY)
    wanted = select(AlertRule.id).where(AlertRule.kind == "certificate", AlertRule.active, AlertRule.id.not_in(known))
    return session.scalar(wanted.limit(1)) is not None


def look_at_rules(session: Session, look: Look) -> tuple[int, int]:
    """Look at all rules: open what is met, keep what lasts, close what is over. How many opened and closed."""
    session.execute(select(func.pg_advisory_xact_lock(LOCK)))
    now, certificate = look.now, look.certificate
    opened = closed = 0
    for rule in list_alert_rules(session):
        lasting = {alert.subject: alert for alert in session.scalars(_lasting(rule))}
        if not rule.active:
            closed += sum(_close(session, rule, alert, now) for alert in lasting.values())
            continue
        if rule.kind == "certificate" and certificate is None:
            continue
        found = _measure(session, rule, look, frozenset(lasting))
        problem = certificate if rule.kind == "certificate" and isinstance(certificate, str) else ""
        _note_check(session, rule, now, found, problem)
        if problem:
            continue
        met = {each.subject: each for each in found if is_met(rule, each.value)}
        for subject, each in met.items():
            if subject in lasting:
                _keep(lasting[subject], rule, each, now)
            else:
                _open(session, rule, each, now)
                opened += 1
        calm = dt.timedelta(0) if rule.kind == "certificate" else dt.timedelta(minutes=rule.window_minutes)
        for subject, alert in lasting.items():
            if subject not in met and alert.met_at <= now - calm:
                closed += _close(session, rule, alert, now)
    session.flush()
    return opened, closed


def is_met(rule: AlertRule, value: float) -> bool:
    """Whether a figure meets a rule: of a certificate the fewer days, of all else the more."""
    return value <= float(rule.threshold) if rule.kind == "certificate" else value >= float(rule.threshold)


def _measure(session: Session, rule: AlertRule, look: Look, known: frozenset[str]) -> list[Measured]:
    if rule.kind == "attacker":
        return measure_attackers(session, rule, look.now, look.zone, known)
    if rule.kind == "certificate":
        certificate = look.certificate
        if not isinstance(certificate, Certificate):
            return []
        left = (certificate.ends_at - look.now).total_seconds() / 86_400
        return [Measured(left, certificate.subject[:255], {"ends_at": certificate.ends_at.isoformat()})]
    return MEASURES[rule.kind](session, rule, look.now, look.zone)


def _lasting(rule: AlertRule) -> Select[Alert]:
    return select(Alert).where(Alert.rule_id == rule.id, Alert.closed_at.is_(None))


def _open(session: Session, rule: AlertRule, found: Measured, now: dt.datetime) -> None:
    value = _exact(found.value)
    alert = Alert(
        rule_id=rule.id, kind=rule.kind, subject=found.subject, opened_at=now, met_at=now, threshold=rule.threshold,
        value=value, worst=value, figures={**found.figures, "minutes": rule.window_minutes},
    )  # fmt: skip
    session.add(alert)
    session.flush()
    for reader in readers_of(rule.receivers):
        session.add(AlertNotice(alert_id=alert.id, user_id=reader.user_id, what="opened"))
    log.warning("alert %s: %s %s is at %s, from %s on", alert.id, rule.kind, found.subject, value, rule.threshold)


def _keep(alert: Alert, rule: AlertRule, found: Measured, now: dt.datetime) -> None:
    alert.met_at, alert.value = now, _exact(found.value)
    worse = alert.value < alert.worst if rule.kind == "certificate" else alert.value > alert.worst
    alert.figures = {**found.figures, "minutes": rule.window_minutes}
    if worse:
        alert.worst = alert.value


def _close(session: Session, rule: AlertRule, alert: Alert, now: dt.datetime) -> int:
    alert.closed_at = now
    if rule.tell_end:
        told = select(AlertNotice.user_id).where(AlertNotice.alert_id == alert.id, AlertNotice.what == "opened")
        for user_id in session.scalars(told).all():
            session.add(AlertNotice(alert_id=alert.id, user_id=user_id, what="closed"))
    log.info("alert %s is over", alert.id)
    return 1


def _note_check(session: Session, rule: AlertRule, now: dt.datetime, found: list[Measured], problem: str) -> None:
    values = [each.value for each in found]
    worst = (min(values) if rule.kind == "certificate" else max(values)) if values else None
    said = {"checked_at": now, "value": None if worst is None else _exact(worst), "problem": problem}
    made = insert(AlertCheck).values(rule_id=rule.id, **said)
    session.execute(made.on_conflict_do_update(index_elements=["rule_id"], set_=said))


def _exact(value: float) -> Decimal:
    return Decimal(str(round(value, 3)))


def no_certificate() -> str:
    """What to say where no certificate is named."""
    return str(gettext("No certificate is named: set PUBLIC_URL with https, or TRAFFIC_CERTIFICATE."))
