"""Alerts and their rules: what there is, and how it is said."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from flask_babel import format_decimal, get_locale, gettext, ngettext
from flask_babel import lazy_gettext as _l
from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from webapp.blueprints.traffic.models import Alert, AlertCheck, AlertRule
from webapp.core.errors import NotFound
from webapp.core.lists import Choice, Column, DateRange, ListSpec
from webapp.core.wording import percent

ALERT_KINDS = {
    "failures": _l("Many errors of the server (5xx)"),
    "drop": _l("Far fewer requests than usual"),
    "slow": _l("Slow answers (p95)"),
    "attacker": _l("A new attacker"),
    "certificate": _l("The certificate ends soon"),
}
THRESHOLDS = {
    "failures": _l("from this percentage of the answers"),
    "drop": _l("from this percentage fewer than usual"),
    "slow": _l("from these seconds"),
    "attacker": _l("from so many requests"),
    "certificate": _l("from so many days before its end"),
}
STATES = {"open": _l("open"), "over": _l("over")}


def title_of(rule: AlertRule) -> str:
    """What a rule is called."""
    return rule.name or str(ALERT_KINDS[rule.kind])


def get_alert(session: Session, alert_id: int) -> Alert:
    """One alert. Raises NotFound."""
    found = session.get(Alert, alert_id)
    if found is None:
        raise NotFound(gettext("There is no such alert, or not any more."))
    return found


def get_alert_rule(session: Session, rule_id: int, *, lock: bool = False) -> AlertRule:
    """One rule. Raises NotFound."""
    found = session.get(AlertRule, rule_id, with_for_update=lock or None)
    if found is None:
        raise NotFound(gettext("There is no such rule."))
    return found


def list_alert_rules(session: Session) -> Sequence[AlertRule]:
    """All rules."""
    return session.scalars(select(AlertRule).order_by(AlertRule.id)).all()


def list_checks(session: Session) -> dict[int, AlertCheck]:
    """What the last look at each rule came to."""
    return {check.rule_id: check for check in session.scalars(select(AlertCheck))}


def list_open(session: Session) -> Sequence[Alert]:
    """The alerts that last, the newest first."""
    return session.scalars(
        select(Alert).where(Alert.closed_at.is_(None)).order_by(Alert.opened_at.desc(), Alert.id)
    ).all()


def count_open(session: Session) -> int:
    """How many alerts last."""
    return session.scalar(select(func.count()).select_from(Alert).where(Alert.closed_at.is_(None))) or 0


def list_between(session: Session, begin: dt.datetime, end: dt.datetime) -> Sequence[Alert]:
    """The alerts that lasted at some time between two moments."""
    lasting = (Alert.opened_at < end) & (Alert.closed_at.is_(None) | (Alert.closed_at >= begin))
    return session.scalars(select(Alert).where(lasting).order_by(Alert.opened_at, Alert.id)).all()


def list_of_alerts() -> ListSpec:
    """All alerts, newest first."""
    state = case((Alert.closed_at.is_(None), "open"), else_="over")
    source = select(Alert).join(AlertRule, AlertRule.id == Alert.rule_id).get_final_froms()[0]
    named = case({key: str(title) for key, title in ALERT_KINDS.items()}, value=Alert.kind, else_="")
    return ListSpec(
        name="traffic-alerts",
        source=source,
        id=Alert.id,
        columns=(
            Column("opened_at", _l("Since"), Alert.opened_at, kind="date", sort_by=Alert.opened_at),
            Column("rule", _l("Alert"), case((AlertRule.name != "", AlertRule.name), else_=named)),
            Column("subject", _l("Concerns"), Alert.subject),
            Column("state", _l("State"), state, kind="choice", choices=STATES),
            Column("worst", _l("Worst"), Alert.worst, kind="number", sort_by=Alert.worst),
            Column("closed_at", _l("Until"), Alert.closed_at, kind="date"),
        ),
        sort="-opened_at",
        filters=(
            DateRange(_l("From"), _l("To"), Alert.opened_at),
            Choice("kind", _l("Alert"), Alert.kind, ALERT_KINDS),
            Choice("state", _l("State"), state, STATES),
        ),
    )


def figure_in_words(kind: str, value: Decimal | float | None) -> str:
    """A threshold or a figure with its unit, in the language of who reads it."""
    if value is None:
        return "—"
    if kind in ("failures", "drop"):
        return percent(round(float(value), 1))
    if kind == "slow":
        return f"{format_decimal(round(float(value), 2))}\xa0s"
    whole = int(value)
    return str(ngettext("one day", "%(num)s days", whole) if kind == "certificate" else ngettext("one request", "%(num)s requests", whole))  # fmt: skip


def alert_in_words(alert: Alert, zone: ZoneInfo) -> str:
    """What an alert is about, as a sentence, in the language of who reads it."""
    return str(_in_words(alert, zone))


def _in_words(alert: Alert, zone: ZoneInfo) -> Any:
    told, figure, locale = alert.figures, figure_in_words(alert.kind, alert.value), str(get_locale() or "en")
    minutes = told.get("minutes", 0)
    if alert.kind == "failures":
        return gettext(
            "%(figure)s of the answers were errors of the server: %(failures)s of %(requests)s in %(minutes)s minutes.",
            figure=figure, failures=format_decimal(told["failures"]), requests=format_decimal(told["requests"]), minutes=minutes,
        )  # fmt: skip
    if alert.kind == "drop":
        return gettext(
            "%(requests)s requests of people came in %(minutes)s minutes; %(usual)s are usual at this time of the week.",
            requests=format_decimal(told["requests"]), usual=format_decimal(told["usual"]), minutes=minutes,
        )  # fmt: skip
    if alert.kind == "slow":
        return gettext(
            "95 of 100 answers took up to %(figure)s, of %(requests)s in %(minutes)s minutes.",
            figure=figure, requests=format_decimal(told["requests"]), minutes=minutes,
        )  # fmt: skip
    if alert.kind == "attacker":
        since = format_datetime(dt.datetime.fromisoformat(told["since"]), "short", tzinfo=zone, locale=locale)
        return gettext(
            "%(network)s attacks since %(since)s: %(figure)s.", network=alert.subject, since=since, figure=figure
        )
    ends = dt.datetime.fromisoformat(told["ends_at"]).astimezone(zone)
    return gettext(
        "The certificate of %(host)s ends on %(day)s (%(figure)s).",
        host=alert.subject, day=format_date(ends.date(), "long", locale=locale), figure=figure,
    )  # fmt: skip
