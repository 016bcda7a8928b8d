"""The keeper is killed at any moment: within a minute nothing is left over, nothing lacks and no row lies."""

from __future__ import annotations

import datetime as dt
import random
import subprocess
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import docker
import pytest
from flask import Flask
from sqlalchemy import select

from tests.deployment.engine import alone, base_images, restart_engine, running_engine
from tests.rooms.notebooks.keepers import Cable, RunningKeeper, build_image, clear_house, disagreements
from tests.rooms.notebooks.makers import make_image, make_notebook
from tests.waiting import let_pass, until
from webapp.blueprints.notebooks.gateways.docker_seen import NOTEBOOK_LABEL
from webapp.blueprints.notebooks.gateways.docker_words import HOUSE_LABEL
from webapp.blueprints.notebooks.models import Engine, Notebook, State, Wanted
from webapp.blueprints.notebooks.services.progress import house_of
from webapp.blueprints.notebooks.services.wishes import restart_notebook, start_notebook, stop_notebook
from webapp.blueprints.notebooks.settings import EXTENSION, NotebookSettings
from webapp.core.db import db, transaction
from webapp.core.security import SYSTEM

pytestmark = pytest.mark.needs("dockerd")
KILLS = 30
WITHIN = 60.0  # seconds
BEGINS = 180.0  # until a keeper is at work
NOTEBOOKS = 3


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[docker.DockerClient]:
    with running_engine():
        base_images()
        client = docker.from_env()
        build_image(client, tmp_path_factory.mktemp("image"))
        yield client
        client.close()


@pytest.fixture
def cable() -> Iterator[Cable]:
    """The keeper's line to the engine; a path that is short enough for a socket."""
    with tempfile.TemporaryDirectory(prefix="nb-") as folder:
        cable = Cable(Path(folder) / "docker.sock")
        cable.plug()
        yield cable
        cable.close()


@pytest.fixture
def keeper(fresh_app: Flask, client: docker.DockerClient, tmp_path: Path, cable: Cable) -> Iterator[RunningKeeper]:
    """A keeper on databases of its own, with three stopped notebooks."""
    fresh_app.extensions[EXTENSION] = NotebookSettings(engine="docker", per_person=100, per_group=100)
    with transaction() as session:
        image = make_image(session, reference="bottega-notebook:test", pull_policy="never")
        for number in range(NOTEBOOKS):
            make_notebook(session, image=image, slug=f"kept-{number}", memory_mb=128, pids=32)
    keeper = RunningKeeper(fresh_app, tmp_path, NOTEBOOK_DOCKER_HOST=cable.address)
    keeper.start()
    try:
        until(has_looked, BEGINS, lambda: keeper.log.read_text()[-3000:])
        yield keeper
    finally:
        keeper.stop()
        clear_house(fresh_app, client)


def has_looked() -> bool:
    """Whether the keeper is at work."""
    db.session.remove()
    return bool(db.session.scalars(select(Engine.answers)).one())


def last_round() -> dt.datetime | None:
    """When the keeper had compared everything for the last time."""
    db.session.remove()
    return db.session.scalars(select(Engine.round_at)).one()


def wish(slug: str, verb: str) -> None:
    with transaction() as session:
        {"start": start_notebook, "stop": stop_notebook, "restart": restart_notebook}[verb](
            session, by=SYSTEM, slug=slug
        )
    db.session.remove()


def state_of(slug: str) -> str:
    db.session.remove()
    return str(db.session.scalars(select(Notebook.state).where(Notebook.slug == slug)).one())


def containers(client: docker.DockerClient) -> list[str]:
    with transaction() as session:
        house = str(house_of(session))
    mine = {"label": [f"{HOUSE_LABEL}={house}", NOTEBOOK_LABEL]}
    return [each["Id"] for each in client.api.containers(all=True, filters=mine)]


