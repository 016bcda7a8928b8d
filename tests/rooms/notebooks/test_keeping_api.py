"""Homes, backups, timetables, shared data and use in the API, and who is refused."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.rooms.keys.makers import bearer
from tests.rooms.notebooks.makers import key_of, make_notebook, make_team
from tests.rooms.workspaces.makers import make_analyst
from webapp.blueprints.accounts.models import User
from webapp.blueprints.notebooks.models import Backup, Notebook, Usage, Volume
from webapp.blueprints.notebooks.services.homes import home_of
from webapp.blueprints.notebooks.services.shared import shared_folder
from webapp.blueprints.tasks.public import Task
from webapp.blueprints.workspaces.public import Project

API = "/api/v1/workspaces"


@pytest.fixture
def notebook(session: Session) -> tuple[Notebook, User]:
    """A notebook with a home and a backup, and a member of its group."""
    _owner, member, project = make_team(session)
    made = make_notebook(session, project=project)
    session.get_one(Volume, home_of(session, made.id, quota_mb=64).id).size = 4096
    session.add(Backup(notebook_id=made.id, project_id=project.id, file="a.tar.gz", size=7, made_by="Ada"))
    session.commit()
    return made, member


def test_a_member_reads_and_steers_the_home(
    client: FlaskClient, session: Session, notebook: tuple[Notebook, User]
) -> None:
    found, member = notebook
    headers = key_of(session, member)
    told = client.get(f"{API}/notebooks/{found.slug}/home", headers=headers).get_json()
    assert (told["size"], told["limit"]) == (4096, found.disk_mb * 1024 * 1024)
    backup = told["backups"][0]
    assert (backup["size"], backup["made_by"]) == (7, "Ada")
    asked = client.post(f"{API}/notebooks/{found.slug}/backups", headers=headers)
    assert asked.status_code == 202
    assert session.get_one(Task, asked.get_json()["task_id"]).kind == "notebooks.back_up"
    place = f"{API}/notebooks/{found.slug}/backups/{backup['id']}"
    assert client.post(f"{place}/restore", headers=headers).status_code == 202
    assert client.delete(place, headers=headers).status_code == 204
    copied = client.post(
        f"{API}/notebooks/{found.slug}/clone", headers=headers, json={"name": "Copy", "slug": "copy-1"}
    )
    assert (copied.status_code, copied.get_json()["slug"]) == (202, "copy-1")


def test_a_member_sets_the_timetable(client: FlaskClient, session: Session, notebook: tuple[Notebook, User]) -> None:
    found, member = notebook
    headers = key_of(session, member)
    place = f"{API}/notebooks/{found.slug}/timetable"
    table: dict[str, Any] = {"version": found.version, "days": [1, 2], "start": "", "stop": "19:00"}
    answer = client.put(place, headers=headers, json=table)
    assert answer.get_json() == {"days": [1, 2], "start": "", "stop": "19:00"}
    assert client.put(place, headers=headers, json=table).status_code == 409
    assert client.put(place, headers=headers, json={**table, "stop": "25:00"}).status_code == 422


def test_use_and_shared_data_of_a_project_are_told(
    client: FlaskClient, session: Session, notebook: tuple[Notebook, User]
) -> None:
    found, member = notebook
    day = dt.datetime.now(dt.UTC).date()
    session.add(
        Usage(notebook_id=found.id, day=day, project_id=found.project_id, notebook_name="N", seconds=Decimal(60))
    )
    session.commit()
    headers = key_of(session, member)
    told = client.get(f"{API}/projects/{found.project_id}/usage", headers=headers).get_json()
    assert [(each["slug"], each["seconds"]) for each in told["items"]] == [(found.slug, "60.0")]
    assert client.get(f"{API}/projects/{found.project_id}/data", headers=headers).get_json() == {"items": []}


def test_a_member_shares_a_file_and_takes_it_back(
    client: FlaskClient, session: Session, notebook: tuple[Notebook, User]
) -> None:
    found, member = notebook
    headers, place = key_of(session, member), f"{API}/projects/{found.project_id}/data"

    def share(content: bytes, name: str) -> TestResponse:
        return client.post(place, headers=headers, data={"file": (io.BytesIO(content), name)})

    shared = share(b"a;b", "../prices 2026.csv")
    assert shared.status_code == 202
    task = session.get_one(Task, shared.get_json()["task_id"])
    assert (task.kind, task.args["name"]) == ("notebooks.share", "prices 2026.csv")
    assert (shared_folder() / str(task.args["kept"])).read_bytes() == b"a;b"
    (listed,) = client.get(place, headers=headers).get_json()["items"]
    assert (listed["name"], listed["size"], listed["state"]) == ("prices 2026.csv", 3, "waiting")
    taken = client.delete(f"{place}/prices 2026.csv", headers=headers)
    assert taken.status_code == 202
    assert session.get_one(Task, taken.get_json()["task_id"]).kind == "notebooks.take_back"
    assert client.delete(f"{place}/unknown.csv", headers=headers).status_code == 404
    assert share(b"a", "...").status_code == 422
    assert client.post(place, headers=headers, data={}).status_code == 422


def test_data_is_shared_by_members_alone(
    client: FlaskClient, session: Session, notebook: tuple[Notebook, User]
) -> None:
    found, _member = notebook
    stranger, _actor = make_analyst(session)
    session.get_one(Project, found.project_id).visibility = "internal"
    session.commit()
    place = f"{API}/projects/{found.project_id}/data"
    for headers, status in ((key_of(session, stranger), 403), (bearer("nobody"), 401)):
        given = {"file": (io.BytesIO(b"x"), "x.csv")}
        assert client.post(place, headers=headers, data=given).status_code == status
        assert client.delete(f"{place}/x.csv", headers=headers).status_code == status


@pytest.mark.parametrize(
    ("method", "rest"),
    [
        ("GET", "home"),
        ("POST", "backups"),
        ("POST", "backups/1/restore"),
        ("DELETE", "backups/1"),
        ("POST", "clone"),
        ("PUT", "timetable"),
    ],
)
def test_strangers_and_nobody_are_refused(
    client: FlaskClient, session: Session, notebook: tuple[Notebook, User], method: str, rest: str
) -> None:
    found, _member = notebook
    stranger, _actor = make_analyst(session)
    body = {"name": "x", "version": 1, "days": [], "start": "", "stop": ""} if method == "PUT" else {"name": "x"}
    place = f"{API}/notebooks/{found.slug}/{rest}"
    given = {} if method in ("GET", "DELETE") else {"json": body}
    if method == "PUT":
        given = {"json": {name: value for name, value in body.items() if name != "name"}}
    assert client.open(place, method=method, headers=key_of(session, stranger), **given).status_code == 404
    assert client.open(place, method=method, headers=bearer("nobody"), **given).status_code == 401
