"""The page of what is stored about oneself: take it along as a file, shut the account for a while, or end it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, current_app, request
from flask_babel import gettext as _
from flask_security import logout_user
from werkzeug.wrappers import Response

from webapp.blueprints.accounts.forms.people import LeaveForm
from webapp.blueprints.accounts.queries.privacy import tell_all_of
from webapp.blueprints.accounts.services.privacy import delete_own, suspend_own
from webapp.blueprints.accounts.views.proof import fresh, own
from webapp.core.db import db, transaction
from webapp.core.forms import submit
from webapp.core.personal import as_file
from webapp.core.room import opened
from webapp.core.security import current_actor, requires
from webapp.core.web import done, show

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

blueprint = Blueprint("privacy", __name__, template_folder="../templates", url_prefix="/account/data")


@blueprint.get("/")
@requires()
@own
def data() -> Response:
    """What one can do with one's own data."""
    return show("accounts/data.html", rooms=[room.title for room in opened() if room.personal])


@blueprint.get("/export")
@requires()
@own
@fresh
def export() -> Response:
    """All that the rooms store about the person, as a JSON file."""
    return as_file(tell_all_of(db.session(), current_actor().user_id or 0), "my-data")


@blueprint.route("/suspend", methods=["GET", "POST"])
@requires()
@own
@fresh
def suspend() -> Response:
    """The question whether to shut one's account for a while, and the deed."""
    if request.method == "GET":
        return show("accounts/suspend.html")
    by = current_actor()
    with transaction() as database:
        suspend_own(database, by=by)
    logout_user()
    return done("/", _("Your account is suspended. Ask the owner when you want to come back."))


@blueprint.route("/delete", methods=["GET", "POST"])
@requires()
@own
@fresh
def leave() -> Response:
    """The question whether to end one's account, and the end."""
    form = LeaveForm()
    if request.method == "GET":
        return show("accounts/leave.html", form=form)
    by = current_actor()

    def end(database: Session) -> bool:
        delete_own(database, by=by)
        return True

    if submit(form, end) is None:
        return show("accounts/leave.html", status=422, form=form)
    current_app.login_manager._update_request_context_with_user()  # type: ignore[attr-defined]  # noqa: SLF001 - the user is gone: nobody may read it
    logout_user()
    return done("/", _("Your account was deleted."))
