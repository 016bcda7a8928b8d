"""The pages of the dashboard."""

from __future__ import annotations

from operator import itemgetter

from flask import Blueprint, Response, abort, g, request, url_for
from flask_babel import get_locale

from webapp.blueprints.dashboard.forms import Asked, read_address
from webapp.blueprints.dashboard.services.figures import Chart, charts_for, get_figures, metrics_for
from webapp.blueprints.dashboard.services.ranges import Preset
from webapp.blueprints.dashboard.views import words
from webapp.blueprints.dashboard.views.cards import Subject, chart_card, kpi_cards
from webapp.blueprints.dashboard.views.choices import grain_choices, range_choices
from webapp.blueprints.gold.public import GoldNotThere, GoldPermission, GoldState, get_state, read_gold
from webapp.core.charts import chart_settings
from webapp.core.clock import local_day, utc_now
from webapp.core.exports import CSV_TYPE, csv_chunks
from webapp.core.security import CorePermission, current_actor, requires
from webapp.core.web import push_address, show

blueprint = Blueprint("dashboard", __name__, template_folder="../templates", url_prefix="/backoffice")


@blueprint.get("/")
@requires(CorePermission.BACKOFFICE_ENTER)
def dashboard() -> Response:
    """The owner's view of the business; a greeting for those who may not see figures."""
    actor = current_actor()
    if not actor.may(GoldPermission.METRICS_READ) or not metrics_for(actor):
        return show("dashboard/welcome.html", partial=actor.may(GoldPermission.METRICS_READ))
    charts = charts_for(actor)
    with read_gold() as connection:
        try:
            state = get_state(connection)
        except GoldNotThere:
            state = None
        if state is None or state.first_day is None:
            return show("dashboard/empty.html", run=state.run if state else None)
        asked = _asked(state)
        figures = get_figures(connection, asked.selection, state.first_day, only=charts)
    subject = Subject(asked.selection, figures, state, asked.arguments)
    response = show(
        "dashboard/dashboard.html",
        "dashboard/_dashboard.html",
        status=422 if asked.problems else 200,
        asked=asked,
        state=state,
        settings=chart_settings(g.company.primary_colour, str(get_locale() or "en")[:2]),
        kpis=kpi_cards(subject, actor),
        charts=[] if figures.empty else [chart_card(chart, subject) for chart in charts],
        empty=figures.empty,
        orders_url=subject.orders(),
        latest=asked.range == Preset.LATEST and asked.by_default,
        shown_days=words.range_of(asked.selection.days),
        ranges=range_choices(),
        grains=grain_choices(),
        countries=sorted(
            ((item.key, words.country(item.key, state)) for item in state.countries if item.key),
            key=itemgetter(1),
        ),
        categories=[(name, name) for name in state.categories],
        day=words.day,
    )
    if not asked.problems:
        push_address(response, url_for(".dashboard", **asked.arguments))  # type: ignore[arg-type]
    return response


@blueprint.get("/charts/<name>.csv")
@requires(CorePermission.BACKOFFICE_ENTER, GoldPermission.METRICS_READ)
def chart_data(name: str) -> Response:
    """The data of one chart under the dashboard's filters."""
    if name not in list(Chart):
        abort(404)
    chart = Chart(name)
    if chart not in charts_for(current_actor()):
        abort(403)
    with read_gold() as connection:
        state = get_state(connection)
        if state.first_day is None:
            raise GoldNotThere
        asked = _asked(state)
        figures = get_figures(connection, asked.selection, state.first_day, only=[chart])
    card = chart_card(chart, Subject(asked.selection, figures, state, asked.arguments))
    days = asked.selection.days
    response = Response(csv_chunks(card.data_columns, [line.data for line in card.lines]), content_type=CSV_TYPE)
    response.headers.set(
        "Content-Disposition", "attachment", filename=f"{card.key}_{days.start.isoformat()}_{days.end.isoformat()}.csv"
    )
    return response


def _asked(state: GoldState) -> Asked:
    return read_address(request.args, local_day(utc_now(), g.company.zone), state)
