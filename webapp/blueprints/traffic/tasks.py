"""The long work of the traffic room: follow the logs, derive visits, let go of what is kept long enough.

What reads lines is imported where it is used: it brings numpy, which the web processes do not need.
"""

from __future__ import annotations

import datetime as dt
import time
from pathlib import Path
from typing import Any

from flask import current_app
from flask_babel import format_decimal
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp.blueprints.traffic.permissions import TrafficPermission as May
from webapp.core.clock import utc_now
from webapp.core.company import get_company
from webapp.core.jobs import Argument, Arguments, HouseSchedule, TaskKind, TaskRun
from webapp.core.security import SYSTEM
from webapp.core.settings import Settings

COLLECT = "traffic.collect"
LET_GO = "traffic.let_go"
WATCH = "traffic.watch"
REPORT = "traffic.report"
PAUSE = 3.0  # seconds between two looks at the live logs


def collect(run: TaskRun, args: Arguments) -> dict[str, Any]:
    """Look once at the live logs, or again and again for so many seconds; not at all while `bottega collector` does."""
    from webapp.blueprints.traffic.services.rounds import COUNTS, Collector, is_followed

    with run.transaction() as session:
        followed = is_followed(session)
    if followed:
        run.progress(0, None, _("A process of its own follows the logs."))
        return {"followed": True}
    settings: Settings = current_app.extensions["settings"]
    rounds = Collector(
        run.transaction, settings, say=lambda _told: run.check(), complain=lambda said: run.log(said, "warning")
    )
    begun = time.monotonic()
    while True:
        run.check()
        more = rounds.go_round()
        run.progress(rounds.told.lines, None, _("%(lines)s lines read", lines=format_decimal(rounds.told.lines)))
        if not more or time.monotonic() - begun + PAUSE > args["seconds"]:
            break
        time.sleep(PAUSE)
    return {name: getattr(rounds.told, name) for name in COUNTS}


def let_go(run: TaskRun, _args: Arguments) -> dict[str, int]:
    """Drop days, addresses and keys whose time is over; remove the application's own logs with them."""
    from webapp.blueprints.traffic.services.retention import let_go as go
    from webapp.blueprints.traffic.services.terms import get_terms

    settings: Settings = current_app.extensions["settings"]
    with run.transaction() as session:
        gone = go(session, get_terms(session, settings, utc_now()), utc_now())
    removed = remove_own_logs(settings)
    run.progress(1, 1, _("Days of hits dropped: %(days)s", days=gone.days))
    return {"days": gone.days, "vault_days": gone.vault_days, "keys": gone.keys, "texts": gone.texts, "files": removed}


def watch(run: TaskRun, _args: Arguments) -> dict[str, int]:
    """Mark a new version, look at the rules of alerts, and mail what may leave."""
    from webapp.blueprints.traffic.services.alerts import Look, certificate_due, look_at_rules, no_certificate
    from webapp.blueprints.traffic.services.certificates import (
        Certificate,
        CertificateUnreadable,
        certificate_place,
        read_certificate,
    )
    from webapp.blueprints.traffic.services.marks import mark_release
    from webapp.blueprints.traffic.services.telling import tell

    settings: Settings = current_app.extensions["settings"]
    with run.transaction() as session:
        mark_release(session, by=SYSTEM, release=settings.release, at=utc_now())
        due = certificate_due(session, utc_now())
    certificate: Certificate | str | None = None
    if due:
        place = certificate_place(settings)
        try:
            certificate = read_certificate(place) if place else no_certificate()
        except CertificateUnreadable as problem:
            certificate = str(problem.sentence)
            run.log(certificate, "warning")
    with run.transaction() as session:
        company, now = get_company(session), utc_now()
        opened, closed = look_at_rules(session, Look(now, company.zone, certificate))
        mails = tell(session, now, company)
    return {"opened": opened, "closed": closed, "mails": mails}


def report_week(run: TaskRun, args: Arguments) -> dict[str, Any]:
    """Make the report of the last week, or of the week of a day, and mail it: each week once to each reader."""
    from webapp.blueprints.traffic.services.terms import get_terms
    from webapp.blueprints.traffic.services.weekly import (
        last_week,
        let_go_of_reports,
        mail_week_report,
        make_week_report,
    )

    settings: Settings = current_app.extensions["settings"]
    with run.transaction() as session:
        company, now = get_company(session), utc_now()
        asked = args.get("day")
        day = dt.date.fromisoformat(asked) if asked else last_week(now, company)
        report = make_week_report(session, day, now, company)
        terms = get_terms(session, settings, now)
        let_go_of_reports(session, terms.today, terms.keep_days)
        mails = mail_week_report(session, report, company)
        return {"week": report.figures["week"], "mails": mails}


def remove_own_logs(settings: Settings) -> int:
    """Remove what the application wrote itself, when it is as old as the vault may be: full addresses are in it."""
    limit = time.time() - settings.traffic_vault_days * 86_400
    removed = 0
    for path in Path(settings.instance / "logs").glob("*-*.jsonl"):
        if path.stat().st_mtime < limit:
            path.unlink(missing_ok=True)
            removed += 1
    return removed


KINDS = (
    TaskKind(
        name=COLLECT, title=_l("Follow the logs"), work=collect,
        arguments=(Argument("seconds", _l("For how many seconds"), int, default=0, least=0, most=240),), permission=May.READ, attempts=1, soft_limit=300,
        hard_limit=330, alone=lambda _args: "traffic.collect",
    ),
    TaskKind(name=LET_GO, title=_l("Let go of old traffic"), work=let_go, permission=May.READ),
    TaskKind(
        name=WATCH, title=_l("Look at the rules of alerts"), work=watch, permission=May.READ, attempts=1, soft_limit=120,
        hard_limit=150, alone=lambda _args: "traffic.watch",
    ),
    TaskKind(
        name=REPORT, title=_l("Report of the week"), work=report_week, permission=May.ALERTS,
        arguments=(Argument("day", _l("A day of the week"), dt.date),), alone=lambda _args: "traffic.report",
    ),
)  # fmt: skip
SCHEDULES = (
    HouseSchedule(origin="traffic.collect", name="Follow the logs", kind=COLLECT, cron="* * * * *", missed="skip"),
    HouseSchedule(origin="traffic.let_go", name="Let go of old traffic", kind=LET_GO, cron="20 * * * *"),
    HouseSchedule(
        origin="traffic.watch", name="Look at the rules of alerts", kind=WATCH, cron="* * * * *", missed="skip"
    ),
    HouseSchedule(origin="traffic.report", name="Report of the week", kind=REPORT, cron="0 7 * * 1"),
)
