"""The pages of notebooks: the list, one of them with the steps of its start, and the buttons that steer it.

No page asks the engine: the keeper writes into the rows what it sees there.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from webapp.blueprints.notebooks.forms.notebooks import LockForm, NewNotebookForm, NotebookForm
from webapp.blueprints.notebooks.models import Notebook, State
from webapp.blueprints.notebooks.queries.notebooks import (
    ADMINISTER,
    SEE,
    STATES,
    WORK,
    find_engine,
    find_lock,
    get_notebook,
    get_project_of,
    list_lock_events,
    list_notebooks_of,
    list_offered_images,
    list_steps,
    may_do,
    name_of,
    visible_notebooks,
)
from webapp.blueprints.notebooks.services.belongings import list_along
from webapp.blueprints.notebooks.services.door import base_address
from webapp.blueprints.notebooks.services.keeping import extend_notebook, stop_in_words
from webapp.blueprints.notebooks.services.locks import (
    in_words,
    lock_notebook,
    may_take_over,
    take_lock_over,
    unlock_notebook,
)
from webapp.blueprints.notebooks.services.notebooks import create_notebook, delete_notebook, update_notebook, watch_log
from webapp.blueprints.notebooks.services.wishes import restart_notebook, start_notebook, stop_notebook
from webapp.blueprints.notebooks.settings import notebook_settings
from webapp.blueprints.workspaces.public import Project, get_project, may_read, may_run
from webapp.core.clock import utc_now
from webapp.core.db import db, transaction
from webapp.core.deletion import ask_and_delete
from webapp.core.editing import ask_and_edit
from webapp.core.forms import Difference, submit
from webapp.core.lists.pages import show_list
from webapp.core.security import current_actor, requires
from webapp.core.settings import house_settings
from webapp.core.web import done, show

blueprint = Blueprint("notebooks", __name__, template_folder="../templates", url_prefix="/backoffice/workspaces")
MOVING = (State.QUEUED, State.STARTING, State.STOPPING)
KEEPER_SILENCE = dt.timedelta(seconds=120)
EVENTS = {
    "taken": _l("taken by"),
    "renewed": _l("renewed by"),
    "released": _l("released by"),
    "taken over": _l("taken over by"),
    "run out": _l("run out for"),
}


@blueprint.get("/notebooks/")
@requires(SEE)
def notebooks() -> Response:
    """The list of the notebooks that the reader may see, or its export."""
    found = visible_notebooks(current_actor())
    return show_list(
        db.session(), found, "notebooks/notebooks.html", "notebooks/_notebooks.html", engine_problem=_engine_problem()
    )


@blueprint.get("/notebooks/<slug>/")
@requires(SEE)
def notebook(slug: str) -> Response:
    """One notebook; as a fragment it asks for itself again."""
    return show("notebooks/notebook.html", "notebooks/_notebook.html", **_one(slug))


@blueprint.route("/projects/<int:project_id>/notebooks/new", methods=["GET", "POST"])
@requires(WORK)
def new_notebook(project_id: int) -> Response:
    """The form of a new notebook, and its creation."""
    session, by = db.session(), current_actor()
    project, images = get_project(session, project_id, by=by, to=WORK), list_offered_images(session)
    if request.method == "GET":
        form = NewNotebookForm.from_image(images[0] if images else None)
        form.offer(images)
        return _show_form(form, project)
    form = NewNotebookForm()
    form.offer(images)
    created = submit(form, lambda s: create_notebook(s, by=by, project_id=project_id, **form.values()).slug)
    if created is None:
        return _show_form(form, project, status=422)
    return done(url_for("notebooks.notebook", slug=created), _("The notebook was created."))


@blueprint.route("/notebooks/<slug>/edit", methods=["GET", "POST"])
@requires(WORK)
def edit_notebook(slug: str) -> Response:
    """The form of a notebook, and its change; the second of two editors is told."""
    session, by = db.session(), current_actor()

    def fill(stored: Notebook, **kwargs: Any) -> NotebookForm:
        form = NotebookForm.of(stored, **kwargs)
        form.offer(list_offered_images(session), stored)
        return form

    return ask_and_edit(
        lambda: get_notebook(session, slug, by=by, to=WORK),
        fill,
        lambda form, stored, **more: _show_form(form, get_project_of(session, stored), stored, **more),
        lambda s, form, seen: update_notebook(s, by=by, slug=slug, version=seen, **form.values()),
        then=url_for("notebooks.notebook", slug=slug),
        message=_("The notebook was saved."),
    )


@blueprint.route("/notebooks/<slug>/delete", methods=["GET", "POST"])
@requires(ADMINISTER)
def remove_notebook(slug: str) -> Response:
    """What goes with the notebook and the question whether to delete it, and the deletion."""
    by = current_actor()
    project = get_project_of(db.session(), get_notebook(db.session(), slug, by=by, to=ADMINISTER))

    def tell() -> dict[str, Any]:
        stored = get_notebook(db.session(), slug, by=by, to=ADMINISTER)
        return {"notebook": stored, "project": project, "along": list_along(db.session(), stored)}

    return ask_and_delete(
        "notebooks/notebook_delete.html",
        tell,
        lambda s, seen: delete_notebook(s, by=by, slug=slug, version=seen),
        then=url_for("projects.project", project_id=project.id),
        message=_("The notebook was deleted."),
    )


@blueprint.post("/notebooks/<slug>/start")
@requires(WORK)
def start(slug: str) -> Response:
    """Wish that it runs."""
    return _wished(start_notebook, slug)


@blueprint.post("/notebooks/<slug>/stop")
@requires(WORK)
def stop(slug: str) -> Response:
    """Wish that it stops."""
    return _wished(stop_notebook, slug)


@blueprint.post("/notebooks/<slug>/restart")
@requires(WORK)
def restart(slug: str) -> Response:
    """Wish that it starts anew."""
    return _wished(restart_notebook, slug)


@blueprint.post("/notebooks/<slug>/extend")
@requires(WORK)
def extend(slug: str) -> Response:
    """Let it run on."""
    return _wished(extend_notebook, slug, _("The notebook runs on."))


@blueprint.post("/notebooks/<slug>/lock")
@requires(WORK)
def lock(slug: str) -> Response:
    """Keep others out."""
    form, by = LockForm(), current_actor()
    held = submit(form, lambda session: lock_notebook(session, by=by, slug=slug, **form.values()))
    if held is None:
        return show("notebooks/notebook.html", "notebooks/_notebook.html", status=422, **_one(slug, form))
    return done(url_for("notebooks.notebook", slug=slug), _("The notebook is locked: nobody else gets in."))


@blueprint.post("/notebooks/<slug>/unlock")
@requires(WORK)
def unlock(slug: str) -> Response:
    """Let others in again."""
    return _wished(unlock_notebook, slug, _("The lock was released."))


@blueprint.post("/notebooks/<slug>/take-over")
@requires(ADMINISTER)
def take_over(slug: str) -> Response:
    """Take somebody else's lock."""
    form, by = LockForm(), current_actor()
    held = submit(form, lambda session: take_lock_over(session, by=by, slug=slug, **form.values()))
    if held is None:
        return show("notebooks/notebook.html", "notebooks/_notebook.html", status=422, **_one(slug, form))
    return done(url_for("notebooks.notebook", slug=slug), _("The lock is yours now."))


