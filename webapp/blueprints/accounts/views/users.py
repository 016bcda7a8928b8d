"""The pages of users: the list, one of them with their sessions and history, and what is done to an account."""

from __future__ import annotations

from flask import Blueprint, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from webapp.blueprints.accounts.forms.people import RolesForm
from webapp.blueprints.accounts.models import User
from webapp.blueprints.accounts.permissions import AccountsPermission as May
from webapp.blueprints.accounts.queries.people import STATES, get_user, list_of_users
from webapp.blueprints.accounts.queries.rights import list_roles_of
from webapp.blueprints.accounts.queries.role_actors import list_all_roles
from webapp.blueprints.accounts.queries.sessions import list_live_sessions, list_sign_ins
from webapp.blueprints.accounts.services.devices import place_in_words, read_device
from webapp.blueprints.accounts.services.impersonation import may_act_as
from webapp.blueprints.accounts.services.people import disable_user, enable_user, end_users_sessions, set_roles
from webapp.blueprints.accounts.services.second_factor import reset_second_factor
from webapp.blueprints.accounts.services.sessions import end_session
from webapp.blueprints.accounts.views.signed_in import current_session_id
from webapp.core.clock import utc_now
from webapp.core.db import db, transaction
from webapp.core.errors import NotAllowed
from webapp.core.forms import choices_of, submit
from webapp.core.lists.pages import show_list
from webapp.core.security import current_actor, requires
from webapp.core.web import done, show

blueprint = Blueprint("users", __name__, template_folder="../templates", url_prefix="/backoffice/users")


@blueprint.get("/")
@requires(May.USERS_READ)
def users() -> Response:
    """The list of users, or its export."""
    return show_list(db.session(), list_of_users(utc_now()), "accounts/users.html", "accounts/_users.html")


@blueprint.get("/<int:user_id>/")
@requires(May.USERS_READ)
def user(user_id: int) -> Response:
    """One user: who they are, where they are signed in, and what was tried."""
    database, by = db.session(), current_actor()
    found = get_user(database, user_id)
    return show(
        "accounts/user.html",
        user=found,
        state=STATES["active" if found.active else "suspended" if found.suspended_at else "disabled"],
        roles=list_roles_of(database, user_id),
        sessions=list_live_sessions(database, user_id, now=utc_now()),
        history=list_sign_ins(database, user_id),
        current=current_session_id(),
        may_act=may_act_as(database, by=by, user=found),
        myself=by.user_id == user_id,
        device=read_device,
        place=place_in_words,
    )


@blueprint.route("/<int:user_id>/roles", methods=["GET", "POST"])
@requires(May.USERS_EDIT)
def roles(user_id: int) -> Response:
    """The form of a user's roles, and their change."""
    found, by = get_user(db.session(), user_id), current_actor()
    form = RolesForm(data={"roles": [role.name for role in found.roles], "version": found.version})
    form.roles.choices = choices_of({role.name: role.name for role in list_all_roles(db.session())})
    if request.method == "GET":
        return show("accounts/user_roles.html", form=form, user=found)
    wanted, seen = form.roles.data or [], form.seen_version
    saved = submit(
        form, lambda database: set_roles(database, by=by, user_id=user_id, roles=wanted, version=seen).version
    )
    if saved is None:
        return show("accounts/user_roles.html", status=422, form=form, user=found)
    return _back(user_id, _("The roles were saved: they hold from now on."))


@blueprint.post("/<int:user_id>/disable")
@requires(May.USERS_EDIT)
def disable(user_id: int) -> Response:
    """Keep somebody out."""
    by = current_actor()
    with transaction() as database:
        name = _name(disable_user(database, by=by, user_id=user_id))
    return _back(user_id, _("%(name)s cannot sign in any more; all sessions were ended.", name=name))


@blueprint.post("/<int:user_id>/enable")
@requires(May.USERS_EDIT)
def enable(user_id: int) -> Response:
    """Let somebody in again."""
    by = current_actor()
    with transaction() as database:
        name = _name(enable_user(database, by=by, user_id=user_id))
    return _back(user_id, _("%(name)s may sign in again.", name=name))


@blueprint.post("/<int:user_id>/reset-second-factor")
@requires(May.USERS_EDIT)
def reset_factor(user_id: int) -> Response:
    """Take the second factors from somebody who lost them."""
    by = current_actor()
    with transaction() as database:
        name = _name(reset_second_factor(database, by=by, user_id=user_id))
    return _back(user_id, _("%(name)s signs in without a second factor now; all sessions were ended.", name=name))


@blueprint.post("/<int:user_id>/end-sessions")
@requires(May.USERS_EDIT)
def end_all(user_id: int) -> Response:
    """End all sessions of somebody else."""
    by = current_actor()
    if by.user_id == user_id:
        raise NotAllowed(_("Your own sessions are on their own page."))
    with transaction() as database:
        count = end_users_sessions(database, by=by, user_id=user_id)
    return _back(user_id, ngettext("%(num)s session was ended.", "%(num)s sessions were ended.", count))


@blueprint.post("/<int:user_id>/sessions/<int:session_id>/end")
@requires(May.USERS_EDIT)
def end_one(user_id: int, session_id: int) -> Response:
    """End one session of somebody."""
    by = current_actor()
    with transaction() as database:
        end_session(database, by=by, session_id=session_id, user_id=user_id)
    return _back(user_id, _("The session was ended."))


def _back(user_id: int, words: str) -> Response:
    return done(url_for("users.user", user_id=user_id), words)


def _name(found: User) -> str:
    return found.name or found.email
