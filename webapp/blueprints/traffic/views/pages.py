"""What the logs tell, in figures and line by line, and the book that proves it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from flask import Blueprint, abort, current_app, g, render_template, request
from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.blueprints.traffic.permissions import TrafficPermission as May
from webapp.blueprints.traffic.queries.book import (
    REASONS,
    count_rejected,
    get_file,
    get_sums,
    list_days,
    list_of_files,
    list_of_readings,
)
from webapp.blueprints.traffic.queries.figures import get_book, make_room
from webapp.blueprints.traffic.queries.requests import (
    Line,
    get_line,
    get_now,
    list_before_and_after,
    list_of_requests,
    list_trail,
)
from webapp.blueprints.traffic.queries.trails import ACTIONS, JOINS, list_changes, list_logged, list_problems
from webapp.blueprints.traffic.services.vault import SHOWN, read_rejected
from webapp.blueprints.traffic.views.asking import COMPARES, FIGURES, GRAINS, ask
from webapp.blueprints.traffic.views.panels import SECTIONS, find_panel, make_panels
from webapp.blueprints.traffic.views.periods import key_figures, keys_of_now, list_happenings
from webapp.core.charts import chart_settings
from webapp.core.clock import local_day, utc_now
from webapp.core.db import db, transaction
from webapp.core.errors import NotFound
from webapp.core.exports import CSV_TYPE, csv_chunks
from webapp.core.lists.pages import show_list
from webapp.core.security import current_actor, requires
from webapp.core.settings import Settings
from webapp.core.web import panels, push_address, send_stream, show

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

WITH_TIME = ("overview", "answers", "speed")  # sections with a chart over time

blueprint = Blueprint("traffic", __name__, template_folder="../templates", url_prefix="/backoffice/traffic")


@blueprint.get("/")
@requires(May.READ)
def traffic() -> Response:
    """Hits, visitors, visits and bytes of some days, and whether they are those of the book."""
    return _show_section("overview")


@blueprint.get("/figures/<name>/")
@requires(May.READ)
def section(name: str) -> Response:
    """The panels of a section under the filters of the address."""
    if name not in SECTIONS:
        abort(404)
    return _show_section(name)


@blueprint.get("/figures/<name>/<panel>.csv")
@requires(May.READ)
def panel_data(name: str, panel: str) -> Response:
    """The figures of a panel as a file."""
    session, asked = db.session(), ask()
    make_room(session)
    found = find_panel(session, name, panel, asked)
    if found is None:
        abort(404)
    file = f"traffic_{panel}_{asked.days['from']}_{asked.days['to']}.csv"
    return send_stream(csv_chunks(found.data_columns, [line.data for line in found.lines]), media=CSV_TYPE, name=file)


def _show_section(name: str) -> Response:
    session, asked = db.session(), ask()
    make_room(session)
    whole = name == "overview" and not asked.within.conditions
    response = show(
        "traffic/traffic.html",
        "traffic/_traffic.html",
        status=422 if asked.problem or asked.reading.problems else 200,
        asked=asked,
        part=name,
        sections=SECTIONS,
        keys=key_figures(session, asked) if name == "overview" else [],
        panels_shown=make_panels(session, name, asked),
        happened=list_happenings(asked) if name in WITH_TIME else [],
        book=get_book(session, asked.within.first, asked.within.last) if whole else None,
        grains=GRAINS,
        figures=FIGURES,
        compares=COMPARES,
        settings=chart_settings(g.company.primary_colour, str(get_locale() or "en")[:2]),
    )
    if not asked.problem:
        push_address(response, asked.address(name))
    return response


@blueprint.get("/now/")
@requires(May.READ)
def now() -> Response:
    """What happens at this moment under the filters of the address; as a fragment it asks for itself again."""
    moment, asked, zone = utc_now(), ask(), g.company.zone
    found = get_now(db.session(), moment, local_day(moment, zone), asked.within.conditions)
    return show(
        "traffic/now.html",
        "traffic/_now.html",
        status=422 if asked.reading.problems else 200,
        asked=asked,
        now=found,
        keys=keys_of_now(found, asked, moment),
        lines=asked.lines_between,
        minute=dt.timedelta(minutes=1),
        at=moment,
        most=max(each[1] for each in found.minutes),
    )


@blueprint.get("/requests/")
@requires(May.READ)
def requests() -> Response:
    """The lines behind a figure, or a search over all that are kept; or their export."""
    return show_list(db.session(), list_of_requests(), "traffic/requests.html", "traffic/_requests.html")


@blueprint.get("/lines/<int:number>/")
@requires(May.READ)
def line(number: int) -> Response:
    """One line, with the trail of its request and what the same visitor asked for around it."""
    session = db.session()
    found = get_line(session, number)
    request_id = found.hit.request_id or ""
    return _show_trail(session, found, list_trail(session, request_id) if request_id else [], request_id)


@blueprint.get("/requests/<request_id>/")
@requires(May.READ)
def trail(request_id: str) -> Response:
    """The trail of a request: its lines, the problems of nginx, and what the other rooms know of it."""
    session = db.session()
    lines = list_trail(session, request_id)
    return _show_trail(session, lines[0] if lines else None, lines, request_id)


def render_link(request_id: str = "", **_context: str) -> str:
    """For the pages of other rooms: the number of a request, and the way to its trail."""
    return render_template("traffic/_request_link.html", request_id=request_id) if request_id else ""


def _show_trail(session: Session, found: Line | None, lines: Sequence[Line], request_id: str) -> Response:
    """What is known of a request. Raises NotFound where that is nothing."""
    problems, logged = (
        list_problems(session, request_id, lines or [found] if found else []),
        list_logged(session, request_id),
    )
    changes = list_changes(session, request_id) if request_id else []
    more = panels("traffic.request", request_id=request_id) if request_id else []
    if not (found or problems or logged or changes or more):
        raise NotFound(_("Nothing is known of this request, or not any more."))
    return show(
        "traffic/line.html",
        line=found,
        others=[each for each in lines if found is None or each.number != found.number],
        joins=JOINS,
        actions=ACTIONS,
        around=list_before_and_after(session, found) if found else [],
        problems=problems,
        logged=logged,
        changes=changes,
        more=more,
    )


@blueprint.get("/files/")
@requires(May.READ)
def files() -> Response:
    """The book of the files, or its export."""
    session = db.session()
    return show_list(session, list_of_files(), "traffic/files.html", "traffic/_files.html", sums=get_sums(session))


@blueprint.get("/files/<int:file_id>/")
@requires(May.READ)
def one_file(file_id: int) -> Response:
    """The book of one file."""
    return _show_file(file_id, [])


@blueprint.post("/files/<int:file_id>/rejected")
@requires(May.VAULT)
def rejected_lines(file_id: int) -> Response:
    """The rejected lines of a file as they were; that they were read is written down."""
    after = request.form.get("after", "0")
    with transaction() as session:
        lines = read_rejected(
            session, by=current_actor(), file=get_file(session, file_id), after=int(after) if after.isdecimal() else 0
        )
    return _show_file(file_id, list(lines))


@blueprint.get("/readings/")
@requires(May.VAULT)
def readings() -> Response:
    """Who read what of the vault."""
    return show_list(db.session(), list_of_readings(), "traffic/readings.html", "traffic/_readings.html")


def _show_file(file_id: int, lines: list[tuple[int, str, str]]) -> Response:
    session = db.session()
    file = get_file(session, file_id)
    settings: Settings = current_app.extensions["settings"]
    return show(
        "traffic/file.html",
        file=file,
        days=list_days(session, file),
        counts=count_rejected(session, file),
        reasons=REASONS,
        lines=lines,
        more=len(lines) == SHOWN,
        vault_days=settings.traffic_vault_days,
        may_read=current_actor().may(May.VAULT),
    )