@blueprint.post("/notebooks/<slug>/log")
@requires(WORK)
def log(slug: str) -> Response:
    """The end of the container's log; the keeper brings it for as long as somebody looks."""
    with transaction() as session:
        found = watch_log(session, by=current_actor(), slug=slug)
        said, said_at = found.log, found.log_at
    return show("notebooks/log.html", "notebooks/_log.html", notebook=found, log=said, log_at=said_at)


@blueprint.app_template_global()
def lock_event(kind: str) -> str:
    """What happened to a lock, in words."""
    return str(EVENTS[kind])


@blueprint.app_template_global()
def notebook_engine() -> str:
    """The engine of the notebooks by the settings; "" for none."""
    return notebook_settings().engine


def render_notebooks(project: Project) -> str:
    """The notebooks of a project, for its page."""
    session, by = db.session(), current_actor()
    if not may_read(project, by):
        return ""
    return render_template(
        "notebooks/_of_project.html",
        project=project,
        notebooks=list_notebooks_of(session, project.id),
        may_make=may_run(project, by),
        states=STATES,
    )


def _wished(wish: Callable[..., object], slug: str, message: str = "") -> Response:
    """What a button of the notebook's page asks for, and back to the page."""
    with transaction() as session:
        wish(session, by=current_actor(), slug=slug)
    return done(url_for("notebooks.notebook", slug=slug), message)


def _one(slug: str, lock_form: LockForm | None = None) -> dict[str, Any]:
    session, by, now = db.session(), current_actor(), utc_now()
    found = get_notebook(session, slug, by=by)
    held = find_lock(session, found.id, now=now)
    works = may_do(session, found, by, WORK)
    shut_out = held is not None and held.user_id != by.user_id
    return {
        "notebook": found,
        "project": get_project_of(session, found),
        "state": STATES[found.state],
        "moving": found.state in MOVING,
        "steps": list_steps(session, found) if works else (),
        "held": held,
        "lock_words": in_words(held) if held else "",
        "shut_out": shut_out,
        "may_take_over": may_take_over(session, found, held, by),
        "lock_form": lock_form or LockForm(formdata=None),
        "lock_events": [(event, name_of(event.user_id)) for event in list_lock_events(session, found.id)]
        if works
        else [],
        "works": works,
        "administers": may_do(session, found, by, ADMINISTER),
        "address": base_address(slug) if works and not shut_out and found.state == State.RUNNING else "",
        "stops": _stops(found),
        "engine_problem": _engine_problem(),
        "without_nginx": not house_settings().trusted_proxies,
        "seen": request.args.get("seen", ""),
    }


def _stops(found: Notebook) -> dict[str, Any] | None:
    """When the notebook stops by itself and why; `soon` once its people were warned."""
    if found.state != State.RUNNING or found.stops_at is None:
        return None
    return {"at": found.stops_at, "words": stop_in_words(found.stops_for, found), "soon": found.warned_at is not None}


def _engine_problem() -> str:
    """Why notebooks do not start here at the moment, in a sentence; "" when all is well."""
    if not notebook_settings().engine:
        return str(_("Notebooks run in containers, and no engine for them is set up here."))
    engine = find_engine(db.session())
    if engine is None or engine.seen_at is None or utc_now() - engine.seen_at > KEEPER_SILENCE:
        return str(_("The keeper of the notebooks does not run: what is asked for waits until it does."))
    if not engine.answers:
        return str(_("The container engine does not answer: %(words)s", words=engine.words))
    return ""


def _show_form(
    form: NotebookForm,
    project: Project,
    stored: Notebook | None = None,
    *,
    status: int = 200,
    differences: list[Difference] | None = None,
) -> Response:
    by = current_actor()
    return show(
        "notebooks/notebook_form.html",
        status=status,
        form=form,
        project=project,
        notebook=stored,
        differences=differences,
        house=notebook_settings(),
        owns=may_do(db.session(), stored, by, ADMINISTER) if stored else True,
    )
