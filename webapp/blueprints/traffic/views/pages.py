"""What the logs tell, in figures of days, and the book that proves it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from flask import Blueprint, current_app, g, request, url_for
from flask_babel import format_date, get_locale, ngettext
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
from webapp.blueprints.traffic.queries.report import Report, get_report
from webapp.blueprints.traffic.services.vault import SHOWN, read_rejected
from webapp.core.charts import Point, Spec, bars, chart_settings
from webapp.core.clock import local_day, utc_now
from webapp.core.db import db, transaction
from webapp.core.exports import CSV_TYPE, csv_chunks
from webapp.core.lists.pages import show_list
from webapp.core.security import current_actor, requires
from webapp.core.settings import Settings
from webapp.core.web import send_stream, show
from webapp.core.wording import number

blueprint = Blueprint("traffic", __name__, template_folder="../templates", url_prefix="/backoffice/traffic")
SPAN = 30  # days that are shown when none are asked for


@dataclass(frozen=True)
class Line:
    """A row of the chart's table."""

    url: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Card:
    """The chart of the days, as `ui/charts.html` takes it."""

    key: str
    title: str
    sentence: str
    columns: tuple[str, ...]
    lines: tuple[Line, ...]
    spec: Spec
    texts: int = 1
    wide: bool = True


@dataclass(frozen=True)
class Asked:
    """The days that the address asks for; `problem` is told when it makes no sense."""

    first: dt.date
    last: dt.date
    problem: str = ""


@blueprint.get("/")
@requires(May.READ)
def traffic() -> Response:
    """Hits, visitors, visits and bytes of some days."""
    asked = _asked()
    report = get_report(db.session(), asked.first, asked.last)
    return show(
        "traffic/traffic.html",
        asked=asked,
        report=report,
        card=_card(report),
        settings=chart_settings(g.company.primary_colour, str(get_locale() or "en")[:2]),
    )


@blueprint.get("/days.csv")
@requires(May.READ)
def day_data() -> Response:
    """The figures of the days as a file."""
    asked = _asked()
    report = get_report(db.session(), asked.first, asked.last)
    rows = [(day.day, day.hits, day.visitors, day.visits, day.bytes) for day in report.days]
    name = f"traffic_{asked.first.isoformat()}_{asked.last.isoformat()}.csv"
    return send_stream(csv_chunks(("day", "hits", "visitors", "visits", "bytes"), rows), media=CSV_TYPE, name=name)


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


def _asked() -> Asked:
    today = local_day(utc_now(), g.company.zone)
    usual = Asked(today - dt.timedelta(days=SPAN - 1), today)
    try:
        first, last = (
            dt.date.fromisoformat(request.args.get(name) or "") if request.args.get(name) else None
            for name in ("from", "to")
        )
    except ValueError:
        return Asked(usual.first, usual.last, _("Write a date like 2026-11-21."))
    last = last or (max(first, today) if first else today)
    first = first or last - dt.timedelta(days=SPAN - 1)
    if first > last:
        return Asked(usual.first, usual.last, _("The last day is before the first one."))
    return Asked(first, last)


def _card(report: Report) -> Card | None:
    if not report.days:
        return None
    points, lines = [], []
    for day in report.days:
        asked = {"from": day.day.isoformat(), "to": day.day.isoformat()}
        url = url_for("traffic.traffic", **asked)  # type: ignore[arg-type]  # only words of the address
        label = format_date(day.day, "short")
        text = ngettext("one hit", "%(num)s hits", day.hits)
        points.append(Point(key=day.day.isoformat(), label=label, value=float(day.hits), text=text, url=url))
        figures = (number(day.hits), number(day.visitors), number(day.visits), number(day.bytes))
        lines.append(Line(url, (label, *figures)))
    most = max(report.days, key=lambda day: day.hits)
    sentence = _("Most hits came on %(day)s: %(hits)s.", day=format_date(most.day, "long"), hits=number(most.hits))
    columns = (_("Day"), _("Hits"), _("Visitors"), _("Visits"), _("Bytes"))
    return Card("days", _("Hits by day"), sentence, columns, tuple(lines), bars(points, title=_("Hits")))
