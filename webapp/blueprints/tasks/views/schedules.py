"""The pages of schedules: the list, one of them with its next and last runs, its form, and the alarms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, g, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.blueprints.tasks.forms import POLICIES, ScheduleForm, schedule_form
from webapp.blueprints.tasks.models import Schedule, Task
from webapp.blueprints.tasks.permissions import TasksPermission as May
from webapp.blueprints.tasks.queries import list_of_schedules, list_runs
from webapp.blueprints.tasks.services.alarms import (
    Unseen,
    alarm_in_words,
    list_alarms,
    list_overdue,
    list_unseen,
    see_alarms,
)
from webapp.blueprints.tasks.services.cron import CronWrong, in_words, moment_in_words, next_slots
from webapp.blueprints.tasks.services.schedules import (
    create_schedule,
    delete_schedule,
    get_schedule,
    kinds_for,
    may_run_now,
    pause_schedule,
    resume_schedule,
    run_now,
    update_schedule,
)
from webapp.core.clock import utc_now
from webapp.core.db import db, transaction
from webapp.core.deletion import ask_and_delete
from webapp.core.errors import EditConflict
from webapp.core.forms import Difference, submit
from webapp.core.i18n import choose_language
from webapp.core.jobs import TaskKind, task_kinds
from webapp.core.lists.filters import Label
from webapp.core.lists.pages import show_list
from webapp.core.security import current_actor, requires
from webapp.core.switches import own_path
from webapp.core.web import done, show

blueprint = Blueprint("schedules", __name__, template_folder="../templates", url_prefix="/backoffice/tasks/schedules")
RUNS = 5


@dataclass(frozen=True)
class Preview:
    """What a cron line means: itself, its words, its next runs in words; or what is wrong with it."""

    line: str = ""
    words: str = ""
    runs: tuple[str, ...] = ()
    problem: str = ""


class LineWords(Mapping[str, Label]):
    """The words of any cron line, in the language of the request."""

    def __getitem__(self, line: str) -> str:
        return in_words(line, choose_language())

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


@blueprint.get("/")
@requires(May.SCHEDULES_READ)
def schedules() -> Response:
    """The list of schedules, or its export; above it, the alarms that nobody has seen."""
    titles = {name: kind.title for name, kind in task_kinds().items()}
    spec = list_of_schedules(titles, LineWords())
    return show_list(db.session(), spec, "tasks/schedules.html", "tasks/_schedules.html", **alarms_now())


@blueprint.get("/<int:schedule_id>/")
@requires(May.SCHEDULES_READ)
def schedule(schedule_id: int) -> Response:
    """One schedule: when it comes next, and how it went."""
    session, by = db.session(), current_actor()
    found = get_schedule(session, schedule_id)
    language = choose_language()
    kind = task_kinds().get(found.kind)
    alarms = list_alarms(session, schedule_id, most=10)
    return show(
        "tasks/schedule.html",
        schedule=found,
        kind=kind,
        arguments=_arguments(found, kind),
        preview=_preview(found.cron),
        policy=POLICIES[found.missed],
        runs=list_runs(session, schedule_id, by=by),
        alarms=[(alarm, alarm_in_words(alarm, found.name, g.company, language)) for alarm in alarms],
        may_run=may_run_now(found, by=by),
        **alarms_now(only=schedule_id),
    )


@blueprint.route("/new", methods=["GET", "POST"])
@requires(May.SCHEDULES_WRITE)
def new_schedule() -> Response:
    """The form of a new schedule, and its creation."""
    kinds = kinds_for(current_actor())
    form = schedule_form(_chosen(kinds, request.values.get("kind")), kinds)
    if request.method == "GET" or request.form.get("show"):
        return _show_form(form)
    by = current_actor()
    created = submit(form, lambda session: create_schedule(session, by=by, values=form.values()).id)
    if created is None:
        return _show_form(form, status=422)
    return done(url_for("schedules.schedule", schedule_id=created), _("The schedule was created."))


@blueprint.route("/<int:schedule_id>/edit", methods=["GET", "POST"])
@requires(May.SCHEDULES_WRITE)
def edit_schedule(schedule_id: int) -> Response:
    """The form of a schedule, and its change; the second of two editors is told."""
    stored = get_schedule(db.session(), schedule_id)
    form = _form_of(stored)
    if request.method == "GET" or request.form.get("show"):
        return _show_form(form, stored)
    seen, by = form.seen_version, current_actor()
    try:
        saved = submit(
            form,
            lambda session: (
                update_schedule(session, by=by, schedule_id=schedule_id, version=seen, values=form.values()).id
            ),
        )
    except EditConflict:
        theirs = get_schedule(db.session(), schedule_id)
        return _show_form(form, theirs, status=409, differences=_meet(form, theirs))
    if saved is None:
        return _show_form(form, stored, status=422)
    return done(url_for("schedules.schedule", schedule_id=saved), _("The schedule was saved."))


@blueprint.get("/arguments")
@requires(May.SCHEDULES_WRITE)
def arguments() -> str:
    """The fields of the arguments of a kind: a fragment."""
    kinds = kinds_for(current_actor())
    form = schedule_form(_chosen(kinds, request.args.get("kind")), kinds, formdata=None)
    return render_template("tasks/_arguments.html", form=form)


@blueprint.get("/preview")
@requires(May.SCHEDULES_WRITE)
def preview() -> str:
    """The next runs of what is typed: a fragment."""
    form = schedule_form(None, (), formdata=request.args)
    return render_template("tasks/_preview.html", preview=_preview_of(form))


@blueprint.post("/<int:schedule_id>/pause")
@requires(May.SCHEDULES_WRITE)
def pause(schedule_id: int) -> Response:
    """Start nothing by the clock for now."""
    by = current_actor()
    with transaction() as session:
        pause_schedule(session, by=by, schedule_id=schedule_id)
    return done(url_for("schedules.schedule", schedule_id=schedule_id), _("The schedule is paused."))


@blueprint.post("/<int:schedule_id>/resume")
@requires(May.SCHEDULES_WRITE)
def resume(schedule_id: int) -> Response:
    """Go on with what comes next."""
    by = current_actor()
    with transaction() as session:
        resume_schedule(session, by=by, schedule_id=schedule_id)
    return done(url_for("schedules.schedule", schedule_id=schedule_id), _("The schedule goes on."))


@blueprint.post("/<int:schedule_id>/run")
@requires(May.SCHEDULES_WRITE)
def run(schedule_id: int) -> Response:
    """Start its task now."""
    by = current_actor()
    with transaction() as session:
        task = run_now(session, by=by, schedule_id=schedule_id)
        where = _task_url(task) or url_for("schedules.schedule", schedule_id=schedule_id)
    return done(where, _("The task was asked for; it starts as soon as a worker is free."))


@blueprint.route("/<int:schedule_id>/delete", methods=["GET", "POST"])
@requires(May.SCHEDULES_WRITE)
def remove_schedule(schedule_id: int) -> Response:
    """The question whether to delete, and the deletion."""
    by = current_actor()
    return ask_and_delete(
        "tasks/schedule_delete.html",
        lambda: {"schedule": get_schedule(db.session(), schedule_id)},
        lambda s, seen: delete_schedule(s, by=by, schedule_id=schedule_id, version=seen),
        then=url_for("schedules.schedules"),
        message=_("The schedule was deleted."),
    )


@blueprint.post("/<int:schedule_id>/seen")
@requires(May.SCHEDULES_WRITE)
def see(schedule_id: int) -> Response:
    """Somebody has seen the alarms of a schedule, up to the one that the page showed."""
    by, until = current_actor(), request.form.get("until", "")
    with transaction() as session:
        see_alarms(session, by=by, schedule_id=schedule_id, until=int(until) if _is_number(until) else 0)
    return done(own_path(request.form.get("next") or url_for("schedules.schedules")))


def alarms_now(only: int | None = None) -> dict[str, Any]:
    """What `tasks/_alarms.html` shows: alarms that nobody has seen, and schedules that nobody starts."""
    session, now, language = db.session(), utc_now(), choose_language()
    unseen = [each for each in list_unseen(session) if only in (None, each.schedule.id)]
    overdue = [each for each in list_overdue(session, now) if only in (None, each.id)]
    return {
        "unseen": [_alarm_line(each, language) for each in unseen],
        "overdue": [
            (each, moment_in_words(each.next_at, g.company.zone, language)) for each in overdue if each.next_at
        ],
    }


def render_alarms(**_context: Any) -> str:
    """The alarms for the pages of other rooms: a panel."""
    found = alarms_now()
    return render_template("tasks/_alarms.html", **found) if found["unseen"] or found["overdue"] else ""


def _alarm_line(each: Unseen, language: str) -> dict[str, Any]:
    return {
        "schedule": each.schedule,
        "until": each.newest,
        "more": each.count - 1,
        "mended": each.mended,
        "sentence": alarm_in_words(each.last, each.schedule.name, g.company, language),
        "task_url": _task_url(each.task) if each.task else None,
    }


def _task_url(task: Task) -> str | None:
    """The page of a task, if the person may see it."""
    by = current_actor()
    mine = by.may(May.ALL) or (task.user_id is not None and task.user_id == by.user_id)
    return url_for("tasks.task", task_id=task.id) if mine and by.may(May.OWN) else None


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 18


def _chosen(kinds: list[TaskKind], name: str | None) -> TaskKind | None:
    """The kind of that name among those to choose from, else the first one."""
    return next((kind for kind in kinds if kind.name == name), kinds[0] if kinds else None)


def _form_of(stored: Schedule, **kwargs: Any) -> ScheduleForm:
    """The form of a stored schedule. A room's own keeps its kind; what it does, only those may set who may start it."""
    kinds = kinds_for(current_actor())
    wanted = stored.kind if stored.origin else request.form.get("kind", stored.kind)
    kind = next((each for each in kinds if each.name == wanted), None)
    return schedule_form(kind, kinds, stored, **kwargs)


