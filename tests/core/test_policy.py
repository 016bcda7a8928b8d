"""One policy: a permission reaches own records, those of a group and below, or all, alike in Python and in SQL."""

from __future__ import annotations

import itertools

import pytest
from flask import Flask
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from tests.rooms.crm.makers import make_customer
from tests.rooms.sales.makers import make_order
from webapp.blueprints.catalogue.queries import PRODUCTS
from webapp.blueprints.crm.models import Customer
from webapp.blueprints.crm.permissions import CrmPermission as May
from webapp.blueprints.crm.queries import CUSTOMERS, get_customer
from webapp.blueprints.sales.permissions import SalesPermission
from webapp.blueprints.sales.queries import ORDERS
from webapp.core.clock import utc_now
from webapp.core.db import db
from webapp.core.errors import NotAllowed, NotFound
from webapp.core.lists import NaturalKey, read_page
from webapp.core.policy import demand, hand_over, may, reaches_all, visible
from webapp.core.security import ANONYMOUS, SYSTEM, Actor, Reach

ME, OTHER = 900001, 900002
MINE, BELOW, FOREIGN = 800001, 800002, 800003
READ = May.CUSTOMERS_READ


def actor(reach: Reach | None, *, user_id: int | None = ME, groups: frozenset[int] = frozenset({MINE, BELOW})) -> Actor:
    held = frozenset({READ, May.CUSTOMERS_WRITE, May.CUSTOMERS_ASSIGN}) if reach else frozenset[str]()
    reaches = dict.fromkeys(held, reach) if reach and reach is not Reach.ALL else {}
    return Actor("me", user_id, held, reaches=reaches, groups=groups)


ACTORS = {
    "all": actor(Reach.ALL),
    "group": actor(Reach.GROUP),
    "group of none": actor(Reach.GROUP, groups=frozenset()),
    "own": actor(Reach.OWN),
    "own of nobody": actor(Reach.OWN, user_id=None),
    "no right": actor(None),
    "anonymous": ANONYMOUS,
    "system": SYSTEM,
}


@pytest.mark.parametrize("name", ACTORS)
def test_what_is_visible_in_sql_is_what_may_be_seen_one_by_one(session: Session, name: str) -> None:
    for owner, group in itertools.product((None, ME, OTHER), (None, MINE, BELOW, FOREIGN)):
        make_customer(session, owner_id=owner, group_id=group)
    everyone = session.scalars(select(Customer)).all()
    seen = set(session.scalars(visible(ACTORS[name], select(Customer), READ)))
    assert seen == {customer for customer in everyone if may(ACTORS[name], READ, customer)}


def test_how_far_each_reach_goes(session: Session) -> None:
    def reached(name: str) -> set[tuple[int | None, int | None]]:
        found = session.scalars(visible(ACTORS[name], select(Customer), READ))
        return {(customer.owner_id, customer.group_id) for customer in found}

    places = set(itertools.product((None, ME, OTHER), (None, MINE, BELOW, FOREIGN)))
    for owner, group in places:
        make_customer(session, owner_id=owner, group_id=group)
    assert reached("own") == {place for place in places if place[0] == ME}
    assert reached("group") == {place for place in places if place[0] == ME or place[1] in (MINE, BELOW)}
    assert reached("group of none") == reached("own")
    assert reached("all") == reached("system") == places
    assert reached("no right") == reached("anonymous") == reached("own of nobody") == set()


