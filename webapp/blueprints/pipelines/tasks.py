"""The long work of the pipelines room: runs of the ETL, and backfills in parts that run side by side.

`etl` is imported where it is used: it brings pandas, which the web processes do not need. A backfill is three kinds of
task: one plans and starts the parts, each part prepares its days, and the part that ends last starts the one that brings
all in. None of them waits for another, so one worker is enough.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp.blueprints.pipelines.permissions import PipelinesPermission as May
from webapp.blueprints.pipelines.queries.flows import MODES, TITLES
from webapp.blueprints.pipelines.queries.under_way import BACKFILL, FINISH, PART, RUN
from webapp.core.db import db, gold_engine
from webapp.core.errors import DomainError
from webapp.core.jobs import TEMPORARY, Argument, Arguments, HouseSchedule, TaskKind, TaskRun

if TYPE_CHECKING:
    from etl.run import RunFailed
    from etl.runlog import Run

WAIT = 60.0
READ_LINES = " lines read"


class EtlFailed(DomainError):
    """The ETL says why; GOLD is as it was."""


def run_etl(run: TaskRun, args: Arguments) -> dict[str, str]:
    """Run a flow with those it needs, or all."""
    from etl.run import RunFailed, plan, run_flows

    names = () if args["flow"] in ("", "all") else (str(args["flow"]),)
    try:
        flows = [flow.name for flow in plan(names)]
        runs = run_flows(
            db.engine, gold_engine(), names,
            full=args["full"], actor=run.by.name, wait=run.time_left(at_most=WAIT), say=_teller(run, flows),
        )  # fmt: skip
    except RunFailed as failure:
        raise _problem(failure) from failure
    return _told(run, runs)


def plan_backfill(run: TaskRun, args: Arguments) -> dict[str, Any]:
    """Split the period and start the parts."""
    from etl.backfill import plan, waiting
    from etl.run import RunFailed

    first, last = dt.date.fromisoformat(args["start"]), dt.date.fromisoformat(args["end"])
    if first > last:
        raise DomainError(_("The last day is before the first one."))
    try:
        number, parts = plan(db.engine, gold_engine(), first, last, name=f"task {run.id}", actor=run.by.name)
    except RunFailed as failure:
        raise _problem(failure) from failure
    for part in parts:
        run.start(PART, {"backfill": number, "part": part.number, "parts": len(parts), "start": part.first.isoformat(),
                         "end": part.last.isoformat(), "lines": part.lines}, key=f"{number}:{part.number}")  # fmt: skip
        run.progress(part.number, len(parts), _("starting the parts"))
    if not waiting(gold_engine(), number):
        run.start(FINISH, {"backfill": number}, key=str(number))
    lines = sum(part.lines for part in parts)
    count = ngettext("one part", "%(num)s parts", len(parts))
    run.progress(len(parts), len(parts), _("%(lines)s lines in %(parts)s", lines=format_decimal(lines), parts=count))
    return {"backfill": number, "parts": len(parts), "lines": lines}


def run_part(run: TaskRun, args: Arguments) -> dict[str, int]:
    """Prepare some days, and start the finish when no other part is left."""
    from etl.backfill import run_part as prepare
    from etl.backfill import waiting
    from etl.run import RunFailed

    def say(lines: int) -> None:
        run.progress(lines, max(lines, args["lines"]), _("lines compared with GOLD"))

    number = args["backfill"]
    try:
        read, changed = prepare(db.engine, gold_engine(), number, args["part"], say=say)
    except RunFailed as failure:
        raise _problem(failure) from failure
    if not waiting(gold_engine(), number):
        run.start(FINISH, {"backfill": number}, key=str(number))
    run.progress(read, read, _("%(read)s lines read, %(changed)s of them new or different", read=format_decimal(read), changed=format_decimal(changed)))  # fmt: skip
    return {"read": read, "changed": changed}


def finish_backfill(run: TaskRun, args: Arguments) -> dict[str, str]:
    """Bring in what the parts prepared, and what was sold since."""
    from etl.backfill import finish
    from etl.run import FLOWS, RunFailed

    try:
        runs = finish(
            db.engine, gold_engine(), args["backfill"],
            actor=run.by.name, wait=run.time_left(at_most=WAIT), say=_teller(run, list(FLOWS)),
        )  # fmt: skip
    except RunFailed as failure:
        raise _problem(failure) from failure
    return _told(run, runs)


def _teller(run: TaskRun, flows: Sequence[str]) -> Callable[[str], None]:
    """What the ETL says, as the task's progress in the language of its asker."""

    def say(sentence: str) -> None:
        run.check()
        flow, _colon, rest = sentence.partition(": ")
        title = str(TITLES.get(flow, flow))
        done = flows.index(flow) if flow in flows else 0
        if rest.endswith(READ_LINES):
            lines = int(rest.removesuffix(READ_LINES).replace(",", ""))
            run.progress(done, len(flows), _("%(flow)s: %(lines)s lines read", flow=title, lines=format_decimal(lines)))
        else:
            run.progress(done, len(flows), _("%(flow)s: %(mode)s", flow=title, mode=MODES.get(rest, rest)))

    return say


def _told(run: TaskRun, runs: Sequence[Run]) -> dict[str, str]:
    """The result: of each flow what it did, in words; also the task's last progress."""
    found = {}
    for each in runs:
        words = _(
            "%(read)s rows read, %(aside)s put aside, %(deleted)s deleted",
            read=format_decimal(each.rows_in), aside=format_decimal(each.quarantined), deleted=format_decimal(each.deleted),
        )  # fmt: skip
        found[str(TITLES.get(each.flow, each.flow))] = f"{MODES[each.mode]}: {words}"
    run.progress(len(runs), len(runs), _("GOLD is up to date."))
    return found


def _problem(failure: RunFailed) -> Exception:
    """What the task makes of a failed run: another run, or a database that is away, pass; the rest needs a person."""
    from etl.run import RunBusy

    if isinstance(failure, RunBusy):
        return TimeoutError(_("Another ETL run is under way."))
    if isinstance(failure.__cause__, TEMPORARY):
        return failure.__cause__
    return EtlFailed(str(failure))


FLOW_CHOICES = (("all", _l("All flows")), *TITLES.items())
KINDS = (
    TaskKind(
        name=RUN,
        title=_l("Refresh GOLD"),
        work=run_etl,
        arguments=(
            Argument("flow", _l("Flow"), choices=FLOW_CHOICES, default="all"),
            Argument("full", _l("Read everything, not only what changed"), bool, default=False),
        ),
        permission=May.RUN,
        alone=lambda _args: "etl",
        schedulable=True,
    ),
    TaskKind(
        name=BACKFILL,
        title=_l("Backfill a period of GOLD"),
        work=plan_backfill,
        arguments=(
            Argument("start", _l("First day"), dt.date, required=True),
            Argument("end", _l("Last day"), dt.date, required=True),
        ),
        permission=May.RUN,
    ),
    TaskKind(name=PART, title=_l("A part of a backfill"), work=run_part, permission=May.RUN),
    TaskKind(
        name=FINISH,
        title=_l("Bring a backfill into GOLD"),
        work=finish_backfill,
        permission=May.RUN,
        alone=lambda _args: "etl",
    ),
)
HOURLY = HouseSchedule(origin="pipelines.hourly", name="Refresh GOLD every hour", kind=RUN, cron="5 * * * *")
