"""The pages of imports: what came in, its undo, and the rows put aside with their correction."""

from __future__ import annotations

from flask import Blueprint, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.blueprints.sales.forms import LONGEST_CORRECTION, CorrectionForm
from webapp.blueprints.sales.models import QuarantinedRow
from webapp.blueprints.sales.permissions import SalesPermission as May
from webapp.blueprints.sales.queries import IMPORTS, QUARANTINE, ROW_STATES, count_open_rows, find_undo_task
from webapp.blueprints.sales.services.quarantine import discard_row, get_quarantined_row, reason_of, replay_row
from webapp.blueprints.sales.services.undoing import ask_undo, get_import, preview_undo, undo_from
from webapp.blueprints.tasks.public import ENDED, TasksPermission
from webapp.core.db import db, transaction
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


@blueprint.get("/<int:import_id>/")
@requires(May.IMPORTS_READ)
def one_import(import_id: int) -> Response:
    """The result of an import: where its rows went, the way to those put aside, and its undo."""
    session = db.session()
    record = get_import(session, import_id)
    task = find_undo_task(session, import_id)
    return show(
        "sales/one_import.html",
        record=record,
        undone=undo_from(record.undone) if record.undone else None,
        open_rows=count_open_rows(session, import_id),
        task=task,
        under_way=task is not None and task.state not in ENDED,
        follow=task is not None
        and (task.user_id == current_actor().user_id or current_actor().may(TasksPermission.ALL)),
    )


@blueprint.route("/<int:import_id>/undo", methods=["GET", "POST"])
@requires(May.IMPORTS_WRITE)
def undo_import(import_id: int) -> Response:
    """The question whether to undo an import, in numbers; and the task that does it."""
    if request.method == "GET":
        found = preview_undo(db.session(), import_id)
        return show("sales/undo_import.html", record=get_import(db.session(), import_id), undo=found)
    by = current_actor()
    with transaction() as session:
        ask_undo(session, import_id=import_id, by=by)
    return done(url_for("imports.one_import", import_id=import_id))


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
