"""The questions to the records of the places room."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TypeVar
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from webapp.blueprints.places.models import Department, Season, Site, Special, Way
from webapp.blueprints.places.queries.opening import (
    Hours,
    SeasonRule,
    Slots,
    SpecialRule,
    as_slots,
    as_week,
)
from webapp.core.company import LANGUAGES, get_company
from webapp.core.errors import NotFound

Part = TypeVar("Part", Site, Season, Special, Department, Way)


def list_sites(session: Session) -> Sequence[Site]:
    """All sites in their order, the main one first."""
    return session.scalars(select(Site).order_by(Site.main.desc(), Site.position, Site.id)).all()


def get_site(session: Session, site_id: int, *, lock: bool = False) -> Site:
    """A site. Raises NotFound."""
    return get_part(session, Site, site_id, lock=lock)


def find_site(session: Session, site_id: int | None) -> Site | None:
    """The site with that number, the first one for None; None when there is none."""
    if site_id is None:
        return next(iter(list_sites(session)), None)
    return session.get(Site, site_id)


def get_part(session: Session, kind: type[Part], number: int, *, lock: bool = False) -> Part:
    """A record of the room, kept from others until the end if to `lock`. Raises NotFound."""
    found = session.get(kind, number, with_for_update={"of": kind} if lock else None, populate_existing=lock)
    if found is None:
        raise NotFound(_("This is not there, or not any more."))
    return found


def list_departments(session: Session, site_id: int | None = None) -> Sequence[Department]:
    """The departments in their order; those of a site and of no site in particular where one is given."""
    query = select(Department).order_by(Department.position, Department.id)
    if site_id is not None:
        query = query.where(or_(Department.site_id == site_id, Department.site_id.is_(None)))
    return session.scalars(query).all()


def list_ways(session: Session, site_id: int | None = None) -> Sequence[Way]:
    """The ways to reach the company in their order; those of a site and of no site in particular where one is given."""
    query = select(Way).order_by(Way.position, Way.id)
    if site_id is not None:
        query = query.where(or_(Way.site_id == site_id, Way.site_id.is_(None)))
    return session.scalars(query).all()


def hours_of(session: Session, site: Site) -> Hours:
    """The rules of a site's opening hours, in the company's time zone."""
    return rules_of(site, get_company(session).zone)


def rules_of(site: Site, zone: ZoneInfo) -> Hours:
    """The rules that a site's records make."""
    return Hours(
        zone=zone,
        week=as_week(site.week),
        seasons=tuple(
            SeasonRule(
                each.first,
                each.last,
                as_week(each.week),
                yearly=each.yearly,
                names={language: each.name(language) for language in LANGUAGES},
            )
            for each in site.seasons
        ),
        specials=tuple(
            SpecialRule(
                each.first,
                each.last,
                as_slots(each.slots),
                words={language: each.words(language) for language in LANGUAGES},
            )
            for each in site.specials
        ),
        country=site.holiday_country,
        subdivision=site.holiday_subdivision,
        holiday_rules={key: _rule(stored) for key, stored in site.holiday_rules.items()},
    )


def _rule(stored: object) -> Slots | None:
    return as_slots(stored) if isinstance(stored, list) else None


def find_special(session: Session, site_id: int, day: dt.date) -> Special | None:
    """The exception of that one day."""
    query = select(Special).where(Special.site_id == site_id, Special.first == day, Special.last == day)
    return session.scalars(query.order_by(Special.id)).first()
