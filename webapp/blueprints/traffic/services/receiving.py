"""Who gets alerts and weekly reports: people, and whoever has a role, as long as they may see the room."""

from __future__ import annotations

from collections.abc import Iterable

from webapp.blueprints.traffic.permissions import TrafficPermission as May
from webapp.core.company import CompanyProfile
from webapp.core.directory import Reader, directory
from webapp.core.i18n import REGIONS
from webapp.core.security import actor_of

ROLE, PERSON = "role:", "person:"


def readers_of(receivers: Iterable[str]) -> list[Reader]:
    """The people behind `role:<name>` and `person:<id>`, each once, who may see the traffic now."""
    receivers = list(receivers)
    roles = [each.removeprefix(ROLE) for each in receivers if each.startswith(ROLE)]
    people = [int(each.removeprefix(PERSON)) for each in receivers if each.startswith(PERSON)]
    found = directory().readers(people, roles)
    return [reader for reader in found if (actor := actor_of(reader.user_id)) and actor.may(May.READ)]


def list_receivers() -> list[tuple[str, str]]:
    """All roles and people that may be chosen, with their names."""
    known = directory()
    roles = [(f"{ROLE}{name}", name) for name in known.roles()]
    return roles + [(f"{PERSON}{number}", name) for number, name in known.people()]


def locale_of(reader: Reader, company: CompanyProfile) -> tuple[str, str]:
    """The language in which somebody is written to, their own where the company speaks it; with its region."""
    spoken = company.language_codes
    language = reader.language if reader.language in spoken else spoken[0]
    return language, REGIONS.get(language, language)
