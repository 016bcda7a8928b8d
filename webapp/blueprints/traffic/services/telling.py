"""Mail about alerts: once for each opening and each end, gathered, none in quiet hours."""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from flask_babel import force_locale
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.blueprints.traffic.models import Alert, AlertNotice, AlertRule
from webapp.blueprints.traffic.queries.alerts import alert_in_words, title_of
from webapp.blueprints.traffic.services.receiving import locale_of, readers_of
from webapp.core.company import CompanyProfile
from webapp.core.directory import Reader
from webapp.core.errors import DomainError
from webapp.core.mail import post
from webapp.core.security import SYSTEM

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class News:
    """What a mail says of one alert, in its reader's language."""

    id: int
    title: str
    sentence: str
    since: str
    until: str


def tell(session: Session, now: dt.datetime, company: CompanyProfile) -> int:
    """Mail what waits and may leave now, one mail to each person. How many mails."""
    waiting: dict[int, list[AlertNotice]] = defaultdict(list)
    query = (
        select(AlertNotice).where(AlertNotice.mailed_at.is_(None)).order_by(AlertNotice.user_id, AlertNotice.alert_id)
    )
    for notice in session.scalars(query):
        waiting[notice.user_id].append(notice)
    sent = 0
    for user_id, notices in waiting.items():
        reader = next(iter(readers_of([f"person:{user_id}"])), None)
        if reader is None:  # gone, or without the right: nobody is told any more
            for notice in notices:
                session.delete(notice)
            continue
        ready = _ready(session, notices, user_id, now, company.zone)
        if ready:
            _mail(session, reader, ready, company)
            for notice in ready:
                notice.mailed_at = now
            sent += 1
    session.flush()
    return sent


def is_quiet(rule: AlertRule, local: dt.time) -> bool:
    """Whether a local time lies in the quiet hours of a rule, which may go over midnight."""
    if rule.quiet_from is None or rule.quiet_until is None:
        return False
    if rule.quiet_from <= rule.quiet_until:
        return rule.quiet_from <= local < rule.quiet_until
    return local >= rule.quiet_from or local < rule.quiet_until


def _ready(
    session: Session, notices: Sequence[AlertNotice], user_id: int, now: dt.datetime, zone: ZoneInfo
) -> list[AlertNotice]:
    """Those that no quiet hours and no pause hold back; an end waits as long as its beginning does."""
    local = now.astimezone(zone).time()
    held: set[int] = set()
    for notice in notices:
        rule = notice.alert.rule
        if is_quiet(rule, local) or (notice.what == "opened" and _paused(session, rule, user_id, now)):
            held.add(notice.alert_id)
    return [notice for notice in notices if notice.alert_id not in held]


def _paused(session: Session, rule: AlertRule, user_id: int, now: dt.datetime) -> bool:
    last = session.scalar(
        select(func.max(AlertNotice.mailed_at))
        .join(Alert, Alert.id == AlertNotice.alert_id)
        .where(Alert.rule_id == rule.id, AlertNotice.user_id == user_id, AlertNotice.what == "opened")
    )
    return last is not None and last > now - dt.timedelta(minutes=rule.pause_minutes)


def _mail(session: Session, reader: Reader, notices: Sequence[AlertNotice], company: CompanyProfile) -> None:
    language, region = locale_of(reader, company)
    alerts = {notice.alert_id: notice.alert for notice in notices}
    with force_locale(region):
        told = [_news(alert, company.zone, region) for alert in alerts.values()]
    said = ",".join(sorted(f"{notice.alert_id}{notice.what}" for notice in notices))
    lasting = sum(alert.closed_at is None for alert in alerts.values())
    try:
        with session.begin_nested():
            post(
                session, to=reader.address, template="traffic/alerts", language=language,
                cause=f"traffic:alerts:{hashlib.sha256(said.encode()).hexdigest()[:32]}", by=SYSTEM, news=told, lasting=lasting,
            )  # fmt: skip
    except DomainError as problem:  # the alert itself stands, whatever becomes of its mail
        log.warning("no mail about alerts: %s", problem)


def _news(alert: Alert, zone: ZoneInfo, region: str) -> News:
    moments = [
        format_datetime(moment, "medium", tzinfo=zone, locale=region) if moment else ""
        for moment in (alert.opened_at, alert.closed_at)
    ]
    return News(alert.id, title_of(alert.rule), alert_in_words(alert, zone), *moments)
