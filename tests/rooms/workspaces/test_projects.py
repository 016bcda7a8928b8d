"""Projects: created and edited by members, opened, moved and deleted by the group's owner, and what goes along."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.rooms.accounts.makers import make_user
from tests.rooms.workspaces.conftest import Visit
from tests.rooms.workspaces.makers import actor_for, make_analyst, make_group, make_project
from tests.rooms.workspaces.test_groups import refused
from webapp.blueprints.workspaces.events import Belongings, ProjectMoved, VisibilityChanged, WhatBelongs
from webapp.blueprints.workspaces.models import Project
from webapp.blueprints.workspaces.queries.projects import get_project, what_a_group_holds, what_belongs
from webapp.blueprints.workspaces.services.problems import ProjectSlugTaken, SlugWrong
from webapp.blueprints.workspaces.services.projects import (
    create_project,
    delete_project,
    move_project,
    set_visibility,
    update_project,
)
from webapp.core.errors import EditConflict, NotAllowed, NotFound
from webapp.core.events import LISTENERS, listen
from webapp.core.security import ANONYMOUS


@pytest.fixture
def notebooks(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A room above, whose notebooks lie in projects: three in each."""
    monkeypatch.setitem(app.extensions, LISTENERS, {})

    def told(_session: Session, asked: WhatBelongs) -> Iterator[Belongings]:
        count = 3 * len(asked.project_ids)
        yield Belongings("notebooks", f"{count} notebooks", count, 1200)

    listen(app, WhatBelongs, told)
    return iter(())


def test_members_create_projects_which_are_private_at_first(session: Session) -> None:
    owner, _actor = make_analyst(session)
    member, actor = make_analyst(session)
    group = make_group(session, owner=owner, members=[member])
    project = create_project(session, by=actor, group_id=group.id, name="Prezzi d'estate")
    assert (project.slug, project.visibility, project.group_id) == ("prezzi-d-estate", "private", group.id)


def test_nobody_creates_a_project_in_the_group_of_others(session: Session) -> None:
    group = make_group(session, members=[reader := make_user(session, roles=["viewer"])])
    for actor in (make_analyst(session)[1], actor_for(reader)):
        refused(session, NotAllowed, create_project, by=actor, group_id=group.id, name="Project")
    refused(session, NotFound, create_project, by=ANONYMOUS, group_id=group.id, name="Project")


def test_a_short_name_is_unique_within_the_group_alone(session: Session) -> None:
    owner, actor = make_analyst(session)
    one, other = make_group(session, owner=owner), make_group(session, owner=owner)
    make_project(session, group=one, slug="prices")
    refused(session, ProjectSlugTaken, create_project, by=actor, group_id=one.id, name="Prices")
    refused(session, SlugWrong, create_project, by=actor, group_id=one.id, name="Prices", slug="A")
    assert create_project(session, by=actor, group_id=other.id, name="Prices").slug == "prices"


def test_a_private_project_is_not_there_for_others(session: Session) -> None:
    project = make_project(session)
    _other, actor = make_analyst(session)
    for deed in (update_project, set_visibility, move_project, delete_project):
        given = {
            update_project: {"name": "x", "description": ""},
            set_visibility: {"visibility": "public"},
            move_project: {"group_id": project.group_id},
            delete_project: {},
        }[deed]
        refused(session, NotFound, deed, by=actor, project_id=project.id, version=project.version, **given)
    refused(session, NotFound, get_project, by=actor, project_id=project.id)


@pytest.mark.parametrize("visibility", ["internal", "public"])
def test_who_may_read_a_project_does_not_change_it(session: Session, visibility: str) -> None:
    project = make_project(session, visibility=visibility)
    _other, actor = make_analyst(session)
    assert get_project(session, project.id, by=actor) is project
    given = {"by": actor, "project_id": project.id, "version": project.version}
    refused(session, NotAllowed, update_project, name="x", description="", **given)
    refused(session, NotAllowed, set_visibility, visibility="private", **given)
    refused(session, NotAllowed, delete_project, **given)


def test_members_edit_and_the_owner_alone_opens_moves_and_deletes(session: Session, heard: list[object]) -> None:
    owner, owner_actor = make_analyst(session)
    member, member_actor = make_analyst(session)
    group, other = make_group(session, owner=owner, members=[member]), make_group(session, owner=owner)
    project = make_project(session, group=group)
    update_project(session, by=member_actor, project_id=project.id, version=1, name="New", description="*x*")
    given = {"by": member_actor, "project_id": project.id, "version": project.version}
    refused(session, NotAllowed, set_visibility, visibility="public", **given)
    refused(session, NotAllowed, move_project, group_id=other.id, **given)
    refused(session, NotAllowed, delete_project, **given)
    set_visibility(session, by=owner_actor, project_id=project.id, version=project.version, visibility="internal")
    move_project(session, by=owner_actor, project_id=project.id, version=project.version, group_id=other.id)
    number = project.id
    delete_project(session, by=owner_actor, project_id=number, version=project.version)
    assert session.get(Project, number) is None
    assert heard == [
        VisibilityChanged(number, "private", "internal"),
        ProjectMoved(number, group.id, other.id),
        (number,),
    ]


def test_a_project_moves_only_where_the_owner_may_work(session: Session) -> None:
    owner, actor = make_analyst(session)
    project, foreign = make_project(session, group=make_group(session, owner=owner)), make_group(session)
    given = {"by": actor, "project_id": project.id, "version": project.version}
    refused(session, NotAllowed, move_project, group_id=foreign.id, **given)
    there = make_group(session, members=[owner])
    make_project(session, group=there, slug=project.slug)
    refused(session, ProjectSlugTaken, move_project, group_id=there.id, **given)


