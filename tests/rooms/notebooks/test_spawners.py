"""What a spawner promises, asked of the one in memory and of a real Docker Engine alike."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

import docker
import pytest

from tests.deployment.engine import base_images, running_engine
from tests.rooms.notebooks.engines import MemorySpawner
from webapp.blueprints.notebooks.gateways.docker_engine import DockerEngine
from webapp.blueprints.notebooks.gateways.docker_words import HOUSE_LABEL
from webapp.blueprints.notebooks.ports import (
    Cause,
    Condition,
    EngineDown,
    EngineRefused,
    Limits,
    NotebookSpec,
    Overtaken,
    Spawner,
    Step,
)

SERVER = ("python3", "-m", "http.server", "8888", "--directory", "/usr/share/python3")
SUBNETS = "10.214.0.0/16"


@pytest.fixture(scope="module")
def client() -> Iterator[docker.DockerClient]:
    with running_engine():
        base_images()
        client = docker.from_env()
        yield client
        client.close()


@pytest.fixture
def house() -> str:
    return uuid.uuid4().hex


@pytest.fixture(
    params=[
        "memory",
        pytest.param("docker", marks=pytest.mark.needs("dockerd")),
        pytest.param("near", marks=[pytest.mark.needs("dockerd"), pytest.mark.allow_hosts(["127.0.0.1", SUBNETS])]),
    ]
)
def spawner(request: pytest.FixtureRequest, house: str) -> Iterator[Spawner]:
    if request.param == "memory":
        yield MemorySpawner()
        return
    client = request.getfixturevalue("client")
    engine = DockerEngine(client, house, subnets=SUBNETS, near=request.param == "near")
    yield engine
    for seen in engine.list():
        engine.stop(seen.name, grace=0)
    left = {"label": f"{HOUSE_LABEL}={house}"}
    assert not client.api.containers(all=True, filters=left)
    assert not client.api.networks(filters=left)


@pytest.fixture
def spec(house: str) -> NotebookSpec:
    return NotebookSpec(
        name=f"nb-{house[:8]}", house=house, notebook_id=int(house[:6], 16), generation=1, image="python:3.11-slim",
        limits=Limits(0.5, 128, 64), command=SERVER, health_path="",
    )  # fmt: skip


def quiet(_step: str, _words: str) -> None:
    pass


def test_a_started_notebook_runs_where_it_says_and_answers(spawner: Spawner, spec: NotebookSpec) -> None:
    steps: list[str] = []
    running = spawner.start(spec, lambda step, _words: steps.append(step))
    assert steps == [Step.NETWORK, Step.CONTAINER, Step.STARTED]
    seen = spawner.poll(spec.name)
    assert seen
    assert (seen.condition, seen.generation, seen.notebook_id, seen.whole) == (
        Condition.RUNNING, 1, spec.notebook_id, True,
    )  # fmt: skip
    assert (seen.engine_id, seen.address) == (running.engine_id, running.address)
    assert any(spawner.wait(spec, seconds=4) for _ in range(10))
    (listed,) = spawner.list()
    assert replace(listed, words=seen.words) == seen  # the engine's words say since when
    used = spawner.measure(spec.name)
    assert used
    assert used.memory_mb > 0


def test_stopping_leaves_nothing_and_may_be_done_twice(spawner: Spawner, spec: NotebookSpec) -> None:
    spawner.start(spec, quiet)
    spawner.stop(spec.name, grace=0)
    spawner.stop(spec.name)
    assert spawner.list() == ()
    assert spawner.poll(spec.name) is None
    assert spawner.read_log(spec.name) == ""
    assert spawner.measure(spec.name) is None
    assert spawner.question(spec.name, "/", port=8888, token="t") is None


def test_a_later_start_takes_the_place_of_an_earlier_one(spawner: Spawner, spec: NotebookSpec) -> None:
    first = spawner.start(spec, quiet)
    second = spawner.start(replace(spec, generation=2), quiet)
    assert second.engine_id != first.engine_id
    assert second.address == first.address  # a notebook keeps its address
    assert [seen.generation for seen in spawner.list()] == [2]


def test_an_image_that_is_not_there_is_refused_and_nothing_is_left(spawner: Spawner, spec: NotebookSpec) -> None:
    with pytest.raises(EngineRefused) as refused:
        spawner.start(replace(spec, image="missing.invalid/image:1"), quiet)
    assert refused.value.cause == Cause.IMAGE_MISSING
    assert spawner.list() == ()


@pytest.mark.parametrize("step", [Step.NETWORK, Step.CONTAINER, Step.STARTED])
def test_a_start_that_is_overtaken_at_any_step_leaves_nothing(spawner: Spawner, spec: NotebookSpec, step: Step) -> None:
    def tell(reached: str, _words: str) -> None:
        if reached == step:
            raise Overtaken

    with pytest.raises(Overtaken):
        spawner.start(spec, tell)
    assert spawner.list() == ()


def test_a_container_that_ends_is_seen_dead_with_its_code(spawner: Spawner, spec: NotebookSpec) -> None:
    dying = ("die",) if isinstance(spawner, MemorySpawner) else ("python3", "-c", "import sys; sys.exit(3)")
    spec = replace(spec, command=dying)
    spawner.start(spec, quiet)
    with pytest.raises(EngineRefused) as refused:
        any(spawner.wait(spec, seconds=1) for _ in range(100))
    assert refused.value.cause == Cause.DIED
    seen = spawner.poll(spec.name)
    assert seen
    assert (seen.condition, seen.exit_code) == (Condition.DEAD, 3)


def test_a_throw_away_container_runs_to_its_end(spawner: Spawner, spec: NotebookSpec) -> None:
    outcome = spawner.run_once(replace(spec, command=("echo", "forty-two")), seconds=30, tell=quiet)
    assert outcome.exit_code == 0
    assert "forty-two" in outcome.log
    assert spawner.list() == ()


# ------------------------------------------------------------------ what only a real engine can do


@pytest.fixture
def engine(client: docker.DockerClient, house: str) -> Iterator[DockerEngine]:
    engine = DockerEngine(client, house, subnets=SUBNETS)
    yield engine
    for seen in engine.list():
        engine.stop(seen.name, grace=0)


@pytest.mark.needs("dockerd")
def test_a_container_is_walled_in_as_ordered(
    engine: DockerEngine, client: docker.DockerClient, spec: NotebookSpec
) -> None:
    running = engine.start(spec, quiet)
    facts = client.api.inspect_container(running.engine_id)
    config = facts["HostConfig"]
    assert config["CapDrop"] == ["ALL"]
    assert not config["CapAdd"]
    assert config["SecurityOpt"] == ["no-new-privileges:true"]
    assert config["ReadonlyRootfs"]
    assert (config["PidsLimit"], config["Memory"], config["MemorySwap"]) == (64, 128 * 2**20, 128 * 2**20)
    assert config["NanoCpus"] == 500_000_000
    assert not config["Privileged"]
    assert not config["PortBindings"]
    assert facts["Config"]["User"] == "1000:1000"
    assert "docker.sock" not in str(facts["Mounts"])
    assert list(facts["NetworkSettings"]["Networks"]) == [f"nb-{engine.house[:8]}-{spec.name}"]
    inside = {line.split(":")[0]: line.split()[1] for line in _status(client, running.engine_id) if ":" in line}
    assert inside["CapEff"] == inside["CapBnd"] == "0" * 16
    assert inside["NoNewPrivs"] == "1"
    assert inside["Uid"] == "1000"


@pytest.mark.needs("dockerd")
def test_a_half_made_network_is_seen_and_cleared_away(engine: DockerEngine, spec: NotebookSpec) -> None:
    engine._network(spec, engine._labels(spec))
    seen = engine.poll(spec.name)
    assert seen
    assert (seen.condition, seen.engine_id) == (Condition.HALF, "")
    running = engine.start(spec, quiet)
    assert running.address
    engine.stop(spec.name, grace=0)
    assert engine.list() == ()


@pytest.mark.needs("dockerd")
def test_a_name_that_a_stranger_has_keeps_no_notebook_from_starting(
    engine: DockerEngine, client: docker.DockerClient, spec: NotebookSpec
) -> None:
    name = f"nb-{engine.house[:8]}-{spec.name}"
    stranger = client.api.create_container("python:3.11-slim", command=["true"], name=name)
    network = client.api.create_network(name)
    try:
        engine.start(spec, quiet)
        assert [seen.condition for seen in engine.list()] == [Condition.RUNNING]
        engine.stop(spec.name, grace=0)
        assert client.api.inspect_container(stranger["Id"])
        assert client.api.inspect_network(network["Id"])
    finally:
        client.api.remove_container(stranger["Id"], v=True, force=True)
        client.api.remove_network(network["Id"])


@pytest.mark.needs("dockerd")
def test_a_paused_one_goes_on_and_can_be_stopped_while_paused(
    engine: DockerEngine, client: docker.DockerClient, spec: NotebookSpec
) -> None:
    running = engine.start(spec, quiet)
    client.api.pause(running.engine_id)
    seen = engine.poll(spec.name)
    assert seen
    assert seen.condition is Condition.PAUSED
    engine.resume(spec.name)
    seen = engine.poll(spec.name)
    assert seen
    assert seen.condition is Condition.RUNNING
    client.api.pause(running.engine_id)
    engine.stop(spec.name, grace=0)
    assert engine.list() == ()


@pytest.mark.needs("dockerd")
def test_two_houses_on_one_engine_do_not_see_each_other(
    engine: DockerEngine, client: docker.DockerClient, spec: NotebookSpec
) -> None:
    engine.start(spec, quiet)
    other = DockerEngine(client, uuid.uuid4().hex, subnets=SUBNETS)
    assert other.list() == ()
    other.stop(spec.name)
    assert len(engine.list()) == 1


@pytest.mark.needs("dockerd")
def test_a_throw_away_container_that_takes_too_long_is_ended(
    engine: DockerEngine, client: docker.DockerClient, spec: NotebookSpec
) -> None:
    outcome = engine.run_once(replace(spec, command=("sleep", "60")), seconds=2, tell=quiet)
    assert outcome.exit_code is None
    assert not client.api.containers(all=True, filters={"label": f"{HOUSE_LABEL}={engine.house}"})


@pytest.mark.needs("dockerd")
def test_an_engine_that_is_not_there_is_told_as_down() -> None:
    from webapp.blueprints.notebooks.gateways.docker_calls import connect
    from webapp.blueprints.notebooks.settings import NotebookSettings

    with pytest.raises(EngineDown):
        connect(NotebookSettings(engine="docker", docker_host="unix:///nowhere/docker.sock"))


def _status(client: docker.DockerClient, container: str) -> list[str]:
    made = client.api.exec_create(container, ["cat", "/proc/1/status"])
    with suppress(UnicodeDecodeError):
        return str(client.api.exec_start(made["Id"]).decode()).splitlines()
    return []
