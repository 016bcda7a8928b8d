"""The back office's pages of redirects and of missing addresses."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from flask import Blueprint, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from webapp.blueprints.discovery.forms import ImportForm, RedirectForm
from webapp.blueprints.discovery.models import Missing, Redirect
from webapp.blueprints.discovery.permissions import DiscoveryPermission as May
from webapp.blueprints.discovery.queries.redirects import (
    KINDS,
    MISSING,
    REDIRECTS,
    get_missing,
    get_redirect,
    propose_pages,
)
from webapp.blueprints.discovery.services.redirecting import (
    ImportRow,
    delete_redirect,
    export_rows,
    ignore_missing,
    import_rows,
    read_rows,
    save_redirect,
)
from webapp.core.db import db, transaction
from webapp.core.deletion import ask_and_delete
from webapp.core.editing import ask_and_edit
from webapp.core.errors import FieldProblems
from webapp.core.forms import Difference, submit
from webapp.core.lists.pages import show_list
from webapp.core.security import current_actor, requires
from webapp.core.web import done, show

blueprint = Blueprint(
    "discovery_redirects", __name__, template_folder="../templates", url_prefix="/backoffice/site/redirects"
)


@blueprint.get("/")
@requires(May.REPORTS_READ)
def redirects() -> Response:
    """The list of redirects, or its export."""
    return show_list(db.session(), REDIRECTS, "discovery/redirects.html", "discovery/_redirects.html")


@blueprint.route("/new", methods=["GET", "POST"])
@requires(May.REDIRECTS_WRITE)
def new_redirect() -> Response:
    """The form of a new redirect, and its creation."""
    form = RedirectForm()
    if request.method == "GET":
        form.source.data = request.args.get("from", "")[:400]
        return _show_form(form)
    by = current_actor()
    made = submit(form, lambda s: save_redirect(s, by=by, **form.values()).id)
    if made is None:
        return _show_form(form, status=422)
    return done(url_for("discovery_redirects.redirects"), _("The redirect was created."))


@blueprint.route("/<int:redirect_id>/edit", methods=["GET", "POST"])
@requires(May.REDIRECTS_WRITE)
def edit_redirect(redirect_id: int) -> Response:
    """The form of a redirect, and its change; the second of two editors is told."""
    by = current_actor()
    return ask_and_edit(
        lambda: get_redirect(db.session(), redirect_id),
        RedirectForm.filled,
        _show_form,
        lambda s, form, seen: save_redirect(s, by=by, redirect_id=redirect_id, version=seen, **form.values()),
        then=url_for("discovery_redirects.redirects"),
        message=_("The redirect was saved."),
    )


@blueprint.route("/<int:redirect_id>/delete", methods=["GET", "POST"])
@requires(May.REDIRECTS_WRITE)
def remove_redirect(redirect_id: int) -> Response:
    """The question whether to delete a redirect, and the deletion."""
    by = current_actor()
    return ask_and_delete(
        "discovery/redirect_delete.html",
        lambda: {"redirect": get_redirect(db.session(), redirect_id)},
        lambda session, seen: delete_redirect(session, by=by, redirect_id=redirect_id, version=seen),
        then=url_for("discovery_redirects.redirects"),
        message=_("The redirect was deleted."),
    )


@blueprint.route("/import", methods=["GET", "POST"])
@requires(May.REDIRECTS_WRITE)
def import_redirects() -> Response:
    """Redirects from a CSV file: first all rows with what is wrong with them, then, once it is right and wanted, all of them."""
    form = ImportForm()
    if request.method == "GET":
        return _show_import(form)
    by = current_actor()
    try:
        content = form.text()
        form.content.data = content
        rows = read_rows(db.session(), content)
        if "store" in request.form and not any(row.problems for row in rows):
            with transaction() as session:
                count = import_rows(session, by=by, content=content)
            told = ngettext("One redirect was imported.", "%(num)s redirects were imported.", count)
            return done(url_for("discovery_redirects.redirects"), told)
    except ValueError as problem:
        form.content.errors = [str(problem)]
        return _show_import(form, status=422)
    except FieldProblems as problem:
        form.content.errors = list(problem.problems.values())
        return _show_import(form, read_rows(db.session(), content), status=422)
    return _show_import(form, rows, status=422 if "store" in request.form else 200)


@blueprint.get("/export.csv")
@requires(May.REPORTS_READ)
def export_redirects() -> Response:
    """All redirects as CSV, in the columns that an import takes back."""
    into = io.StringIO()
    csv.writer(into).writerows(export_rows(db.session()))
    response = Response(into.getvalue(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="redirects.csv"'
    return response


@blueprint.get("/missing/")
@requires(May.REPORTS_READ)
def missing() -> Response:
    """The addresses that were asked for and are not there, but for those that are ignored."""
    ignored = "ignored" in request.args
    spec = MISSING.only(Missing.ignored.is_(ignored))
    return show_list(db.session(), spec, "discovery/missing.html", "discovery/_missing.html", ignored=ignored)


@blueprint.get("/missing/<int:missing_id>/")
@requires(May.REPORTS_READ)
def one_missing(missing_id: int) -> Response:
    """A missing address with the pages that it may have meant."""
    found = get_missing(db.session(), missing_id)
    return show("discovery/one_missing.html", missing=found, proposals=propose_pages(db.session(), found.path))


@blueprint.post("/missing/<int:missing_id>/redirect")
@requires(May.REDIRECTS_WRITE)
def redirect_missing(missing_id: int) -> Response:
    """Lead from a missing address to the chosen page for good."""
    found = get_missing(db.session(), missing_id)
    target = request.form.get("target", "").replace("\x00", "")
    with transaction() as session:
        save_redirect(session, by=current_actor(), source=found.path, target=target, kind=301)
    return done(url_for("discovery_redirects.missing"), _("From now on it leads to %(target)s.", target=target))


@blueprint.post("/missing/<int:missing_id>/ignore")
@requires(May.REDIRECTS_WRITE)
def ignore(missing_id: int) -> Response:
    """Leave a missing address out of the list, or take it in again."""
    ignored = request.form.get("ignored") == "1"
    with transaction() as session:
        ignore_missing(session, by=current_actor(), missing_id=missing_id, ignored=ignored)
    message = _("It is not listed any more.") if ignored else _("It is listed again.")
    return done(url_for("discovery_redirects.missing"), message)


def _show_import(form: ImportForm, rows: Sequence[ImportRow] = (), *, status: int = 200) -> Response:
    wrong = sum(bool(row.problems) for row in rows)
    return show("discovery/redirect_import.html", status=status, form=form, rows=rows, wrong=wrong, kinds=KINDS)


def _show_form(
    form: RedirectForm,
    stored: Redirect | None = None,
    *,
    status: int = 200,
    differences: list[Difference] | None = None,
) -> Response:
    return show("discovery/redirect_form.html", status=status, form=form, redirect=stored, differences=differences)
