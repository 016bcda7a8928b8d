"""How people come into a workspace group and out of it: the deeds of its page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.blueprints.workspaces.forms import PersonForm, RequestForm
from webapp.blueprints.workspaces.permissions import WorkspacesPermission as May
from webapp.blueprints.workspaces.queries.groups import get_group
from webapp.blueprints.workspaces.queries.people import get_request, list_newcomers
from webapp.blueprints.workspaces.services.joining import (
    add_member,
    answer_request,
    join_group,
    leave_group,
    remove_member,
    request_membership,
    withdraw_request,
)
from webapp.blueprints.workspaces.views.groups import show_group
from webapp.core.db import db, transaction
from webapp.core.errors import DomainError, NotAllowed, NotFound
from webapp.core.security import current_actor, requires
from webapp.core.web import done, show

blueprint = Blueprint(
    "workspace_members", __name__, template_folder="../templates", url_prefix="/backoffice/workspaces"
)


@blueprint.post("/groups/<int:group_id>/join")
@requires(May.READ)
def join(group_id: int) -> Response:
    """Join an open group."""
    by = current_actor()
    return _do(group_id, lambda s: join_group(s, by=by, group_id=group_id), _("You are a member now."))


@blueprint.route("/groups/<int:group_id>/leave", methods=["GET", "POST"])
@requires(May.READ)
def leave(group_id: int) -> Response:
    """The question whether to leave a group, and the leaving."""
    by = current_actor()
    if request.method == "GET":
        return show("workspaces/group_leave.html", group=get_group(db.session(), group_id, by=by))
    return _do(group_id, lambda s: leave_group(s, by=by, group_id=group_id), _("You are a member no longer."))


@blueprint.post("/groups/<int:group_id>/request")
@requires(May.READ)
def ask(group_id: int) -> Response:
    """Ask the owner to be taken in."""
    by, form = current_actor(), RequestForm()
    if not form.validate():
        return show_group(get_group(db.session(), group_id, by=by), status=422, problem=_("At most 1,000 characters."))
    words = form.words.data or ""
    return _do(
        group_id,
        lambda s: request_membership(s, by=by, group_id=group_id, words=words),
        _("The owner of the group was asked."),
    )


@blueprint.post("/groups/<int:group_id>/withdraw")
@requires(May.READ)
def withdraw(group_id: int) -> Response:
    """Take one's own request back."""
    by = current_actor()
    return _do(group_id, lambda s: withdraw_request(s, by=by, group_id=group_id), _("Your request was withdrawn."))


@blueprint.post("/groups/<int:group_id>/members")
@requires(May.ADMINISTER)
def add(group_id: int) -> Response:
    """Take somebody in by hand."""
    session, by = db.session(), current_actor()
    group = get_group(session, group_id, by=by, to=May.ADMINISTER)
    form = PersonForm.among(list_newcomers(session, group))
    if not form.validate():
        return show_group(group, status=422, problem=_("Choose somebody who is not a member yet."))
    user_id = int(form.user.data)
    return _do(
        group_id,
        lambda s: add_member(s, by=by, group_id=group_id, user_id=user_id),
        _("The person is a member now."),
    )


@blueprint.post("/groups/<int:group_id>/members/<int:user_id>/remove")
@requires(May.ADMINISTER)
def remove(group_id: int, user_id: int) -> Response:
    """Take somebody out."""
    by = current_actor()
    return _do(
        group_id,
        lambda s: remove_member(s, by=by, group_id=group_id, user_id=user_id),
        _("The person is a member no longer."),
    )


@blueprint.post("/requests/<int:request_id>/accept")
@requires(May.ADMINISTER)
def accept(request_id: int) -> Response:
    """Take in who asked."""
    return _answer(request_id, accept=True, message=_("The request was accepted."))


@blueprint.post("/requests/<int:request_id>/decline")
@requires(May.ADMINISTER)
def decline(request_id: int) -> Response:
    """Do not take in who asked."""
    return _answer(request_id, accept=False, message=_("The request was declined."))


def _answer(request_id: int, *, accept: bool, message: str) -> Response:
    by, group_id = current_actor(), get_request(db.session(), request_id).group_id
    return _do(group_id, lambda s: answer_request(s, by=by, request_id=request_id, accept=accept), message)


def _do(group_id: int, work: Callable[[Any], object], message: str) -> Response:
    """Do the work in one transaction and come back to the group's page, which says so or why it could not be done."""
    try:
        with transaction() as session:
            work(session)
    except (NotFound, NotAllowed):
        raise
    except DomainError as problem:
        group = get_group(db.session(), group_id, by=current_actor())
        return show_group(group, status=problem.status, problem=str(problem.sentence))
    return done(url_for("workspace_groups.group", group_id=group_id), message)
