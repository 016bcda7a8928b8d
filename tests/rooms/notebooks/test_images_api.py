"""The list of images in the API: who reads it, who keeps it, and what the keeper is asked for."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.rooms.keys.makers import bearer
from tests.rooms.notebooks.makers import RIGHTS, key_of, make_image, make_notebook
from tests.rooms.workspaces.makers import make_analyst
from webapp.blueprints.notebooks.models import Image
from webapp.blueprints.tasks.public import Task

API = "/api/v1/workspaces"


@pytest.fixture
def keeping(session: Session) -> dict[str, str]:
    """The headers of somebody who keeps the list."""
    owner, _actor = make_analyst(session, roles=["owner"])
    session.commit()
    return key_of(session, owner, RIGHTS | {"notebooks:images:edit"})


def test_the_list_of_images_is_kept_by_who_may(client: FlaskClient, session: Session) -> None:
    make_image(session, name="Open")
    make_image(session, name="Closed", open=False)
    analyst, _actor = make_analyst(session)
    session.commit()
    headers = key_of(session, analyst)
    assert [each["name"] for each in client.get(f"{API}/images", headers=headers).get_json()["items"]] == ["Open"]
    wanted = {"name": "Mine", "reference": "mine:1"}
    assert client.post(f"{API}/images", headers=headers, json=wanted).status_code == 403
    owner, _actor = make_analyst(session, roles=["owner"])
    headers = key_of(session, owner, RIGHTS | {"notebooks:images:edit"})
    assert len(client.get(f"{API}/images", headers=headers).get_json()["items"]) == 2
    made = client.post(f"{API}/images", headers=headers, json=wanted)
    assert (made.status_code, made.get_json()["cpus"]) == (201, "1.00")
    assert client.post(f"{API}/images", headers=headers, json={**wanted, "reference": "no image"}).status_code == 422
    image = session.scalars(select(Image).where(Image.name == "Mine")).one()
    assert client.post(f"{API}/images/{image.id}/fetch", headers=headers).status_code == 202


def test_an_image_is_changed_closed_and_taken_off_the_list(
    client: FlaskClient, session: Session, keeping: dict[str, str]
) -> None:
    given = {"name": "Mine", "reference": "mine:1", "cpus": "2.5", "memory_mb": 2048, "home_path": "/home/jovyan"}
    made = client.post(f"{API}/images", headers=keeping, json=given).get_json()
    assert {**made, **given, "cpus": "2.50"} == made
    place = f"{API}/images/{made['id']}"
    change = {"version": made["version"], "open": False, "health_path": "/lab/api"}
    changed = client.patch(place, headers=keeping, json=change)
    assert changed.status_code == 200
    told = changed.get_json()
    assert (told["open"], told["health_path"], told["reference"], told["cpus"]) == (False, "/lab/api", "mine:1", "2.50")
    assert client.patch(place, headers=keeping, json=change).status_code == 409  # somebody was there meanwhile
    for wrong in (
        {"reference": "no image"},
        {"cpus": "4000"},
        {"port": 80},
        {"home_path": "/etc"},
        {"pull_policy": "x"},
    ):
        refused = client.patch(place, headers=keeping, json={"version": told["version"], **wrong})
        assert refused.status_code == 422, wrong
    assert client.delete(place, headers=keeping, query_string={"version": 1}).status_code == 409
    gone = client.delete(place, headers=keeping, query_string={"version": told["version"]})
    assert gone.status_code == 204
    assert client.delete(place, headers=keeping, query_string={"version": 1}).status_code == 404


def test_an_image_from_which_notebooks_start_stays(
    client: FlaskClient, session: Session, keeping: dict[str, str]
) -> None:
    image = make_image(session)
    make_notebook(session, image=image)
    session.commit()
    refused = client.delete(f"{API}/images/{image.id}", headers=keeping, query_string={"version": image.version})
    assert refused.status_code == 409
    assert "close it instead" in refused.get_json()["detail"]


def test_fetching_and_building_are_tasks_of_the_keeper(
    client: FlaskClient, session: Session, keeping: dict[str, str]
) -> None:
    image = make_image(session)
    session.commit()
    for rest, json, kind in ((f"{image.id}/fetch", None, "pull_image"), ("build", {"tag": "2.0"}, "build_image")):
        asked = client.post(f"{API}/images/{rest}", headers=keeping, json=json)
        assert asked.status_code == 202
        assert session.get_one(Task, asked.get_json()["task_id"]).kind == f"notebooks.{kind}"
    assert client.post(f"{API}/images/build", headers=keeping, json={"tag": "a b"}).status_code == 422


@pytest.mark.parametrize(
    ("method", "rest"),
    [("POST", ""), ("PATCH", "/1"), ("DELETE", "/1?version=1"), ("POST", "/1/fetch"), ("POST", "/build")],
)
def test_who_does_not_keep_the_list_and_nobody_are_refused(
    client: FlaskClient, session: Session, method: str, rest: str
) -> None:
    analyst, _actor = make_analyst(session)
    session.commit()
    json = {"version": 1, "name": "x", "reference": "x:1"} if method == "PATCH" else None
    json = {"name": "x", "reference": "x:1"} if rest == "" else json
    for headers, status in ((key_of(session, analyst), 403), (bearer("nobody"), 401)):
        assert client.open(f"{API}/images{rest}", method=method, headers=headers, json=json).status_code == status
