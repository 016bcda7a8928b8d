"""The pages that anybody may read: what this installation is, and the public projects where it has them."""

from __future__ import annotations

from importlib.metadata import version

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from webapp.blueprints.workspaces.queries.people import list_members
from webapp.blueprints.workspaces.queries.projects import get_project_by_slugs, list_public_projects
from webapp.core.db import db
from webapp.core.i18n import offered_languages
from webapp.core.security import current_actor, public
from webapp.core.settings import house_settings
from webapp.core.shell import LANGUAGE_NAMES
from webapp.core.web import show

blueprint = Blueprint("workspaces", __name__, template_folder="../templates", url_prefix="/workspaces")
NOT_KEPT = {"Cache-Control": "no-store"}  # a project that is made private is gone at once


@blueprint.get("/about")
@public
def about() -> Response:
    """What this installation is: its name, what it says of itself, its theme and its version."""
    return show(
        "workspaces/about.html",
        version=version("bottega"),
        languages=[LANGUAGE_NAMES.get(code, code) for code in offered_languages()],
        projects=house_settings().public_projects,
    )


@blueprint.get("/")
@public
def public_projects() -> Response:
    """The public projects; to who is not signed in only where the installation says so."""
    found = list_public_projects(db.session(), by=current_actor())
    return _fresh(show("workspaces/public_projects.html", projects=found, open=house_settings().public_projects))


@blueprint.get("/<group>/<project>/")
@public
def public_project(group: str, project: str) -> Response:
    """A project as its readers see it; nothing is there for who may not read it."""
    session, by = db.session(), current_actor()
    found = get_project_by_slugs(session, group, project, by=by)
    return _fresh(
        show(
            "workspaces/public_project.html",
            project=found,
            group=found.group,
            members=list_members(session, found.group, by=by),
        )
    )


def render_links() -> str:
    """The links at the foot of public pages."""
    return render_template("workspaces/_links.html", projects=house_settings().public_projects)


def _fresh(response: Response) -> Response:
    response.headers.update(NOT_KEPT)
    return response
