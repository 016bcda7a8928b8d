"""The pages of rights on branches, of the journal and of the reports."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from flask import Blueprint, g, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.blueprints.editorial.forms import RightForm
from webapp.blueprints.editorial.models import BranchRight
from webapp.blueprints.editorial.permissions import EditorialPermission as May
from webapp.blueprints.editorial.queries import (
    CHECK,
    DEEDS,
    JOURNAL,
    LINKS,
    MONTHS,
    find_page_text,
    get_link,
    get_right,
    last_check,
    list_rights,
    old_pages,
    paths_of,
)
from webapp.blueprints.editorial.services import give_right, take_right
from webapp.blueprints.media.public import collection_names, list_without_alternative
from webapp.blueprints.tasks.public import ask
from webapp.core.clock import local_day, utc_now
from webapp.core.company import CompanyProfile
from webapp.core.db import db, transaction
from webapp.core.deletion import ask_and_delete
from webapp.core.directory import directory
from webapp.core.forms import submit, whole_number
from webapp.core.lists.pages import show_list
from webapp.core.policy import visible
from webapp.core.security import current_actor, requires
from webapp.core.site_paths import site_paths
from webapp.core.web import done, show

blueprint = Blueprint("editorial", __name__, template_folder="templates", url_prefix="/backoffice/site")
OFFERED_PAGES = 500


@blueprint.get("/reports/")
@requires(May.REPORTS_READ)
def journal() -> Response:
    """Who did what on the site, or its export."""
    seen = visible(current_actor(), JOURNAL, May.REPORTS_READ)
    return show_list(db.session(), seen, "editorial/journal.html", "editorial/_journal.html")


@blueprint.get("/reports/old")
@requires(May.REPORTS_READ)
def old() -> Response:
    """Public pages that nobody changed for some months."""
    company: CompanyProfile = g.company
    asked = whole_number(request.args.get("months", ""))
    months = asked if asked in MONTHS else 12
    before = utc_now() - dt.timedelta(days=months * 365.25 / 12)
    pages, count = old_pages(db.session(), site_paths(db.session()).pages.values(), before)
    return show(
        "editorial/old.html",
        pages=pages,
        count=count,
        months=months,
        choices=MONTHS,
        since=local_day(before, company.zone),
    )


@blueprint.get("/reports/links")
@requires(May.REPORTS_READ)
def links() -> Response:
    """Links that lead nowhere or to another site, as the last check found them; or their export."""
    seen = visible(current_actor(), LINKS, May.REPORTS_READ)
    check = last_check(db.session())
    return show_list(db.session(), seen, "editorial/links.html", "editorial/_links.html", check=check)


@blueprint.get("/reports/links/<int:link_id>")
@requires(May.REPORTS_READ)
def link(link_id: int) -> Response:
    """To where a link is mended: the editor of its page, in the room that keeps it; the page itself where none is known."""
    found = get_link(db.session(), link_id)
    text = find_page_text(db.session(), found.path)
    if text is None:
        return redirect(found.edit or found.path)
    return redirect(url_for("website_pages.edit", page_id=text.page_id, language=text.language))


@blueprint.post("/reports/links")
@requires(May.REPORTS_RUN)
def check_links() -> Response:
    """Have the links checked now."""
    with transaction() as session:
        ask(session, CHECK, {}, by=current_actor())
    return done(url_for("editorial.links"), _("The links are being checked. Look again in a moment."))


@blueprint.get("/reports/pictures")
@requires(May.REPORTS_READ)
def pictures() -> Response:
    """Pictures without an alternative text."""
    return show("editorial/pictures.html", images=list_without_alternative(db.session()))


@blueprint.get("/rights")
@requires(May.RIGHTS_MANAGE)
def rights() -> Response:
    """All rights on branches, and the form of a new one."""
    return _show_rights(RightForm())


@blueprint.post("/rights")
@requires(May.RIGHTS_MANAGE)
def new_right() -> Response:
    """Give a right."""
    by, form = current_actor(), RightForm()
    given = submit(form, lambda session: give_right(session, by=by, **form.values()).id)
    if given is None:
        return _show_rights(form, status=422)
    return done(url_for("editorial.rights"), _("The right was given."))


@blueprint.route("/rights/<int:right_id>/delete", methods=["GET", "POST"])
@requires(May.RIGHTS_MANAGE)
def remove_right(right_id: int) -> Response:
    """The question whether to take a right back, and doing so."""
    by = current_actor()

    def tell() -> dict[str, object]:
        right = get_right(db.session(), right_id)
        return {"right": right, "who": _who(right.user_id, right.role), "where": _places([right])[0]}

    return ask_and_delete(
        "editorial/right_delete.html",
        tell,
        lambda session, seen: take_right(session, by=by, right_id=right_id, version=seen),
        then=url_for("editorial.rights"),
        message=_("The right was taken back."),
    )


def _who(user_id: int | None, role: str | None) -> str:
    if role is not None:
        return str(_("Everybody with the role %(role)s", role=role))
    return directory().person_name(user_id or 0) or str(_("Somebody who is gone"))


def _places(rights: Sequence[BranchRight]) -> list[str]:
    """Where each of these rights holds, in words."""
    paths = paths_of(db.session(), {right.page_id for right in rights if right.page_id})
    return [
        str(_("images of “%(name)s”", name=right.collection)) if right.collection else paths.get(right.page_id or 0, "")
        for right in rights
    ]


def _show_rights(form: RightForm, status: int = 200) -> Response:
    given = list_rights(db.session())
    lines = [
        (right, place, _who(right.user_id, right.role)) for right, place in zip(given, _places(given), strict=True)
    ]
    pages = sorted(site_paths(db.session()).pages.values(), key=lambda page: (page.path.count("/"), page.path))
    return show(
        "editorial/rights.html",
        status=status,
        form=form,
        lines=lines,
        deeds=DEEDS,
        collections=collection_names(db.session()),
        pages=[page for page in pages if page.kind == "page"][:OFFERED_PAGES],
    )
