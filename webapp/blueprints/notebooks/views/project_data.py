"""The pages of what the notebooks of a project have in common: shared files, and what they used."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, g, render_template, request, url_for
from werkzeug.wrappers import Response

from webapp.blueprints.notebooks.forms.keeping import SharedFileForm
from webapp.blueprints.notebooks.queries.keeping import list_tasks, list_usage, list_usage_days, total_of
from webapp.blueprints.notebooks.queries.notebooks import SEE, WORK
from webapp.blueprints.notebooks.services.homes import find_shared
from webapp.blueprints.notebooks.services.shared import (
    SHARE,
    TAKE_BACK,
    list_shared_files,
    share_file,
    take_file_back,
)
from webapp.blueprints.workspaces.public import Project, get_project, may_edit, may_read
from webapp.core.clock import local_day, utc_now
from webapp.core.db import db, transaction
from webapp.core.forms import submit
from webapp.core.security import current_actor, requires
from webapp.core.web import done, show

blueprint = Blueprint("notebook_data", __name__, template_folder="../templates", url_prefix="/backoffice/workspaces/projects/<int:project_id>")  # fmt: skip
SPANS = (7, 30, 90, 365)


@blueprint.get("/data")
@requires(SEE)
def data(project_id: int) -> Response:
    """The shared files of a project."""
    return _show_data(project_id, SharedFileForm(formdata=None))


@blueprint.post("/data")
@requires(WORK)
def share(project_id: int) -> Response:
    """Share a further file."""
    form, by = SharedFileForm(), current_actor()
    given = form.file.data
    try:
        made = submit(
            form,
            lambda session: share_file(
                session, by=by, project_id=project_id, filename=str(given.filename), stream=given.stream
            ),
        )
    finally:
        if given:
            given.close()
    if made is None:
        return _show_data(project_id, form, status=422)
    return done(url_for("notebook_data.data", project_id=project_id))


@blueprint.post("/data/take-back")
@requires(WORK)
def take_back(project_id: int) -> Response:
    """Remove a shared file."""
    with transaction() as session:
        take_file_back(session, by=current_actor(), project_id=project_id, name=request.form.get("name", ""))
    return done(url_for("notebook_data.data", project_id=project_id))


@blueprint.get("/usage")
@requires(SEE)
def usage(project_id: int) -> Response:
    """Hours, cores and memory that the notebooks of a project used in the last days."""
    session = db.session()
    project = get_project(session, project_id, by=current_actor())
    text = request.args.get("days", "")
    days = int(text) if text.isascii() and text.isdigit() and int(text) in SPANS else SPANS[1]
    until = local_day(utc_now(), g.company.zone)
    since = until - dt.timedelta(days=days - 1)
    rows = list_usage(session, project.id, since=since, until=until)
    return show(
        "notebooks/usage.html",
        project=project,
        rows=rows,
        total=total_of(rows),
        by_day=list_usage_days(session, project.id, since=since, until=until),
        since=since,
        until=until,
        days=days,
        spans=SPANS,
    )


def render_links(project: Project) -> str:
    """The way to shared files and use, for the page of a project."""
    by = current_actor()
    if not may_read(project, by):
        return ""
    files = list_shared_files(db.session(), project.id)
    return render_template("notebooks/_project_links.html", project=project, files=files)


def _show_data(project_id: int, form: SharedFileForm, status: int = 200) -> Response:
    session, by = db.session(), current_actor()
    project = get_project(session, project_id, by=by)
    return show(
        "notebooks/data.html",
        status=status,
        project=project,
        files=list_shared_files(session, project.id),
        volume=find_shared(session, project.id),
        works=may_edit(project, by),
        tasks=list_tasks(session, [SHARE, TAKE_BACK], "project_id", project.id),
        by=by,
        form=form,
    )
