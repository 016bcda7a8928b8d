"""A forgotten password: a link by mail, and a new one. Nobody learns from it who has an account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, redirect, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.blueprints.accounts.forms.proof import ForgottenForm, NewPasswordForm
from webapp.blueprints.accounts.services.passwords import ask_for_reset, find_reset, set_forgotten_password
from webapp.core.db import db
from webapp.core.forms import submit
from webapp.core.security import public
from webapp.core.web import done, show

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

blueprint = Blueprint("recovery", __name__, template_folder="../templates", url_prefix="/reset-password")
TOKEN = "reset_token"  # noqa: S105 - its place in the session, not a secret


@blueprint.route("/", methods=["GET", "POST"])
@public
def forgotten() -> Response:
    """Who forgot the password says who they are; the answer is the same for everybody."""
    form = ForgottenForm()
    if request.method == "GET":
        return show("accounts/forgotten.html", form=form)

    def ask(database: Session) -> bool:
        ask_for_reset(database, identity=form.identity.data or "")
        return True

    if submit(form, ask) is None:
        return show("accounts/forgotten.html", status=422, form=form)
    return show("accounts/look_into_mail.html", about="reset")


@blueprint.get("/<token>")
@public
def reset_link(token: str) -> Response:
    """The link of the mail: its secret goes into the session, and out of the address."""
    session[TOKEN] = token
    return redirect(url_for("recovery.new_password"))


@blueprint.route("/new", methods=["GET", "POST"])
@public
def new_password() -> Response:
    """The form of the new password, and its setting; then the person signs in with it."""
    token, form = str(session.get(TOKEN, "")), NewPasswordForm()
    if request.method == "GET":
        return show("accounts/new_password.html", form=form, user=find_reset(db.session(), token))
    done_for = submit(
        form, lambda database: set_forgotten_password(database, token=token, password=form.password.data or "").email
    )
    if done_for is None:
        return show("accounts/new_password.html", status=422, form=form, user=find_reset(db.session(), token))
    session.pop(TOKEN, None)
    return done(url_for("security.login"), _("Your new password is set: sign in with it."))
