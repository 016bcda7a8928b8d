"""A person's own keys: the list, a new one, rotation, the end of one, and the page that tries the API out."""

from __future__ import annotations

from flask import Blueprint, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.blueprints.keys.forms import KeyForm, RotationForm
from webapp.blueprints.keys.permissions import KeysPermission as May
from webapp.blueprints.keys.queries import get_key, list_own_keys
from webapp.blueprints.keys.services.issuing import create_key
from webapp.blueprints.keys.views.steps import answer_revocation, answer_rotation, offered_scopes, show_issued
from webapp.core.api import operations
from webapp.core.clock import utc_now
from webapp.core.db import db
from webapp.core.errors import NotFound
from webapp.core.forms import submit
from webapp.core.room import rights
from webapp.core.security import current_actor, proven, requires
from webapp.core.web import show

blueprint = Blueprint("keys", __name__, template_folder="../templates", url_prefix="/account/keys")


@blueprint.get("/")
@requires(May.OWN)
def own_keys() -> Response:
    """The person's keys."""
    keys = list_own_keys(db.session(), _own_number())
    return show("keys/own_keys.html", keys=keys, now=utc_now(), titles=_titles())


@blueprint.route("/new", methods=["GET", "POST"])
@requires(May.OWN)
@proven
def new_key() -> Response:
    """The form of a new key, and its creation: its text is shown once, in the answer."""
    by = current_actor()
    form = KeyForm()
    form.offer({name: title for name, title in offered_scopes().items() if by.may(name)})
    if not form.is_submitted():
        return show("keys/new_key.html", form=form)
    number = _own_number()
    issued = submit(form, lambda session: create_key(session, by=by, user_id=number, **form.values()))
    if issued is None:
        return show("keys/new_key.html", status=422, form=form)
    return show_issued(issued, url_for("keys.own_keys"))


@blueprint.route("/<int:key_id>/rotate", methods=["GET", "POST"])
@requires(May.OWN)
@proven
def rotate_own_key(key_id: int) -> Response:
    """The question how to rotate, and the rotation."""
    return answer_rotation(_own_key(key_id), RotationForm(), back=url_for("keys.own_keys"))


@blueprint.route("/<int:key_id>/revoke", methods=["GET", "POST"])
@requires(May.OWN)
def revoke_own_key(key_id: int) -> Response:
    """The question whether to revoke, and the end of the key."""
    return answer_revocation(_own_key(key_id), back=url_for("keys.own_keys"))


@blueprint.get("/api")
@requires(May.OWN)
def try_api() -> Response:
    """Everything that the API does, to be tried with a key or with one's own sign-in."""
    return show("keys/try_api.html", operations=list(operations()), titles=_titles())


def _own_number() -> int:
    number = current_actor().user_id
    if number is None:
        raise NotFound(_("There is no such key."))
    return number


def _own_key(key_id: int) -> int:
    """The number of a key of the person themselves; others' keys are not there."""
    if get_key(db.session(), key_id).user_id != _own_number():
        raise NotFound(_("There is no such key."))
    return key_id


def _titles() -> dict[str, str]:
    return {right.name: str(right.title) for right in rights()}
