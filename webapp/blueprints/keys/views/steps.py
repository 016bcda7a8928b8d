"""What the pages of one's own keys and of all keys do alike: show a text once, rotate, revoke."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.blueprints.keys.forms import RotationForm
from webapp.blueprints.keys.queries import get_key
from webapp.blueprints.keys.services.issuing import Issued, may_revoke, may_rotate, revoke_key, rotate_key
from webapp.core.api import api_permissions
from webapp.core.db import db, transaction
from webapp.core.errors import NotAllowed
from webapp.core.forms import submit
from webapp.core.room import rights
from webapp.core.security import current_actor
from webapp.core.web import done, show


def offered_scopes() -> dict[str, Any]:
    """The rights that some address of the API asks for, in words."""
    useful = api_permissions()
    return {right.name: right.title for right in rights() if right.name in useful}


def show_issued(issued: Issued, back: str) -> Response:
    """The text of a key, in this answer and never again."""
    return show("keys/issued.html", key=issued.key, text=issued.text, back=back)


def answer_rotation(key_id: int, form: RotationForm, *, back: str) -> Response:
    """The question how to rotate, or the rotation. Raises the services' problems."""
    by = current_actor()
    key = get_key(db.session(), key_id)
    if not may_rotate(key, by=by):
        raise NotAllowed(_("A key is made by the person that it belongs to."))
    if not form.is_submitted():
        form.version.data = str(key.secrets[0].id)
        return show("keys/rotate.html", key=key, form=form, back=back)
    issued = submit(form, lambda session: rotate_key(session, by=by, key_id=key_id, **form.values()))
    if issued is None:
        return show("keys/rotate.html", status=422, key=key, form=form, back=back)
    return show_issued(issued, back)


def answer_revocation(key_id: int, *, back: str) -> Response:
    """The question whether to revoke, or the end of the key. Raises the services' problems."""
    by = current_actor()
    key = get_key(db.session(), key_id)
    if not may_revoke(key, by=by):
        raise NotAllowed(_("This key is not yours."))
    if request.method == "GET":
        return show("keys/revoke.html", key=key, back=back)
    with transaction() as session:
        revoke_key(session, by=by, key_id=key_id)
    return done(back, _("The key is revoked: it opens nothing any more."))
