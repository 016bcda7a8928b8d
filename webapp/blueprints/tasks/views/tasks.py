"""The pages of tasks: the list with what goes on now, one task while it works, and the buttons that steer it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.blueprints.tasks.models import ENDED, State, Task
from webapp.blueprints.tasks.permissions import TasksPermission as May
from webapp.blueprints.tasks.queries import (
    LEVELS,
    STATES,
    count_parts,
    count_running,
    find_parent,
    get_task,
    list_durations,
    list_newest_lines,
    list_of_lines,
    list_of_request,
    list_of_tasks,
    list_parts,
    list_processes,
    list_running,
    list_waiting,
)
from webapp.blueprints.tasks.services.steering import REPAIRABLE, cancel, may_repeat, retry, retry_as
from webapp.core.db import db, transaction
from webapp.core.jobs import task_kinds
from webapp.core.lists.filters import Label
from webapp.core.lists.pages import show_list
from webapp.core.security import Actor, current_actor, requires
from webapp.core.web import done, is_fragment, show

blueprint = Blueprint("tasks", __name__, template_folder="../templates", url_prefix="/backoffice/tasks")


@blueprint.get("/")
@requires(May.OWN)
def tasks() -> Response:
    """The list of tasks, or its export; above it, what goes on now."""
    spec = list_of_tasks(kind_titles(), by=current_actor())
    more = {} if is_fragment() else _now()
    return show_list(db.session(), spec, "tasks/tasks.html", "tasks/_tasks.html", **more)


@blueprint.get("/now")
@requires(May.OWN)
def now() -> Response:
    """What goes on now: a fragment that asks for itself again."""
    if not is_fragment():
        return redirect(url_for("tasks.tasks"), 303)
    return show("tasks/tasks.html", "tasks/_now.html", **_now())


@blueprint.get("/durations")
@requires(May.OWN)
def durations() -> Response:
    """How long the tasks of each kind took in the last 30 days."""
    found = list_durations(db.session(), by=current_actor())
    return show("tasks/durations.html", "tasks/_durations.html", durations=found)


@blueprint.get("/<int:task_id>/")
@requires(May.OWN)
def task(task_id: int) -> Response:
    """One task; as a fragment it asks for itself again until it has ended."""
    return show("tasks/task.html", "tasks/_task.html", **_one(task_id))


@blueprint.get("/<int:task_id>/log")
@requires(May.OWN)
def log(task_id: int) -> Response:
    """The whole log of a task, or its export."""
    session = db.session()
    found = get_task(session, task_id, by=current_actor())
    return show_list(session, list_of_lines(found.id), "tasks/log.html", "tasks/_log.html", task=found)


@blueprint.get("/<int:task_id>/progress")
@requires(May.OWN)
def progress(task_id: int) -> Response:
    """How far a task is, for the pages of other rooms; once it has ended, to where `then` says, else a link."""
    found = get_task(db.session(), task_id, by=current_actor())
    then = _own_address(request.args.get("then", ""))
    if not is_fragment():
        return redirect(url_for("tasks.task", task_id=task_id), 303)
    if found.state in ENDED and then:
        return done(then)
    return show("tasks/task.html", "tasks/_progress.html", task=found, then=then)


@blueprint.post("/<int:task_id>/cancel")
@requires(May.OWN)
def cancel_task(task_id: int) -> Response:
    """Stop a task."""
    by = current_actor()
    with transaction() as session:
        at_once = cancel(session, task_id, by=by).state == State.CANCELLED
    message = _("The task was cancelled.") if at_once else _("The task was asked to stop.")
    return done(url_for("tasks.task", task_id=task_id), message)


@blueprint.post("/<int:task_id>/retry")
@requires(May.OWN)
def retry_task(task_id: int) -> Response:
    """Let an ended task run again for the one who asked for it."""
    by = current_actor()
    with transaction() as session:
        retry(session, task_id, by=by)
    return done(url_for("tasks.task", task_id=task_id), _("The task waits to run again."))


@blueprint.post("/<int:task_id>/retry-as-me")
@requires(May.OWN)
def retry_task_as_me(task_id: int) -> Response:
    """Ask for the same in one's own name."""
    by = current_actor()
    with transaction() as session:
        made = retry_as(session, task_id, by=by).id
    return done(url_for("tasks.task", task_id=made), _("This new task does the same in your name."))


@blueprint.app_template_global()
def task_title(task: Task) -> str:
    """What a task does, in words; its kind's name when no open room knows it."""
    return str(kind_titles().get(task.kind, task.kind))


@blueprint.app_template_global()
def task_state(state: str) -> str:
    """The state of a task in a word."""
    return str(STATES[state])


def render_of_request(request_id: str) -> str:
    """The tasks that a request asked for, for the page of its trail: a panel."""
    found = list_of_request(db.session(), request_id, by=current_actor()) if request_id else []
    return render_template("tasks/_of_request.html", tasks=found) if found else ""


def kind_titles() -> Mapping[str, Label]:
    """The titles of the kinds that the open rooms declare, by name."""
    return {name: kind.title for name, kind in task_kinds().items()}


def _now() -> dict[str, Any]:
    session, by = db.session(), current_actor()
    alive = list_processes(session)
    return {
        "running": list_running(session, by=by),
        "running_count": count_running(session, by=by),
        "waiting": list_waiting(session, by=by),
        "processes": alive,
        "roles": {each.role for each in alive},
        "notes": list(dict.fromkeys(each.note for each in alive if each.note)),
    }


def _one(task_id: int) -> dict[str, Any]:
    session, by = db.session(), current_actor()
    found = get_task(session, task_id, by=by)
    lines, older = list_newest_lines(session, task_id)
    return {
        "task": found,
        "ended": found.state in ENDED,
        "seen": request.args.get("seen", ""),
        "lines": lines,
        "older_lines": older,
        "levels": LEVELS,
        "parts": list_parts(session, task_id, by=by),
        "part_counts": count_parts(session, task_id, by=by),
        "parent": find_parent(session, found, by=by),
        "arguments": _labelled(found),
        "result": _facts(found.result),
        **_buttons(found, by),
    }


def _buttons(found: Task, by: Actor) -> dict[str, bool]:
    again = found.state in ENDED and may_repeat(found, by=by)
    mine = found.user_id == by.user_id
    return {
        "may_cancel": found.state not in ENDED and found.cancel_asked_at is None,
        "may_retry": again and found.state in REPAIRABLE,
        "may_retry_as_me": again and (not mine or found.state == State.DONE),
    }


def _labelled(found: Task) -> list[tuple[str, str]]:
    """The arguments under the names that forms give them."""
    kind = task_kinds().get(found.kind)
    labels = {each.name: str(each.label) for each in kind.arguments} if kind else {}
    return [(labels.get(name, name), _as_text(value)) for name, value in found.args.items()]


def _facts(result: Any) -> list[tuple[str, str]]:
    """A result as lines of name and value; what is no object has no name."""
    if result is None:
        return []
    if isinstance(result, dict):
        return [(str(name), _as_text(value)) for name, value in result.items()]
    return [("", _as_text(result))]


def _as_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if isinstance(value, list) and not any(isinstance(each, list | dict) for each in value):
        return ", ".join(map(_as_text, value))
    return json.dumps(value, ensure_ascii=False, indent=2)


def _own_address(text: str) -> str:
    """The address, when it is a path of this site; else ""."""
    plain = text.isprintable() and "\\" not in text
    return text if plain and text.startswith("/") and not text.startswith("//") else ""