def test_a_project_that_somebody_changed_meanwhile_is_left_alone(session: Session) -> None:
    owner, actor = make_analyst(session)
    project = make_project(session, group=make_group(session, owner=owner))
    seen = project.version
    update_project(session, by=actor, project_id=project.id, version=seen, name="New", description="")
    refused(session, EditConflict, delete_project, by=actor, project_id=project.id, version=seen)


@pytest.mark.usefixtures("notebooks")
def test_rooms_above_tell_what_would_go_along(session: Session) -> None:
    owner, _actor = make_analyst(session)
    group = make_group(session, owner=owner)
    assert what_a_group_holds(session, group) == []
    one = make_project(session, group=group)
    make_project(session, group=group)
    assert [each.words for each in what_belongs(session, [one.id])] == ["3 notebooks"]
    assert [each.words for each in what_a_group_holds(session, group)] == ["2 projects", "6 notebooks"]


@pytest.mark.usefixtures("notebooks")
def test_the_page_of_a_deletion_shows_what_would_go_along(visit: Visit, session: Session) -> None:
    owner = visit("staff")
    project = make_project(session, group=make_group(session, owner=owner.user))
    session.commit()
    assert "3 notebooks" in owner.get(f"projects/{project.id}/delete").text
    assert owner.post(f"projects/{project.id}/delete", version=project.version).status_code == 303
    assert owner.get(f"projects/{project.id}/").status_code == 404


def test_the_pages_create_open_move_and_edit_a_project(visit: Visit, session: Session) -> None:
    owner = visit("staff")
    one, other = make_group(session, owner=owner.user, name="One"), make_group(session, owner=owner.user, name="Other")
    session.commit()
    assert f'<option selected value="{other.id}">' in owner.get(f"projects/new?group={other.id}").text
    made = owner.post("projects/new", name="Prices", slug="", group=one.id, description="Why **now**?")
    where = made.location.removeprefix("/backoffice/workspaces/")
    assert "<strong>now</strong>" in owner.get(where).text
    assert owner.post(f"{where}visibility", visibility="internal", version=1).status_code == 303
    assert owner.post(f"{where}move", group=other.id, version=2).status_code == 303
    assert owner.post(f"{where}edit", name="Costs", description="", version=3).status_code == 303
    page = owner.get(where).text
    assert "Costs" in page
    assert "Internal" in page
    assert f"/backoffice/workspaces/groups/{other.id}/" in page


def test_forms_tell_what_is_wrong_beside_the_fields(visit: Visit, session: Session) -> None:
    owner = visit("staff")
    group, foreign = make_group(session, owner=owner.user), make_group(session)
    make_project(session, group=group, slug="prices")
    session.commit()
    for fields in (
        {"name": "", "group": group.id},
        {"name": "Prices", "group": foreign.id},
        {"name": "Prices", "group": group.id, "slug": "Wrong!"},
        {"name": "Prices", "group": group.id, "slug": "prices"},
    ):
        answer = owner.post("projects/new", **fields)
        assert answer.status_code == 422
        assert "is-invalid" in answer.text
    assert owner.post("groups/new", name="x", joining="nobody").status_code == 422


def test_pages_of_others_projects_are_closed(visit: Visit, session: Session) -> None:
    owner, member, other, viewer = visit("staff"), visit("staff"), visit("staff"), visit("viewer")
    group = make_group(session, owner=owner.user, members=[member.user])
    private, internal = make_project(session, group=group), make_project(session, group=group, visibility="internal")
    session.commit()
    pages = ("", "edit", "visibility", "move", "delete")

    def met(visitor: object, project: Project) -> list[int]:
        return [visitor.get(f"projects/{project.id}/{page}").status_code for page in pages]

    assert met(owner, private) == [200] * 5
    assert met(member, private) == [200, 200, 403, 403, 403]
    assert met(other, private) == [404] * 5
    assert met(other, internal) == [200, 403, 403, 403, 403]
    assert met(viewer, private) == [404, 403, 403, 403, 403]
    assert met(viewer, internal) == [200, 403, 403, 403, 403]
    for page in pages[1:]:
        assert other.post(f"projects/{private.id}/{page}", version=1, name="x").status_code == 404
        assert other.post(f"projects/{internal.id}/{page}", version=1, name="x").status_code == 403
    assert member.post(f"projects/{private.id}/visibility", version=1, visibility="public").status_code == 403


def test_the_list_and_its_export_hold_what_the_reader_may_see(visit: Visit, session: Session) -> None:
    other = visit("staff")
    make_project(session, name="Secret one")
    make_project(session, name="Open one", visibility="internal")
    make_project(session, name="Own one", group=make_group(session, owner=other.user))
    session.commit()
    for path in ("", "?format=csv"):
        text = other.get(path).text
        assert "Secret one" not in text
        assert "Open one" in text
        assert "Own one" in text


def test_workspaces_are_for_signed_in_people(client: FlaskClient, session: Session) -> None:
    project = make_project(session, visibility="public")
    session.commit()
    for path in ("", "groups/", f"groups/{project.group_id}/", f"projects/{project.id}/"):
        answer = client.get(f"/backoffice/workspaces/{path}")
        assert answer.status_code in (302, 303)
        assert "/login" in answer.location
