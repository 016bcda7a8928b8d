"""What the keeper works with: the engine of this installation behind its ports, opened anew after it went away."""

from __future__ import annotations

from dataclasses import dataclass, field

import docker
from flask import Flask

from webapp.blueprints.notebooks.gateways.docker_calls import connect
from webapp.blueprints.notebooks.gateways.docker_engine import DockerEngine
from webapp.blueprints.notebooks.gateways.docker_images import DockerImages
from webapp.blueprints.notebooks.gateways.docker_volumes import DockerVolumes
from webapp.blueprints.notebooks.gateways.gold_door import PostgresGoldDoor
from webapp.blueprints.notebooks.gateways.swarm_engine import SwarmEngine
from webapp.blueprints.notebooks.ports import EngineDown, GoldAccess, GoldDoor, Guest, Images, Spawner, Volumes
from webapp.blueprints.notebooks.queries.images import tool_image
from webapp.blueprints.notebooks.services.progress import house_of
from webapp.blueprints.notebooks.settings import EXTENSION, NotebookSettings
from webapp.core.db import transaction


class ClosedGold:
    """A `GoldDoor` that lets nobody in."""

    def open_gold(self, notebook_id: int, generation: int) -> GoldAccess:  # noqa: ARG002 - as the port says
        """Nothing."""
        return GoldAccess()

    def close_gold(self, notebook_id: int, generation: int | None = None) -> None:
        """Nothing."""

    def close_all_but(self, notebook_ids: frozenset[int]) -> tuple[int, ...]:  # noqa: ARG002 - as the port says
        """Nothing."""
        return ()


HANDS = "notebook_hands"  # in the application's extensions: what opens other hands than the settings name


@dataclass
class Hands:
    """An engine, its images and volumes, the way to GOLD, and the containers that join each notebook's network."""

    spawner: Spawner
    images: Images
    volumes: Volumes
    gold: GoldDoor = field(default_factory=ClosedGold)
    guests: tuple[Guest, ...] = ()
    ports: tuple[int, ...] = ()  # of this machine, that notebooks may reach


def _tool_image() -> str | None:
    with transaction() as session:
        return tool_image(session)


def open_hands(app: Flask) -> Hands:
    """Those that the settings name; the application is in its context. Raises EngineDown."""
    settings: NotebookSettings = app.extensions[EXTENSION]
    if not settings.engine:
        raise EngineDown("NOTEBOOK_ENGINE is empty: this installation has no engine for notebooks")
    with transaction() as session:
        house = str(house_of(session))
    client = connect(settings)
    guests = tuple(Guest(name, "front") for name in settings.proxy.split(",") if name)
    return Hands(
        _spawner(client, house, settings, bare=bool(guests)),
        DockerImages(client),
        DockerVolumes(client, house, tool_image=_tool_image),
        gold=PostgresGoldDoor(app),
        guests=guests,
    )


def _spawner(client: docker.DockerClient, house: str, settings: NotebookSettings, *, bare: bool) -> DockerEngine:
    if settings.engine == "swarm":
        return SwarmEngine(
            client,
            house,
            subnets=settings.subnets,
            placement=settings.swarm_placement,
            unlimited=settings.swarm_unlimited,
        )
    near = not settings.docker_host or settings.docker_host.startswith("unix:")
    return DockerEngine(client, house, subnets=settings.subnets, bare=bare, near=near)
