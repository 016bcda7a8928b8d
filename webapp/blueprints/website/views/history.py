"""The revisions of a page in one language: their list, how one differs from another, keeping one, going back to one."""

from __future__ import annotations

from flask import Blueprint, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.blueprints.website.forms import seen_version
from webapp.blueprints.website.permissions import WebsitePermission as May
from webapp.blueprints.website.queries.pages import get_written
from webapp.blueprints.website.queries.revisions import compare, get_revision, list_revisions
from webapp.blueprints.website.services.drafts import MOST_REVISIONS, keep_revision, restore_revision
from webapp.core.db import db, transaction
from webapp.core.security import current_actor, requires
from webapp.core.web import done, show

blueprint = Blueprint(
    "website_history",
    __name__,
    template_folder="../templates",
    url_prefix="/backoffice/site/pages/<int:page_id>/<any(it, en):language>/revisions",
)


@blueprint.get("/")
@requires(May.PAGES_READ)
def revisions(page_id: int, language: str) -> Response:
    """Who saved what when; two of them side by side where the address names them."""
    session = db.session()
    written = get_written(session, page_id, language)
    found = list_revisions(session, written.text.id)
    old, new = request.args.get("old", type=int), request.args.get("new", type=int)
    one = get_revision(session, written.text.id, old) if old else None
    other = get_revision(session, written.text.id, new) if new else written.draft
    return show(
        "website/revisions.html",
        written=written,
        language=language,
        revisions=found,
        old=one,
        new=other if new else None,
        most=MOST_REVISIONS,
        changes=compare(session, one, other, language) if one else None,
    )


@blueprint.post("/<int:revision_id>/restore")
@requires(May.PAGES_EDIT)
def restore(page_id: int, language: str, revision_id: int) -> Response:
    """Make the revision the draft again."""
    version = seen_version(request.form)
    with transaction() as session:
        restore_revision(
            session,
            by=current_actor(),
            page_id=page_id,
            language=language,
            revision_id=revision_id,
            version=version,
        )
    return done(
        url_for("website_pages.edit", page_id=page_id, language=language),
        _("The draft says again what it said then. Strangers see it once it is published."),
    )


@blueprint.post("/<int:revision_id>/keep")
@requires(May.PAGES_EDIT)
def keep(page_id: int, language: str, revision_id: int) -> Response:
    """Keep the revision for good, under a note, or no longer."""
    kept, note = "keep" in request.form, request.form.get("note", "")
    with transaction() as session:
        keep_revision(
            session,
            by=current_actor(),
            page_id=page_id,
            language=language,
            revision_id=revision_id,
            kept=kept,
            note=note,
        )
    back = url_for("website_history.revisions", page_id=page_id, language=language)
    return done(back, _("The revision is kept.") if kept else _("The revision is no longer kept."))
