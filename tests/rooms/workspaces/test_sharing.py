"""Who may do what with projects: the one policy says the same of one record and of all, from roles and membership."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tests.rooms.accounts.makers import make_user
from tests.rooms.workspaces.makers import actor_for, make_analyst, make_group, make_project
from webapp.blueprints.workspaces.models import Visibility
from webapp.blueprints.workspaces.permissions import WorkspacesPermission as May
from webapp.blueprints.workspaces.public import (
    may_administer,
    may_edit,
    may_read,
    may_run,
    project_members,
    visible_projects,
)
from webapp.core.policy import may
from webapp.core.security import ANONYMOUS, SYSTEM, Actor

SERVICE = Actor("service", permissions=frozenset({May.READ, May.WORK, May.ADMINISTER}))


def seen_by(session: Session, actor: Actor, permission: str = May.READ) -> set[str]:
    return {project.visibility for project in session.scalars(visible_projects(actor, permission))}


def people(session: Session) -> dict[str, Actor]:
    """Everybody, around one group with a project of each visibility."""
    owner, owner_actor = make_analyst(session)
    member, member_actor = make_analyst(session)
    reader = make_user(session, roles=["viewer"])
    group = make_group(session, owner=owner, members=[member, reader])
    for visibility in Visibility:
        make_project(session, group=group, visibility=visibility.value)
    return {
        "owner": owner_actor,
        "member": member_actor,
        "member who may only read": actor_for(reader),
        "other": make_analyst(session)[1],
        "viewer": actor_for(make_user(session, roles=["viewer"])),
        "nobody's role": actor_for(make_user(session, roles=[])),
        "service": SERVICE,
        "stranger": ANONYMOUS,
        "house's owner": actor_for(make_user(session, roles=["owner"])),
        "house": SYSTEM,
    }


ALL = {"public", "internal", "private"}
OPEN = {"public", "internal"}
EXPECTED = {
    "owner": (ALL, ALL, ALL),
    "member": (ALL, ALL, set()),
    "member who may only read": (ALL, set(), set()),
    "other": (OPEN, set(), set()),
    "viewer": (OPEN, set(), set()),
    "nobody's role": (set(), set(), set()),
    "service": (OPEN, set(), set()),
    "stranger": (set(), set(), set()),
    "house's owner": (ALL, ALL, ALL),
    "house": (ALL, ALL, ALL),
}


def test_reading_working_and_administering_follow_from_role_and_membership(session: Session) -> None:
    found = {
        name: tuple(seen_by(session, actor, permission) for permission in (May.READ, May.WORK, May.ADMINISTER))
        for name, actor in people(session).items()
    }
    assert found == EXPECTED


def test_the_policy_says_the_same_of_one_project_and_of_all(session: Session) -> None:
    actors = people(session)
    projects = list(session.scalars(visible_projects(SYSTEM)))
    for name, actor in actors.items():
        for permission in (May.READ, May.WORK, May.ADMINISTER):
            one_by_one = {project.visibility for project in projects if may(actor, permission, project)}
            assert one_by_one == seen_by(session, actor, permission), (name, permission)


@pytest.mark.usefixtures("strangers_read")
def test_public_projects_are_read_by_anybody_where_the_installation_says_so(session: Session) -> None:
    actors = people(session)
    assert seen_by(session, ANONYMOUS) == {"public"}
    assert seen_by(session, actors["nobody's role"]) == {"public"}
    assert seen_by(session, actors["viewer"]) == OPEN
    projects = {project.visibility: project for project in session.scalars(visible_projects(SYSTEM))}
    assert [name for name in projects if may_read(projects[name], ANONYMOUS)] == ["public"]
    assert not may_edit(projects["public"], ANONYMOUS)


def test_other_rooms_ask_the_same_policy(session: Session) -> None:
    owner, owner_actor = make_analyst(session)
    member, member_actor = make_analyst(session)
    other = make_analyst(session)[1]
    project = make_project(session, group=make_group(session, owner=owner, members=[member]))
    asked = (may_read, may_edit, may_run, may_administer)
    assert [ask(project, owner_actor) for ask in asked] == [True] * 4
    assert [ask(project, member_actor) for ask in asked] == [True, True, True, False]
    assert [ask(project, other) for ask in asked] == [False] * 4
    assert project_members(session, project) == {owner.id, member.id}


def test_a_key_reaches_no_further_than_its_scopes(session: Session) -> None:
    owner, actor = make_analyst(session)
    project = make_project(session, group=make_group(session, owner=owner))
    key = actor.narrowed([May.READ])
    assert may_read(project, key)
    assert not may_run(project, key)


@pytest.mark.parametrize("table", ["workspaces_groups", "workspaces_projects"])
def test_the_database_keeps_a_slug_as_it_is(session: Session, table: str) -> None:
    make_project(session)
    with pytest.raises(IntegrityError, match="never changes"), session.begin_nested():
        session.execute(text(f"UPDATE {table} SET slug = 'other'"))
