"""Contacts as vCard 3.0, which telephones and address books take in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from webapp.blueprints.places.models import Department, Site, Way
from webapp.blueprints.places.queries.ways import MAILS, NUMBERS, SOCIAL, address_of
from webapp.core.company import CompanyProfile

MEDIA = "text/vcard; charset=utf-8"


def site_card(company: CompanyProfile, site: Site, ways: Sequence[Way], *, language: str, address: str) -> str:
    """The vCard of a site; `address` is the whole address of the company's start page."""
    name = site.name(language)
    card = _card(company.name if site.main else f"{company.name} · {name}", company.name, address)
    _add_place(card, site)
    for way in ways:
        if way.kind in NUMBERS:
            _add(card, "tel", way.value, ["CELL" if way.kind != "phone" else "WORK", "VOICE"])
        elif way.kind in MAILS:
            _add(card, "email", way.value, ["INTERNET"])
        elif way.kind in SOCIAL:
            card.add("url").value = address_of(way)
    if not any(way.kind == "phone" for way in ways) and company.phone:
        _add(card, "tel", company.phone, ["WORK", "VOICE"])
    if not any(way.kind == "mail" for way in ways) and company.email:
        _add(card, "email", company.email, ["INTERNET"])
    return str(card.serialize())


def department_card(
    company: CompanyProfile, department: Department, site: Site | None, *, language: str, address: str
) -> str:
    """The vCard of a department, at its site if it has one."""
    name = department.name(language)
    card = _card(department.person or f"{company.name} · {name}", company.name, address, person=department.person)
    card.add("title").value = name
    if site:
        _add_place(card, site)
    if department.phone:
        _add(card, "tel", department.phone, ["WORK", "VOICE"])
    if department.email:
        _add(card, "email", department.email, ["INTERNET"])
    return str(card.serialize())


def _card(shown: str, organisation: str, address: str, person: str = "") -> Any:
    import vobject  # type: ignore[import-untyped]  # no types; only a download needs it

    card = vobject.vCard()
    given, _blank, family = person.rpartition(" ")
    card.add("n").value = vobject.vcard.Name(family=family if person else shown, given=given)
    card.add("fn").value = shown
    card.add("org").value = [organisation]
    card.add("url").value = address
    return card


def _add_place(card: Any, site: Site) -> None:
    import vobject

    if site.street or site.city:
        place = card.add("adr")
        place.value = vobject.vcard.Address(
            street=site.street, city=site.city, code=site.postcode, country=site.country
        )
        place.type_param = "WORK"
    if site.latitude is not None and site.longitude is not None:
        card.add("geo").value = f"{site.latitude};{site.longitude}"


def _add(card: Any, name: str, value: str, types: list[str]) -> None:
    line = card.add(name)
    line.value = value
    line.type_param = types
