"""What several people may all see, as a reader of GOLD is given it."""

from __future__ import annotations

from itertools import combinations

from webapp.blueprints.gold.public import Reached, common_reach
from webapp.blueprints.sales.public import SalesPermission
from webapp.core.security import SYSTEM, Actor, Reach

ORDERS = SalesPermission.ORDERS_READ.value


def person(number: int, reach: Reach | None, *groups: int) -> Actor:
    reaches = {} if reach is None else {ORDERS: reach}
    return Actor(str(number), number, frozenset(reaches), reaches=reaches, groups=frozenset(groups))


def seen(reach: frozenset[Reached], owner: int, group: int) -> bool:
    return any(
        each.subject == "orders" and each.owner in (None, owner) and each.group in (None, group) for each in reach
    )


def test_nobody_sees_nothing_and_the_house_sees_all() -> None:
    assert common_reach([]) == frozenset()
    assert common_reach([SYSTEM]) == {Reached("orders"), Reached("customers"), Reached("products")}


def test_a_right_to_all_records_is_a_reach_of_all() -> None:
    assert common_reach([person(1, Reach.ALL)]) == {Reached("orders")}


def test_who_has_no_right_at_all_leaves_nothing_to_the_others() -> None:
    assert common_reach([person(1, Reach.ALL), person(2, None)]) == frozenset()


def test_a_service_without_a_person_owns_nothing() -> None:
    assert common_reach([Actor("robot", None, frozenset({ORDERS}), reaches={ORDERS: Reach.OWN})]) == frozenset()


def test_the_common_reach_of_any_people_is_what_each_of_them_sees() -> None:
    people = [
        person(1, Reach.ALL), person(2, Reach.OWN), person(3, Reach.GROUP, 10, 11), person(4, Reach.GROUP, 11, 12),
        person(5, Reach.OWN), person(6, None),
    ]  # fmt: skip
    records = [(owner, group) for owner in range(8) for group in (0, 10, 11, 12, 13)]
    for size in (1, 2, 3, 4):
        for some in combinations(people, size):
            common, alone = common_reach(some), [common_reach([each]) for each in some]
            for record in records:
                assert seen(common, *record) == all(seen(each, *record) for each in alone), (some, record)
