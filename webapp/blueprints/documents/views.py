"""The pages of a notebook's documents: run with parameters, rendered for readers; what they made, without anything that runs."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response

from webapp.blueprints.documents.forms import RenderForm, RunForm
from webapp.blueprints.documents.models import Run
from webapp.blueprints.documents.queries import (
    DONE,
    QUEUED,
    RENDERING,
    RUN,
    RUNNING,
    SEE,
    STATES,
    WORK,
    get_document_run,
    list_document_runs,
    list_public_renderings,
)
from webapp.blueprints.documents.services import (
    MEDIA,
    RUN_DOCUMENT,
    ask_to_render,
    ask_to_run,
    delete_run,
    get_document,
    runs_folder,
    write_parameters,
)
from webapp.blueprints.notebooks.public import Notebook, get_notebook, get_project_of, may_do
from webapp.blueprints.workspaces.public import Project, get_project, may_read
from webapp.core.db import db, transaction
from webapp.core.errors import NotFound
from webapp.core.forms import submit
from webapp.core.security import current_actor, public, requires
from webapp.core.web import done, send_stream, show

blueprint = Blueprint("documents", __name__, template_folder="templates", url_prefix="/backoffice/workspaces/notebooks")
open_pages = Blueprint("renderings", __name__, template_folder="templates", url_prefix="/workspaces")


@blueprint.get("/<slug>/documents/")
@requires(SEE)
def documents(slug: str) -> Response:
    """The documents of a notebook that were rendered or run, and the forms for both."""
    return show("documents/documents.html", "documents/_documents.html", **_all(slug))


@blueprint.post("/<slug>/documents/run")
@requires(WORK)
def run(slug: str) -> Response:
    """Ask for a run."""
    form, by = RunForm(), current_actor()
    asked = submit(form, lambda session: ask_to_run(session, by=by, slug=slug, **form.values()))
    if asked is None:
        return show("documents/documents.html", "documents/_documents.html", status=422, **_all(slug, run_form=form))
    return done(url_for("documents.documents", slug=slug), _("The run was asked for."))


@blueprint.post("/<slug>/documents/render")
@requires(WORK)
def render(slug: str) -> Response:
    """Ask for a rendering."""
    form, by = RenderForm(), current_actor()
    asked = submit(form, lambda session: ask_to_render(session, by=by, slug=slug, **form.values()))
    if asked is None:
        return show("documents/documents.html", "documents/_documents.html", status=422, **_all(slug, render_form=form))
    return done(url_for("documents.documents", slug=slug), _("The rendering was asked for."))


@blueprint.get("/documents/<int:run_id>/")
@requires(SEE)
def document(run_id: int) -> Response:
    """What a run or rendering made, to be read."""
    session, by = db.session(), current_actor()
    found, notebook = get_document_run(session, run_id, by=by)
    works = may_do(session, notebook, by, WORK)
    return show(
        "documents/document.html",
        run=found,
        notebook=notebook,
        project=get_project_of(session, notebook),
        content=_page(found),
        parameters=write_parameters(found.parameters),
        state=STATES[found.state],
        works=works,
    )


@blueprint.get("/documents/<int:run_id>/download")
@requires(WORK)
def download(run_id: int) -> Response:
    """The document itself, as JupyterLab opens it."""
    name, path = get_document(db.session(), by=current_actor(), run_id=run_id)
    return send_stream(iter([path.read_bytes()]), media=MEDIA, name=name)


@blueprint.post("/documents/<int:run_id>/delete")
@requires(WORK)
def forget(run_id: int) -> Response:
    """Forget a run or rendering."""
    with transaction() as session:
        found, notebook = get_document_run(session, run_id, by=current_actor())
        slug = notebook.slug
        delete_run(session, by=current_actor(), run_id=found.id)
    return done(url_for("documents.documents", slug=slug), _("It was deleted."))


@open_pages.get("/renderings/<int:run_id>/")
@public
def rendering(run_id: int) -> Response:
    """A rendered document, for whoever may read its project."""
    session, by = db.session(), current_actor()
    found, notebook = get_document_run(session, run_id, by=by)
    project = get_project(session, notebook.project_id, by=by)
    if found.kind != RENDERING or found.state != DONE:
        raise NotFound(_("This page of a notebook does not exist, or does not any more."))
    answer = show(
        "documents/rendering.html",
        run=found,
        notebook=notebook,
        project=project,
        group=project.group,
        content=_page(found),
    )
    answer.headers["Cache-Control"] = "no-store"  # a project that is made private is gone at once
    return answer


def render_documents(notebook: Notebook, project: Project) -> str:
    """The way to a notebook's documents, for its page."""
    session, by = db.session(), current_actor()
    return render_template(
        "documents/_documents_panel.html",
        notebook=notebook,
        project=project,
        renderings=[each for each in list_document_runs(session, notebook, RENDERING, by=by) if each.state == DONE],
        works=may_do(session, notebook, by, WORK),
    )


def render_readings(project: Project) -> str:
    """The rendered documents of a project, for its public page."""
    session, by = db.session(), current_actor()
    found = list_public_renderings(session, project.id) if may_read(project, by) else ()
    return render_template("documents/_readings.html", renderings=found) if found else ""


def _all(slug: str, *, run_form: RunForm | None = None, render_form: RenderForm | None = None) -> dict[str, Any]:
    session, by = db.session(), current_actor()
    notebook = get_notebook(session, slug, by=by)
    path = request.args.get("document", "")
    kinds = {kind: list_document_runs(session, notebook, kind, by=by) for kind in (RUN, RENDERING)}
    return {
        "notebook": notebook,
        "project": get_project_of(session, notebook),
        "works": may_do(session, notebook, by, WORK),
        "runs": kinds[RUN],
        "renderings": kinds[RENDERING],
        "states": STATES,
        "moving": any(each.state in (QUEUED, RUNNING) for found in kinds.values() for each in found),
        "run_form": run_form or RunForm(formdata=None, data={"document": path}),
        "render_form": render_form or RenderForm(formdata=None, data={"document": path}),
        "schedule": url_for("schedules.new_schedule", kind=RUN_DOCUMENT),
    }


def _page(run: Run) -> Markup:
    path = runs_folder() / f"{run.file}.html"
    if not run.file or not path.is_file():
        return Markup("")
    return Markup(path.read_text("utf-8"))  # noqa: S704 - cleaned when it was written
