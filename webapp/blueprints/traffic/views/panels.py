"""The panels of each section, in words, under the filters of the address."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from flask import url_for
from flask_babel import format_date, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp.blueprints.traffic.models import Hit, Visit
from webapp.blueprints.traffic.queries.classes import CLASSES
from webapp.blueprints.traffic.queries.figures import (
    Share,
    list_classes,
    list_hours,
    list_path_classes,
    list_paths,
    list_shares,
    list_statuses,
    list_ways,
)
from webapp.blueprints.traffic.queries.groups import (
    Group,
    get_agents,
    get_networks,
    get_sources,
    list_campaigns,
    list_kinds,
)
from webapp.blueprints.traffic.queries.narrowing import DEVICES, NONE, WEEKDAYS, exact
from webapp.blueprints.traffic.queries.requests import PLACES
from webapp.blueprints.traffic.queries.speed import Speed, get_speed, list_path_speeds, list_slowest, list_speeds
from webapp.blueprints.traffic.queries.visiting import get_bounces, list_ends, list_steps
from webapp.blueprints.traffic.views.asking import Asked
from webapp.blueprints.traffic.views.cards import Column, Panel, share, table, written
from webapp.blueprints.traffic.views.periods import marks_of, over_time
from webapp.core.charts import Cell, Part, Point, bars, heat_map, stacked_bars, with_marks
from webapp.core.wording import exact_moment, number

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

Maker = Callable[["Session", Asked], Sequence[Panel]]


def _usual() -> tuple[Column, Column, Column]:
    return Column(_("Hits"), "hits"), Column(_("Visitors"), "visitors"), Column(_("Bytes"), "bytes", "bytes")


def _shares(asked: Asked, key: str, titles: tuple[str, str], name: str, found: Sequence[Share], **also: str) -> Panel:
    """The hits by one text."""
    rows = [
        (asked.lines(**{name: exact(each.text, each.id)}, **also), (each.text, each.hits, each.visitors, each.bytes))
        for each in found
    ]
    return table(key, titles[0], (Column(titles[1], name, "text"), *_usual()), rows)


def _paths(session: Session, asked: Asked) -> list[Panel]:
    found = list_paths(session, asked.within)
    return [_shares(asked, "paths", (_("Most asked paths"), _("Path")), "path", found)]


def _statuses(session: Session, asked: Asked) -> list[Panel]:
    found = list_statuses(session, asked.within)
    whole = sum(hits for _status, hits in found)
    rows = [(asked.lines(status=str(each)), (str(each), hits, share(hits, whole))) for each, hits in found]
    columns = (Column(_("Status"), "status", "text"), Column(_("Hits"), "hits"), Column(_("Share"), "share", "percent"))
    return [table("status", _("Answers by status"), columns, rows)]


def _contents(session: Session, asked: Asked) -> list[Panel]:
    pages, files = (list_paths(session, asked.within, content) for content in ("page", "file"))
    return [
        _shares(asked, "pages", (_("Pages"), _("Path")), "path", pages, content="page"),
        _shares(asked, "files", (_("Files"), _("Path")), "path", files, content="file"),
    ]


def _missing(session: Session, asked: Asked) -> list[Panel]:
    found = list_shares(session, asked.within, Hit.path_id, Hit.status == 404, other=Hit.referrer_id)
    rows = [
        (
            asked.lines(status="404", path=exact(each.text, each.id), referrer=exact(each.other, each.other_id)),
            (each.text, each.other, each.hits, each.visitors),
        )
        for each in found
    ]
    columns = (Column(_("Path"), "path", "text"), Column(_("Referrer"), "referrer", "text"), *_usual()[:2])
    return [table("missing", _("Not found, and who points there"), columns, rows, texts=2)]


def _redirects(session: Session, asked: Asked) -> list[Panel]:
    moved = (Hit.status.between(300, 399), Hit.status != 304)
    found = list_shares(session, asked.within, Hit.path_id, *moved, status=True)
    rows = [
        (
            asked.lines(status=str(each.status), path=exact(each.text, each.id)),
            (each.text, str(each.status), each.hits, each.visitors),
        )
        for each in found
    ]
    columns = (Column(_("Path"), "path", "text"), Column(_("Status"), "status", "text"), *_usual()[:2])
    return [table("redirects", _("Redirects"), columns, rows, texts=2)]


def _ends(session: Session, asked: Asked) -> list[Panel]:
    panels = []
    for key, title, end in (
        ("entry", _("Where visits begin"), Visit.entry_id), ("exit", _("Where visits end"), Visit.exit_id),
    ):  # fmt: skip
        found = list_ends(session, asked.within, end)
        rows = [(asked.lines(**{key: exact(path, number)}), (path, count)) for number, path, count in found]
        panels.append(table(key, title, (Column(_("Path"), key, "text"), Column(_("Visits"), "visits")), rows))
    return panels


def _bounces(session: Session, asked: Asked) -> list[Panel]:
    found = get_bounces(session, asked.within)
    rows = [
        (asked.lines(content="page"), (_("saw a page"), found.visits, 1.0 if found.visits else 0.0)),
        (asked.lines(content="page"), (_("saw one page alone"), found.bounces, share(found.bounces, found.visits))),
    ]
    columns = (
        Column(_("Visits that"), "visits_that", "text"),
        Column(_("Visits"), "visits"),
        Column(_("Share"), "share", "percent"),
    )
    return [table("bounces", _("Bounces"), columns, rows)]


def _steps(session: Session, asked: Asked) -> list[Panel]:
    rows = [
        (asked.lines(path=exact(each.origin, each.from_id), content="page"), (each.origin, each.target, each.times))
        for each in list_steps(session, asked.within)
    ]
    columns = (Column(_("From"), "from", "text"), Column(_("To"), "to", "text"), Column(_("Times"), "times"))
    return [table("steps", _("From page to page"), columns, rows, texts=2)]


def _classes(session: Session, asked: Asked) -> list[Panel]:
    found = list_classes(session, asked.within)
    names = [f"{number}xx" for number in (1, 2, 3, 4, 5) if any(each[1] == number for each in found)]
    points, rows = [], []
    for day, hundreds, hits in found:
        said = f"{hundreds}xx"
        url = asked.lines(**{"from": day.isoformat(), "to": day.isoformat(), "status": said})
        label = format_date(day, "short")
        points.append(
            Part(
                key=f"{day}{said}", label=label, value=float(hits), text=number(hits), url=url, part=said, rank=hundreds
            )
        )
        rows.append((url, ((label, day), said, hits)))
    columns = (Column(_("Day"), "day", "time"), Column(_("Status"), "status", "text"), Column(_("Hits"), "hits"))
    whole, bad = sum(each[2] for each in found), sum(each[2] for each in found if each[1] >= 4)
    sentence = _("%(part)s of the answers are errors.", part=written(share(bad, whole), "percent"))
    spec = with_marks(stacked_bars(points, parts=names, title=_("Hits")), marks_of(asked, "day")) if points else None
    return [table("classes", _("Answers over time"), columns, rows, sentence=sentence, texts=2, spec=spec, wide=True)]


def _path_classes(session: Session, asked: Asked) -> list[Panel]:
    rows, urls = [], []
    for number_, path, counts in list_path_classes(session, asked.within):
        named = exact(path, number_)
        rows.append((asked.lines(path=named), (path, *counts)))
        urls.append(("", "", *(asked.lines(path=named, status=f"{n}xx") for n in (2, 3, 4, 5))))
    columns = (
        Column(_("Path"), "path", "text"),
        Column(_("Hits"), "hits"),
        *(Column(f"{n}xx", f"{n}xx") for n in (2, 3, 4, 5)),
    )
    return [table("path-classes", _("Answers by path"), columns, rows, urls=urls)]


def _ways(session: Session, asked: Asked) -> list[Panel]:
    found = list_ways(session, asked.within)
    wanted = (
        ("method", _("Methods"), _("Method")), ("protocol", _("Protocols"), _("Protocol")),
        ("cache", _("Answers of the cache"), _("Cache")), ("host", _("Hosts"), _("Host")),
    )  # fmt: skip
    hits, _visitors, size = _usual()
    return [
        table(
            name, title, (Column(heading, name, "text"), hits, size),
            [
                (asked.lines(**{name: exact(each.text, each.id)}), (each.text, each.hits, each.bytes))
                for each in found[name]
            ],
        )
        for name, title, heading in wanted
    ]  # fmt: skip


def _speed_columns(first: Column) -> tuple[Column, ...]:
    return (
        first, Column(_("Hits"), "hits"), Column("p50", "p50", "seconds"), Column("p95", "p95", "seconds"),
        Column("p99", "p99", "seconds"), Column(_("In the application"), "application", "percent"),
    )  # fmt: skip


def _speed_values(first: object, each: Speed) -> tuple[object, ...]:
    return (first, each.hits, each.p50, each.p95, each.p99, each.upstream)


def _speeds(session: Session, asked: Asked) -> list[Panel]:
    whole = get_speed(session, asked.within)
    points, rows = [], []
    for each in list_speeds(session, asked.within):
        day = each.day or dt.date.min
        url = asked.lines(**{"from": day.isoformat(), "to": day.isoformat()})
        label = format_date(day, "short")
        points.append(
            Point(key=day.isoformat(), label=label, value=each.p95, text=written(each.p95, "seconds"), url=url)
        )
        rows.append((url, _speed_values((label, day), each)))
    sentence = (
        _(
            "Half of the answers took at most %(p50)s, 95 of 100 at most %(p95)s, 99 of 100 at most %(p99)s.",
            p50=written(whole.p50, "seconds"), p95=written(whole.p95, "seconds"), p99=written(whole.p99, "seconds"),
        )
        if whole
        else _("The lines tell no times: the log has a format without them.")
    )  # fmt: skip
    spec = with_marks(bars(points, title="p95"), marks_of(asked, "day")) if points else None
    columns = _speed_columns(Column(_("Day"), "day", "time"))
    return [
        table(
            "speeds", _("Seconds of 95 of 100 answers, by day"), columns, rows, sentence=sentence, spec=spec, wide=True
        )
    ]


def _path_speeds(session: Session, asked: Asked) -> list[Panel]:
    found = list_path_speeds(session, asked.within)
    rows = [(asked.lines(path=exact(each.path, each.path_id)), _speed_values(each.path, each)) for each in found]
    return [table("path-speeds", _("Slow paths"), _speed_columns(Column(_("Path"), "path", "text")), rows, wide=True)]


def _slowest(session: Session, asked: Asked) -> list[Panel]:
    rows = [
        (
            url_for("traffic.line", number=hit.file_id * PLACES + hit.place),
            ((exact_moment(hit.at), hit.at), path, str(hit.status), hit.request_time, hit.upstream_time),
        )
        for hit, path in list_slowest(session, asked.within)
    ]
    columns = (
        Column(_("When"), "when", "time"), Column(_("Path"), "path", "text"), Column(_("Status"), "status", "text"),
        Column(_("Seconds"), "seconds", "seconds"), Column(_("In the application"), "application", "seconds"),
    )  # fmt: skip
    return [table("slowest", _("Slowest answers"), columns, rows, texts=3, wide=True)]


def _sources(session: Session, asked: Asked) -> list[Panel]:
    found = get_sources(session, asked.within)
    figures = (Column(_("Hits"), "hits"), Column(_("Visits that began so"), "visits"))

    def rows(name: str, groups: Sequence[Group]) -> list[tuple[str, tuple[object, ...]]]:
        return [(asked.lines(**{name: each.name}), (each.name, each.hits, each.visits)) for each in groups]

    whole = [
        (asked.lines(referrer=exact(each.name, number_)), (each.name, each.hits, each.visits))
        for number_, each in found.referrers
    ]
    return [
        table("sites", _("Other sites"), (Column(_("Site"), "site", "text"), *figures), rows("site", found.sites)),
        table(
            "engines",
            _("Search engines"),
            (Column(_("Search engine"), "engine", "text"), *figures),
            rows("engine", found.engines),
        ),
        table("referrers", _("Referrers"), (Column(_("Referrer"), "referrer", "text"), *figures), whole),
    ]


def _campaigns(session: Session, asked: Asked) -> list[Panel]:
    found = list_campaigns(session, asked.within)
    return [_groups(asked, "campaigns", (_("Campaigns"), _("Campaign")), "campaign", found)]


def _groups(asked: Asked, key: str, titles: tuple[str, str], name: str, found: Sequence[Group]) -> Panel:
    rows = [
        (asked.lines(**{name: each.name or NONE}), (each.name, each.hits, each.visitors, each.bytes)) for each in found
    ]
    return table(key, titles[0], (Column(titles[1], name, "text"), *_usual()), rows)


def _agents(session: Session, asked: Asked) -> list[Panel]:
    found = get_agents(session, asked.within)
    devices = [
        (asked.lines(device=each.name), (str(DEVICES[each.name]), each.hits, each.visitors, each.bytes))
        for each in found.devices
    ]
    return [
        _groups(asked, "browsers", (_("Browsers"), _("Browser")), "browser", found.browsers),
        _groups(asked, "systems", (_("Systems"), _("System")), "system", found.systems),
        table("devices", _("Devices"), (Column(_("Device"), "device", "text"), *_usual()), devices),
    ]


def _networks(session: Session, asked: Asked) -> list[Panel]:
    networks, countries = get_networks(session, asked.within)
    panels = [_groups(asked, "networks", (_("Networks"), _("Network")), "network", networks)]
    if countries:
        panels.append(_groups(asked, "countries", (_("Countries"), _("Country")), "country", countries))
    return panels


def _kinds(session: Session, asked: Asked) -> list[Panel]:
    rows = []
    for each in list_kinds(session, asked.within):
        name = each.name or "waiting"
        rows.append((asked.lines(**{"class": name}), (str(CLASSES[name]), each.hits, each.visitors, each.bytes)))
    return [table("kinds", _("Classes of visitors"), (Column(_("Class"), "class", "text"), *_usual()), rows)]


def _hours(session: Session, asked: Asked) -> list[Panel]:
    found = list_hours(session, asked.within)
    cells, rows = [], []
    for weekday, hour, hits in sorted(found):
        url = asked.lines(weekday=str(weekday), hour=str(hour))
        day, time = str(WEEKDAYS[weekday]), f"{hour:02}"
        text = ngettext("one hit", "%(num)s hits", hits)
        label = f"{day}, {time}:00"
        cells.append(
            Cell(key=f"{weekday}-{hour}", label=label, value=float(hits), text=text, url=url, column=time, row=day)
        )
        rows.append((url, (day, time, hits)))
    spec = heat_map(
        cells,
        columns=[f"{hour:02}" for hour in range(24)],
        rows=[str(day) for day in WEEKDAYS.values()],
        title=_("Hits"),
    )
    sentence = ""
    if found:
        weekday, hour, hits = max(found, key=lambda each: each[2])
        sentence = _(
            "Most hits come on %(day)s at %(hour)s: %(hits)s.",
            day=str(WEEKDAYS[weekday]),
            hour=f"{hour:02}:00",
            hits=number(hits),
        )
    columns = (Column(_("Weekday"), "weekday", "text"), Column(_("Hour"), "hour", "text"), Column(_("Hits"), "hits"))
    return [
        table(
            "hours",
            _("Weekday and hour"),
            columns,
            rows,
            sentence=sentence,
            texts=2,
            spec=spec if found else None,
            wide=True,
        )
    ]


SECTIONS = {
    "overview": _l("Overview"), "pages": _l("Pages"), "visits": _l("Visits"), "answers": _l("Answers"), "speed": _l("Speed"),
    "sources": _l("Sources"), "visitors": _l("Visitors"),
}  # fmt: skip
MAKERS: dict[str, tuple[tuple[frozenset[str], Maker], ...]] = {
    "overview": (
        (frozenset({"days"}), over_time), (frozenset({"paths"}), _paths), (frozenset({"status"}), _statuses),
    ),
    "pages": (
        (frozenset({"pages", "files"}), _contents), (frozenset({"missing"}), _missing), (frozenset({"redirects"}), _redirects),
    ),
    "visits": (
        (frozenset({"entry", "exit"}), _ends), (frozenset({"bounces"}), _bounces), (frozenset({"steps"}), _steps),
    ),
    "answers": (
        (frozenset({"classes"}), _classes), (frozenset({"path-classes"}), _path_classes),
        (frozenset({"method", "protocol", "cache", "host"}), _ways),
    ),
    "speed": (
        (frozenset({"speeds"}), _speeds), (frozenset({"path-speeds"}), _path_speeds), (frozenset({"slowest"}), _slowest),
    ),
    "sources": (
        (frozenset({"sites", "engines", "referrers"}), _sources), (frozenset({"campaigns"}), _campaigns),
    ),
    "visitors": (
        (frozenset({"hours"}), _hours), (frozenset({"kinds"}), _kinds), (frozenset({"browsers", "systems", "devices"}), _agents),
        (frozenset({"networks", "countries"}), _networks),
    ),
}  # fmt: skip


def make_panels(session: Session, section: str, asked: Asked) -> list[Panel]:
    """All panels of a section."""
    return [panel for _keys, make in MAKERS[section] for panel in make(session, asked)]


def find_panel(session: Session, section: str, key: str, asked: Asked) -> Panel | None:
    """One panel of a section; None when there is no such one."""
    for keys, make in MAKERS.get(section, ()):
        if key in keys:
            return next((panel for panel in make(session, asked) if panel.key == key), None)
    return None
