"""What people wrote, in the back office: read, answered, noted, kept apart."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.blueprints.crm.public import CrmPermission
from webapp.blueprints.forms.models import State, Submission
from webapp.blueprints.forms.permissions import FormsPermission as May
from webapp.blueprints.forms.queries.forms import get_form
from webapp.blueprints.forms.queries.submissions import (
    HELD,
    STATES,
    SUBMISSIONS,
    SUSPICIONS,
    count_held,
    get_submission,
    list_messages_of_customer,
    messages_of,
)
from webapp.blueprints.forms.services.answering import (
    NoAddress,
    NothingWritten,
    add_note,
    answer,
    delete_submission,
    set_state,
)
from webapp.core.db import db, transaction
from webapp.core.deletion import ask_and_delete
from webapp.core.forms import RecordForm, clean
from webapp.core.i18n import choose_language
from webapp.core.lists.pages import show_list
from webapp.core.security import current_actor, requires
from webapp.core.web import done, show

blueprint = Blueprint("submissions", __name__, template_folder="../templates", url_prefix="/backoffice/site/messages")


@blueprint.get("/")
@requires(May.SUBMISSIONS_READ)
def submissions() -> Response:
    """What people wrote in all forms, or its export."""
    session = db.session()
    page, fragment = "forms/submissions.html", "forms/_submissions.html"
    return show_list(session, SUBMISSIONS, page, fragment, held=count_held(session), form=None)


@blueprint.get("/of/<int:form_id>/")
@requires(May.SUBMISSIONS_READ)
def of_form(form_id: int) -> Response:
    """What people wrote in one form, with its fields as columns, or its export."""
    session = db.session()
    found = get_form(session, form_id)
    spec = messages_of(found, found.fields, choose_language())
    return show_list(session, spec, "forms/submissions.html", "forms/_submissions.html", held=0, form=found)


@blueprint.get("/held/")
@requires(May.SUBMISSIONS_READ)
def held() -> Response:
    """What is kept apart because it seems to be spam, or is."""
    return show_list(db.session(), HELD, "forms/held.html", "forms/_submissions.html")


@blueprint.get("/<int:submission_id>/")
@requires(May.SUBMISSIONS_READ)
def submission(submission_id: int) -> Response:
    """One message with its thread."""
    return _show(submission_id)


@blueprint.post("/<int:submission_id>/answer")
@requires(May.SUBMISSIONS_ANSWER)
def answer_by_mail(submission_id: int) -> Response:
    """Answer by mail; what was written stays when it cannot be sent."""
    subject, words = (str(clean(request.form.get(name, ""))) for name in ("subject", "words"))
    try:
        with transaction() as session:
            answer(session, by=current_actor(), submission_id=submission_id, subject=subject, words=words)
    except (NothingWritten, NoAddress) as problem:
        return _show(submission_id, 422, answer_problem=problem.sentence, subject=subject, words=words)
    return done(url_for("submissions.submission", submission_id=submission_id), _("The answer is on its way."))


@blueprint.post("/<int:submission_id>/note")
@requires(May.SUBMISSIONS_ANSWER)
def note(submission_id: int) -> Response:
    """Note something for the colleagues."""
    words = str(clean(request.form.get("note", "")))
    try:
        with transaction() as session:
            add_note(session, by=current_actor(), submission_id=submission_id, words=words)
    except NothingWritten as problem:
        return _show(submission_id, 422, note_problem=problem.sentence, note=words)
    return done(url_for("submissions.submission", submission_id=submission_id), _("The note was stored."))


@blueprint.post("/<int:submission_id>/state")
@requires(May.SUBMISSIONS_ANSWER)
def state(submission_id: int) -> Response:
    """Say how a message stands."""
    wanted = request.form.get("state", "")
    if wanted not in STATES:
        abort(400)
    seen = RecordForm().seen_version
    with transaction() as session:
        set_state(session, by=current_actor(), submission_id=submission_id, version=seen, state=State(wanted))
    return done(url_for("submissions.submission", submission_id=submission_id), _("The state was stored."))


@blueprint.route("/<int:submission_id>/delete", methods=["GET", "POST"])
@requires(May.SUBMISSIONS_DELETE)
def remove_submission(submission_id: int) -> Response:
    """The question whether to delete a message, and the deletion."""
    by = current_actor()
    return ask_and_delete(
        "forms/submission_delete.html",
        lambda: {"submission": get_submission(db.session(), submission_id)},
        lambda session, seen: delete_submission(session, by=by, submission_id=submission_id, version=seen),
        then=url_for("submissions.submissions"),
        message=_("The message was deleted."),
    )


def render_of_customer(*, customer: object) -> str:
    """What a customer wrote, for the customer's page; "" when nothing."""
    found = list_messages_of_customer(db.session(), int(getattr(customer, "id", 0)))
    return render_template("forms/_of_customer.html", messages=found, states=STATES) if found else ""


def _show(submission_id: int, status: int = 200, **typed: Any) -> Response:
    found: Submission = get_submission(db.session(), submission_id)
    linked = found.customer_id if current_actor().may(CrmPermission.CUSTOMERS_READ) else None
    why = [str(SUSPICIONS.get(each, each)) for each in found.suspicion.split()]
    known: dict[str, Any] = {"submission": found, "states": STATES, "customer_id": linked, "why": why}
    return show("forms/submission.html", status=status, **known, **typed)
