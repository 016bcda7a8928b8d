"""Storing sites, departments and ways: what is right of them, their order, and that one site is the main one."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from typing import Any

from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext as _
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from webapp.blueprints.media.public import find_image
from webapp.blueprints.places.models import Department, Site, Way
from webapp.blueprints.places.queries.sites import get_part, get_site
from webapp.blueprints.places.queries.ways import KINDS, MAILS, NUMBERS, PHONE
from webapp.core.company import get_company
from webapp.core.errors import EditConflict, FieldProblems
from webapp.core.security import Actor
from webapp.core.site_events import tell_of_change
from webapp.core.storing import store

log = logging.getLogger(__name__)
PARTS = {Site: "site", Department: "contact", Way: "contact"}  # of the journal
ADDRESS = re.compile(r"https://[^\s<>\"']+\.[^\s<>\"']+")


def save_site(
    session: Session, *, by: Actor, values: Mapping[str, Any], site_id: int | None = None, version: int = -1
) -> Site:
    """Create a site, or change the one that the actor saw as `version`. The first one, or one made main, is the main one.

    Raises NotFound, EditConflict, FieldProblems (no name).
    """
    _demand_name(session, values)
    if values.get("picture_id") and find_image(session, values["picture_id"]) is None:
        raise FieldProblems({"picture_id": _("This image is not there any more: choose another one.")})
    is_first = site_id is None and not session.scalar(select(func.count()).select_from(Site))
    site: Site = _opened(session, Site, site_id, version)
    main = bool(values.get("main")) or site.main or is_first
    if main and not site.main:
        session.execute(
            update(Site).where(Site.main, Site.id != (site_id or 0)).values(main=False, version=Site.version + 1)
        )
    for name, value in values.items():
        setattr(site, name, value)
    site.main = main
    _stored(session, site, by, new=site_id is None)
    return site


def save_department(
    session: Session, *, by: Actor, values: Mapping[str, Any], department_id: int | None = None, version: int = -1
) -> Department:
    """Create a department, or change the one that the actor saw as `version`. Raises NotFound, EditConflict, FieldProblems."""
    _demand_name(session, values)
    problems = {}
    if values.get("phone") and not PHONE.fullmatch(values["phone"]):
        problems["phone"] = _phone_problem()
    if problems:
        raise FieldProblems(problems)
    department: Department = _opened(session, Department, department_id, version)
    for name, value in values.items():
        setattr(department, name, value)
    _stored(session, department, by, new=department_id is None)
    return department


def save_way(
    session: Session, *, by: Actor, values: Mapping[str, Any], way_id: int | None = None, version: int = -1
) -> Way:
    """Create a way to reach the company, or change the one that the actor saw as `version`.

    Raises NotFound, EditConflict, FieldProblems (what was typed is no telephone number, address of mail, or page).
    """
    problem = way_problem(str(values.get("kind")), str(values.get("value") or ""))
    if problem:
        raise FieldProblems({"value": problem})
    way: Way = _opened(session, Way, way_id, version)
    for name, value in values.items():
        setattr(way, name, value)
    _stored(session, way, by, new=way_id is None)
    return way


def way_problem(kind: str, value: str) -> str:
    """What is wrong with the value of a way of that kind; "" when it is right."""
    if kind not in KINDS:
        return str(_("Choose what it is."))
    if kind in NUMBERS:
        return "" if PHONE.fullmatch(value) else _phone_problem()
    if kind in MAILS:
        try:
            validate_email(value, check_deliverability=False)
        except EmailNotValidError:
            return str(_("This is not an e-mail address."))
        return ""
    if kind == "telegram" and re.fullmatch(r"@?[A-Za-z0-9_]{4,40}", value):
        return ""
    return "" if ADDRESS.fullmatch(value) else str(_("Write the whole address of the page, beginning with https://."))


def delete_part(session: Session, *, by: Actor, kind: type[Site | Department | Way], number: int, version: int) -> None:
    """Delete a site with its hours and ways, a department or a way that the actor saw as `version`.

    When the main site goes, the next one becomes it. Raises NotFound, EditConflict, InUse.
    """
    part = _opened(session, kind, number, version)
    name = str(part)
    session.delete(part)
    store(session)
    if isinstance(part, Site) and part.main:
        following = session.scalars(select(Site).order_by(Site.position, Site.id)).first()
        if following:
            following.main = True
            store(session)
    tell_of_change(session, by=by, part=PARTS[kind], deed="deleted", title=name)
    log.info("%s %s deleted by %s", kind.__tablename__, number, by.name)


def order_parts(
    session: Session, *, by: Actor, kind: type[Site | Department | Way], order: Sequence[int], move: str = ""
) -> None:
    """Put records into the order of their numbers; `move` is `number:up` or `number:down`, one step. Strange numbers are left out."""
    stored: list[Any] = list(session.scalars(select(kind).order_by(kind.position, kind.id).with_for_update()))
    places = {number: place for place, number in enumerate(order)}
    stored.sort(key=lambda part: places.get(part.id, len(places)))
    number, _colon, direction = move.partition(":")
    for place, part in enumerate(stored):
        target = place + (-1 if direction == "up" else 1)
        if str(part.id) == number and direction in ("up", "down") and 0 <= target < len(stored):
            stored[place], stored[target] = stored[target], part
            break
    for place, part in enumerate(stored):
        if part.position != place:
            part.position = place
    store(session)
    tell_of_change(session, by=by, part=PARTS[kind], deed="ordered", title=", ".join(map(str, stored)))
    log.info("%s ordered by %s", kind.__tablename__, by.name)


def _opened(session: Session, kind: Any, number: int | None, version: int) -> Any:
    if number is None:
        position = session.scalar(select(func.coalesce(func.max(kind.position), -1)))
        part = kind(position=int(position or 0) + 1)
        if kind is Site:
            part.main = False
        session.add(part)
        return part
    part = get_site(session, number, lock=True) if kind is Site else get_part(session, kind, number, lock=True)
    if part.version != version:
        raise EditConflict
    return part


def _stored(session: Session, part: Any, by: Actor, *, new: bool) -> None:
    store(session)
    tell_of_change(session, by=by, part=PARTS[type(part)], deed="created" if new else "changed", title=part)
    log.info("%s %s saved by %s", part.__tablename__, part.id, by.name)


def _demand_name(session: Session, values: Mapping[str, Any]) -> None:
    languages = get_company(session).language_codes
    if not values.get(f"name_{languages[0]}"):
        raise FieldProblems({f"name_{languages[0]}": _("It needs a name.")})


def _phone_problem() -> str:
    return str(_("Write a telephone number with digits, like +39 0546 123456."))
