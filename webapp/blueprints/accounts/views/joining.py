"""How people come in: invitations from the back office, the page that one opens, and registration where it is open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, abort, current_app, redirect, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.blueprints.accounts.forms.joining import InviteForm, JoinForm, RegisterForm
from webapp.blueprints.accounts.permissions import AccountsPermission as May
from webapp.blueprints.accounts.queries.sign_in import list_all_roles, list_open_invitations
from webapp.blueprints.accounts.services.invitations import (
    accept_invitation,
    ask_to_register,
    find_invitation,
    invite,
    resend_invitation,
    withdraw_invitation,
)
from webapp.core.clock import utc_now
from webapp.core.db import db, transaction
from webapp.core.forms import choices_of, submit
from webapp.core.i18n import choose_language
from webapp.core.security import current_actor, public, requires
from webapp.core.settings import Settings
from webapp.core.web import done, show

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

blueprint = Blueprint("joining", __name__, template_folder="../templates")
TOKEN = "invitation_token"  # noqa: S105 - its place in the session, not a secret


def registration() -> str:
    """Who may come in: the setting."""
    settings: Settings = current_app.extensions["settings"]
    return settings.registration


@blueprint.get("/backoffice/invitations/")
@requires(May.USERS_READ)
def invitations() -> Response:
    """Who was invited and has not answered."""
    return show(
        "accounts/invitations.html",
        waiting=list_open_invitations(db.session()),
        now=utc_now(),
        registration=registration(),
    )


@blueprint.route("/backoffice/invitations/new", methods=["GET", "POST"])
@requires(May.USERS_EDIT)
def new_invitation() -> Response:
    """The form of an invitation, and its mail."""
    form, by = InviteForm(), current_actor()
    roles = [role for role in list_all_roles(db.session()) if by.everything or role.rank <= by.rank]
    form.roles.choices = choices_of({role.name: role.name for role in roles})
    if request.method == "GET":
        return show("accounts/invite.html", form=form)
    language = choose_language()
    sent = submit(
        form,
        lambda database: (
            invite(
                database,
                by=by,
                email=form.email.data or "",
                name=form.name.data or "",
                roles=form.roles.data or [],
                registration=registration(),
                language=language,
            ).email
        ),
    )
    if sent is None:
        return show("accounts/invite.html", status=422, form=form)
    return done(url_for("joining.invitations"), _("The invitation to %(email)s is on its way.", email=sent))


@blueprint.post("/backoffice/invitations/<int:invitation_id>/resend")
@requires(May.USERS_EDIT)
def resend(invitation_id: int) -> Response:
    """Send an invitation once more, with a new link."""
    by, language = current_actor(), choose_language()
    with transaction() as database:
        email = resend_invitation(
            database, by=by, invitation_id=invitation_id, registration=registration(), language=language
        ).email
    return done(url_for("joining.invitations"), _("The invitation to %(email)s is on its way.", email=email))


@blueprint.post("/backoffice/invitations/<int:invitation_id>/withdraw")
@requires(May.USERS_EDIT)
def withdraw(invitation_id: int) -> Response:
    """Take an invitation back."""
    by = current_actor()
    with transaction() as database:
        withdraw_invitation(database, by=by, invitation_id=invitation_id)
    return done(url_for("joining.invitations"), _("The invitation was withdrawn: its link opens nothing any more."))


@blueprint.get("/invitation/<token>")
@public
def invitation_link(token: str) -> Response:
    """The link of the mail: its secret goes into the session, and out of the address."""
    session[TOKEN] = token
    return redirect(url_for("joining.accept"))


@blueprint.route("/invitation", methods=["GET", "POST"])
@public
def accept() -> Response:
    """The form of the account that was promised, and its making; then the person signs in."""
    token = str(session.get(TOKEN, ""))
    invitation = find_invitation(db.session(), token)
    form = JoinForm(data={"name": invitation.name})
    if request.method == "GET":
        return show("accounts/join.html", form=form, invitation=invitation)

    def make(database: Session) -> str:
        return accept_invitation(
            database,
            token=token,
            name=form.name.data or "",
            username=form.username.data or "",
            password=form.password.data or "",
        ).email

    if submit(form, make) is None:
        return show("accounts/join.html", status=422, form=form, invitation=invitation)
    session.pop(TOKEN, None)
    return done(url_for("security.login"), _("Your account is ready: sign in."))


@blueprint.route("/register", methods=["GET", "POST"])
@public
def register() -> Response:
    """Where registration is open: an address gets a link; the answer is the same for everybody."""
    if registration() != "open":
        abort(404)
    form = RegisterForm()
    if request.method == "GET":
        return show("accounts/register.html", form=form)
    language = choose_language()

    def ask(database: Session) -> bool:
        ask_to_register(database, email=form.email.data or "", registration=registration(), language=language)
        return True

    if submit(form, ask) is None:
        return show("accounts/register.html", status=422, form=form)
    return show("accounts/look_into_mail.html", about="registration")
