"""The pages of the pipelines: the flows with their lineage, the log of their runs, and the buttons that start them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.blueprints.pipelines.forms import BackfillForm, RunForm
from webapp.blueprints.pipelines.permissions import PipelinesPermission as May
from webapp.blueprints.pipelines.queries.flows import (
    MODES,
    OUTCOMES,
    TITLES,
    Flow,
    get_run,
    has_runs,
    list_flows,
    list_of_runs,
    table_uses,
)
from webapp.blueprints.pipelines.queries.under_way import Due, find_due, list_backfills, list_runs_under_way
from webapp.blueprints.pipelines.services import start_backfill, start_run, stop_backfill
from webapp.blueprints.tasks.public import Task, TasksPermission
from webapp.core.clock import utc_now
from webapp.core.db import db, transaction
from webapp.core.forms import submit
from webapp.core.lists.pages import show_list
from webapp.core.security import current_actor, requires
from webapp.core.web import done, show

blueprint = Blueprint("pipelines", __name__, template_folder="templates", url_prefix="/backoffice/pipelines")


@blueprint.get("/")
@requires(May.READ)
def pipelines() -> Response:
    """The flows: how they went, how fresh GOLD is, where the figures come from."""
    return _show_page(RunForm(formdata=None), BackfillForm(formdata=None))


@blueprint.post("/run")
@requires(May.RUN)
def run() -> Response:
    """Start a run now."""
    form, by = RunForm(), current_actor()
    task = submit(form, lambda session: start_run(session, by=by, flow=form.flow.data, full=bool(form.full.data)).id)
    if task is None:
        return _show_page(form, BackfillForm(formdata=None), status=422)
    return done(url_for("pipelines.pipelines"), _("The run was started."))


@blueprint.post("/backfill")
@requires(May.RUN)
def backfill() -> Response:
    """Start a backfill."""
    form, by = BackfillForm(), current_actor()
    task = submit(form, lambda session: start_backfill(session, by=by, days=form.days()).id)
    if task is None:
        return _show_page(RunForm(formdata=None), form, status=422)
    return done(url_for("pipelines.pipelines"), _("The backfill was started."))


@blueprint.post("/backfill/<int:task_id>/stop")
@requires(May.RUN)
def stop(task_id: int) -> Response:
    """Stop a backfill."""
    by = current_actor()
    with transaction() as session:
        stop_backfill(session, by=by, task_id=task_id)
    return done(url_for("pipelines.pipelines"), _("The backfill was asked to stop. GOLD stays as it is."))


@blueprint.get("/runs/")
@requires(May.READ)
def runs() -> Response:
    """The log of all runs, or its export."""
    session = db.session()
    if not has_runs(session):
        return _show_page(RunForm(formdata=None), BackfillForm(formdata=None))
    return show_list(session, list_of_runs(), "pipelines/runs.html", "pipelines/_runs.html")


@blueprint.get("/runs/<int:run_id>/")
@requires(May.READ)
def one_run(run_id: int) -> Response:
    """One run with its audits."""
    found = get_run(db.session(), run_id)
    return show(
        "pipelines/run.html", run=found, flow_title=TITLES.get(found.flow, found.flow), modes=MODES, outcomes=OUTCOMES
    )


def freshness(**_context: Any) -> str:
    """For the dashboard: the way here, and whether GOLD is late."""
    session = db.session()
    due = find_due(session, utc_now())
    return render_template("pipelines/_freshness.html", late=any(is_late(flow, due) for flow in list_flows(session)))


def is_late(flow: Flow, due: Due | None) -> bool:
    """Whether the flow's tables are older than the schedule promises."""
    if due is None or due.expected is None:
        return False
    return flow.fresh_at is None or flow.fresh_at < due.expected


def _show_page(run_form: RunForm, backfill_form: BackfillForm, status: int = 200) -> Response:
    session = db.session()
    flows, due = list_flows(session), find_due(session, utc_now())
    return show(
        "pipelines/pipelines.html",
        status=status,
        flows=flows,
        titles=TITLES,
        modes=MODES,
        outcomes=OUTCOMES,
        late={flow.name for flow in flows if is_late(flow, due)},
        due=due,
        now=utc_now(),
        uses={flow.name: table_uses(flow.tables) for flow in flows},
        under_way=list_runs_under_way(session),
        backfills=list_backfills(session),
        may_see=_may_see,
        run_form=run_form,
        backfill_form=backfill_form,
    )


def _may_see(task: Task) -> bool:
    """Whether the task's own page is for the one who looks."""
    actor = current_actor()
    mine = task.user_id is not None and task.user_id == actor.user_id
    return actor.may(TasksPermission.ALL) or (mine and actor.may(TasksPermission.OWN))