def test_killed_thirty_times_at_random_points_it_leaves_nothing_behind(
    fresh_app: Flask, client: docker.DockerClient, keeper: RunningKeeper
) -> None:
    chance = random.Random()
    seed = chance.getrandbits(32)
    chance.seed(seed)

    def agreed() -> bool:
        keeper.start()
        return not disagreements(fresh_app, client)

    def said(number: int) -> str:
        return f"seed {seed}, kill {number}: {disagreements(fresh_app, client)}\n{keeper.log.read_text()[-3000:]}"

    for number in range(KILLS):
        for slug in (f"kept-{each}" for each in range(NOTEBOOKS)):
            wish(slug, chance.choice(("start", "start", "restart", "stop")))
        let_pass(chance.uniform(0, 1.5))
        everybody = keeper.everybody()
        victim = chance.choice(everybody)
        keeper.kill(victim)
        keeper.start()
        until(agreed, WITHIN, partial(said, number))


def test_an_engine_that_is_restarted_gets_its_notebooks_back(
    fresh_app: Flask, client: docker.DockerClient, keeper: RunningKeeper
) -> None:
    wish("kept-0", "start")
    until(lambda: state_of("kept-0") == State.RUNNING, WITHIN)
    (before,) = containers(client)
    with alone():
        restart_engine()
    until(
        lambda: not disagreements(fresh_app, client) and containers(client) != [before],
        WITHIN,
        lambda: f"{disagreements(fresh_app, client)}\n{keeper.log.read_text()[-3000:]}",
    )


def test_what_happens_to_containers_without_the_keeper_is_put_right(
    fresh_app: Flask, client: docker.DockerClient, keeper: RunningKeeper
) -> None:
    wish("kept-0", "start")
    until(lambda: state_of("kept-0") == State.RUNNING, WITHIN)

    def right() -> bool:
        return not disagreements(fresh_app, client)

    for harm in ("kill", "rm -f", "pause", "stop -t 0"):
        (container,) = containers(client)
        subprocess.run(["docker", *harm.split(), container], check=True, capture_output=True)
        until(lambda: not right() or state_of("kept-0") != State.RUNNING, 5, lambda: "nothing happened")
        until(right, WITHIN, lambda: disagreements(fresh_app, client))
        with transaction() as session:  # as after a quiet while: it does not count as one that dies again and again
            session.scalars(select(Notebook).where(Notebook.slug == "kept-0")).one().failures = 0
    (network,) = client.api.networks(filters={"label": [NOTEBOOK_LABEL + "=kept-0"]})
    (container,) = containers(client)
    client.api.disconnect_container_from_network(container, network["Id"], force=True)
    until(lambda: not right(), 5)
    until(right, WITHIN, lambda: disagreements(fresh_app, client))
    assert db.session.scalars(select(Notebook.wanted).where(Notebook.slug == "kept-0")).one() == Wanted.RUNNING


def test_containers_run_on_while_the_keeper_is_away_and_it_knows_them_again(
    fresh_app: Flask, client: docker.DockerClient, keeper: RunningKeeper
) -> None:
    wish("kept-1", "start")
    until(lambda: state_of("kept-1") == State.RUNNING, WITHIN, lambda: keeper.log.read_text()[-3000:])
    before = containers(client)
    keeper.stop()
    assert containers(client) == before
    looked = last_round()
    keeper.start()
    # three processes that read all of the suite: on a busy machine that alone takes as long as a start may
    until(lambda: last_round() != looked, BEGINS, lambda: keeper.log.read_text()[-3000:])
    wish("kept-2", "start")
    until(lambda: state_of("kept-2") == State.RUNNING, WITHIN, lambda: keeper.log.read_text()[-3000:])
    assert set(before) < set(containers(client))
    assert disagreements(fresh_app, client) == []


def test_an_engine_that_stops_with_all_its_containers_is_followed_when_it_is_back(
    fresh_app: Flask, client: docker.DockerClient, keeper: RunningKeeper, cable: Cable
) -> None:
    wish("kept-0", "start")
    wish("kept-1", "start")
    until(lambda: {state_of("kept-0"), state_of("kept-1")} == {State.RUNNING}, WITHIN)
    cable.cut()
    for container in containers(client):
        client.api.kill(container)  # as a restart of Docker leaves them
    wish("kept-1", "stop")
    wish("kept-2", "start")
    until(lambda: not has_looked(), WITHIN)
    assert state_of("kept-2") in (State.QUEUED, State.STARTING)
    cable.plug()
    until(lambda: not disagreements(fresh_app, client), WITHIN, lambda: disagreements(fresh_app, client))
    assert [state_of(f"kept-{number}") for number in range(3)] == [State.RUNNING, State.STOPPED, State.RUNNING]
