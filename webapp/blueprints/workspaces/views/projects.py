"""The pages of projects."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.blueprints.workspaces.forms import MoveForm, NewProjectForm, ProjectForm, VisibilityForm
from webapp.blueprints.workspaces.models import Project
from webapp.blueprints.workspaces.permissions import WorkspacesPermission as May
from webapp.blueprints.workspaces.queries.groups import list_groups_to_work_in
from webapp.blueprints.workspaces.queries.people import list_members
from webapp.blueprints.workspaces.queries.projects import PROJECTS, VISIBILITIES, get_project, what_belongs
from webapp.blueprints.workspaces.services.projects import (
    create_project,
    delete_project,
    move_project,
    set_visibility,
    update_project,
)
from webapp.core.db import db
from webapp.core.deletion import ask_and_delete
from webapp.core.editing import ask_and_edit
from webapp.core.forms import Difference, submit
from webapp.core.lists.pages import show_list
from webapp.core.policy import visible
from webapp.core.security import current_actor, requires
from webapp.core.settings import house_settings
from webapp.core.web import done, show

blueprint = Blueprint("projects", __name__, template_folder="../templates", url_prefix="/backoffice/workspaces")


@blueprint.get("/")
@requires(May.READ)
def projects() -> Response:
    """The list of the projects that the reader may see, or its export."""
    session, by = db.session(), current_actor()
    return show_list(
        session,
        visible(by, PROJECTS, May.READ),
        "workspaces/projects.html",
        "workspaces/_projects.html",
        works=bool(list_groups_to_work_in(session, by)),
    )


@blueprint.get("/projects/<int:project_id>/")
@requires(May.READ)
def project(project_id: int) -> Response:
    """One project, with what other rooms know of it."""
    session, by = db.session(), current_actor()
    found = get_project(session, project_id, by=by)
    return show(
        "workspaces/project.html",
        project=found,
        group=found.group,
        members=list_members(session, found.group, by=by),
        visibilities=VISIBILITIES,
        public_address=_public_address(found),
    )


@blueprint.route("/projects/new", methods=["GET", "POST"])
@requires(May.WORK)
def new_project() -> Response:
    """The form of a new project, and its creation."""
    by = current_actor()
    form = NewProjectForm(data={"group": request.args.get("group", "")})
    form.offer(list_groups_to_work_in(db.session(), by))
    if request.method == "GET":
        return _show_form(form)
    created = submit(form, lambda session: create_project(session, by=by, **form.values()).id)
    if created is None:
        return _show_form(form, status=422)
    return done(url_for("projects.project", project_id=created), _("The project was created."))


@blueprint.route("/projects/<int:project_id>/edit", methods=["GET", "POST"])
@requires(May.WORK)
def edit_project(project_id: int) -> Response:
    """The form of a project, and its change; the second of two editors is told."""
    by = current_actor()
    return ask_and_edit(
        lambda: get_project(db.session(), project_id, by=by, to=May.WORK),
        ProjectForm.filled,
        _show_form,
        lambda s, form, seen: update_project(s, by=by, project_id=project_id, version=seen, **form.values()),
        then=url_for("projects.project", project_id=project_id),
        message=_("The project was saved."),
    )


@blueprint.route("/projects/<int:project_id>/visibility", methods=["GET", "POST"])
@requires(May.ADMINISTER)
def open_project(project_id: int) -> Response:
    """The form that says who reads the project, and its change."""
    by = current_actor()
    stored = get_project(db.session(), project_id, by=by, to=May.ADMINISTER)
    form, strangers = VisibilityForm(obj=stored), house_settings().public_projects
    if request.method == "GET":
        return show("workspaces/project_visibility.html", form=form, project=stored, strangers=strangers)
    seen, visibility = form.seen_version, form.visibility.data
    saved = submit(
        form,
        lambda s: set_visibility(s, by=by, project_id=project_id, version=seen, visibility=visibility).id,
    )
    if saved is None:
        return show("workspaces/project_visibility.html", status=422, form=form, project=stored, strangers=strangers)
    return done(url_for("projects.project", project_id=saved), _("The visibility was changed."))


@blueprint.route("/projects/<int:project_id>/move", methods=["GET", "POST"])
@requires(May.ADMINISTER)
def move(project_id: int) -> Response:
    """The form that says in which group the project lies, and its move."""
    session, by = db.session(), current_actor()
    stored = get_project(session, project_id, by=by, to=May.ADMINISTER)
    form = MoveForm.of(stored, list_groups_to_work_in(session, by))
    if request.method == "GET":
        return show("workspaces/project_move.html", form=form, project=stored)
    seen = form.seen_version
    saved = submit(
        form,
        lambda s: move_project(s, by=by, project_id=project_id, version=seen, group_id=int(form.group.data)).id,
    )
    if saved is None:
        return show("workspaces/project_move.html", status=422, form=form, project=stored)
    return done(url_for("projects.project", project_id=saved), _("The project was moved."))


@blueprint.route("/projects/<int:project_id>/delete", methods=["GET", "POST"])
@requires(May.ADMINISTER)
def remove_project(project_id: int) -> Response:
    """What would go with the project and the question whether to delete it, and the deletion."""
    by = current_actor()

    def tell() -> dict[str, Any]:
        stored = get_project(db.session(), project_id, by=by, to=May.ADMINISTER)
        return {"project": stored, "belongings": what_belongs(db.session(), [project_id])}

    return ask_and_delete(
        "workspaces/project_delete.html",
        tell,
        lambda s, seen: delete_project(s, by=by, project_id=project_id, version=seen),
        then=url_for("projects.projects"),
        message=_("The project was deleted."),
    )


def _public_address(project: Project) -> str:
    """Where anybody reads the project, "" when nobody does who is not signed in."""
    if project.visibility != "public" or not house_settings().public_projects:
        return ""
    return url_for("workspaces.public_project", group=project.group.slug, project=project.slug, _external=True)


def _show_form(
    form: ProjectForm,
    stored: Project | None = None,
    *,
    status: int = 200,
    differences: list[Difference] | None = None,
) -> Response:
    return show("workspaces/project_form.html", status=status, form=form, project=stored, differences=differences)
