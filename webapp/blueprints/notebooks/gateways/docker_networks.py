"""The network of one notebook on a Docker Engine: eight addresses that nobody else has, and no way out."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import docker
from docker.errors import APIError, NotFound
from docker.types import IPAMConfig, IPAMPool

from webapp.blueprints.notebooks.ports import Cause, EngineRefused, Guest

PREFIX = 29  # eight addresses: network, gateway, the notebook, four guests, broadcast
TRIES = 64
BARE_BRIDGE = {"com.docker.network.bridge.inhibit_ipv4": "true"}


@dataclass(frozen=True)
class Network:
    """A network that was made: its id, the address of the notebook in it, and the engine's own side."""

    id: str
    address: str
    gateway: str


class Networks:
    """Makes and removes them, out of one range of addresses that is the notebooks' alone.

    A notebook keeps its addresses from start to start as long as nobody else has them, so that a late request never
    reaches a neighbour. `bare`: the host has no address in them, for whoever must reach a notebook joins its network.
    """

    driver = "bridge"
    prefix = PREFIX

    def __init__(self, api: docker.APIClient, subnets: str, *, bare: bool) -> None:
        self.api = api
        self.pool = ipaddress.IPv4Network(subnets)
        self.bare = bare

    def make(self, name: str, number: int, *, labels: dict[str, str], internet: bool) -> Network:
        """Make it. Raises EngineRefused when no range is free or the name is taken, and what the SDK raises."""
        for subnet in self._preferred(number):
            gateway, address = str(subnet[1]), str(subnet[2])
            pools = IPAMConfig(pool_configs=[IPAMPool(subnet=str(subnet), gateway=gateway)])
            try:
                made = self.api.create_network(
                    name,
                    driver=self.driver,
                    **self.choices(internet=internet),
                    ipam=pools,
                    check_duplicate=True,
                    internal=not internet,
                    labels=labels,
                )
            except APIError as refused:
                if "overlap" in str(refused.explanation).lower():
                    continue
                raise
            return Network(str(made["Id"]), address, gateway)
        raise EngineRefused(Cause.NO_NETWORK, f"no free network of eight addresses in {self.pool}")

    def choices(self, *, internet: bool) -> dict[str, Any]:
        """What the engine must know beside the range."""
        return {"options": BARE_BRIDGE if self.bare and not internet else {}}

    def join(self, network: str, guests: Iterable[Guest]) -> None:
        """Let the guests in; one that is in already stays."""
        for guest in guests:
            try:
                self.api.connect_container_to_network(guest.container, network, aliases=[guest.alias])
            except APIError as refused:
                if "already exists in network" not in str(refused.explanation):
                    raise

    def remove(self, network: str) -> None:
        """Remove it, whoever is still in it; nothing when it is gone."""
        with suppress(NotFound):
            for container in self.inside(network):
                with suppress(NotFound):
                    self.api.disconnect_container_from_network(container, network, force=True)
            self.api.remove_network(network)

    def inside(self, network: str) -> tuple[str, ...]:
        """The ids of the containers in it."""
        facts: dict[str, Any] = self.api.inspect_network(network)
        return tuple(facts.get("Containers") or {})

    def _preferred(self, number: int) -> Iterator[ipaddress.IPv4Network]:
        """The notebook's own range first, then others."""
        count, size = 2 ** (self.prefix - self.pool.prefixlen), 2 ** (32 - self.prefix)
        for attempt in range(min(TRIES, count)):
            place = (number + attempt * 97) % count
            yield ipaddress.IPv4Network((int(self.pool.network_address) + place * size, self.prefix))
