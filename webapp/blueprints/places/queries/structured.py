"""Sites, hours and ways to reach the company for search engines: schema.org."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from webapp.blueprints.places.models import Site, Way
from webapp.blueprints.places.queries.opening import MIDNIGHT, Hours, Slots, Week, plan_of, season_of
from webapp.blueprints.places.queries.ways import SOCIAL, address_of

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
YEAR = 365


def hours_facts(hours: Hours, day: dt.date) -> dict[str, Any]:
    """`openingHoursSpecification`, and `specialOpeningHoursSpecification` for the year that begins with `day`.

    Where there are seasons each run of days with one week says from when to when it is valid, so that no two overlap.
    """
    facts: dict[str, Any] = {}
    if not hours.seasons:
        usual = _week_facts(hours.week, {})
    else:
        usual = [each for first, last, week in _runs(hours, day) for each in _week_facts(week, _valid(first, last))]
    if usual:
        facts["openingHoursSpecification"] = usual
    special = _special_facts(hours, day)
    if special:
        facts["specialOpeningHoursSpecification"] = special
    return facts


def _runs(hours: Hours, day: dt.date) -> list[tuple[dt.date, dt.date, Week]]:
    runs: list[tuple[dt.date, dt.date, Week]] = []
    for number in range(YEAR):
        current = day + dt.timedelta(number)
        season = season_of(hours, current)
        week = season.week if season else hours.week
        if runs and runs[-1][2] == week:
            runs[-1] = (runs[-1][0], current, week)
        else:
            runs.append((current, current, week))
    return runs


def _week_facts(week: Week, valid: dict[str, str]) -> list[dict[str, Any]]:
    by_slot: dict[tuple[int, int], list[str]] = {}
    for weekday, slots in enumerate(week):
        for slot in slots:
            by_slot.setdefault(slot, []).append(DAYS[weekday])
    return [_specification(slot) | {"dayOfWeek": days} | valid for slot, days in sorted(by_slot.items())]


def _special_facts(hours: Hours, day: dt.date) -> list[dict[str, Any]]:
    runs: list[tuple[dt.date, dt.date, Slots]] = []
    for number in range(YEAR):
        current = day + dt.timedelta(number)
        plan = plan_of(hours, current)
        if plan.because not in ("exception", "holiday"):
            continue
        if runs and runs[-1][1] == current - dt.timedelta(1) and runs[-1][2] == plan.slots:
            runs[-1] = (runs[-1][0], current, plan.slots)
        else:
            runs.append((current, current, plan.slots))
    # opens and closes at midnight: closed all day, as search engines ask for it
    return [_specification(slot) | _valid(first, last) for first, last, slots in runs for slot in (slots or ((0, 0),))]


def _specification(slot: tuple[int, int]) -> dict[str, Any]:
    opens, closes = slot
    # a day's end has no 24:00 there, and one that opens and closes at the same time would be closed
    end = _clock(closes - 1 if closes == MIDNIGHT or closes - opens == MIDNIGHT else closes)
    return {"@type": "OpeningHoursSpecification", "opens": _clock(opens), "closes": end}


def _clock(minutes: int) -> str:
    hour, minute = divmod(minutes % MIDNIGHT, 60)
    return f"{hour:02}:{minute:02}"


def _valid(first: dt.date, last: dt.date) -> dict[str, str]:
    return {"validFrom": first.isoformat(), "validThrough": last.isoformat()}


def site_facts(site: Site, ways: Sequence[Way]) -> dict[str, Any]:
    """Where a site is and how it is reached: properties of a schema.org LocalBusiness."""
    address = {
        "streetAddress": site.street,
        "postalCode": site.postcode,
        "addressLocality": site.city,
        "addressCountry": site.country,
    }
    facts: dict[str, Any] = {}
    if any(address.values()):
        facts["address"] = {"@type": "PostalAddress"} | {key: value for key, value in address.items() if value}
    if site.latitude is not None and site.longitude is not None:
        facts["geo"] = {
            "@type": "GeoCoordinates",
            "latitude": float(site.latitude),
            "longitude": float(site.longitude),
        }
    for kind, name in (("phone", "telephone"), ("mail", "email")):
        found = next((way.value for way in ways if way.kind == kind), "")
        if found:
            facts[name] = found
    pages = [address_of(way) for way in ways if way.kind in SOCIAL]
    if pages:
        facts["sameAs"] = pages
    return facts
