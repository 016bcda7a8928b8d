"""Notebooks as services of a swarm of one machine: the same promises, their homes, and what services cannot take."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import replace

import docker
import pytest

from tests.deployment.engine import alone, base_images, running_engine
from tests.rooms.notebooks.keepers import build_image
from tests.rooms.notebooks.stores import read
from tests.waiting import until
from webapp.blueprints.notebooks.gateways.docker_seen import NOTEBOOK_LABEL
from webapp.blueprints.notebooks.gateways.docker_volumes import DockerVolumes
from webapp.blueprints.notebooks.gateways.docker_words import HOUSE_LABEL
from webapp.blueprints.notebooks.gateways.swarm_engine import SwarmEngine
from webapp.blueprints.notebooks.ports import (
    Cause,
    Condition,
    EngineDown,
    EngineRefused,
    Guest,
    Limits,
    Mount,
    NotebookSpec,
    Overtaken,
    Step,
)

pytestmark = pytest.mark.needs("dockerd")
SUBNETS = "10.216.0.0/16"
LABEL = "bottega.test"
HOME = "/srv"  # which the image has too, as somebody else's: the home is the people's own all the same
NOTE = """
with open("/srv/starts", "a") as file:
    file.write("begun\\n")
import signal
signal.pause()
"""


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[docker.DockerClient]:
    """An engine that is a swarm of one, unless it was one before."""
    with alone(), running_engine():
        base_images()
        client = docker.from_env()
        build_image(client, tmp_path_factory.mktemp("image"))
        ours = client.api.info()["Swarm"]["LocalNodeState"] == "inactive"
        if ours:
            client.api.init_swarm(advertise_addr="127.0.0.1", listen_addr="127.0.0.1:2377")
        (node,) = client.api.nodes()
        spec = {**node["Spec"], "Labels": {LABEL: "yes"}}
        client.api.update_node(node["ID"], node["Version"]["Index"], spec)
        try:
            yield client
        finally:
            if ours:
                client.api.leave_swarm(force=True)
            client.close()


@pytest.fixture
def house() -> str:
    return uuid.uuid4().hex


@pytest.fixture
def swarm(client: docker.DockerClient, house: str) -> Iterator[SwarmEngine]:
    engine = SwarmEngine(client, house, subnets=SUBNETS, placement=f"node.labels.{LABEL}==yes", unlimited=True)
    yield engine
    for seen in engine.list():
        engine.stop(seen.name, grace=0)
    mine = {"label": f"{HOUSE_LABEL}={house}"}
    assert not client.api.services(filters=mine)
    assert not client.api.networks(filters=mine)


@pytest.fixture
def volumes(client: docker.DockerClient, house: str) -> Iterator[DockerVolumes]:
    yield DockerVolumes(client, house, lambda: "python:3.11-slim")
    mine = {"label": f"{HOUSE_LABEL}={house}"}
    until(lambda: not client.api.containers(all=True, filters=mine), 60)  # the tasks of a service go a moment after it
    for volume in client.api.volumes(filters=mine)["Volumes"] or []:
        client.api.remove_volume(volume["Name"])


@pytest.fixture
def spec(house: str) -> NotebookSpec:
    return NotebookSpec(
        name=f"nb-{house[:8]}", house=house, notebook_id=int(house[:6], 16), generation=1, image="bottega-notebook:test",
        limits=Limits(0.5, 128, 64), health_path="api",
    )  # fmt: skip


def quiet(_step: str, _words: str) -> None:
    pass


def test_a_service_runs_answers_and_goes_without_a_trace(swarm: SwarmEngine, spec: NotebookSpec) -> None:
    steps: list[str] = []
    running = swarm.start(spec, lambda step, _words: steps.append(step))
    assert steps == [Step.NETWORK, Step.CONTAINER, Step.STARTED]
    until(lambda: swarm.wait(spec, seconds=2), 60)
    seen = swarm.poll(spec.name)
    assert seen
    assert (seen.condition, seen.generation, seen.whole) == (Condition.RUNNING, 1, True)
    assert (seen.engine_id, seen.address) == (running.engine_id, running.address)
    assert swarm.list() == (seen,)
    assert "ready to serve" in swarm.read_log(spec.name)
    answer = swarm.question(spec.name, "/", port=8888, token="t")
    assert answer
    assert answer.status == 200
    swarm.stop(spec.name, grace=0)
    swarm.stop(spec.name, grace=0)
    assert swarm.list() == ()


def test_a_guest_joins_the_overlay_and_reaches_the_notebook_by_its_address(
    swarm: SwarmEngine, client: docker.DockerClient, spec: NotebookSpec
) -> None:
    door = client.containers.run("python:3.11-slim", ["sleep", "300"], detach=True, init=True, network_mode="bridge")
    try:
        guests = (Guest(str(door.id), "front"),)
        running = swarm.start(replace(spec, guests=guests), quiet)
        until(lambda: swarm.wait(spec, seconds=2), 60)
        ask = f"import urllib.request as r; print(r.urlopen('http://{running.address}:8888/', timeout=5).status)"
        assert door.exec_run(["python3", "-c", ask]).output.strip() == b"200"
        client.api.disconnect_container_from_network(str(door.id), f"nb-{swarm.house[:8]}-{spec.name}", force=True)
        swarm.mend(spec.name, guests)
        assert door.exec_run(["python3", "-c", ask]).output.strip() == b"200"
    finally:
        swarm.stop(spec.name, grace=0)
        door.remove(force=True, v=True)


def test_the_walls_that_a_service_can_have_stand(
    swarm: SwarmEngine, client: docker.DockerClient, spec: NotebookSpec
) -> None:
    running = swarm.start(spec, quiet)
    facts = client.api.inspect_container(running.engine_id)
    config = facts["HostConfig"]
    assert config["CapDrop"] == ["ALL"]
    assert config["ReadonlyRootfs"]
    assert (config["PidsLimit"], config["Memory"], config["NanoCpus"]) == (64, 128 * 2**20, 500_000_000)
    assert facts["Config"]["User"] == "1000:1000"
    assert list(facts["NetworkSettings"]["Networks"]) == [f"nb-{swarm.house[:8]}-{spec.name}"]


def test_a_home_outlives_the_service_and_comes_back_from_a_backup(
    swarm: SwarmEngine,
    spec: NotebookSpec,
    volumes: DockerVolumes,
) -> None:
    first, second = (f"nb-{swarm.house[:8]}-1-home{number}" for number in ("", "-2"))

    def start(home: str, generation: int, begun: int) -> None:
        mounts = (Mount(home, HOME),)
        swarm.start(replace(spec, generation=generation, mounts=mounts, command=("python3", "-c", NOTE)), quiet)
        until(lambda: read(volumes, home).get("starts") == b"begun\n" * begun, 60, lambda: swarm.read_log(spec.name))

    volumes.make(first, labels={})
    start(first, 1, 1)
    saved = b"".join(volumes.save(first))  # while it runs
    swarm.stop(spec.name, grace=0)
    start(first, 2, 2)
    swarm.stop(spec.name, grace=0)
    volumes.make(second, labels={})
    volumes.load(second, iter([saved]))
    start(second, 3, 2)
    swarm.stop(spec.name, grace=0)
    assert read(volumes, first)["starts"] == b"begun\n" * 2, "what was there before is as it was"


def test_what_services_cannot_take_is_refused_unless_the_owner_accepts_it(
    client: docker.DockerClient, house: str, spec: NotebookSpec
) -> None:
    strict = SwarmEngine(client, house, subnets=SUBNETS)
    with pytest.raises(EngineRefused, match="NOTEBOOK_SWARM_UNLIMITED") as refused:
        strict.start(spec, quiet)
    assert refused.value.cause == Cause.NOT_SUPPORTED
    assert "no-new-privileges" in strict.check().lacks
    assert strict.list() == ()


def test_no_machine_of_that_label_is_told_and_leaves_nothing(
    client: docker.DockerClient, house: str, spec: NotebookSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.blueprints.notebooks.gateways.swarm_engine.PLACING", 2.0)
    nowhere = SwarmEngine(client, house, subnets=SUBNETS, placement="node.labels.nowhere==yes", unlimited=True)
    with pytest.raises(EngineRefused, match="no machine of the swarm"):
        nowhere.start(spec, quiet)
    assert nowhere.list() == ()


def test_one_that_dies_is_seen_dead_and_one_that_is_overtaken_leaves_nothing(
    swarm: SwarmEngine, client: docker.DockerClient, spec: NotebookSpec
) -> None:
    running = swarm.start(spec, quiet)
    until(lambda: swarm.wait(spec, seconds=2), 60)
    client.api.kill(running.engine_id)

    def dead() -> bool:
        seen = swarm.poll(spec.name)
        return bool(seen and seen.condition is Condition.DEAD)

    until(dead, 30, lambda: swarm.poll(spec.name))

    def tell(step: str, _words: str) -> None:
        if step == Step.STARTED:
            raise Overtaken

    with pytest.raises(Overtaken):
        swarm.start(replace(spec, generation=2), tell)
    assert swarm.list() == ()
    mine = {"label": [f"{HOUSE_LABEL}={swarm.house}", NOTEBOOK_LABEL]}
    assert not client.api.containers(filters=mine)


def test_an_engine_that_is_no_manager_says_what_makes_it_one(client: docker.DockerClient, house: str) -> None:
    class Single(SwarmEngine):
        """An engine outside of any swarm."""

        def __init__(self) -> None:
            super().__init__(client, house, subnets=SUBNETS)
            self.api = _Outside(client.api)

    with pytest.raises(EngineDown, match="docker swarm init"):
        Single().check()


class _Outside:
    """An API whose engine belongs to no swarm."""

    def __init__(self, api: docker.APIClient) -> None:
        self.api = api

    def info(self) -> dict[str, object]:
        return {**self.api.info(), "Swarm": {"LocalNodeState": "inactive"}}

    def __getattr__(self, name: str) -> object:
        return getattr(self.api, name)
