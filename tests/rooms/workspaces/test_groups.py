"""Workspace groups: founded, joined in three ways, left, handed over and deleted, and by whom they are not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.rooms.accounts.makers import count_mails, make_user, read_mail
from tests.rooms.accounts.pages import send
from tests.rooms.accounts.test_sessions import browser
from tests.rooms.workspaces.conftest import Visit
from tests.rooms.workspaces.makers import actor_for, make_analyst, make_group, make_project
from webapp.blueprints.accounts.services.privacy import delete_own
from webapp.blueprints.workspaces.events import GroupHandedOver, MembershipBegun, MembershipEnded
from webapp.blueprints.workspaces.models import JoinRequest, Project, WorkspaceGroup
from webapp.blueprints.workspaces.queries.people import list_member_ids, list_members, tell_personal
from webapp.blueprints.workspaces.services.groups import (
    delete_group,
    found_group,
    hand_group_over,
    update_group,
)
from webapp.blueprints.workspaces.services.joining import (
    add_member,
    answer_request,
    join_group,
    leave_group,
    remove_member,
    request_membership,
    withdraw_request,
)
from webapp.blueprints.workspaces.services.problems import (
    AlreadyAsked,
    AlreadyMember,
    GroupSlugTaken,
    GroupsToHandOver,
    HeirLacksRights,
    NotMember,
    NotOpen,
    OwnerStays,
    RequestAnswered,
    SlugWrong,
)
from webapp.core.errors import DomainError, EditConflict, NotAllowed, NotFound
from webapp.core.security import ANONYMOUS, SYSTEM, Actor


def refused(session: Session, problem: type[DomainError], deed: Callable[..., object], **given: object) -> None:
    with pytest.raises(problem), session.begin_nested():
        deed(session, **given)


def test_who_founds_a_group_owns_it_and_is_its_first_member(session: Session, heard: list[object]) -> None:
    user, actor = make_analyst(session)
    group = found_group(session, by=actor, name="Analisi & Vendite")
    assert (group.slug, group.owner_id, group.joining) == ("analisi-vendite", user.id, "by_hand")
    assert list_member_ids(session, group.id) == {user.id}
    assert heard == [MembershipBegun(group.id, user.id)]


@pytest.mark.parametrize("slug", ["Grande", "a--b", "-a", "a-", "a b", "è", "x" * 41, "a/b"])
def test_a_short_name_is_made_of_small_letters_digits_and_hyphens(session: Session, slug: str) -> None:
    _user, actor = make_analyst(session)
    refused(session, SlugWrong, found_group, by=actor, name="Group", slug=slug)


def test_a_name_of_which_nothing_is_left_needs_a_short_name(session: Session) -> None:
    _user, actor = make_analyst(session)
    refused(session, SlugWrong, found_group, by=actor, name="データ")
    assert found_group(session, by=actor, name="データ", slug="data").slug == "data"


def test_two_groups_never_have_the_same_short_name(session: Session) -> None:
    _user, actor = make_analyst(session)
    make_group(session, slug="sales")
    refused(session, GroupSlugTaken, found_group, by=actor, name="Sales")


def test_who_may_not_found_groups_founds_none(session: Session) -> None:
    viewer = actor_for(make_user(session, roles=["viewer"]))
    other, actor = make_analyst(session)
    for by in (viewer, ANONYMOUS):
        refused(session, NotAllowed, found_group, by=by, name="Group")
    refused(session, NotAllowed, found_group, by=actor, name="Group", owner_id=make_user(session).id)
    refused(session, NotAllowed, found_group, by=SYSTEM, name="Group")
    assert found_group(session, by=SYSTEM, name="Group", owner_id=other.id).owner_id == other.id


def test_only_the_owner_changes_a_group(session: Session) -> None:
    owner, owner_actor = make_analyst(session)
    member, member_actor = make_analyst(session)
    group = make_group(session, owner=owner, members=[member])
    values = {"group_id": group.id, "name": "New", "description": "*x*", "joining": "open"}
    refused(session, NotAllowed, update_group, by=member_actor, version=group.version, **values)
    refused(session, NotFound, update_group, by=ANONYMOUS, version=group.version, **values)
    refused(session, EditConflict, update_group, by=owner_actor, version=group.version + 1, **values)
    assert update_group(session, by=owner_actor, version=group.version, **values).joining == "open"


def test_whoever_sees_an_open_group_joins_it_and_leaves_it(session: Session, heard: list[object]) -> None:
    group = make_group(session, joining="open")
    user = make_user(session, roles=["viewer"])
    join_group(session, by=actor_for(user), group_id=group.id)
    assert group.has_member(user.id)
    refused(session, AlreadyMember, join_group, by=actor_for(user), group_id=group.id)
    leave_group(session, by=actor_for(user), group_id=group.id)
    assert not group.has_member(user.id)
    refused(session, NotMember, leave_group, by=actor_for(user), group_id=group.id)
    assert heard == [MembershipBegun(group.id, user.id), MembershipEnded(group.id, user.id)]


@pytest.mark.parametrize("joining", ["by_hand", "on_request"])
def test_a_group_that_is_not_open_is_not_just_joined(session: Session, joining: str) -> None:
    group = make_group(session, joining=joining)
    refused(session, NotOpen, join_group, by=make_analyst(session)[1], group_id=group.id)


def test_a_service_belongs_to_no_group(session: Session) -> None:
    group = make_group(session, joining="open")
    service = Actor("service", permissions=frozenset({"workspaces:projects:read"}))
    refused(session, NotAllowed, join_group, by=service, group_id=group.id)


def test_the_owner_takes_people_in_and_out_by_hand(session: Session) -> None:
    owner, actor = make_analyst(session)
    member, member_actor = make_analyst(session)
    group, newcomer = make_group(session, owner=owner, members=[member]), make_user(session)
    refused(session, NotAllowed, add_member, by=member_actor, group_id=group.id, user_id=newcomer.id)
    refused(session, NotFound, add_member, by=actor, group_id=group.id, user_id=987654321)
    add_member(session, by=actor, group_id=group.id, user_id=newcomer.id)
    refused(session, AlreadyMember, add_member, by=actor, group_id=group.id, user_id=newcomer.id)
    refused(session, NotAllowed, remove_member, by=member_actor, group_id=group.id, user_id=newcomer.id)
    remove_member(session, by=actor, group_id=group.id, user_id=newcomer.id)
    refused(session, NotMember, remove_member, by=actor, group_id=group.id, user_id=newcomer.id)
    assert list_member_ids(session, group.id) == {owner.id, member.id}


def test_a_request_is_told_to_the_owner_and_its_answer_to_who_asked(session: Session) -> None:
    owner, owner_actor = make_analyst(session, language="en")
    asker, asker_actor = make_analyst(session, name="Ada Neri", language="en")
    group = make_group(session, owner=owner, name="Sales", joining="on_request")
    request = request_membership(session, by=asker_actor, group_id=group.id, words="I know pandas")
    told = read_mail(session, owner.email)
    assert "Ada Neri asks to join Sales" in told
    assert "I know pandas" in told
    assert f"/backoffice/workspaces/groups/{group.id}/" in told
    refused(session, AlreadyAsked, request_membership, by=asker_actor, group_id=group.id)
    refused(session, NotAllowed, answer_request, by=asker_actor, request_id=request.id, accept=True)
    answer_request(session, by=owner_actor, request_id=request.id, accept=True)
    assert group.has_member(asker.id)
    assert "You are a member of Sales" in read_mail(session, asker.email)
    refused(session, RequestAnswered, answer_request, by=owner_actor, request_id=request.id, accept=False)
    refused(session, AlreadyMember, request_membership, by=asker_actor, group_id=group.id)


def test_who_was_declined_is_told_and_may_ask_again(session: Session) -> None:
    owner, owner_actor = make_analyst(session)
    asker, asker_actor = make_analyst(session, language="en")
    group = make_group(session, owner=owner, joining="on_request")
    first = request_membership(session, by=asker_actor, group_id=group.id)
    answer_request(session, by=owner_actor, request_id=first.id, accept=False)
    assert "declined" in read_mail(session, asker.email)
    assert not group.has_member(asker.id)
    again = request_membership(session, by=asker_actor, group_id=group.id)
    withdraw_request(session, by=asker_actor, group_id=group.id)
    assert session.get(JoinRequest, again.id) is None
    assert count_mails(session, owner.email) == 2


def test_a_group_that_takes_no_requests_is_not_asked(session: Session) -> None:
    group = make_group(session, joining="by_hand")
    refused(session, NotOpen, request_membership, by=make_analyst(session)[1], group_id=group.id)


def test_who_is_taken_in_by_hand_waits_no_longer(session: Session) -> None:
    owner, owner_actor = make_analyst(session)
    asker, asker_actor = make_analyst(session)
    group = make_group(session, owner=owner, joining="on_request")
    request = request_membership(session, by=asker_actor, group_id=group.id)
    add_member(session, by=owner_actor, group_id=group.id, user_id=asker.id)
    session.refresh(request)
    assert request.accepted is True


def test_the_owner_hands_the_group_over_before_leaving_it(session: Session, heard: list[object]) -> None:
    owner, owner_actor = make_analyst(session)
    heir, heir_actor = make_analyst(session)
    group = make_group(session, owner=owner, members=[heir])
    refused(session, OwnerStays, leave_group, by=owner_actor, group_id=group.id)
    refused(session, OwnerStays, remove_member, by=owner_actor, group_id=group.id, user_id=owner.id)
    given = {"group_id": group.id, "version": group.version}
    refused(session, NotAllowed, hand_group_over, by=heir_actor, user_id=heir.id, **given)
    hand_group_over(session, by=owner_actor, user_id=heir.id, **given)
    leave_group(session, by=owner_actor, group_id=group.id)
    assert (group.owner_id, list_member_ids(session, group.id)) == (heir.id, {heir.id})
    assert heard == [GroupHandedOver(group.id, owner.id, heir.id), MembershipEnded(group.id, owner.id)]


def test_a_group_goes_to_a_member_who_may_administer_it_alone(session: Session) -> None:
    owner, actor = make_analyst(session)
    reader, outsider = make_user(session, roles=["viewer"]), make_analyst(session)[0]
    group = make_group(session, owner=owner, members=[reader])
    given = {"by": actor, "group_id": group.id, "version": group.version}
    refused(session, HeirLacksRights, hand_group_over, user_id=reader.id, **given)
    refused(session, NotMember, hand_group_over, user_id=outsider.id, **given)


def test_who_administers_the_house_hands_over_the_group_of_somebody_gone(session: Session) -> None:
    owner, member = make_user(session, roles=["staff"]), make_analyst(session)[0]
    group = make_group(session, owner=owner, members=[member])
    house = actor_for(make_user(session, roles=["owner"]))
    hand_group_over(session, by=house, group_id=group.id, version=group.version, user_id=member.id)
    assert group.owner_id == member.id


def test_an_account_that_owns_a_group_is_not_deleted(session: Session) -> None:
    owner, actor = make_analyst(session)
    make_group(session, owner=owner, name="Prices")
    make_group(session, owner=owner, name="Forecast")
    make_group(session, members=[owner], name="Somebody else's")
    with pytest.raises(GroupsToHandOver, match="2 workspace groups, “Forecast”, “Prices”: hand them over"):
        delete_own(session, by=actor)
    for group in session.scalars(select(WorkspaceGroup).where(WorkspaceGroup.owner_id == owner.id)):
        delete_group(session, by=actor, group_id=group.id, version=group.version)
    delete_own(session, by=actor)


def test_who_owns_a_group_is_told_on_the_page_what_to_do_first(app: Flask, session: Session) -> None:
    owner, _actor = make_analyst(session)
    make_group(session, owner=owner, name="Prices")
    session.commit()
    page = send(browser(app, session, owner), "/account/data/delete", sure="y")
    assert page.status_code == 409
    assert "Prices" in page.text


def test_the_export_of_ones_own_data_names_groups_and_requests(session: Session) -> None:
    user, actor = make_analyst(session)
    make_group(session, owner=user, slug="mine")
    asked = make_group(session, slug="asked", joining="on_request")
    request_membership(session, by=actor, group_id=asked.id, words="Please")
    told = tell_personal(session, user.id)
    assert [(each["group"], each["owner"]) for each in told["workspace_groups"]] == [("mine", True)]
    assert [(each["group"], each["words"]) for each in told["workspace_requests"]] == [("asked", "Please")]


def test_a_group_goes_with_its_projects_and_announces_them(session: Session, heard: list[object]) -> None:
    owner, owner_actor = make_analyst(session)
    member, member_actor = make_analyst(session)
    group = make_group(session, owner=owner, members=[member])
    projects = [make_project(session, group=group) for _ in range(2)]
    given = {"group_id": group.id, "version": group.version}
    refused(session, NotAllowed, delete_group, by=member_actor, **given)
    numbers = tuple(project.id for project in projects)
    delete_group(session, by=owner_actor, **given)
    assert heard == [numbers]
    for model in (WorkspaceGroup, Project):
        assert session.scalar(select(func.count()).select_from(model)) == 0


def test_members_are_listed_with_their_addresses_before_signed_in_people_alone(session: Session) -> None:
    owner, actor = make_analyst(session, name="Ada Neri")
    nameless = make_user(session)
    addressed = make_user(session, name="bruno@shop.bottega.it")
    group = make_group(session, owner=owner, members=[nameless, addressed])
    inside = {line.name: line.email for line in list_members(session, group, by=actor)}
    assert inside == {"Ada Neri": owner.email, nameless.email: nameless.email, addressed.name: addressed.email}
    outside = [(line.name, line.email) for line in list_members(session, group, by=ANONYMOUS)]
    assert outside == [("Ada Neri", None), ("A member", None), ("A member", None)]


def test_the_pages_found_a_group_take_in_who_asks_and_hand_it_over(visit: Visit, session: Session) -> None:
    owner, asker = visit("staff", name="Olga"), visit("staff", name="Ada")
    made = owner.post("groups/new", name="Sales", joining="on_request", description="# Why\n\n<b>x</b>", slug="")
    where = made.location.removeprefix("/backoffice/workspaces/")
    page = asker.get(where)
    assert "<h3>Why</h3>" in page.text
    assert "<b>x</b>" not in page.text
    assert 'href="/backoffice/workspaces/" aria-current="page"' in page.text
    assert asker.post(f"{where}request", words="Please").status_code == 303
    number = session.scalars(select(JoinRequest.id)).one()
    assert "Please" in owner.get(where).text
    assert asker.post(f"requests/{number}/accept").status_code == 403
    assert owner.post(f"requests/{number}/accept").status_code == 303
    assert "Leave" in asker.get(where).text
    assert owner.post(f"{where}hand-over", user=asker.user.id, version=1).status_code == 303
    assert "handed over" in owner.get(where).text
    assert owner.post(f"{where}leave").status_code == 303
    assert "1 member" in asker.get(where).text


def test_the_page_of_a_group_says_why_something_could_not_be_done(visit: Visit, session: Session) -> None:
    owner, other = visit("staff"), visit("staff")
    group = make_group(session, owner=owner.user, joining="by_hand")
    session.commit()
    joined = other.post(f"groups/{group.id}/join")
    assert joined.status_code == 409
    assert "not joined that way" in joined.text
    left = owner.post(f"groups/{group.id}/leave")
    assert left.status_code == 409
    assert "hands the group over before leaving" in left.text


@pytest.mark.parametrize("path", ["edit", "hand-over", "delete"])
def test_pages_of_the_owner_are_closed_to_members_and_others(visit: Visit, session: Session, path: str) -> None:
    owner, member, viewer = visit("staff"), visit("staff"), visit("viewer")
    group = make_group(session, owner=owner.user, members=[member.user, viewer.user])
    session.commit()
    assert owner.get(f"groups/{group.id}/{path}").status_code == 200
    for visitor in (member, viewer):
        assert visitor.get(f"groups/{group.id}/{path}").status_code == 403
        assert visitor.post(f"groups/{group.id}/{path}", version=1, name="x", user=1).status_code == 403


def test_deletion_asks_with_what_would_go_and_then_deletes(visit: Visit, session: Session) -> None:
    owner = visit("staff")
    group = make_group(session, owner=owner.user)
    make_project(session, group=group)
    session.commit()
    assert "1 project" in owner.get(f"groups/{group.id}/delete").text
    assert owner.post(f"groups/{group.id}/delete", version=group.version + 1).status_code == 409
    assert owner.post(f"groups/{group.id}/delete", version=group.version).status_code == 303
    assert owner.get(f"groups/{group.id}/").status_code == 404


def test_the_second_of_two_editors_is_told(visit: Visit, session: Session) -> None:
    owner = visit("staff")
    group = make_group(session, owner=owner.user)
    session.commit()
    fields = {"joining": "open", "description": "", "version": 1}
    assert owner.post(f"groups/{group.id}/edit", name="One", **fields).status_code == 303
    second = owner.post(f"groups/{group.id}/edit", name="Two", **fields)
    assert second.status_code == 409
    assert "One" in second.text


def test_the_list_says_which_groups_are_mine(visit: Visit, session: Session) -> None:
    visitor = visit("staff")
    make_group(session, owner=visitor.user, name="Mine alone")
    make_group(session, name="Someone else")
    session.commit()
    both = visitor.get("groups/").text
    assert "Mine alone" in both
    assert "Someone else" in both
    mine = visitor.get("groups/?mine=yes").text
    assert "Mine alone" in mine
    assert "Someone else" not in mine
