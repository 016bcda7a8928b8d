"""The register of consents in the back office."""

from __future__ import annotations

from flask import Blueprint, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.blueprints.consents.permissions import ConsentsPermission as May
from webapp.blueprints.consents.queries import REGISTER, STANDS, get_consent
from webapp.blueprints.consents.services import withdraw_consent
from webapp.core.db import db, transaction
from webapp.core.lists.pages import show_list
from webapp.core.security import current_actor, requires
from webapp.core.web import done, show

blueprint = Blueprint("consents", __name__, template_folder="../templates", url_prefix="/backoffice/site/consents")


@blueprint.get("/")
@requires(May.REGISTER_READ)
def consents() -> Response:
    """The register, or its export."""
    return show_list(db.session(), REGISTER, "consents/consents.html", "consents/_consents.html")


@blueprint.get("/<int:consent_id>/")
@requires(May.REGISTER_READ)
def consent(consent_id: int) -> Response:
    """One line of the register."""
    found = get_consent(db.session(), consent_id)
    return show("consents/consent.html", consent=found, stands=STANDS)


@blueprint.post("/<int:consent_id>/withdraw")
@requires(May.REGISTER_WITHDRAW)
def withdraw(consent_id: int) -> Response:
    """Note that a consent was withdrawn."""
    how = request.form.get("how", "").replace("\x00", "")
    with transaction() as session:
        withdraw_consent(session, by=current_actor(), consent_id=consent_id, how=how)
    return done(url_for("consents.consent", consent_id=consent_id), _("The withdrawal was noted."))
