"""The weekly report: its figures kept when the week is over, its document, and the mails that carry it."""

from __future__ import annotations

import datetime as dt
import logging

from flask_babel import force_locale, gettext
from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from webapp.blueprints.traffic.models import Alert, WeekReport
from webapp.blueprints.traffic.queries.weekly import get_week, get_week_report
from webapp.blueprints.traffic.services.alert_rules import get_report_readers
from webapp.blueprints.traffic.services.receiving import locale_of, readers_of
from webapp.blueprints.traffic.services.week_document import file_name, summary, week_document
from webapp.core.clock import local_day
from webapp.core.company import CompanyProfile
from webapp.core.errors import DomainError
from webapp.core.mail import Attachment, post
from webapp.core.security import SYSTEM

log = logging.getLogger(__name__)


class WeekNotOver(DomainError):
    """A report is made when its week is over."""

    status = 422
    field = "day"

    def __init__(self) -> None:
        super().__init__(gettext("Choose a day of a week that is over."))


def last_week(now: dt.datetime, company: CompanyProfile) -> dt.date:
    """The Monday of the last ISO week that is over in the company's zone."""
    today = local_day(now, company.zone)
    return today - dt.timedelta(days=today.weekday() + 7)


def make_week_report(session: Session, day: dt.date, now: dt.datetime, company: CompanyProfile) -> WeekReport:
    """The report of the week of a day: the one that is kept, or a new one. Raises WeekNotOver."""
    monday = day - dt.timedelta(days=day.weekday())
    if monday > last_week(now, company):
        raise WeekNotOver
    if session.get(WeekReport, monday) is None:
        figures = get_week(session, monday, company.zone)
        session.execute(insert(WeekReport).values(week=monday, figures=figures).on_conflict_do_nothing())
        log.info("report of the week of %s made", monday)
    return get_week_report(session, monday)


def mail_week_report(session: Session, report: WeekReport, company: CompanyProfile) -> int:
    """Mail the report to those who are to get it, each once for each week, in their language. To how many it went."""
    told = 0
    for reader in readers_of(get_report_readers(session).receivers):
        language, region = locale_of(reader, company)
        with force_locale(region):
            document = week_document(report.figures, company, language)
            named, lines = file_name(report.week), summary(report.figures)
        try:
            with session.begin_nested():
                post(
                    session, to=reader.address, template="traffic/week", language=language,
                    cause=f"traffic:week:{report.week.isoformat()}", by=SYSTEM, week=report.figures["week"], lines=lines,
                    day=report.week.isoformat(), attachments=(Attachment(named, document, "application/pdf"),),
                )  # fmt: skip
            told += 1
        except DomainError as problem:  # the report is kept, whatever becomes of its mail
            log.warning("no mail about the week: %s", problem)
    return told


def let_go_of_reports(session: Session, today: dt.date, keep_days: int) -> None:
    """Forget reports and alerts as old as hits are kept."""
    oldest = today - dt.timedelta(days=keep_days)
    session.execute(delete(WeekReport).where(WeekReport.week < oldest))
    session.execute(delete(Alert).where(Alert.closed_at < dt.datetime.combine(oldest, dt.time(), dt.UTC)))
