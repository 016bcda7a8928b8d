"""The blocks that places offers to pages: opening hours, contacts, the way there; and its facts for search engines."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp.blueprints.places.models import Site
from webapp.blueprints.places.queries.opening import Hours, moment_of, plan_of, season_of
from webapp.blueprints.places.queries.sites import find_site, hours_of, list_departments, list_sites, list_ways
from webapp.blueprints.places.queries.structured import hours_facts, site_facts
from webapp.blueprints.places.queries.ways import KINDS, address_of, icon_of, map_link, phone_link
from webapp.blueprints.places.queries.words import (
    coming_specials,
    current_week,
    has_hours,
    reason_in_words,
    span_in_words,
    timeline,
    today_in_words,
    week_in_words,
    week_lines,
)
from webapp.core.clock import local_day, utc_now
from webapp.core.page_cache import holds_until
from webapp.core.site import BlockField, BlockKind, Values

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

ALL = "all"


def site_choices(session: Session, language: str) -> Iterable[tuple[str, str]]:
    """The sites, the main one, and all of them."""
    yield "", _("The main site")
    yield ALL, _("All sites")
    for site in list_sites(session):
        yield str(site.id), site.name(language)


def chosen_sites(session: Session, values: Values) -> Sequence[Site]:
    """The sites that a block speaks of; none where the chosen one is gone."""
    chosen = str(values.get("site") or "")
    if chosen == ALL:
        return list_sites(session)
    if chosen and not (chosen.isdecimal() and len(chosen) < 19):
        return []
    site = find_site(session, int(chosen) if chosen else None)
    return [site] if site else []


def hours_context(session: Session, values: Values, language: str) -> Mapping[str, Any]:
    """What the block of hours shows, for each site."""
    shown = [(site, hours_of(session, site)) for site in chosen_sites(session, values)]
    return {"sites": [hours_shown(site, hours, language) for site, hours in shown if has_hours(hours)]}


def hours_shown(site: Site, hours: Hours, language: str) -> dict[str, Any]:
    """The hours of a site in words, table and as a timeline that a script follows; the page is right until the next turn."""
    now = utc_now()
    today = local_day(now, hours.zone)
    said = timeline(hours, now)
    holds_until(said[1].since)
    week, season = current_week(hours, today)
    holding = season_of(hours, today)
    others = [
        {
            "name": each.names.get(language, ""),
            "span": span_in_words(each.first, each.last, year=not each.yearly),
            "words": week_in_words(each.week),
        }
        for each in hours.seasons
        if each is not holding and each.week != hours.week and (each.yearly or each.last >= today)
    ]
    if season:
        others.append({"name": _("Rest of the year"), "span": "", "words": week_in_words(hours.week)})
    return {
        "site": site,
        "name": site.name(language),
        "now": said[0],
        "timeline": [[int(each.since.timestamp()), int(each.open), each.words] for each in said],
        "midnight": int(moment_of(today + dt.timedelta(1), 0, hours.zone).timestamp()),
        "today": today_in_words(hours, today),
        "reason": reason_in_words(plan_of(hours, today), language),
        "lines": week_lines(week, today.weekday()),
        "words": week_in_words(week),
        "season": season.get(language, ""),
        "others": others,
        "specials": list(coming_specials(hours, today, language)),
    }


def contacts_context(session: Session, values: Values, language: str) -> Mapping[str, Any]:
    """What the block of contacts shows."""
    sites = chosen_sites(session, values)
    numbers = {site.id for site in sites}
    ways = [
        {
            "kind": str(KINDS[way.kind]),
            "label": way.label(language),
            "value": way.value,
            "link": address_of(way),
            "icon": icon_of(way),
            "bare": way.kind
            in ("facebook", "instagram", "linkedin", "youtube", "tiktok", "pinterest", "mastodon", "web"),
            "site_id": way.site_id,
        }
        for way in list_ways(session)
        if way.site_id is None or way.site_id in numbers
    ]
    departments = [
        {"department": each, "name": each.name(language), "phone": phone_link(each.phone) if each.phone else ""}
        for each in list_departments(session)
        if each.site_id is None or each.site_id in numbers
    ]
    return {
        "sites": [{"site": site, "name": site.name(language)} for site in sites],
        "ways": ways,
        "departments": departments if values.get("departments", True) else [],
    }


def map_context(session: Session, values: Values, language: str) -> Mapping[str, Any]:
    """What the block of the way there shows."""
    return {
        "sites": [
            {
                "site": site,
                "name": site.name(language),
                "directions": site.directions(language),
                "link": map_link(site.latitude, site.longitude)
                if site.latitude is not None and site.longitude is not None
                else "",
            }
            for site in chosen_sites(session, values)
        ]
    }


def business_facts(session: Session, _language: str) -> Mapping[str, Any]:
    """What the main site adds to the company's schema.org LocalBusiness; true until midnight at least."""
    site = find_site(session, None)
    return facts_of(session, site) if site else {}


def facts_of(session: Session, site: Site) -> dict[str, Any]:
    """What search engines read of a site: where it is, how it is reached, when it is open."""
    hours = hours_of(session, site)
    facts = site_facts(site, list_ways(session, site.id))
    if has_hours(hours):
        facts |= hours_facts(hours, local_day(utc_now(), hours.zone))
    return facts


def _title(default: Any) -> BlockField:
    return BlockField("title", _l("Heading"), help=default, most=120)


SITE = BlockField("site", _l("Site of the company"), kind="choice", choices=site_choices)

BLOCKS = (
    BlockKind(
        name="hours",
        title=_l("Opening hours"),
        icon="clock",
        template="places/blocks/_hours.html",
        fields=(
            _title(_l("“Opening hours” when left empty.")),
            SITE,
            BlockField("brief", _l("In words only, without the table"), kind="switch", default=False),
        ),
        context=hours_context,
        words=lambda values: str(values.get("title") or ""),
        order=60,
    ),
    BlockKind(
        name="contacts",
        title=_l("Contacts"),
        icon="phone",
        template="places/blocks/_contacts.html",
        fields=(
            _title(_l("“Contacts” when left empty.")),
            SITE,
            BlockField("departments", _l("With the departments"), kind="switch", default=True),
        ),
        context=contacts_context,
        words=lambda values: str(values.get("title") or ""),
        order=61,
    ),
    BlockKind(
        name="map",
        title=_l("How to find us"),
        icon="map-pin",
        template="places/blocks/_map.html",
        fields=(
            _title(_l("“How to find us” when left empty.")),
            SITE,
            BlockField("picture", _l("Picture of the map or of the place"), kind="image"),
        ),
        context=map_context,
        words=lambda values: str(values.get("title") or ""),
        order=62,
    ),
)
