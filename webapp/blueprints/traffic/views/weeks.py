"""The weekly reports: to read, to download, to make for a week that is over, and who gets them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Blueprint, abort, g, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.blueprints.traffic.forms import ReadersForm, WeekForm
from webapp.blueprints.traffic.models import ReportReaders
from webapp.blueprints.traffic.permissions import TrafficPermission as May
from webapp.blueprints.traffic.queries.weekly import get_week_report, list_week_reports
from webapp.blueprints.traffic.services.alert_rules import choose_report_readers, get_report_readers
from webapp.blueprints.traffic.services.receiving import list_receivers
from webapp.blueprints.traffic.services.week_document import (
    file_name,
    period,
    sections,
    summary,
    title_of_week,
    week_document,
)
from webapp.blueprints.traffic.services.weekly import last_week, make_week_report
from webapp.blueprints.traffic.views.periods import Key
from webapp.core.clock import utc_now
from webapp.core.company import get_company
from webapp.core.db import db
from webapp.core.editing import ask_and_edit
from webapp.core.forms import submit
from webapp.core.security import current_actor, requires
from webapp.core.web import done, send_stream, show

blueprint = Blueprint("traffic_weeks", __name__, template_folder="../templates", url_prefix="/backoffice/traffic/weeks")


@blueprint.get("/")
@requires(May.READ)
def weeks() -> Response:
    """All weekly reports, and who gets them."""
    return _show_weeks(WeekForm(formdata=None, data={"day": last_week(utc_now(), g.company)}))


@blueprint.post("/")
@requires(May.READ)
def make_week() -> Response:
    """Make the report of a week that is over, without mail."""
    form = WeekForm()
    made = submit(form, lambda s: make_week_report(s, form.chosen(), utc_now(), get_company(s)).week)
    if made is None:
        return _show_weeks(form, status=422)
    return done(url_for(".week", day=made.isoformat()), _("The report is there."))


@blueprint.get("/<day>/")
@requires(May.READ)
def week(day: str) -> Response:
    """One report."""
    found = get_week_report(db.session(), _monday(day))
    return show(
        "traffic/week.html",
        report=found,
        name=title_of_week(found.figures),
        period=period(found.figures),
        keys=[Key(label, value, other=change) for label, value, change in summary(found.figures)],
        sections=sections(found.figures, g.company),
    )


@blueprint.get("/<day>.pdf")
@requires(May.READ)
def week_file(day: str) -> Response:
    """One report as a document in the reader's language."""
    found = get_week_report(db.session(), _monday(day))
    content = week_document(found.figures, g.company, str(get_locale() or "en")[:2])
    return send_stream([content], media="application/pdf", name=file_name(found.week))


@blueprint.route("/readers", methods=["GET", "POST"])
@requires(May.ALERTS)
def edit_readers() -> Response:
    """Who gets the weekly report by mail."""
    by = current_actor()

    def fill(stored: ReportReaders, **kwargs: Any) -> ReadersForm:
        form = ReadersForm.filled(stored, **kwargs)
        form.receivers.choices = list_receivers()
        return form

    return ask_and_edit(
        lambda: get_report_readers(db.session()),
        fill,
        lambda form, _stored, **more: show("traffic/week_readers.html", form=form, **more),
        lambda s, form, seen: choose_report_readers(s, by=by, version=seen, receivers=form.receivers.data or []),
        then=url_for(".weeks"),
        message=_("The readers of the weekly report were saved."),
    )


def _show_weeks(form: WeekForm, *, status: int = 200) -> Response:
    session = db.session()
    found = list_week_reports(session)
    names = dict(list_receivers())
    return show(
        "traffic/weeks.html",
        status=status,
        form=form,
        reports=[(each, title_of_week(each.figures), period(each.figures), summary(each.figures)) for each in found],
        readers=[names[each] for each in get_report_readers(session).receivers if each in names],
    )


def _monday(day: str) -> dt.date:
    try:
        return dt.date.fromisoformat(day)
    except ValueError:
        abort(404)
