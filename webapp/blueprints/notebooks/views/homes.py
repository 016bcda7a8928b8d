"""The pages of a notebook's home and timetable: how full it is, its backups, copies, and when it starts and stops."""

from __future__ import annotations

from flask import Blueprint, render_template, request, send_file, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.blueprints.notebooks.forms.keeping import DAYS, CloneForm, TimetableForm
from webapp.blueprints.notebooks.models import Notebook
from webapp.blueprints.notebooks.queries.keeping import list_tasks
from webapp.blueprints.notebooks.queries.notebooks import WORK, find_lock, get_notebook, get_project_of, may_do
from webapp.blueprints.notebooks.services.backups import (
    BACK_UP,
    CLONE,
    MOST_KEPT,
    RESTORE,
    ask_to_back_up,
    ask_to_clone,
    ask_to_restore,
    delete_backup,
    empty_home,
    get_backup,
    is_at_rest,
    list_backups,
)
from webapp.blueprints.notebooks.services.belongings import size_in_words
from webapp.blueprints.notebooks.services.homes import MEGABYTE, backups_folder, find_home
from webapp.blueprints.notebooks.services.timetables import change_timetable, read_timetable
from webapp.blueprints.workspaces.public import Project
from webapp.core.clock import utc_now
from webapp.core.db import db, transaction
from webapp.core.errors import EditConflict, NotFound
from webapp.core.forms import submit
from webapp.core.security import current_actor, requires
from webapp.core.web import done, show

blueprint = Blueprint("notebook_homes", __name__, template_folder="../templates", url_prefix="/backoffice/workspaces/notebooks/<slug>")  # fmt: skip


@blueprint.get("/home")
@requires(WORK)
def home(slug: str) -> Response:
    """How full the home is, its backups, and what can be done with it."""
    return _show_home(slug, CloneForm(formdata=None))


@blueprint.post("/back-up")
@requires(WORK)
def back_up(slug: str) -> Response:
    """Let the keeper save a copy of the home."""
    with transaction() as session:
        ask_to_back_up(session, by=current_actor(), slug=slug)
    return done(_home(slug))


@blueprint.post("/clone")
@requires(WORK)
def clone(slug: str) -> Response:
    """Make a notebook like this one, with a copy of its home."""
    form, by = CloneForm(), current_actor()
    made = submit(
        form,
        lambda session: ask_to_clone(session, by=by, slug=slug, name=str(form.name.data), new_slug=form.slug.data or "")[0].slug,
    )  # fmt: skip
    if made is None:
        return _show_home(slug, form, status=422)
    return done(_home(made), _("The copy was made; its files follow."))


@blueprint.post("/empty")
@requires(WORK)
def empty(slug: str) -> Response:
    """Delete all that is in the home."""
    with transaction() as session:
        empty_home(session, by=current_actor(), slug=slug, now=utc_now())
    return done(_home(slug), _("The home is empty when the notebook next starts."))


@blueprint.get("/backups/<int:backup_id>/file")
@requires(WORK)
def backup_file(slug: str, backup_id: int) -> Response:
    """A backup to keep elsewhere."""
    session = db.session()
    notebook = get_notebook(session, slug, by=current_actor(), to=WORK)
    found = get_backup(session, notebook, backup_id)
    path = backups_folder() / found.file
    if not path.is_file():
        raise NotFound(_("The file of this backup is not there any more."))
    name = f"{slug}-{found.made_at:%Y-%m-%d-%H%M}.tar.gz"
    return send_file(path, mimetype="application/gzip", as_attachment=True, download_name=name)


@blueprint.post("/backups/<int:backup_id>/restore")
@requires(WORK)
def restore(slug: str, backup_id: int) -> Response:
    """Let the keeper put a backup in place of the home."""
    with transaction() as session:
        ask_to_restore(session, by=current_actor(), slug=slug, backup_id=backup_id)
    return done(_home(slug))


@blueprint.post("/backups/<int:backup_id>/delete")
@requires(WORK)
def remove_backup(slug: str, backup_id: int) -> Response:
    """Delete a backup."""
    with transaction() as session:
        delete_backup(session, by=current_actor(), slug=slug, backup_id=backup_id)
    return done(_home(slug), _("The backup was deleted."))


@blueprint.route("/timetable", methods=["GET", "POST"])
@requires(WORK)
def timetable(slug: str) -> Response:
    """On which days it starts and stops by itself, and the change of that."""
    session, by = db.session(), current_actor()
    stored = get_notebook(session, slug, by=by, to=WORK)
    form = TimetableForm.of(stored)
    if request.method == "GET":
        return _show_timetable(form, stored)
    seen, days = form.seen_version, [int(day) for day in form.days.data or () if day.isdigit()]
    try:
        saved = submit(
            form,
            lambda s: (
                change_timetable(
                    s, by=by, slug=slug, version=seen, days=days, start=form.start.data or "", stop=form.stop.data or ""
                ).slug
            ),
        )
    except EditConflict:
        theirs = get_notebook(session, slug, by=by)
        form.meet(TimetableForm.of(theirs, formdata=None))
        return _show_timetable(form, theirs, status=409)
    if saved is None:
        return _show_timetable(form, stored, status=422)
    return done(url_for("notebooks.notebook", slug=slug), _("The timetable was saved."))


def render_home(notebook: Notebook, project: Project) -> str:
    """How full the home is and when the notebook starts and stops, for the page of the notebook."""
    session, by = db.session(), current_actor()
    if not may_do(session, notebook, by, WORK):
        return ""
    return render_template(
        "notebooks/_home_panel.html",
        notebook=notebook,
        project=project,
        volume=find_home(session, notebook.id),
        backups=len(list_backups(session, notebook.id)),
        timetable=read_timetable(notebook.timetable),
        limit=notebook.disk_mb * MEGABYTE,
    )


@blueprint.app_template_filter("bytes")
def as_bytes(size: int | None) -> str:
    """A number of bytes as people read it."""
    return size_in_words(size)


@blueprint.app_template_filter("weekday_name")
def as_weekday(day: int) -> str:
    """A day of the week by its ISO number."""
    return str(DAYS[str(day)])


def _home(slug: str) -> str:
    return url_for("notebook_homes.home", slug=slug)


def _show_home(slug: str, form: CloneForm, status: int = 200) -> Response:
    session, by = db.session(), current_actor()
    notebook = get_notebook(session, slug, by=by, to=WORK)
    held = find_lock(session, notebook.id, now=utc_now())
    return show(
        "notebooks/home.html",
        status=status,
        notebook=notebook,
        project=get_project_of(session, notebook),
        volume=find_home(session, notebook.id),
        limit=notebook.disk_mb * MEGABYTE,
        backups=list_backups(session, notebook.id),
        most=MOST_KEPT,
        at_rest=is_at_rest(notebook),
        shut_out=held is not None and held.user_id != by.user_id,
        tasks=[
            *list_tasks(session, [BACK_UP, RESTORE], "notebook_id", notebook.id),
            *list_tasks(session, [CLONE], "copy_id", notebook.id),
        ],
        by=by,
        form=form,
    )


def _show_timetable(form: TimetableForm, stored: Notebook, status: int = 200) -> Response:
    project = get_project_of(db.session(), stored)
    return show("notebooks/timetable.html", status=status, form=form, notebook=stored, project=project)
