"""The errors of the application: the list, one of them, and what people say of it."""

from __future__ import annotations

from flask import Blueprint, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.blueprints.faults.permissions import FaultsPermission as May
from webapp.blueprints.faults.queries import (
    FAULTS,
    STATES,
    count_people,
    get_fault,
    list_occurrences,
    list_of_request,
)
from webapp.blueprints.faults.services import reopen_fault, resolve_fault
from webapp.core.db import db, transaction
from webapp.core.directory import directory
from webapp.core.lists.pages import show_list
from webapp.core.security import current_actor, requires
from webapp.core.web import done, show

blueprint = Blueprint("faults", __name__, template_folder="templates", url_prefix="/backoffice/errors")


@blueprint.get("/")
@requires(May.READ)
def faults() -> Response:
    """The list of errors, or its export."""
    return show_list(db.session(), FAULTS, "faults/faults.html", "faults/_faults.html")


@blueprint.get("/<int:fault_id>/")
@requires(May.READ)
def fault(fault_id: int) -> Response:
    """One error with its stack trace and the last times that it came."""
    session = db.session()
    found = get_fault(session, fault_id)
    times = list_occurrences(session, found)
    names = {number: directory().person_name(number) for number in {each.user_id for each in times if each.user_id}}
    return show(
        "faults/fault.html",
        fault=found,
        people=count_people(session, found),
        times=times,
        names=names,
        states=STATES,
    )


@blueprint.post("/<int:fault_id>/resolve")
@requires(May.RESOLVE)
def resolve(fault_id: int) -> Response:
    """Call an error resolved."""
    with transaction() as session:
        resolve_fault(session, by=current_actor(), fault_id=fault_id)
    return done(
        url_for(".fault", fault_id=fault_id), _("The error is resolved. If it comes again, it opens by itself.")
    )


@blueprint.post("/<int:fault_id>/reopen")
@requires(May.RESOLVE)
def reopen(fault_id: int) -> Response:
    """Take back that an error is resolved."""
    with transaction() as session:
        reopen_fault(session, by=current_actor(), fault_id=fault_id)
    return done(url_for(".fault", fault_id=fault_id), _("The error is open again."))


def render_of_request(request_id: str) -> str:
    """For the trail of a request: the errors in it, "" when there are none."""
    found = list_of_request(db.session(), request_id) if request_id else []
    return render_template("faults/_of_request.html", found=found, states=STATES) if found else ""
