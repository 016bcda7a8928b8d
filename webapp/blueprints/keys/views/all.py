"""All keys of the house: the list, one of them, keys for services, rotation and the end of one."""

from __future__ import annotations

from flask import Blueprint, url_for
from werkzeug.wrappers import Response

from webapp.blueprints.accounts.public import list_all_roles
from webapp.blueprints.keys.forms import RotationForm, ServiceKeyForm
from webapp.blueprints.keys.permissions import KeysPermission as May
from webapp.blueprints.keys.queries import KEYS, get_key, holder_of
from webapp.blueprints.keys.services.issuing import create_service_key, may_revoke, may_rotate
from webapp.blueprints.keys.views.steps import answer_revocation, answer_rotation, offered_scopes, show_issued
from webapp.core.clock import utc_now
from webapp.core.db import db
from webapp.core.forms import submit
from webapp.core.lists.pages import show_list
from webapp.core.room import rights
from webapp.core.security import current_actor, proven, requires
from webapp.core.web import show

blueprint = Blueprint("all_keys", __name__, template_folder="../templates", url_prefix="/backoffice/keys")


@blueprint.get("/")
@requires(May.ALL_READ)
def keys() -> Response:
    """The list of all keys, or its export."""
    return show_list(db.session(), KEYS, "keys/keys.html", "keys/_keys.html")


@blueprint.get("/<int:key_id>/")
@requires(May.ALL_READ)
def key(key_id: int) -> Response:
    """One key: whose it is, what it may do, and when it was used."""
    found, by = get_key(db.session(), key_id), current_actor()
    return show(
        "keys/key.html",
        key=found,
        holder=holder_of(db.session(), found),
        now=utc_now(),
        titles={right.name: right.title for right in rights()},
        rotatable=may_rotate(found, by=by),
        revocable=may_revoke(found, by=by),
    )


@blueprint.route("/new", methods=["GET", "POST"])
@requires(May.ALL_EDIT)
@proven
def new_service_key() -> Response:
    """The form of a key for a service, and its creation: its text is shown once, in the answer."""
    form = ServiceKeyForm()
    form.offer(offered_scopes())
    form.offer_roles({role.id: role.name for role in list_all_roles(db.session())})
    if not form.is_submitted():
        return show("keys/new_service_key.html", form=form)
    by = current_actor()
    issued = submit(form, lambda session: create_service_key(session, by=by, **form.values()))
    if issued is None:
        return show("keys/new_service_key.html", status=422, form=form)
    return show_issued(issued, url_for("all_keys.keys"))


@blueprint.route("/<int:key_id>/rotate", methods=["GET", "POST"])
@requires(May.ALL_EDIT)
@proven
def rotate_service_key(key_id: int) -> Response:
    """The question how to rotate, and the rotation."""
    return answer_rotation(key_id, RotationForm(), back=url_for("all_keys.key", key_id=key_id))


@blueprint.route("/<int:key_id>/revoke", methods=["GET", "POST"])
@requires(May.ALL_EDIT)
def revoke_any_key(key_id: int) -> Response:
    """The question whether to revoke, and the end of the key."""
    return answer_revocation(key_id, back=url_for("all_keys.key", key_id=key_id))
