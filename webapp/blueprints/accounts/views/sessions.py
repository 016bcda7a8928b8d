"""The page of one's own sessions: where one is signed in, what was tried, and the buttons that end sessions."""

from __future__ import annotations

from flask import Blueprint, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from webapp.blueprints.accounts.queries.sessions import list_live_sessions, list_sign_ins
from webapp.blueprints.accounts.services.devices import place_in_words, read_device
from webapp.blueprints.accounts.services.sessions import end_session, end_sessions
from webapp.blueprints.accounts.views.proof import own
from webapp.blueprints.accounts.views.signed_in import current_session_id
from webapp.core.clock import utc_now
from webapp.core.db import db, transaction
from webapp.core.security import current_actor, requires
from webapp.core.web import done, show

blueprint = Blueprint("sessions", __name__, template_folder="../templates", url_prefix="/account/sessions")


@blueprint.get("/")
@requires()
@own
def sessions() -> Response:
    """Where the person is signed in, and the history."""
    number = current_actor().user_id or 0
    return show(
        "accounts/sessions.html",
        sessions=list_live_sessions(db.session(), number, now=utc_now()),
        history=list_sign_ins(db.session(), number),
        current=current_session_id(),
        device=read_device,
        place=place_in_words,
    )


@blueprint.post("/<int:session_id>/end")
@requires()
@own
def end(session_id: int) -> Response:
    """End one session; ending this one is to sign out."""
    by, here = current_actor(), current_session_id()
    with transaction() as database:
        end_session(database, by=by, session_id=session_id)
    return done("/" if session_id == here else url_for("sessions.sessions"), _("The session was ended."))


@blueprint.post("/end-others")
@requires()
@own
def end_others() -> Response:
    """End all sessions but this one."""
    number, here = current_actor().user_id or 0, current_session_id()
    with transaction() as database:
        count = end_sessions(database, number, but=here)
    words = ngettext("%(num)s session was ended.", "%(num)s sessions were ended.", count)
    return done(url_for("sessions.sessions"), words)