def _meet(form: ScheduleForm, theirs: Schedule) -> list[Difference]:
    """How the stored schedule differs from what was typed, the kind's arguments only where both have the same kind."""
    kinds = kinds_for(current_actor())
    other = schedule_form(
        next((each for each in kinds if each.name == form.kind.data), None), kinds, theirs, formdata=None
    )
    return form.meet(other)


def _show_form(
    form: ScheduleForm,
    stored: Schedule | None = None,
    *,
    status: int = 200,
    differences: list[Difference] | None = None,
) -> Response:
    return show(
        "tasks/schedule_form.html",
        status=status,
        form=form,
        schedule=stored,
        kind=task_kinds().get(stored.kind) if stored else None,
        preview=_preview_of(form),
        differences=differences,
    )


def _preview_of(form: ScheduleForm) -> Preview:
    try:
        return _preview(form.line())
    except CronWrong as wrong:
        return Preview(problem=str(wrong.sentence))


def _preview(line: str) -> Preview:
    language, zone = choose_language(), g.company.zone
    slots = next_slots(line, after=utc_now(), zone=zone, count=RUNS)
    return Preview(line, in_words(line, language), tuple(moment_in_words(slot, zone, language) for slot in slots))


def _arguments(stored: Schedule, kind: TaskKind | None) -> list[tuple[str, str]]:
    """The arguments under the names that the form gives them."""
    declared = {argument.name: argument for argument in kind.arguments} if kind else {}
    told = []
    for name, value in stored.args.items():
        argument = declared.get(name)
        words = str(dict(argument.choices).get(value, value)) if argument else str(value)
        if isinstance(value, bool):
            words = _("yes") if value else _("no")
        told.append((str(argument.label) if argument else name, words))
    return told
