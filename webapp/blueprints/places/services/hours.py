"""Storing the hours of a site: its week, seasons, exceptions, what holds on holidays, and that it is closed today."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from webapp.blueprints.places.models import Season, Site, Special
from webapp.blueprints.places.queries.opening import Slots, Week, holiday_countries
from webapp.blueprints.places.queries.sites import find_special, get_part, get_site
from webapp.blueprints.places.settings import FIND_US
from webapp.core.clock import local_day, utc_now
from webapp.core.company import LANGUAGES, get_company
from webapp.core.errors import EditConflict, FieldProblems
from webapp.core.events import announce
from webapp.core.security import Actor
from webapp.core.site_events import ClosedToday, tell_of_change
from webapp.core.storing import store

log = logging.getLogger(__name__)
LONGEST = 400  # days of an exception


def save_week(session: Session, *, by: Actor, site_id: int, version: int, week: Week) -> Site:
    """Change the usual week of the site that the actor saw as `version`. Raises NotFound, EditConflict."""
    site = _site(session, site_id, version)
    site.week = as_json(week)
    _stored(session, site, by)
    return site


def save_holiday_rules(
    session: Session,
    *,
    by: Actor,
    site_id: int,
    version: int,
    country: str,
    subdivision: str,
    rules: Mapping[str, Slots | None],
) -> Site:
    """Say whose public holidays count, and on which it is open: as usual (None) or at other times (slots).

    Rules of holidays that are not named stay. Closed is what holds where there is no rule: give `()`.
    Raises NotFound, EditConflict, FieldProblems.
    """
    known = holiday_countries()
    if country and country not in known:
        raise FieldProblems({"holiday_country": _("Choose a country of the list.")})
    if subdivision and subdivision not in known.get(country, ()):
        raise FieldProblems(
            {"holiday_subdivision": _("That country has no such part: choose one of the list, or none.")}
        )
    site = _site(session, site_id, version)
    kept = {} if country != site.holiday_country else dict(site.holiday_rules)
    for key, slots in rules.items():
        if slots is None:
            kept[key] = "usual"
        elif slots:
            kept[key] = [list(slot) for slot in slots]
        else:
            kept.pop(key, None)
    site.holiday_country, site.holiday_subdivision, site.holiday_rules = country, subdivision, kept
    _stored(session, site, by)
    return site


def save_season(
    session: Session,
    *,
    by: Actor,
    site_id: int,
    values: Mapping[str, Any],
    week: Week,
    season_id: int | None = None,
    version: int = -1,
) -> Season:
    """Create a season of a site, or change the one that the actor saw as `version`. Raises NotFound, EditConflict, FieldProblems."""
    language = get_company(session).language_codes[0]
    if not values.get(f"name_{language}"):
        raise FieldProblems({f"name_{language}": _("It needs a name.")})
    if not values["yearly"] and values["last"] < values["first"]:
        raise FieldProblems({"last": _("The last day lies before the first.")})
    season: Season = _opened(session, Season, site_id, season_id, version)
    for name, value in values.items():
        setattr(season, name, value)
    season.week = as_json(week)
    _stored(session, season, by, new=season_id is None)
    return season


def save_special(
    session: Session,
    *,
    by: Actor,
    site_id: int,
    values: Mapping[str, Any],
    slots: Slots,
    special_id: int | None = None,
    version: int = -1,
) -> Special:
    """Create an exception of a site, or change the one that the actor saw as `version`. Raises NotFound, EditConflict, FieldProblems."""
    if values["last"] < values["first"]:
        raise FieldProblems({"last": _("The last day lies before the first.")})
    if (values["last"] - values["first"]).days > LONGEST:
        raise FieldProblems(
            {"last": _("An exception lasts at most %(count)s days: make a season of it.", count=LONGEST)}
        )
    special: Special = _opened(session, Special, site_id, special_id, version)
    for name, value in values.items():
        setattr(special, name, value)
    special.slots = [list(slot) for slot in slots]
    _stored(session, special, by, new=special_id is None)
    return special


def close_today(session: Session, *, by: Actor, site_id: int, words: Mapping[str, str]) -> Special:
    """Say that a site is closed for the rest of the day that is today there. Raises NotFound; announces ClosedToday."""
    site = get_site(session, site_id, lock=True)
    day = local_day(utc_now(), get_company(session).zone)
    special = find_special(session, site_id, day)
    new = special is None
    if special is None:
        special = Special(site_id=site_id, first=day, last=day)
        session.add(special)
    special.slots = []
    for language in LANGUAGES:
        setattr(special, f"words_{language}", words.get(language, "").strip()[:200])
    _stored(session, special, by, new=new)
    announce(
        session,
        ClosedToday(
            site_id=site_id,
            day=day,
            names={language: site.name(language) for language in LANGUAGES},
            words={language: special.words(language) for language in LANGUAGES},
            paths=FIND_US,
        ),
    )
    return special


def delete_hours(session: Session, *, by: Actor, kind: type[Season | Special], number: int, version: int) -> None:
    """Delete a season or an exception that the actor saw as `version`. Raises NotFound, EditConflict."""
    part: Any = get_part(session, kind, number, lock=True)  # type: ignore[type-var]  # one of the two
    if part.version != version:
        raise EditConflict
    name = _name(session, part)
    session.delete(part)
    store(session)
    tell_of_change(session, by=by, part="hours", deed="deleted", title=name)
    log.info("%s %s deleted by %s", kind.__tablename__, number, by.name)


def as_json(week: Week) -> list[list[list[int]]]:
    """A week as it is stored."""
    return [[list(slot) for slot in slots] for slots in week]


def _site(session: Session, site_id: int, version: int) -> Site:
    site = get_site(session, site_id, lock=True)
    if site.version != version:
        raise EditConflict
    return site


def _opened(session: Session, kind: Any, site_id: int, number: int | None, version: int) -> Any:
    get_site(session, site_id)
    if number is None:
        part = kind(site_id=site_id)
        session.add(part)
        return part
    part = get_part(session, kind, number, lock=True)
    if part.version != version:
        raise EditConflict
    return part


def _name(session: Session, part: Any) -> str:
    """The site, and which of its hours."""
    return str(part) if isinstance(part, Site) else f"{get_site(session, part.site_id)}: {part}"


def _stored(session: Session, part: Any, by: Actor, *, new: bool = False) -> None:
    part.updated_at = utc_now()
    store(session)
    tell_of_change(session, by=by, part="hours", deed="created" if new else "changed", title=_name(session, part))
    log.info("%s %s saved by %s", part.__tablename__, part.id, by.name)
