"""The list of images from which notebooks start, as its owner keeps it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.rooms.notebooks.browsing import Role, tasks_of
from tests.rooms.notebooks.makers import make_image, make_notebook
from webapp.blueprints.notebooks.models import Engine, Image
from webapp.blueprints.tasks.public import Task

IMAGE = {
    "name": "Jupyter",
    "reference": "registry.company.it/jupyter:1.2",
    "description": "",
    "pull_policy": "missing",
    "cpus": "1.5",
    "memory_mb": "1024",
    "pids": "256",
    "disk_mb": "2048",
    "port": "8888",
    "health_path": "/api",
    "home_path": "/home/analyst",
    "open": "y",
}
IMAGES = "/backoffice/workspaces/images/"


def test_the_owner_keeps_the_list_of_images(session: Session, sign: Role) -> None:
    owner = sign("owner")
    assert owner.post(f"{IMAGES}new", data=IMAGE).status_code == 303
    image = session.scalars(select(Image).where(Image.name == "Jupyter")).one()
    assert (image.cpus, image.memory_mb, image.open) == (Decimal("1.5"), 1024, True)
    page = owner.get(IMAGES).text
    assert "registry.company.it/jupyter:1.2" in page
    assert "not looked yet" in page
    changed = {**IMAGE, "reference": "jupyter:2", "version": image.version}
    assert owner.post(f"{IMAGES}{image.id}/edit", data=changed).status_code == 303
    session.refresh(image)
    assert image.reference == "jupyter:2"
    assert owner.post(f"{IMAGES}{image.id}/delete", data={"version": image.version}).status_code == 303
    assert session.scalars(select(Image)).all() == []


def test_an_image_in_use_stays_on_the_list(session: Session, sign: Role) -> None:
    notebook = make_notebook(session)
    session.commit()
    image = notebook.image
    answer = sign("owner").post(f"{IMAGES}{image.id}/delete", data={"version": image.version})
    assert answer.status_code == 409
    assert "close it instead" in answer.text


def test_the_second_of_two_editors_of_an_image_is_told(session: Session, sign: Role) -> None:
    image = make_image(session)
    session.commit()
    answer = sign("owner").post(f"{IMAGES}{image.id}/edit", data={**IMAGE, "version": image.version - 1})
    assert answer.status_code == 409


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("reference", "not an image"),
        ("reference", "jupyter; rm -rf /"),
        ("reference", "UPPER/case:1"),
        ("home_path", "/etc"),
        ("home_path", "/../root"),
        ("health_path", "api"),
        ("memory_mb", "999999999"),
        ("name", ""),
    ],
)
def test_an_image_that_makes_no_sense_is_refused_beside_its_field(sign: Role, field: str, value: str) -> None:
    answer = sign("owner").post(f"{IMAGES}new", data={**IMAGE, field: value})
    assert answer.status_code == 422
    assert f'id="{field}-problem"' in answer.text


def test_two_images_cannot_have_one_name(session: Session, sign: Role) -> None:
    make_image(session, name="Jupyter")
    session.commit()
    answer = sign("owner").post(f"{IMAGES}new", data=IMAGE)
    assert answer.status_code == 422
    assert "Another image has this name." in answer.text


def test_fetching_and_building_are_tasks_of_the_keeper(session: Session, sign: Role) -> None:
    image = make_image(session, present=False)
    session.commit()
    owner = sign("owner")
    assert owner.post(f"{IMAGES}{image.id}/fetch").status_code == 303
    assert owner.post(f"{IMAGES}build", data={"tag": "1.0"}).status_code == 303
    assert tasks_of(session, "notebooks.pull_image") == [{"image_id": image.id}]
    assert tasks_of(session, "notebooks.build_image") == [{"version": "1.0"}]
    assert {task.queue for task in session.scalars(select(Task).where(Task.kind.like("notebooks.%")))} == {"docker"}
    page = owner.get(IMAGES).text
    assert page.count("task-progress") >= 2
    assert owner.post(f"{IMAGES}build", data={"tag": "no tag"}).status_code == 422


def test_the_owner_is_told_of_volumes_that_nobody_knows(session: Session, sign: Role) -> None:
    session.get_one(Engine, 1).strangers = ["nb-12345678-77-home"]
    session.commit()
    assert "nb-12345678-77-home" in sign("owner").get(IMAGES).text


@pytest.mark.parametrize("role", ["staff", "viewer"])
def test_the_list_of_images_is_the_owners(session: Session, sign: Role, role: str) -> None:
    image = make_image(session)
    session.commit()
    browser = sign(role)
    assert browser.get(IMAGES).status_code == 403
    for address in (f"{IMAGES}new", f"{IMAGES}build", f"{IMAGES}{image.id}/fetch", f"{IMAGES}{image.id}/delete"):
        assert browser.post(address, data=IMAGE).status_code == 403
