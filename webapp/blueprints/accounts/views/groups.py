"""The pages of groups: the tree, and each group with its members and the roles given on it."""

from __future__ import annotations

from flask import Blueprint, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.blueprints.accounts.forms.rights import GroupForm
from webapp.blueprints.accounts.models import Group
from webapp.blueprints.accounts.permissions import AccountsPermission as May
from webapp.blueprints.accounts.queries.directory import list_groups, with_those_below
from webapp.blueprints.accounts.queries.people import list_users
from webapp.blueprints.accounts.queries.rights import get_group, list_ranked_roles
from webapp.blueprints.accounts.services.groups import create_group, delete_group, update_group
from webapp.core.db import db
from webapp.core.deletion import ask_and_delete
from webapp.core.editing import ask_and_edit
from webapp.core.forms import Difference, submit
from webapp.core.security import current_actor, requires
from webapp.core.web import done, show

blueprint = Blueprint("groups", __name__, template_folder="../templates", url_prefix="/backoffice/rights/groups")


@blueprint.get("/")
@requires(May.ROLES_READ)
def groups() -> Response:
    """The tree of groups."""
    return show("accounts/groups.html", groups=list_groups(db.session()))


@blueprint.get("/<int:group_id>/")
@requires(May.ROLES_READ)
def group(group_id: int) -> Response:
    """One group: where it stands, its members, its roles."""
    session = db.session()
    found = get_group(session, group_id)
    paths = {each.id: path for each, path in list_groups(session)}
    above = [get_group(session, number) for number in _above(found)]
    below = [(each, path) for each, path in list_groups(session) if each.parent_id == group_id]
    return show("accounts/group.html", group=found, path=paths[group_id], above=above, below=below)


@blueprint.route("/new", methods=["GET", "POST"])
@requires(May.ROLES_EDIT)
def new_group() -> Response:
    """The form of a new group, and its creation."""
    form = _offered(GroupForm(data={"parent": request.args.get("parent", "")}))
    if request.method == "GET":
        return _show_form(form)
    by = current_actor()
    created = submit(form, lambda session: create_group(session, by=by, values=form.values()).id)
    if created is None:
        return _show_form(form, status=422)
    return done(url_for("groups.group", group_id=created), _("The group was created."))


@blueprint.route("/<int:group_id>/edit", methods=["GET", "POST"])
@requires(May.ROLES_EDIT)
def edit_group(group_id: int) -> Response:
    """The form of a group, and its change; the second of two editors is told."""
    by = current_actor()
    return ask_and_edit(
        lambda: get_group(db.session(), group_id),
        lambda stored, **kwargs: _offered(GroupForm.of(stored, **kwargs), group_id),
        _show_form,
        lambda s, form, seen: update_group(s, by=by, group_id=group_id, version=seen, values=form.values()),
        then=url_for("groups.group", group_id=group_id),
        message=_("The group was saved."),
    )


@blueprint.route("/<int:group_id>/delete", methods=["GET", "POST"])
@requires(May.ROLES_EDIT)
def remove_group(group_id: int) -> Response:
    """The question whether to delete, and the deletion."""
    by = current_actor()
    return ask_and_delete(
        "accounts/group_delete.html",
        lambda: {"group": get_group(db.session(), group_id)},
        lambda s, seen: delete_group(s, by=by, group_id=group_id, version=seen),
        then=url_for("groups.groups"),
        message=_("The group was deleted."),
    )


def _above(group: Group) -> list[int]:
    """The numbers of the groups above, the nearest first."""
    parents = {each.id: each.parent_id for each, _path in list_groups(db.session())}
    found: list[int] = []
    number = group.parent_id
    while number is not None and number not in found:
        found.append(number)
        number = parents.get(number)
    return found


def _offered(form: GroupForm, group_id: int | None = None) -> GroupForm:
    """The form with its choices: a group cannot lie below itself."""
    session = db.session()
    known = list_groups(session)
    own = with_those_below([each for each, _path in known], group_id) if group_id else set()
    form.offer(
        [(each, path) for each, path in known if each.id not in own], list_ranked_roles(session), list_users(session)
    )
    return form


def _show_form(
    form: GroupForm,
    stored: Group | None = None,
    *,
    status: int = 200,
    differences: list[Difference] | None = None,
) -> Response:
    return show("accounts/group_form.html", status=status, form=form, group=stored, differences=differences)
