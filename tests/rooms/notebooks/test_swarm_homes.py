"""Homes of notebooks that are services of a swarm: they survive, are saved and put back, and are the people's own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import docker
import pytest

from tests.rooms.notebooks.test_keeping_tasks import read
from tests.rooms.notebooks.test_swarm import client, house, quiet, spec, swarm  # noqa: F401 - fixtures
from tests.waiting import until
from webapp.blueprints.notebooks.gateways.docker_volumes import DockerVolumes
from webapp.blueprints.notebooks.gateways.docker_words import HOUSE_LABEL
from webapp.blueprints.notebooks.gateways.swarm_engine import SwarmEngine
from webapp.blueprints.notebooks.ports import Mount, NotebookSpec

pytestmark = pytest.mark.needs("dockerd")
HOME = "/srv"  # which the image has too, as somebody else's: the home is the people's own all the same
NOTE = """
with open("/srv/starts", "a") as file:
    file.write("begun\\n")
import time
time.sleep(300)
"""


@pytest.fixture
def volumes(client: docker.DockerClient, house: str) -> Iterator[DockerVolumes]:  # noqa: F811
    yield DockerVolumes(client, house, lambda: "python:3.11-slim")
    mine = {"label": f"{HOUSE_LABEL}={house}"}
    until(lambda: not client.api.containers(all=True, filters=mine), 60)  # the tasks of a service go a moment after it
    for volume in client.api.volumes(filters=mine)["Volumes"] or []:
        client.api.remove_volume(volume["Name"])


def test_a_home_outlives_the_service_and_comes_back_from_a_backup(
    swarm: SwarmEngine,  # noqa: F811
    spec: NotebookSpec,  # noqa: F811
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
