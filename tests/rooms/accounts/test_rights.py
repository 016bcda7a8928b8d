"""Roles, groups and rights: what they give, who may change them, and that a change counts at once."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from tests.conftest import signed_in_cookie
from tests.rooms.accounts.makers import make_user
from tests.rooms.crm.makers import make_customer
from webapp.blueprints.accounts.models import Group, Membership, Role, User
from webapp.blueprints.accounts.queries.explaining import list_ways
from webapp.blueprints.accounts.queries.rights import get_standing, list_grants, list_roles_of
from webapp.blueprints.accounts.services.groups import (
    GroupInCircle,
    GroupNameTaken,
    GroupValues,
    create_group,
    delete_group,
    set_groups,
    update_group,
)
from webapp.blueprints.accounts.services.roles import (
    RankTooHigh,
    RoleNameTaken,
    RoleValues,
    create_role,
    decide_rights,
    delete_role,
    forget_decisions,
    refuse_higher_rank,
    update_role,
    version_of,
    version_of_grants,
)
from webapp.core.db import db
from webapp.core.errors import EditConflict, InUse, NotAllowed
from webapp.core.security import SYSTEM, Actor, Reach, actor_of

SignIn = Callable[[str], FlaskClient]
URL = "/backoffice/rights/"
READ = "crm:customers:read"
ENGLISH = {"Accept-Language": "en"}
STAFF = Actor("staff", 7, frozenset({"accounts:roles:read", "accounts:users:read"}), rank=50)


def role_named(session: Session, name: str) -> Role:
    return session.scalars(select(Role).where(Role.name == name)).one()


def give(session: Session, role: str, **reaches: str) -> None:
    """Decide, with a dot for the colon of a permission: `give(session, "staff", **{READ: "own"})`."""
    version = version_of_grants(list_grants(session))
    decide_rights(session, by=SYSTEM, version=version, wanted={role_named(session, role).id: reaches})
    session.flush()


def make_group(session: Session, name: str, parent: Group | None = None, **changes: Any) -> Group:
    values = GroupValues(name, parent.id if parent else None, **changes)
    return create_group(session, by=SYSTEM, values=values)


def acting(user: User) -> Actor:
    actor = actor_of(user.id)
    assert actor
    return actor


def browser_of(app: Flask, session: Session, user: User) -> FlaskClient:
    browser = app.test_client()
    with browser.session_transaction() as cookie:
        cookie.update(signed_in_cookie(session, user))
    return browser


def token_in(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found
    return found[1]


def test_without_a_decision_a_role_of_the_house_has_what_the_rooms_grant(session: Session) -> None:
    viewer = acting(make_user(session))
    assert viewer.reach(READ) is Reach.ALL
    assert viewer.reach("crm:customers:write") is None
    assert viewer.rank == 10
    owner = acting(make_user(session, roles=["owner"]))
    assert owner.everything
    assert owner.rank == 100


@pytest.mark.parametrize(("decided", "reach"), [("none", None), ("own", Reach.OWN), ("group", Reach.GROUP)])
def test_a_decision_goes_before_what_the_rooms_grant(session: Session, decided: str, reach: Reach | None) -> None:
    user = make_user(session)
    give(session, "viewer", **{READ: decided})
    assert acting(user).reach(READ) is reach
    forget_decisions(session, by=SYSTEM, role_id=role_named(session, "viewer").id)
    assert acting(user).reach(READ) is Reach.ALL


def test_of_several_roles_the_widest_reach_counts(session: Session) -> None:
    for name in ("narrow", "wide"):
        create_role(session, by=SYSTEM, values=RoleValues(name))
    give(session, "narrow", **{READ: "own"})
    give(session, "wide", **{READ: "group"})
    assert acting(make_user(session, roles=["narrow", "wide"])).reach(READ) is Reach.GROUP


def test_a_role_on_a_group_holds_for_its_members_and_for_all_below_and_for_nobody_else(session: Session) -> None:
    seller = create_role(session, by=SYSTEM, values=RoleValues("seller", rank=20))
    give(session, "seller", **{READ: "group"})
    top = make_group(session, "Sales", roles=[seller.id])
    north = make_group(session, "North", top)
    town = make_group(session, "Town", north)
    beside = make_group(session, "Stores")
    people = {group.name: make_user(session, roles=[]) for group in (top, north, town, beside)}
    for group in (top, north, town, beside):
        set_groups(session, by=SYSTEM, user_id=people[group.name].id, groups=[group.id])
    reached = {name: acting(user).reach(READ) for name, user in people.items()}
    assert reached == {"Sales": Reach.GROUP, "North": Reach.GROUP, "Town": Reach.GROUP, "Stores": None}
    assert acting(people["Sales"]).groups == {top.id, north.id, town.id}
    assert acting(people["Town"]).groups == {town.id}
    assert acting(people["North"]).home_group == north.id
    assert [role.name for role in list_roles_of(session, people["Town"].id)] == ["seller"]
    ways = list_ways(session, people["Town"], READ)
    assert [(way.role.name, str(way.given_on), str(way.member_of), way.decided) for way in ways] == [
        ("seller", "Sales", "Town", True)
    ]


def test_where_somebody_stands_is_one_statement(session: Session) -> None:
    user = make_user(session)
    set_groups(session, by=SYSTEM, user_id=user.id, groups=[make_group(session, "Sales").id])
    session.flush()
    statements: list[str] = []

    def count(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        statements.append(statement)

    event.listen(db.engines[None], "before_cursor_execute", count)
    try:
        get_standing(session, user.id)
    finally:
        event.remove(db.engines[None], "before_cursor_execute", count)
    assert len(statements) == 1


def test_what_somebody_creates_lies_in_the_group_they_belong_to_for_the_longest(session: Session) -> None:
    first, second = make_group(session, "Zeta"), make_group(session, "Alpha")
    user = make_user(session)
    set_groups(session, by=SYSTEM, user_id=user.id, groups=[first.id])
    session.execute(Membership.__table__.update().values(since="2020-01-01T00:00:00Z"))
    set_groups(session, by=SYSTEM, user_id=user.id, groups=[first.id, second.id])
    assert acting(user).home_group == first.id


def test_a_circle_of_groups_is_refused(session: Session) -> None:
    top = make_group(session, "Top")
    below = make_group(session, "Below", top)
    with pytest.raises(GroupInCircle):
        update_group(session, by=SYSTEM, group_id=top.id, version=top.version, values=GroupValues("Top", below.id))
    with pytest.raises(GroupInCircle):
        update_group(session, by=SYSTEM, group_id=top.id, version=top.version, values=GroupValues("Top", top.id))
    with pytest.raises(GroupNameTaken), session.begin_nested():
        make_group(session, "Top")


def test_a_deleted_group_leaves_its_records_to_the_group_above(session: Session) -> None:
    top = make_group(session, "Top")
    below = make_group(session, "Below", top)
    customer = make_customer(session, group_id=below.id)
    with pytest.raises(InUse):
        delete_group(session, by=SYSTEM, group_id=top.id, version=top.version)
    delete_group(session, by=SYSTEM, group_id=below.id, version=below.version)
    session.expire_all()
    assert customer.group_id == top.id


def test_the_second_of_two_who_change_a_group_or_a_role_is_told(session: Session) -> None:
    group = make_group(session, "Sales")
    seen = group.version
    update_group(session, by=SYSTEM, group_id=group.id, version=seen, values=GroupValues("Selling"))
    with pytest.raises(EditConflict):
        update_group(session, by=SYSTEM, group_id=group.id, version=seen, values=GroupValues("Shop"))
    role = create_role(session, by=SYSTEM, values=RoleValues("seller"))
    version = version_of(role)
    update_role(session, by=SYSTEM, role_id=role.id, version=version, values=RoleValues("seller", rank=30))
    with pytest.raises(EditConflict):
        update_role(session, by=SYSTEM, role_id=role.id, version=version, values=RoleValues("seller", rank=40))
    rights = version_of_grants(list_grants(session))
    decide_rights(session, by=SYSTEM, version=rights, wanted={role.id: {READ: "own"}})
    with pytest.raises(EditConflict):
        decide_rights(session, by=SYSTEM, version=rights, wanted={role.id: {READ: "all"}})


def test_the_roles_of_the_house_keep_their_names_and_the_owner_all_rights(session: Session) -> None:
    owner, staff = role_named(session, "owner"), role_named(session, "staff")
    with pytest.raises(NotAllowed):
        update_role(session, by=SYSTEM, role_id=staff.id, version=version_of(staff), values=RoleValues("clerk"))
    with pytest.raises(NotAllowed):
        delete_role(session, by=SYSTEM, role_id=staff.id, version=version_of(staff))
    for role, decision in (
        (owner, {READ: "own"}),
        (staff, {"accounts:roles:edit": "all"}),
        (staff, {"core:admin:use": "all"}),
        (staff, {"catalogue:products:read": "own"}),
        (staff, {READ: "everywhere"}),
        (staff, {"no:such:right": "all"}),
    ):
        version = version_of_grants(list_grants(session))
        with pytest.raises(NotAllowed):
            decide_rights(session, by=SYSTEM, version=version, wanted={role.id: decision})
    with pytest.raises(RankTooHigh):
        create_role(session, by=SYSTEM, values=RoleValues("boss", rank=100))
    with pytest.raises(RoleNameTaken), session.begin_nested():
        create_role(session, by=SYSTEM, values=RoleValues("staff"))


def test_only_who_may_changes_roles_and_groups(session: Session) -> None:
    role, group = create_role(session, by=SYSTEM, values=RoleValues("seller")), make_group(session, "Sales")
    attempts: list[Callable[[], object]] = [
        lambda: create_role(session, by=STAFF, values=RoleValues("x")),
        lambda: update_role(session, by=STAFF, role_id=role.id, version=version_of(role), values=RoleValues("x")),
        lambda: delete_role(session, by=STAFF, role_id=role.id, version=version_of(role)),
        lambda: decide_rights(session, by=STAFF, version=0, wanted={}),
        lambda: forget_decisions(session, by=STAFF, role_id=role.id),
        lambda: create_group(session, by=STAFF, values=GroupValues("x")),
        lambda: update_group(session, by=STAFF, group_id=group.id, version=1, values=GroupValues("x")),
        lambda: delete_group(session, by=STAFF, group_id=group.id, version=1),
        lambda: set_groups(session, by=STAFF, user_id=1, groups=[group.id]),
    ]
    for attempt in attempts:
        with pytest.raises(NotAllowed):
            attempt()
    with pytest.raises(NotAllowed):
        refuse_higher_rank([role_named(session, "owner")], by=STAFF)
    refuse_higher_rank([role_named(session, "staff")], by=STAFF)


def test_the_owner_decides_in_the_matrix_and_it_counts_with_the_next_click(
    app: Flask, session: Session, sign_in: SignIn
) -> None:
    user, owner = make_user(session, roles=["staff"]), sign_in("owner")
    browser = browser_of(app, session, user)
    mine, theirs = make_customer(session, owner_id=user.id), make_customer(session)
    session.commit()
    assert browser.get(f"/backoffice/customers/{theirs.id}/").status_code == 200
    page = owner.get(URL, headers=ENGLISH).text
    assert "See customers" in page
    staff = role_named(session, "staff").id
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version
    form = {"csrf_token": token_in(page), "version": version[1], f"{staff}:{READ}": "own"}
    assert owner.post(URL, data=form).status_code == 303
    assert browser.get(f"/backoffice/customers/{theirs.id}/").status_code == 404
    assert browser.get(f"/backoffice/customers/{mine.id}/").status_code == 200
    assert owner.post(URL, data=form | {f"{staff}:{READ}": "none"}).status_code == 409, "somebody saved meanwhile"
    again = owner.get(URL).text
    form |= {"version": re.search(r'name="version" value="(\d+)"', again)[1]}
    assert owner.post(URL, data=form | {f"{staff}:{READ}": "none"}).status_code == 303
    assert browser.get(f"/backoffice/customers/{mine.id}/").status_code == 403
    assert "/backoffice/customers/" not in browser.get("/backoffice/").text


def test_why_says_by_which_role_and_about_which_record(session: Session, sign_in: SignIn) -> None:
    role = create_role(session, by=SYSTEM, values=RoleValues("seller", rank=20))
    give(session, "seller", **{READ: "group"})
    group = make_group(session, "Riviera", roles=[role.id])
    user = make_user(session, roles=[], name="Elena")
    set_groups(session, by=SYSTEM, user_id=user.id, groups=[group.id])
    make_customer(session, number="IN", group_id=group.id)
    make_customer(session, number="OUT")
    session.commit()
    owner = sign_in("owner")

    def answer(permission: str, record: str = "") -> str:
        asked = {"person": user.id, "permission": permission, "record": record}
        return owner.get(f"{URL}why/", query_string=asked, headers=ENGLISH).text

    assert "Yes, Elena may." in answer(READ)
    assert "on the group Riviera" in answer(READ)
    assert "Yes, Elena may." in answer(READ, "IN")
    assert "No, Elena may not." in answer(READ, "OUT")
    assert "nobody&#39;s record" in answer(READ, "OUT")
    assert "No, Elena may not." in answer(READ, "MISSING")
    assert "No, Elena may not." in answer("crm:customers:write")
    user.active = False
    session.commit()
    assert "switched off" in answer(READ, "IN")


def test_a_group_is_made_and_changed_by_forms_without_scripts(session: Session, sign_in: SignIn) -> None:
    owner, user, role = sign_in("owner"), make_user(session), role_named(session, "staff")
    token = token_in(owner.get(f"{URL}groups/new").text)
    form = {"csrf_token": token, "name": "Sales", "parent": "", "members": [user.id], "roles": [role.id]}
    where = owner.post(f"{URL}groups/new", data=form).location
    group = session.scalars(select(Group).where(Group.name == "Sales")).one()
    assert where == f"{URL}groups/{group.id}/"
    assert [member.id for member in group.members] == [user.id]
    assert acting(user).may("crm:customers:write")
    edited = {"csrf_token": token, "version": group.version, "name": "Selling", "parent": ""}
    assert owner.post(f"{where}edit", data=edited).status_code == 303
    session.expire_all()
    assert (group.name, group.members, group.roles) == ("Selling", [], [])
    assert owner.post(f"{where}edit", data=edited).status_code == 409
    assert owner.post(f"{where}edit", data=edited | {"name": ""}).status_code == 422


def test_the_commands_grant_revoke_and_explain(bottega: Callable[..., Any], session: Session) -> None:
    user = make_user(session, email="anna@shop.bottega.it")
    assert bottega("roles", "why", user.email, READ).exit_code == 0
    assert bottega("roles", "revoke", "viewer", READ).exit_code == 0
    refused = bottega("roles", "why", user.email, READ)
    assert refused.exit_code == 1
    assert f"{READ}: no" in refused.output
    assert bottega("roles", "grant", "viewer", READ, "--reach", "own").exit_code == 0
    assert "yes, reach own" in bottega("roles", "why", user.email, READ).output
    assert f"| {READ} | all | all | own |" in bottega("roles", "matrix").output
    assert bottega("roles", "grant", "viewer", "core:admin:use").exit_code == 2
    assert bottega("roles", "grant", "nobody", READ).exit_code == 2
    assert bottega("roles", "reset", "viewer").exit_code == 0
    assert "yes, reach all" in bottega("roles", "why", user.email, READ).output
    assert bottega("roles", "create", "seller", "--rank", "20").exit_code == 0
    assert "seller" in bottega("roles", "list").output
    assert bottega("roles", "delete", "seller").exit_code == 0
    assert bottega("roles", "delete", "staff").exit_code == 2
