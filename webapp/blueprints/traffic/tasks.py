"""The long work of the traffic room: follow the logs, derive visits, let go of what is kept long enough.

What reads lines is imported where it is used: it brings numpy, which the web processes do not need.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from flask import current_app
from flask_babel import format_decimal
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp.blueprints.traffic.permissions import TrafficPermission as May
from webapp.core.clock import utc_now
from webapp.core.jobs import Argument, Arguments, HouseSchedule, TaskKind, TaskRun
from webapp.core.settings import Settings

COLLECT = "traffic.collect"
LET_GO = "traffic.let_go"
PAUSE = 3.0  # seconds between two looks at the live logs
SHIFT = 54  # seconds that one task looks; the next one begins with the next minute
DERIVING_SHARE = 10  # deriving visits gets one part of the time in so many


def collect(run: TaskRun, args: Arguments) -> dict[str, Any]:
    """Follow the live logs for so many seconds; at once to the end when there are none."""
    from webapp.blueprints.traffic.services.agents import read_agents
    from webapp.blueprints.traffic.services.files import with_rotated
    from webapp.blueprints.traffic.services.ingesting import Reading, Told, read_files
    from webapp.blueprints.traffic.services.terms import get_terms, live_logs
    from webapp.blueprints.traffic.services.visits import derive_all

    settings: Settings = current_app.extensions["settings"]
    total, begun, next_derived = Told(), time.monotonic(), 0.0

    def say(_told: Told) -> None:
        run.check()

    while True:
        run.check()
        paths = with_rotated(live_logs(settings))
        if paths:
            with run.transaction() as session:
                terms = get_terms(session, settings, utc_now())
            told = read_files(paths, Reading(run.transaction, terms, whole=False, say=say))
            for name in ("lines", "parsed", "rejected", "ignored", "hits"):
                setattr(total, name, getattr(total, name) + getattr(told, name))
            for problem in told.problems:
                run.log(problem, "warning")
        if time.monotonic() >= next_derived:
            started = time.monotonic()
            derive_all(run.transaction)
            with run.transaction() as session:
                read_agents(session)
            _look_up_countries(run, settings)
            next_derived = time.monotonic() + DERIVING_SHARE * (time.monotonic() - started)
        run.progress(total.lines, None, _("%(lines)s lines read", lines=format_decimal(total.lines)))
        if not paths or time.monotonic() - begun + PAUSE > args["seconds"]:
            break
        time.sleep(PAUSE)
    derive_all(run.transaction)
    return {name: count for name, count in vars(total).items() if isinstance(count, int) and name != "files"}


def _look_up_countries(run: TaskRun, settings: Settings) -> None:
    from webapp.blueprints.traffic.services.countries import CountriesUnreadable, read_countries

    if settings.traffic_countries is None:
        return
    try:
        with run.transaction() as session:
            read_countries(session, settings.traffic_countries)
    except CountriesUnreadable as problem:
        run.log(str(problem), "warning")


def let_go(run: TaskRun, _args: Arguments) -> dict[str, int]:
    """Drop days, addresses and keys whose time is over; remove the application's own logs with them."""
    from webapp.blueprints.traffic.services.retention import let_go as go
    from webapp.blueprints.traffic.services.terms import get_terms

    settings: Settings = current_app.extensions["settings"]
    with run.transaction() as session:
        gone = go(session, get_terms(session, settings, utc_now()), utc_now())
    removed = remove_own_logs(settings)
    run.progress(1, 1, _("Days of hits dropped: %(days)s", days=gone.days))
    return {"days": gone.days, "vault_days": gone.vault_days, "keys": gone.keys, "files": removed}


def remove_own_logs(settings: Settings) -> int:
    """Remove what the application wrote itself, when it is as old as the vault may be: full addresses are in it."""
    limit = time.time() - settings.traffic_vault_days * 86_400
    removed = 0
    for path in Path(settings.instance / "logs").glob("access-*.jsonl"):
        if path.stat().st_mtime < limit:
            path.unlink(missing_ok=True)
            removed += 1
    return removed


KINDS = (
    TaskKind(
        name=COLLECT, title=_l("Follow the logs"), work=collect,
        arguments=(Argument("seconds", _l("For how many seconds"), int, default=SHIFT, least=0, most=240),), permission=May.READ, attempts=1, soft_limit=300,
        hard_limit=330, alone=lambda _args: "traffic.collect",
    ),
    TaskKind(name=LET_GO, title=_l("Let go of old traffic"), work=let_go, permission=May.READ),
)  # fmt: skip
SCHEDULES = (
    HouseSchedule(origin="traffic.collect", name="Follow the logs", kind=COLLECT, cron="* * * * *", missed="skip"),
    HouseSchedule(origin="traffic.let_go", name="Let go of old traffic", kind=LET_GO, cron="20 * * * *"),
)
