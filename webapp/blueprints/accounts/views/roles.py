"""The pages of roles: what each one is, and the matrix of all roles and rights."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from flask import Blueprint, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from webapp.blueprints.accounts.forms.rights import RoleForm
from webapp.blueprints.accounts.models import ROLES, Role
from webapp.blueprints.accounts.permissions import AccountsPermission as May
from webapp.blueprints.accounts.queries.rights import (
    HOUSE_ROLES,
    NONE,
    ROLES_LIST,
    get_role,
    list_grants,
    list_groups_with,
    list_holders,
    list_ranked_roles,
)
from webapp.blueprints.accounts.services.roles import (
    OWNER,
    create_role,
    decide_rights,
    delete_role,
    update_role,
    version_of,
    version_of_grants,
)
from webapp.core.db import db, transaction
from webapp.core.deletion import ask_and_delete
from webapp.core.editing import ask_and_edit
from webapp.core.errors import EditConflict
from webapp.core.forms import Difference, RecordForm, submit
from webapp.core.lists.pages import show_list
from webapp.core.room import Right, rights
from webapp.core.security import Reach, current_actor, requires
from webapp.core.web import done, show

blueprint = Blueprint("roles", __name__, template_folder="../templates", url_prefix="/backoffice/rights")


@blueprint.get("/")
@requires(May.ROLES_READ)
def matrix() -> Response:
    """Which role grants what; with `role`, that one alone."""
    return _show_matrix()


@blueprint.post("/")
@requires(May.ROLES_EDIT)
def decide_matrix() -> Response:
    """Decide what the roles grant: `<role>:<permission>` says how far."""
    wanted: dict[int, dict[str, str]] = {}
    for name, reach in request.form.items():
        role, colon, permission = name.partition(":")
        if colon and role.isdecimal():
            wanted.setdefault(int(role), {})[permission] = reach
    by, seen = current_actor(), RecordForm().seen_version
    try:
        with transaction() as session:
            changed = decide_rights(session, by=by, version=seen, wanted=wanted)
    except EditConflict as conflict:
        return _show_matrix(status=409, problem=str(conflict.sentence))
    words = ngettext("%(num)s right was changed.", "%(num)s rights were changed.", changed)
    return done(url_for("roles.matrix", role=request.args.get("role") or None), words)


@blueprint.get("/roles/")
@requires(May.ROLES_READ)
def roles() -> Response:
    """The list of roles, or its export."""
    return show_list(db.session(), ROLES_LIST, "accounts/roles.html", "accounts/_roles.html")


@blueprint.get("/roles/<int:role_id>/")
@requires(May.ROLES_READ)
def role(role_id: int) -> Response:
    """One role: what it is, who holds it, what it grants."""
    session = db.session()
    found = get_role(session, role_id)
    held = list_grants(session)[role_id]
    return show(
        "accounts/role.html",
        role=found,
        house=found.name in ROLES,
        description=HOUSE_ROLES.get(found.description, found.description),
        everything=found.name == OWNER,
        granted=[
            (room, [(each, held[each.name]) for each in some if each.name in held]) for room, some in rights_by_room()
        ],
        holders=list_holders(session, role_id),
        groups=list_groups_with(session, role_id),
        version=version_of(found),
        reaches=reach_words(),
    )


@blueprint.route("/roles/new", methods=["GET", "POST"])
@requires(May.ROLES_EDIT)
def new_role() -> Response:
    """The form of a new role, and its creation."""
    form = RoleForm()
    if request.method == "GET":
        return _show_form(form)
    by = current_actor()
    created = submit(form, lambda session: create_role(session, by=by, values=form.values()).id)
    if created is None:
        return _show_form(form, status=422)
    return done(url_for("roles.matrix", role=created), _("The role was created. Now say what it grants."))


@blueprint.route("/roles/<int:role_id>/edit", methods=["GET", "POST"])
@requires(May.ROLES_EDIT)
def edit_role(role_id: int) -> Response:
    """The form of a role, and its change; the second of two editors is told."""
    by = current_actor()
    return ask_and_edit(
        lambda: get_role(db.session(), role_id),
        RoleForm.of,
        _show_form,
        lambda s, form, seen: update_role(s, by=by, role_id=role_id, version=seen, values=form.values()),
        then=url_for("roles.role", role_id=role_id),
        message=_("The role was saved."),
    )


@blueprint.route("/roles/<int:role_id>/delete", methods=["GET", "POST"])
@requires(May.ROLES_EDIT)
def remove_role(role_id: int) -> Response:
    """The question whether to delete, and the deletion."""
    by = current_actor()

    def tell() -> dict[str, Any]:
        stored = get_role(db.session(), role_id)
        return {"role": stored, "version": version_of(stored)}

    return ask_and_delete(
        "accounts/role_delete.html",
        tell,
        lambda s, seen: delete_role(s, by=by, role_id=role_id, version=seen),
        then=url_for("roles.roles"),
        message=_("The role was deleted."),
    )


def reach_words() -> dict[str, str]:
    """How far a right reaches, in words."""
    return {
        NONE: _("No"),
        Reach.OWN.value: _("Own records"),
        Reach.GROUP.value: _("Own groups and below"),
        Reach.ALL.value: _("All records"),
    }


def rights_by_room() -> list[tuple[str, list[Right]]]:
    """All rights by the room that they belong to."""
    return [(room, list(some)) for room, some in groupby(rights(), key=lambda right: str(right.room))]


def _shown_roles(roles: Iterable[Role]) -> list[Role]:
    asked = request.args.get("role", "")
    return [role for role in roles if str(role.id) == asked] or list(roles)


def _show_matrix(*, status: int = 200, problem: str = "") -> Response:
    session = db.session()
    all_roles = list_ranked_roles(session)
    grants = list_grants(session)
    return show(
        "accounts/matrix.html",
        status=status,
        problem=problem,
        all_roles=all_roles,
        roles=_shown_roles(all_roles),
        rooms=rights_by_room(),
        grants=grants,
        version=version_of_grants(grants),
        owner=OWNER,
        reaches=reach_words(),
        may_edit=current_actor().may(May.ROLES_EDIT),
    )


def _show_form(
    form: RoleForm,
    stored: Role | None = None,
    *,
    status: int = 200,
    differences: list[Difference] | None = None,
) -> Response:
    house = stored is not None and stored.name in ROLES
    return show("accounts/role_form.html", status=status, form=form, role=stored, house=house, differences=differences)
