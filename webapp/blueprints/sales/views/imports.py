"""The pages of imports: what came in, and the rows put aside with their correction."""

from __future__ import annotations

from flask import Blueprint, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.blueprints.sales.forms import LONGEST_CORRECTION, CorrectionForm
from webapp.blueprints.sales.models import QuarantinedRow
from webapp.blueprints.sales.permissions import SalesPermission as May
from webapp.blueprints.sales.queries import IMPORTS, QUARANTINE, ROW_STATES
from webapp.blueprints.sales.services.quarantine import discard_row, get_quarantined_row, reason_of, replay_row
from webapp.core.db import db
from webapp.core.forms import RecordForm, submit
from webapp.core.lists.pages import show_list
from webapp.core.security import current_actor, requires
from webapp.core.web import done, show

blueprint = Blueprint("imports", __name__, template_folder="../templates", url_prefix="/backoffice/imports")


@blueprint.get("/")
@requires(May.IMPORTS_READ)
def imports() -> Response:
    """The list of imports, or its export."""
    return show_list(db.session(), IMPORTS, "sales/imports.html", "sales/_imports.html")


@blueprint.get("/quarantine/")
@requires(May.IMPORTS_READ)
def quarantine() -> Response:
    """The list of the rows put aside, or its export."""
    return show_list(db.session(), QUARANTINE, "sales/quarantine.html", "sales/_quarantine.html")


@blueprint.route("/quarantine/<int:row_id>/", methods=["GET"])
@requires(May.IMPORTS_READ)
def quarantined_row(row_id: int) -> Response:
    """One row put aside: where it stood, why it could not be taken, and the form to correct it."""
    row = get_quarantined_row(db.session(), row_id)
    return _show_row(row, CorrectionForm(formdata=None, data={"corrected": row.raw[:LONGEST_CORRECTION]}))


@blueprint.post("/quarantine/<int:row_id>/")
@requires(May.IMPORTS_WRITE)
def replay_quarantined_row(row_id: int) -> Response:
    """Take the corrected row in; still wrong: the new reason beside it."""
    form, by = CorrectionForm(), current_actor()
    row = get_quarantined_row(db.session(), row_id)
    # a row sent back untouched is the row of the file, whatever its page could show of it
    corrected = None if form.corrected.data == row.raw else form.corrected.data
    known = bool(form.even_if_known.data)
    taken = submit(
        form, lambda s: replay_row(s, row_id=row_id, by=by, corrected=corrected, even_if_known=known).line_number
    )
    if taken is None:
        return _show_row(get_quarantined_row(db.session(), row_id), form, status=422)
    return done(url_for("imports.quarantine"), _("The row of line %(line)s was taken in.", line=taken))


@blueprint.post("/quarantine/<int:row_id>/discard")
@requires(May.IMPORTS_WRITE)
def discard_quarantined_row(row_id: int) -> Response:
    """Give the row up."""
    by = current_actor()
    line = submit(RecordForm(), lambda s: discard_row(s, row_id=row_id, by=by).line_number)
    return done(url_for("imports.quarantine"), _("The row of line %(line)s was discarded.", line=line))


def _show_row(row: QuarantinedRow, form: CorrectionForm, *, status: int = 200) -> Response:
    return show(
        "sales/quarantined_row.html",
        status=status,
        row=row,
        form=form,
        reason=reason_of(row),
        states=ROW_STATES,
        header=row.import_.mapping["header"],
        too_long=len(row.raw) > LONGEST_CORRECTION,
    )
