"""Acting as somebody else: the question why, the banner on every page, the way back, and the trace of what was written."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, Flask, Response, abort, render_template, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as WerkzeugResponse

from webapp.blueprints.accounts.forms.people import ReasonForm
from webapp.blueprints.accounts.permissions import AccountsPermission as May
from webapp.blueprints.accounts.queries.impersonation import IMPERSONATIONS, find_impersonation
from webapp.blueprints.accounts.queries.people import get_user
from webapp.blueprints.accounts.services.impersonation import may_act_as, note_step, start_acting, stop_acting
from webapp.blueprints.accounts.views.signed_in import caller, current_session_id, signed_in
from webapp.core.db import db, transaction
from webapp.core.errors import NotAllowed, NotFound
from webapp.core.forms import submit
from webapp.core.lists.pages import show_list
from webapp.core.security import current_actor, requires
from webapp.core.shell import office_home
from webapp.core.web import done, show

blueprint = Blueprint("impersonation", __name__, template_folder="../templates")
OPEN = frozenset({"impersonation.stop", "security.logout"})
WRITES = ("POST", "PUT", "PATCH", "DELETE")


def set_up_impersonation(app: Flask) -> None:
    """Show the banner, keep a trace of what is written, and keep the owner out of what is another person's own."""
    app.before_request(_keep_out)
    app.after_request(_trace)
    app.extensions.setdefault("bottega_banners", []).append(render_banner)


@blueprint.route("/backoffice/users/<int:user_id>/act", methods=["GET", "POST"])
@requires(May.USERS_IMPERSONATE)
def act(user_id: int) -> WerkzeugResponse:
    """The question why, and the start."""
    user, by, number = get_user(db.session(), user_id), current_actor(), current_session_id()
    if number is None or not may_act_as(db.session(), by=by, user=user):
        raise NotAllowed(_("You may act only as somebody of a lower rank."))
    form = ReasonForm()
    if request.method == "GET":
        return show("accounts/act.html", form=form, user=user)
    reason, address = form.reason.data or "", caller().address
    made = submit(
        form,
        lambda database: (
            start_acting(
                database, by=by, session_id=number, user_id=user_id, reason=reason, address=address
            ).target_name
        ),
    )
    if made is None:
        return show("accounts/act.html", status=422, form=form, user=user)
    session.pop("csrf_token", None)
    return done(url_for("accounts.enter"), _("You act as %(name)s now.", name=made))


@blueprint.post("/account/acting/stop")
@requires()
def stop() -> WerkzeugResponse:
    """Back to oneself."""
    found = signed_in()
    if found is None:
        abort(401)
    target = found.user.id if found.acting else None
    with transaction() as database:
        stop_acting(database, session_id=found.session_id)
    session.pop("csrf_token", None)
    back = url_for("users.user", user_id=target) if target else office_home()
    return done(back, _("You are yourself again."))


@blueprint.get("/backoffice/impersonations/")
@requires(May.USERS_IMPERSONATE)
def impersonations() -> Response:
    """The list of who acted as whom, or its export."""
    return show_list(db.session(), IMPERSONATIONS, "accounts/impersonations.html", "accounts/_impersonations.html")


@blueprint.get("/backoffice/impersonations/<int:number>/")
@requires(May.USERS_IMPERSONATE)
def impersonation(number: int) -> Response:
    """One time of acting as somebody, with what was written."""
    found = find_impersonation(db.session(), number)
    if found is None:
        raise NotFound(_("There is no such record."))
    return show(
        "accounts/impersonation.html", found=found, moment_of=lambda step: dt.datetime.fromisoformat(step["at"])
    )


def render_banner() -> str:
    """The banner that stands on every page while the owner acts as somebody else; "" otherwise."""
    found = signed_in()
    if found is None or not found.acting:
        return ""
    return render_template("accounts/_acting.html", user=found.user, person=found.person)


def _keep_out() -> None:
    """What somebody signs in by, their keys, and what they accept, is theirs alone."""
    found = signed_in() if request.endpoint != "static" else None
    if found is None or not found.acting or request.endpoint in OPEN:
        return
    if request.path.startswith("/account/") or str(request.endpoint).startswith(("security.", "preferences.")):
        raise NotAllowed(
            _("This is for %(name)s alone: go back to yourself first.", name=found.user.name or found.user.email)
        )


def _trace(response: Response) -> Response:
    if request.method in WRITES and request.endpoint not in OPEN:
        found = signed_in()
        if found is not None and found.acting:
            with transaction() as database:
                note_step(
                    database,
                    session_id=found.session_id,
                    method=request.method,
                    path=request.path,
                    status=response.status_code,
                )
    return response
