"""Who comes: from which sites and campaigns, with what, from where, of which class, and when in the week."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from flask_babel import gettext as _
from flask_babel import ngettext

from webapp.blueprints.traffic.queries.classes import CLASSES
from webapp.blueprints.traffic.queries.figures import list_hours
from webapp.blueprints.traffic.queries.groups import (
    Group,
    get_agents,
    get_networks,
    get_sources,
    list_campaigns,
    list_kinds,
)
from webapp.blueprints.traffic.queries.narrowing import DEVICES, WEEKDAYS, exact
from webapp.blueprints.traffic.views.asking import Asked
from webapp.blueprints.traffic.views.cards import Column, Panel, Way, table
from webapp.blueprints.traffic.views.panels.shares import groups, usual
from webapp.core.charts import Cell, heat_map
from webapp.core.wording import number

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def sources(session: Session, asked: Asked) -> list[Panel]:
    """Other sites, search engines among them, and whole referrers."""
    found = get_sources(session, asked.within)
    figures = (Column(_("Hits"), "hits"), Column(_("Visits that began so"), "visits"))

    def rows(name: str, of: Sequence[Group]) -> list[tuple[Way, tuple[object, ...]]]:
        return [(asked.way(**{name: each.name}), (each.name, each.hits, each.visits)) for each in of]

    whole = [
        (asked.way(referrer=exact(each.name, number_)), (each.name, each.hits, each.visits))
        for number_, each in found.referrers
    ]
    told = (
        ("sites", _("Other sites"), Column(_("Site"), "site", "text"), rows("site", found.sites)),
        ("engines", _("Search engines"), Column(_("Search engine"), "engine", "text"), rows("engine", found.engines)),
        ("referrers", _("Referrers"), Column(_("Referrer"), "referrer", "text"), whole),
    )
    return [table(key, title, (column, *figures), lines, figure="hits") for key, title, column, lines in told]


def campaigns(session: Session, asked: Asked) -> list[Panel]:
    """Campaigns."""
    found = list_campaigns(session, asked.within)
    return [groups(asked, "campaigns", (_("Campaigns"), _("Campaign")), "campaign", found)]


def agents(session: Session, asked: Asked) -> list[Panel]:
    """Browsers, systems and devices."""
    found = get_agents(session, asked.within)
    devices = [
        (asked.lines(device=each.name), (str(DEVICES[each.name]), each.hits, each.visitors, each.bytes))
        for each in found.devices
    ]
    return [
        groups(asked, "browsers", (_("Browsers"), _("Browser")), "browser", found.browsers),
        groups(asked, "systems", (_("Systems"), _("System")), "system", found.systems),
        table("devices", _("Devices"), (Column(_("Device"), "device", "text"), *usual()), devices, figure="hits"),
    ]


def networks(session: Session, asked: Asked) -> list[Panel]:
    """Networks, and countries where they are known."""
    networks, countries = get_networks(session, asked.within)
    panels = [groups(asked, "networks", (_("Networks"), _("Network")), "network", networks)]
    if countries:
        panels.append(groups(asked, "countries", (_("Countries"), _("Country")), "country", countries, most=300))
    return panels


def kinds(session: Session, asked: Asked) -> list[Panel]:
    """Classes of visitors."""
    rows = []
    for each in list_kinds(session, asked.within):
        name = each.name or "waiting"
        rows.append((asked.lines(**{"class": name}), (str(CLASSES[name]), each.hits, each.visitors, each.bytes)))
    return [
        table("kinds", _("Classes of visitors"), (Column(_("Class"), "class", "text"), *usual()), rows, figure="hits")
    ]


def hours(session: Session, asked: Asked) -> list[Panel]:
    """Weekday and hour."""
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
            figure="hits",
            most=168,
        )
    ]
