"""The register of consents in the back office."""

from __future__ import annotations

import logging

from flask import Blueprint, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.blueprints.consents.forms import PersonForm
from webapp.blueprints.consents.permissions import ConsentsPermission as May
from webapp.blueprints.consents.queries import REGISTER, STANDS, get_consent
from webapp.blueprints.consents.services import withdraw_consent
from webapp.core.db import db, transaction
from webapp.core.lists.pages import show_list
from webapp.core.personal import as_file, tell_of_address
from webapp.core.security import current_actor, requires
from webapp.core.web import done, show

log = logging.getLogger(__name__)
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


@blueprint.route("/person", methods=["GET", "POST"])
@requires(May.PEOPLE_EXPORT)
def person() -> Response:
    """Whose data are asked for, and all that is stored about them as a file; by POST, as addresses do not belong in logs."""
    form = PersonForm()
    if request.method == "GET":
        return show("consents/person.html", form=form)
    if not form.validate():
        return show("consents/person.html", status=422, form=form)
    told = tell_of_address(db.session(), form.address.data)
    if not told:
        form.address.errors = [_("Nothing is stored under this address.")]
        return show("consents/person.html", status=422, form=form)
    log.info("what is stored about a person was exported by %s", current_actor().name)
    return as_file({"address": form.address.data, "rooms": told}, "personal-data")


@blueprint.post("/<int:consent_id>/withdraw")
@requires(May.REGISTER_WITHDRAW)
def withdraw(consent_id: int) -> Response:
    """Note that a consent was withdrawn."""
    how = request.form.get("how", "").replace("\x00", "")
    with transaction() as session:
        withdraw_consent(session, by=current_actor(), consent_id=consent_id, how=how)
    return done(url_for("consents.consent", consent_id=consent_id), _("The withdrawal was noted."))
