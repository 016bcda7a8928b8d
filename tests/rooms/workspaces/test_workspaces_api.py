"""Workspaces in the API: everything that the pages do, with a key, and the same refusals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.rooms.accounts.makers import make_user
from tests.rooms.keys.makers import bearer, make_key, make_service_key
from tests.rooms.workspaces.makers import make_group, make_project
from webapp.blueprints.accounts.models import User
from webapp.blueprints.workspaces.permissions import WorkspacesPermission as May
from webapp.blueprints.workspaces.queries.people import list_member_ids

URL = "/api/v1/workspaces"
ALL = [May.READ, May.WORK, May.FOUND, May.ADMINISTER]
Ask = Callable[..., TestResponse]


@pytest.fixture
def ask(client: FlaskClient, session: Session) -> Ask:
    """Ask the API as somebody, with a key of theirs: `ask(user, "POST", "/groups", name=…)`."""
    keys: dict[int, Any] = {}

    def asked(user: User, method: str, path: str, **body: Any) -> TestResponse:
        role = [role.name for role in user.roles]
        scopes = ALL if role == ["staff"] else [May.READ]
        key = keys.get(user.id) or keys.setdefault(user.id, make_key(session, user_id=user.id, scopes=scopes))
        sent = {"json": body} if body or method == "POST" else {}
        return client.open(URL + path, method=method, headers=bearer(key), **sent)

    return asked


def staff(session: Session, **changes: Any) -> User:
    return make_user(session, roles=["staff"], **changes)


def test_a_group_is_founded_changed_and_told_whole(session: Session, ask: Ask) -> None:
    owner = staff(session, name="Olga")
    made = ask(owner, "POST", "/groups", name="Sales team", description="*x*", joining="open")
    assert made.status_code == 201
    told = made.get_json()
    where = f"/groups/{told['id']}"
    assert (told["slug"], told["owner_id"], told["joining"]) == ("sales-team", owner.id, "open")
    changed = ask(owner, "PATCH", where, version=told["version"], name="Sales").get_json()
    assert (changed["name"], changed["description"], changed["joining"]) == ("Sales", "*x*", "open")
    assert ask(owner, "GET", where).get_json() == changed
    assert ask(owner, "PATCH", where, version=told["version"], name="Again").status_code == 409
    line = ask(owner, "GET", "/groups?mine=yes").get_json()["items"][0]
    assert (line["slug"], line["members"], line["mine"], line["owner"]) == ("sales-team", 1, "yes", "Olga")


def test_what_is_not_understood_is_told_by_its_name(session: Session, ask: Ask) -> None:
    owner = staff(session)
    for body, name in (({}, "name"), ({"name": "x", "joining": "z"}, "joining"), ({"name": "x", "owner": 1}, "owner")):
        answer = ask(owner, "POST", "/groups", **body)
        assert answer.status_code == 422
        assert name in answer.get_json()["errors"]
    assert ask(owner, "POST", "/groups", name="x", slug="No!").status_code == 422


def test_people_join_leave_and_are_taken_in_and_out(session: Session, ask: Ask) -> None:
    owner, other = staff(session), make_user(session)
    group = make_group(session, owner=owner, joining="open")
    where = f"/groups/{group.id}"
    assert ask(other, "POST", f"{where}/join").status_code == 200
    listed = ask(other, "GET", f"{where}/members").get_json()["items"]
    assert [(each["user_id"], each["is_owner"], each["email"]) for each in listed] == [
        (owner.id, True, owner.email),
        (other.id, False, other.email),
    ]
    assert ask(other, "POST", f"{where}/join").status_code == 409
    assert ask(other, "POST", f"{where}/leave").status_code == 200
    assert ask(owner, "POST", f"{where}/leave").status_code == 409
    assert ask(owner, "POST", f"{where}/members", user_id=other.id).status_code == 200
    assert ask(owner, "DELETE", f"{where}/members/{other.id}").status_code == 204
    assert list_member_ids(session, group.id) == {owner.id}


def test_a_request_is_made_and_answered(session: Session, ask: Ask) -> None:
    owner, asker, other = staff(session), make_user(session), staff(session)
    group = make_group(session, owner=owner, joining="on_request")
    made = ask(asker, "POST", f"/groups/{group.id}/request", words="Please").get_json()
    assert (made["words"], made["accepted"]) == ("Please", None)
    waiting = ask(owner, "GET", f"/groups/{group.id}/requests").get_json()["items"]
    assert [each["id"] for each in waiting] == [made["id"]]
    for verb in ("accept", "decline"):
        assert ask(other, "POST", f"/requests/{made['id']}/{verb}").status_code == 403
    assert ask(other, "GET", f"/groups/{group.id}/requests").status_code == 403
    assert ask(owner, "POST", f"/requests/{made['id']}/accept").get_json()["accepted"] is True
    assert ask(owner, "POST", f"/requests/{made['id']}/decline").status_code == 409
    assert group.has_member(asker.id)
    ask(other, "POST", f"/groups/{group.id}/request")
    assert ask(other, "DELETE", f"/groups/{group.id}/request").status_code == 204
    assert ask(owner, "GET", f"/groups/{group.id}/requests").get_json()["items"] == []


def test_a_group_is_handed_over_and_deleted_with_what_it_holds(session: Session, ask: Ask) -> None:
    owner, heir = staff(session), staff(session)
    group = make_group(session, owner=owner, members=[heir])
    make_project(session, group=group)
    where = f"/groups/{group.id}"
    given = ask(owner, "POST", f"{where}/hand-over", user_id=heir.id, version=group.version).get_json()
    assert given["owner_id"] == heir.id
    assert ask(owner, "GET", f"{where}/deletion").status_code == 403
    told = ask(heir, "GET", f"{where}/deletion").get_json()
    assert [(each["name"], each["count"]) for each in told["belongings"]] == [("projects", 1)]
    assert ask(heir, "DELETE", f"{where}?version={told['version'] + 1}").status_code == 409
    assert ask(heir, "DELETE", f"{where}?version={told['version']}").status_code == 204
    assert ask(heir, "GET", where).status_code == 404


def test_a_project_is_created_changed_opened_moved_and_deleted(session: Session, ask: Ask) -> None:
    owner = staff(session)
    group, other = make_group(session, owner=owner), make_group(session, owner=owner)
    made = ask(owner, "POST", "/projects", group_id=group.id, name="Prices").get_json()
    where = f"/projects/{made['id']}"
    assert (made["slug"], made["visibility"], made["group_slug"]) == ("prices", "private", group.slug)
    changed = ask(owner, "PATCH", where, version=1, description="x").get_json()
    opened = ask(owner, "POST", f"{where}/visibility", version=changed["version"], visibility="internal").get_json()
    moved = ask(owner, "POST", f"{where}/move", version=opened["version"], group_id=other.id).get_json()
    assert (moved["name"], moved["visibility"], moved["group_slug"]) == ("Prices", "internal", other.slug)
    assert ask(owner, "GET", where).get_json() == moved
    listed = ask(owner, "GET", f"/projects?group={other.slug}").get_json()["items"]
    assert [each["id"] for each in listed] == [made["id"]]
    assert ask(owner, "GET", f"{where}/deletion").get_json() == {"version": moved["version"], "belongings": []}
    assert ask(owner, "DELETE", f"{where}?version={moved['version']}").status_code == 204


def test_somebody_elses_projects_are_neither_told_nor_changed(session: Session, ask: Ask) -> None:
    other = staff(session)
    private, internal = make_project(session), make_project(session, visibility="internal")
    listed = ask(other, "GET", "/projects").get_json()
    assert [each["id"] for each in listed["items"]] == [internal.id]
    assert listed["page"]["count"] == 1
    for project, status in ((private, 404), (internal, 403)):
        where = f"/projects/{project.id}"
        assert ask(other, "PATCH", where, version=1, name="x").status_code == status
        assert ask(other, "POST", f"{where}/visibility", version=1, visibility="public").status_code == status
        assert ask(other, "POST", f"{where}/move", version=1, group_id=project.group_id).status_code == status
        assert ask(other, "GET", f"{where}/deletion").status_code == status
        assert ask(other, "DELETE", f"{where}?version=1").status_code == status
    assert ask(other, "GET", f"/projects/{private.id}").status_code == 404
    assert ask(other, "POST", "/projects", group_id=private.group_id, name="x").status_code == 403


def test_a_viewers_key_writes_nothing(session: Session, ask: Ask) -> None:
    viewer = make_user(session)
    group = make_group(session, members=[viewer])
    project = make_project(session, group=group)
    assert ask(viewer, "GET", f"/projects/{project.id}").status_code == 200
    assert ask(viewer, "PATCH", f"/projects/{project.id}", version=1, name="x").status_code == 403
    assert ask(viewer, "POST", "/projects", group_id=group.id, name="x").status_code == 403
    assert ask(viewer, "POST", "/groups", name="x").status_code == 403


def test_a_service_reads_internal_projects_and_no_address(client: FlaskClient, session: Session) -> None:
    group = make_group(session)
    private, internal = make_project(session, group=group), make_project(session, group=group, visibility="internal")
    headers = bearer(make_service_key(session, scopes=[May.READ]))
    assert client.get(f"{URL}/projects/{internal.id}", headers=headers).status_code == 200
    assert client.get(f"{URL}/projects/{private.id}", headers=headers).status_code == 404
    members = client.get(f"{URL}/groups/{group.id}/members", headers=headers).get_json()["items"]
    assert [each["email"] for each in members] == [None]
    assert client.post(f"{URL}/groups/{group.id}/join", headers=headers).status_code == 403


def test_a_stranger_is_told_nothing(client: FlaskClient, session: Session) -> None:
    project = make_project(session, visibility="public")
    session.commit()
    for path in ("/groups", "/projects", f"/projects/{project.id}", f"/groups/{project.group_id}/members"):
        assert client.get(URL + path).status_code == 401
