"""The back office's pages of the site's search: what people looked for, what they did not find, and promoted results."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, g, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.blueprints.discovery.forms import PromotionForm
from webapp.blueprints.discovery.permissions import DiscoveryPermission as May
from webapp.blueprints.discovery.queries.searching import list_promotions, list_searched, page_choices
from webapp.blueprints.discovery.services.promoting import promote_page, take_back_promotion
from webapp.core.clock import local_day, utc_now
from webapp.core.db import db, transaction
from webapp.core.forms import submit
from webapp.core.security import current_actor, requires
from webapp.core.web import done, show

blueprint = Blueprint("discovery", __name__, template_folder="../templates", url_prefix="/backoffice/site/search")
DAYS = (7, 30, 90)


@blueprint.get("/")
@requires(May.REPORTS_READ)
def searches() -> Response:
    """What was searched for, what found nothing, and the promoted results."""
    session = db.session()
    text = request.args.get("days", "30")
    days = int(text) if text in map(str, DAYS) else 30
    since = local_day(utc_now(), g.company.zone) - dt.timedelta(days)
    return show(
        "discovery/searches.html",
        days=days,
        choices=DAYS,
        searched=list_searched(session, since=since, nothing=False),
        nothing=list_searched(session, since=since, nothing=True),
        promotions=list_promotions(session),
    )


@blueprint.route("/promotions/new", methods=["GET", "POST"])
@requires(May.REDIRECTS_WRITE)
def new_promotion() -> Response:
    """The form of a promoted result, and its making."""
    form = PromotionForm()
    if request.method == "GET":
        form.words.data = request.args.get("words", "")[:100]
        return show("discovery/promotion_form.html", form=form, pages=page_choices(db.session()))
    by = current_actor()
    made = submit(form, lambda s: promote_page(s, by=by, words=form.words.data, path=form.path.data).id)
    if made is None:
        return show("discovery/promotion_form.html", status=422, form=form, pages=page_choices(db.session()))
    return done(url_for("discovery.searches"), _("The page comes first for these words now."))


@blueprint.post("/promotions/<int:promotion_id>/delete")
@requires(May.REDIRECTS_WRITE)
def remove_promotion(promotion_id: int) -> Response:
    """Take a promoted result back."""
    with transaction() as session:
        take_back_promotion(session, by=current_actor(), promotion_id=promotion_id)
    return done(url_for("discovery.searches"), _("The page comes first no more."))
