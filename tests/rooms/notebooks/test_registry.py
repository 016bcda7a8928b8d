"""Images that are fetched from a real registry: how far it is, what is told before a start, and what happens without the registry."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

import docker
import pytest
from flask import Flask
from sqlalchemy import select

from tests.core.test_serve import free_port
from tests.deployment.engine import base_images, running_engine
from tests.rooms.notebooks.keepers import IMAGE, build_image, clear_house
from tests.rooms.notebooks.makers import browser_of, make_image, make_notebook, make_team
from tests.rooms.tasks.in_hand import TaskInHand
from tests.waiting import until
from webapp.blueprints.notebooks.gateways import keeping_kinds
from webapp.blueprints.notebooks.gateways.hands import HANDS, open_hands
from webapp.blueprints.notebooks.gateways.reconciler import Reconciler
from webapp.blueprints.notebooks.models import Image, Notebook, NotebookStep, State
from webapp.blueprints.notebooks.ports import Step
from webapp.blueprints.notebooks.services.wishes import start_notebook
from webapp.blueprints.notebooks.settings import EXTENSION, NotebookSettings
from webapp.core.company import get_company
from webapp.core.db import db, transaction
from webapp.core.security import SYSTEM

LAYERS, SIZE = 4, 3_000_000
SUBNETS = "10.219.0.0/16"
pytestmark = [pytest.mark.needs("dockerd"), pytest.mark.allow_hosts(["127.0.0.1", "localhost", SUBNETS])]


@dataclass(frozen=True)
class Registry:
    """A registry of this machine with one image, of which the engine has the first layers and not the last ones."""

    client: docker.DockerClient
    container: str
    address: str
    reference: str

    def forget(self) -> None:
        """The engine has the image no more."""
        if self.client.images.list(self.reference):
            self.client.images.remove(self.reference, force=True)

    def answer(self) -> None:
        """It runs, and answers."""
        self.client.api.start(self.container)
        until(lambda: b"listening on" in self.client.api.logs(self.container, tail=5), 30)


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    folder = tmp_path_factory.mktemp("image")
    with running_engine(), closing(docker.from_env()) as client:
        base = base_images().get("REGISTRY_IMAGE", "registry:2")
        build_image(client, folder)
        port = free_port()
        made = client.containers.run(
            base, detach=True, name=f"registry-{uuid.uuid4().hex[:8]}", ports={"5000/tcp": ("127.0.0.1", port)}
        )
        address = f"127.0.0.1:{port}"
        registry = Registry(client, made.id, address, f"{address}/analysts/notebook:1")
        try:
            for number in range(LAYERS):
                (folder / f"layer-{number}").write_bytes(os.urandom(SIZE))
            copies = "".join(f"COPY layer-{number} /\n" for number in range(LAYERS))
            (folder / "Dockerfile").write_text(f"FROM {IMAGE}\n{copies}")
            client.images.build(path=str(folder), tag=registry.reference, rm=True)
            registry.answer()
            assert '"error"' not in client.images.push(registry.reference)
            yield registry
        finally:
            registry.forget()
            client.api.remove_container(made.id, v=True, force=True)


@pytest.fixture
def house(fresh_app: Flask, registry: Registry) -> Iterator[Flask]:
    """An installation with databases of its own, whose keeper has the engine; the engine does not have the image."""
    fresh_app.extensions[EXTENSION] = NotebookSettings(engine="docker", subnets=SUBNETS)
    registry.forget()
    with transaction() as session:
        get_company(session).languages = "en"
    yield fresh_app
    clear_house(fresh_app, registry.client)


def image_of(house: Flask, reference: str, **changes: object) -> int:
    house.extensions[HANDS] = open_hands
    with transaction() as session:
        return int(make_image(session, reference=reference, present=None, **changes).id)


def present(image_id: int) -> bool | None:
    db.session.remove()
    return db.session.get_one(Image, image_id).present


def test_an_image_of_the_list_is_fetched_and_tells_how_far_it_is(house: Flask, registry: Registry) -> None:
    number = image_of(house, registry.reference)
    run = TaskInHand()
    keeping_kinds.pull_image(run, {"image_id": number})
    done = [done for done, _total, _words in run.told]
    assert run.told[-1][0] == run.told[-1][1] == -(-LAYERS * SIZE // 2**20)
    assert done == sorted(done)
    assert len(set(done)) > 2
    sentences = [words for _done, _total, words in run.told]
    layers = sentences[-1].partition(" ")[0]
    assert sentences[-1] == f"{layers} of {layers} layers fetched"
    assert present(number) is True


def test_a_start_tells_that_the_image_is_missing_and_fetches_it_step_by_step(house: Flask, registry: Registry) -> None:
    with transaction() as session:
        owner, _member, project = make_team(session)
        image = make_image(session, reference=registry.reference, present=False)
        make_notebook(session, project=project, image=image, slug="fetched", memory_mb=128, pids=32)
        browser = browser_of(house, session, owner)
    page = browser.get("/backoffice/workspaces/notebooks/fetched/").text
    assert f"does not have the image {registry.reference} yet: the next start fetches it first" in page
    with transaction() as session:
        start_notebook(session, by=SYSTEM, slug="fetched")
    settle(house)
    notebook = stored("fetched")
    assert notebook.state == State.RUNNING, notebook.cause
    told = db.session.scalars(select(NotebookStep.words).where(NotebookStep.step == Step.IMAGE)).all()
    assert any(words.endswith("layers fetched") for words in told), told
    page = browser.get("/backoffice/workspaces/notebooks/fetched/").text
    assert "layers fetched" in page
    assert "the next start fetches it first" not in page


@pytest.mark.parametrize("name", ["analysts/nothing:1", "analysts/notebook:9"])
def test_an_image_that_does_not_exist_is_told_in_words(house: Flask, registry: Registry, name: str) -> None:
    number = image_of(house, f"{registry.address}/{name}")
    with pytest.raises(keeping_kinds.EngineSaidNo) as told:
        keeping_kinds.pull_image(TaskInHand(), {"image_id": number})
    assert f"{name} could not be fetched, because its registry does not have it" in told.value.sentence
    assert present(number) is False


def test_a_registry_that_is_down_is_told_and_the_next_try_goes_through(house: Flask, registry: Registry) -> None:
    number = image_of(house, registry.reference)
    with transaction() as session:
        make_notebook(session, image=session.get_one(Image, number), slug="later", memory_mb=128, pids=32)
    registry.client.api.stop(registry.container, timeout=5)
    try:
        with pytest.raises(keeping_kinds.EngineSaidNo, match="because its registry does not answer"):
            keeping_kinds.pull_image(TaskInHand(), {"image_id": number})
        with transaction() as session:
            start_notebook(session, by=SYSTEM, slug="later")
        settle(house)
        assert stored("later").state == State.FAILED
        assert "its registry does not answer: try again when it does" in stored("later").cause
    finally:
        registry.answer()
    with transaction() as session:
        start_notebook(session, by=SYSTEM, slug="later")
    settle(house)
    assert stored("later").state == State.RUNNING, stored("later").cause


def settle(house: Flask) -> None:
    keeper = Reconciler(house)
    assert keeper.go_round()
    keeper.settle_all()


def stored(slug: str) -> Notebook:
    db.session.remove()
    return db.session.scalars(select(Notebook).where(Notebook.slug == slug)).one()
