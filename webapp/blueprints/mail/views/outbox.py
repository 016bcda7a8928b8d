"""The outbox in the back office: what left, what waits, what was refused, and the button that sends one again."""

from __future__ import annotations

from flask import Blueprint, current_app, g, make_response, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.blueprints.mail.permissions import MailPermission as May
from webapp.blueprints.mail.queries import OUTCOMES, STATES, find_state, get_mail, list_of_mails, list_of_request
from webapp.blueprints.mail.services import may_send_again, send_again
from webapp.core.db import db, transaction
from webapp.core.lists.pages import show_list
from webapp.core.mail import as_data, mail_folder, preview_policy
from webapp.core.security import current_actor, requires
from webapp.core.settings import Settings
from webapp.core.web import done, is_fragment, show

blueprint = Blueprint("mail", __name__, template_folder="../templates", url_prefix="/backoffice/mail")


@blueprint.get("/")
@requires(May.OUTBOX_READ)
def mails() -> Response:
    """The list of mails, or its export; above it, how mail leaves."""
    more = {} if is_fragment() else _way_out()
    return show_list(db.session(), list_of_mails(), "mail/mails.html", "mail/_mails.html", **more)


@blueprint.get("/<int:mail_id>/")
@requires(May.OUTBOX_READ)
def mail(mail_id: int) -> Response:
    """One mail: what it says, without its secrets, and what became of it."""
    session = db.session()
    found = get_mail(session, mail_id)
    return show(
        "mail/mail.html",
        mail=found,
        state=find_state(session, found),
        states=STATES,
        outcomes=OUTCOMES,
        as_text=request.args.get("as") == "text",
        may_send=current_actor().may(May.OUTBOX_SEND) and may_send_again(session, found),
    )


@blueprint.get("/<int:mail_id>/preview")
@requires(May.OUTBOX_READ)
def preview(mail_id: int) -> Response:
    """The HTML of a mail, without its secrets, for a frame that lets it do nothing."""
    html = get_mail(db.session(), mail_id).html or ""
    company = g.company
    if company.logo and company.logo_type:
        html = html.replace("cid:logo", as_data(company.logo, company.logo_type))
    response = make_response(html)
    response.headers["Content-Security-Policy"] = preview_policy(html)
    return response


@blueprint.post("/<int:mail_id>/send")
@requires(May.OUTBOX_SEND)
def send_mail_again(mail_id: int) -> Response:
    """Send a mail once more."""
    by = current_actor()
    with transaction() as session:
        send_again(session, mail_id, by=by)
    return done(url_for("mail.mail", mail_id=mail_id), _("The mail will be sent again in a moment."))


@blueprint.app_template_global()
def mail_state(state: str) -> str:
    """The state of a mail in a word."""
    return str(STATES[state])


def _way_out() -> dict[str, object]:
    settings: Settings = current_app.extensions["settings"]
    folder = mail_folder(settings)
    return {
        "folder": folder,
        "development_page": folder and "development_mail.mails" in current_app.view_functions,
        "no_way_out": not (folder or settings.mail_url),
    }


def render_of_request(request_id: str) -> str:
    """For the trail of a request: the mails that were written in it, "" when there are none."""
    found = list_of_request(db.session(), request_id) if request_id else []
    return render_template("mail/_of_request.html", mails=found) if found else ""