def test_a_list_asks_one_condition_more_and_not_one_query_more(session: Session, app: Flask) -> None:
    for number in range(60):
        make_customer(session, owner_id=ME if number % 2 else OTHER)
    zone = utc_now().tzinfo
    statements: list[str] = []

    def count(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        statements.append(statement)

    counts = []
    event.listen(db.engines[None], "before_cursor_execute", count)
    try:
        for who in (SYSTEM, ACTORS["own"], ACTORS["group"]):
            statements.clear()
            page = read_page(session, visible(who, CUSTOMERS, READ), {"size": "25"}, zone=zone)
            assert len(page.rows) == 25
            counts.append(len(statements))
    finally:
        event.remove(db.engines[None], "before_cursor_execute", count)
    assert counts[0] == counts[1] == counts[2]


def test_a_record_out_of_reach_is_not_there_and_one_that_may_only_be_read_is_refused(session: Session) -> None:
    theirs, mine = make_customer(session, owner_id=OTHER), make_customer(session, owner_id=ME)
    reader = Actor("me", ME, frozenset({READ, May.CUSTOMERS_WRITE}), reaches={May.CUSTOMERS_WRITE: Reach.OWN})
    with pytest.raises(NotFound):
        get_customer(session, theirs.id, by=ACTORS["own"])
    assert get_customer(session, theirs.id, by=reader) is theirs
    assert get_customer(session, mine.id, by=reader, to=May.CUSTOMERS_WRITE) is mine
    with pytest.raises(NotAllowed):
        get_customer(session, theirs.id, by=reader, to=May.CUSTOMERS_WRITE)
    with pytest.raises(NotAllowed):
        demand(reader, May.CUSTOMERS_WRITE, theirs)


def test_a_filter_finds_no_record_that_its_asker_may_not_see(session: Session, app: Flask) -> None:
    hidden, shown = make_customer(session, owner_id=OTHER), make_customer(session, owner_id=ME)
    make_order(session, owner_id=ME, customer_id=hidden.id)
    may_read = {READ: Reach.OWN, SalesPermission.ORDERS_READ: Reach.OWN}
    seller = Actor("me", ME, frozenset(may_read), reaches=may_read)
    spec = visible(seller, ORDERS, SalesPermission.ORDERS_READ)
    zone = utc_now().tzinfo
    for customer, found in ((hidden, False), (shown, True)):
        page = read_page(session, spec, {"customer": customer.number}, zone=zone)
        assert bool(page.notices) is not found
    assert all(each.among is None for each in ORDERS.filters if isinstance(each, NaturalKey))


def test_a_column_without_its_right_is_not_there(app: Flask) -> None:
    def keys(who: Actor) -> set[str]:
        return {column.key for column in visible(who, PRODUCTS, "catalogue:products:read").columns}

    assert keys(SYSTEM) - keys(Actor("x", 1, frozenset({"catalogue:products:read"}))) == {"cost"}
    assert "cost" in keys(Actor("x", 1, frozenset({"catalogue:products:read", "catalogue:costs:read"})))


def test_a_record_is_handed_over_within_ones_reach_only(session: Session) -> None:
    record = make_customer(session, owner_id=ME, group_id=MINE)
    head = ACTORS["group"]
    hand_over(head, May.CUSTOMERS_ASSIGN, record, owner_id=OTHER, group_id=BELOW)
    assert (record.owner_id, record.group_id) == (OTHER, BELOW)
    with pytest.raises(NotAllowed):
        hand_over(head, May.CUSTOMERS_ASSIGN, record, owner_id=OTHER, group_id=FOREIGN)
    foreign = make_customer(session, owner_id=OTHER, group_id=FOREIGN)
    with pytest.raises(NotAllowed):
        hand_over(head, May.CUSTOMERS_ASSIGN, foreign, owner_id=ME, group_id=MINE)


def test_sums_are_for_those_who_reach_all() -> None:
    assert reaches_all(ACTORS["all"], READ)
    assert reaches_all(SYSTEM, READ, "anything")
    assert not reaches_all(ACTORS["group"], READ)
    assert not reaches_all(ACTORS["all"], READ, "something:else:read")


def test_a_narrowed_actor_has_no_more_than_before_and_no_more_than_asked() -> None:
    assert SYSTEM.narrowed({READ}).reach(READ) is Reach.ALL
    assert not SYSTEM.narrowed({READ}).everything
    assert SYSTEM.narrowed({READ}).reach(May.CUSTOMERS_WRITE) is None
    own = ACTORS["own"].narrowed({READ, "something:else:read"})
    assert own.reach(READ) is Reach.OWN
    assert own.permissions == {READ}
