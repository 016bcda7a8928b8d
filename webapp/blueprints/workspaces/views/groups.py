"""The pages of workspace groups, to see, found, change, hand over and delete them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.blueprints.workspaces.forms import GroupForm, NewGroupForm, PersonForm, RequestForm
from webapp.blueprints.workspaces.models import WorkspaceGroup
from webapp.blueprints.workspaces.permissions import WorkspacesPermission as May
from webapp.blueprints.workspaces.queries.groups import JOINING, get_group, list_of_groups
from webapp.blueprints.workspaces.queries.people import (
    find_open_request,
    list_heirs,
    list_members,
    list_newcomers,
    list_requests,
)
from webapp.blueprints.workspaces.queries.projects import VISIBILITIES, list_projects_of, what_a_group_holds
from webapp.blueprints.workspaces.services.groups import delete_group, found_group, hand_group_over, update_group
from webapp.core.db import db
from webapp.core.deletion import ask_and_delete
from webapp.core.editing import ask_and_edit
from webapp.core.forms import Difference, submit
from webapp.core.lists.pages import show_list
from webapp.core.policy import allowed
from webapp.core.security import current_actor, requires
from webapp.core.web import done, show

blueprint = Blueprint(
    "workspace_groups", __name__, template_folder="../templates", url_prefix="/backoffice/workspaces/groups"
)


@blueprint.get("/")
@requires(May.READ)
def groups() -> Response:
    """The list of workspace groups, or its export."""
    spec = list_of_groups(current_actor())
    return show_list(db.session(), spec, "workspaces/groups.html", "workspaces/_groups.html")


@blueprint.get("/<int:group_id>/")
@requires(May.READ)
def group(group_id: int) -> Response:
    """One group: its people, its projects, and what the reader can do with it."""
    found = get_group(db.session(), group_id, by=current_actor())
    return show_group(found)


def show_group(found: WorkspaceGroup, *, status: int = 200, problem: str = "") -> Response:
    """The page of a group; `problem` says why something with its people could not be done."""
    session, by = db.session(), current_actor()
    owns = allowed(May.ADMINISTER, found)
    return show(
        "workspaces/group.html",
        status=status,
        group=found,
        members=list_members(session, found, by=by),
        projects=list_projects_of(session, found, by=by),
        joining=JOINING,
        visibilities=VISIBILITIES,
        owns=owns,
        requests=list_requests(session, found) if owns else [],
        newcomers=PersonForm.among(list_newcomers(session, found)) if owns else None,
        asked=find_open_request(session, found.id, by.user_id) if by.signed_in else None,
        ask_form=RequestForm(formdata=None),
        problem=problem,
    )


@blueprint.route("/new", methods=["GET", "POST"])
@requires(May.FOUND)
def new_group() -> Response:
    """The form of a new group, and its foundation."""
    form = NewGroupForm()
    if request.method == "GET":
        return _show_form(form)
    by = current_actor()
    created = submit(form, lambda session: found_group(session, by=by, **form.values()).id)
    if created is None:
        return _show_form(form, status=422)
    return done(url_for("workspace_groups.group", group_id=created), _("The workspace group was founded."))


@blueprint.route("/<int:group_id>/edit", methods=["GET", "POST"])
@requires(May.ADMINISTER)
def edit_group(group_id: int) -> Response:
    """The form of a group, and its change; the second of two editors is told."""
    by = current_actor()
    return ask_and_edit(
        lambda: get_group(db.session(), group_id, by=by, to=May.ADMINISTER),
        GroupForm.filled,
        _show_form,
        lambda s, form, seen: update_group(s, by=by, group_id=group_id, version=seen, **form.values()),
        then=url_for("workspace_groups.group", group_id=group_id),
        message=_("The workspace group was saved."),
    )


@blueprint.route("/<int:group_id>/hand-over", methods=["GET", "POST"])
@requires(May.ADMINISTER)
def hand_over(group_id: int) -> Response:
    """The form that says who owns the group from now on, and the handing over."""
    session, by = db.session(), current_actor()
    stored = get_group(session, group_id, by=by, to=May.ADMINISTER)
    form = PersonForm.among(list_heirs(session, stored), version=stored.version)
    if request.method == "GET":
        return show("workspaces/group_hand_over.html", form=form, group=stored)
    seen = form.seen_version
    saved = submit(
        form,
        lambda s: hand_group_over(s, by=by, group_id=group_id, version=seen, user_id=int(form.user.data)).id,
    )
    if saved is None:
        return show("workspaces/group_hand_over.html", status=422, form=form, group=stored)
    return done(url_for("workspace_groups.group", group_id=saved), _("The workspace group was handed over."))


@blueprint.route("/<int:group_id>/delete", methods=["GET", "POST"])
@requires(May.ADMINISTER)
def remove_group(group_id: int) -> Response:
    """What would go with the group and the question whether to delete it, and the deletion."""
    by = current_actor()

    def tell() -> dict[str, Any]:
        stored = get_group(db.session(), group_id, by=by, to=May.ADMINISTER)
        return {"group": stored, "belongings": what_a_group_holds(db.session(), stored)}

    return ask_and_delete(
        "workspaces/group_delete.html",
        tell,
        lambda s, seen: delete_group(s, by=by, group_id=group_id, version=seen),
        then=url_for("workspace_groups.groups"),
        message=_("The workspace group was deleted."),
    )


def _show_form(
    form: GroupForm,
    stored: WorkspaceGroup | None = None,
    *,
    status: int = 200,
    differences: list[Difference] | None = None,
) -> Response:
    return show("workspaces/group_form.html", status=status, form=form, group=stored, differences=differences)
