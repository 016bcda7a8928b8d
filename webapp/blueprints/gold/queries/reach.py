"""What several people may all see of the records behind GOLD: the reach of a reader that works for them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from types import MappingProxyType

from webapp.blueprints.catalogue.public import CataloguePermission
from webapp.blueprints.crm.public import CrmPermission
from webapp.blueprints.sales.public import SalesPermission
from webapp.core.security import Actor, Reach

SUBJECTS: Mapping[str, str] = MappingProxyType(
    {
        "orders": SalesPermission.ORDERS_READ,
        "customers": CrmPermission.CUSTOMERS_READ,
        "products": CataloguePermission.PRODUCTS_READ,
    }
)


@dataclass(frozen=True, order=True)
class Reached:
    """Records of a subject: those of an owner, of a group, of an owner in a group; all of them when both are None."""

    subject: str
    owner: int | None = None
    group: int | None = None


def common_reach(actors: Collection[Actor]) -> frozenset[Reached]:
    """The records that each of these actors sees on their own pages; nothing when there is no actor.

    Who works in a notebook sees what it sees: so it sees nothing that one of them may not.
    """
    if not actors:
        return frozenset()
    return frozenset(
        each for subject, permission in SUBJECTS.items() for each in _of_subject(subject, permission, actors)
    )


def _of_subject(subject: str, permission: str, actors: Collection[Actor]) -> set[Reached]:
    people: dict[int, frozenset[int]] = {}
    for actor in actors:
        reach = actor.reach(permission)
        if reach is None or (reach is not Reach.ALL and actor.user_id is None):
            return set()
        if reach is not Reach.ALL and actor.user_id is not None:
            people[actor.user_id] = actor.groups if reach is Reach.GROUP else frozenset()
    if not people:
        return {Reached(subject)}
    shared = _in_all(list(people.values()))
    found = {Reached(subject, group=group) for group in shared}
    for person in people:
        others = [groups for other, groups in people.items() if other != person]
        if not others:
            found.add(Reached(subject, owner=person))
        else:
            found |= {Reached(subject, person, group) for group in _in_all(others) - shared}
    return found


def _in_all(sets: Sequence[frozenset[int]]) -> frozenset[int]:
    return reduce(frozenset.intersection, sets)
