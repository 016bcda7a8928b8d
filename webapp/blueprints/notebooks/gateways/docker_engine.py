"""Notebooks as plain containers of one Docker Engine, each hardened and in a network of its own."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any

import docker
import requests
from docker.errors import APIError, NotFound

from webapp.blueprints.notebooks.gateways import inside
from webapp.blueprints.notebooks.gateways.docker_networks import Network, Networks
from webapp.blueprints.notebooks.gateways.docker_seen import (
    GENERATION_LABEL,
    ID_LABEL,
    NOTEBOOK_LABEL,
    half,
    seen_container,
    seen_network,
)
from webapp.blueprints.notebooks.gateways.docker_volumes import keeps_quotas
from webapp.blueprints.notebooks.gateways.docker_walls import walls
from webapp.blueprints.notebooks.gateways.docker_words import HOUSE_LABEL, said, speaking
from webapp.blueprints.notebooks.gateways.knocking import knock
from webapp.blueprints.notebooks.ports import (
    Answer,
    Cause,
    Condition,
    EngineFacts,
    EngineRefused,
    Guest,
    NotebookSpec,
    Outcome,
    Running,
    Seen,
    Step,
    Tell,
    Used,
)

log = logging.getLogger(__name__)
ONCE_LABEL = "bottega.once"  # a throw-away container: whose run it is
PEOPLE = "1000:1000"
EVENTS = ["die", "destroy", "pause", "unpause", "start", "disconnect"]
Found = list[dict[str, Any]]
Words = list[str]
SLICE = 4.0  # seconds that one look at a starting server lasts at most


class DockerEngine:
    """`Spawner` of one house on a Docker Engine.

    `bare`: nobody reaches notebooks from the host, so that the host needs no address in their networks. `near`: this
    process may be on the engine's own machine, and then asks a starting server by its address.
    """

    def __init__(
        self, client: docker.DockerClient, house: str, *, subnets: str, bare: bool = False, near: bool = False
    ) -> None:
        self.api: docker.APIClient = client.api
        self.house = house
        self.near = near and not bare
        self.networks = Networks(self.api, subnets, bare=bare)
        self._quotas: bool | None = None

    # ---------------------------------------------------------------- the four verbs
    def start(self, spec: NotebookSpec, tell: Tell) -> Running:
        """Make network and container, and return once the container runs."""
        labels = self._labels(spec)
        with speaking():
            self._clear(spec.name)
            try:
                tell(Step.NETWORK, "")
                network = self._network(spec, labels)
                tell(Step.CONTAINER, "")
                container = self._container(spec, labels, network)
                tell(Step.STARTED, "")
                self.api.start(container)
                self.networks.join(network.id, spec.guests)  # not before: one could take the notebook's address
            except BaseException:
                with suppress(APIError):  # the reconciler finds what this leaves
                    self._clear(spec.name)
                raise
        return Running(container, network.address, spec.port)

    def stop(self, name: str, *, grace: float = 10.0) -> None:
        """Remove container and network, whether they run, are half made or gone."""
        with speaking():
            self._clear(name, grace=grace)

    def poll(self, name: str) -> Seen | None:
        """How one notebook stands; None when the engine has nothing of it."""
        return next(iter(self._seen([*self._mine(), f"{NOTEBOOK_LABEL}={name}"])), None)

    def list(self) -> tuple[Seen, ...]:
        """All that the engine has of this house's notebooks, in one look."""
        return self._seen([*self._mine(), NOTEBOOK_LABEL])

    # ---------------------------------------------------------------- a running one
    def wait(self, spec: NotebookSpec, *, seconds: float) -> bool:
        """Whether the server inside answers its health check within `seconds`."""
        path = f"{spec.base_path}{spec.health_path.lstrip('/')}"
        environ = {"ASK_URL": f"http://127.0.0.1:{spec.port}{path}", "ASK_SECONDS": str(min(seconds, SLICE))}
        with speaking():
            seen = self.poll(spec.name) if self.near else None
            if seen is not None and seen.condition is Condition.RUNNING and seen.address:
                heard = knock(seen.address, spec.port, path, seconds=min(seconds, SLICE))
                if heard is not None:
                    return heard
            container = self._container_of(spec.name)
            if container is None:
                raise EngineRefused(Cause.DIED, "the container is gone")
            code, said_inside = self._execute(container["Id"], inside.WAIT, environ)
            if said_inside.strip() == "ready":
                return True
            seen = self.poll(spec.name)
            if seen is None or seen.condition is Condition.DEAD:
                raise EngineRefused(Cause.DIED, seen.words if seen else "the container is gone")
            if code in (126, 127) and "executable file not found" in said_inside:
                raise EngineRefused(Cause.NOT_SUPPORTED, f"the image has no python3: {said_inside.strip()}")
            return False

    def question(self, name: str, path: str, *, port: int, token: str) -> Answer | None:
        """What the server inside answers to a GET; None when nothing answers."""
        with speaking():
            container = self._container_of(name)
            if container is None or container["State"] != "running":
                return None
            environ = {"ASK_URL": f"http://127.0.0.1:{port}{path}", "ASK_TOKEN": token}
            code, words = self._execute(container["Id"], inside.ASK, environ)
        status, _, body = words.partition("\n")
        return Answer(int(status), body) if code == 0 and status.isdigit() else None

    def mend(self, name: str, guests: tuple[Guest, ...]) -> None:
        """Let the guests join its network again that have left it."""
        with speaking():
            for network in self._networks_of(name):
                present = set(self.networks.inside(network["Id"]))
                for guest in guests:
                    with suppress(NotFound):  # it is down itself: it joins when it is back
                        if self.api.inspect_container(guest.container)["Id"] not in present:
                            self.networks.join(network["Id"], [guest])

    def resume(self, name: str) -> None:
        """Let a paused one go on."""
        with speaking():
            container = self._container_of(name)
            if container is not None:
                self.api.unpause(container["Id"])

    def read_log(self, name: str, *, lines: int = 200) -> str:
        """The end of what its container printed."""
        with speaking():
            container = self._container_of(name)
            return self._log(container["Id"], lines) if container else ""

    def measure(self, name: str) -> Used | None:
        """What it uses now; None when it does not run."""
        with speaking():
            container = self._container_of(name)
            if container is None or container["State"] not in ("running", "paused"):
                return None
            try:
                stats: dict[str, Any] = self.api.stats(container["Id"], stream=False, one_shot=True)
            except NotFound:
                return None
        memory = stats.get("memory_stats") or {}
        details = memory.get("stats") or {}
        cache = details.get("inactive_file", details.get("total_inactive_file", 0))
        now = max(memory.get("usage", 0) - cache, 0)
        cpu = (stats.get("cpu_stats") or {}).get("cpu_usage", {}).get("total_usage", 0)
        return Used(cpu / 1e9, now / 2**20, memory.get("max_usage", now) / 2**20)

    # ---------------------------------------------------------------- a throw-away one
    def run_once(self, spec: NotebookSpec, *, seconds: float, tell: Tell) -> Outcome:
        """Run a throw-away container to its end, hardened as a notebook is, and remove it."""
        labels = {**self._mine_map(), ONCE_LABEL: spec.name}
        with speaking():
            self._clear_once(spec.name)
            try:
                tell(Step.NETWORK, "")
                network = self._network(spec, labels)
                tell(Step.CONTAINER, "")
                container = self._container(spec, labels, network)
                tell(Step.STARTED, "")
                self.api.start(container)
                self.networks.join(network.id, spec.guests)  # not before: one could take the notebook's address
                code = self._ended(container, seconds, tell)
                return Outcome(code, self._log(container, 400))
            finally:
                self._clear_once(spec.name)

    def sweep_once(self, is_kept: Callable[[str], bool]) -> tuple[str, ...]:
        """Remove the throw-away containers and networks of runs that are over; their names."""
        with speaking():
            filters = {"label": [*self._mine(), ONCE_LABEL]}
            things: Found = [*self.api.containers(all=True, filters=filters), *self.api.networks(filters=filters)]
            left = sorted({thing["Labels"][ONCE_LABEL] for thing in things})
            gone = tuple(name for name in left if not is_kept(name))
            for name in gone:
                self._clear_once(name)
        return gone

    # ---------------------------------------------------------------- the engine itself
    def changes(self) -> Iterator[str]:
        """The names of notebooks at which something happened, "" for a network of somebody's. Ends when the engine does."""
        filters = {"type": ["container", "network"], "event": EVENTS}
        with speaking():
            for event in self.api.events(decode=True, filters=filters):
                facts = (event.get("Actor") or {}).get("Attributes") or {}
                if facts.get(HOUSE_LABEL) == self.house and NOTEBOOK_LABEL in facts:
                    yield str(facts[NOTEBOOK_LABEL])
                elif event.get("Type") == "network" and str(facts.get("name", "")).startswith(self._prefix):
                    yield ""

    def check(self) -> EngineFacts:
        """What the engine says of itself."""
        with speaking():
            info: dict[str, Any] = self.api.info()
            if self._quotas is None:
                self._quotas = keeps_quotas(self.api, f"{self._prefix}quota-probe")
        lacks = [
            words
            for words, there in (
                ("AppArmor", any("apparmor" in option for option in info.get("SecurityOptions") or ())),
                ("quotas", self._quotas),
            )
            if not there
        ]
        swarm = (info.get("Swarm") or {}).get("LocalNodeState") == "active"
        return EngineFacts("docker", str(info.get("ServerVersion", "")), str(info.get("Name", "")), tuple(lacks), swarm)

    # ---------------------------------------------------------------- pieces
    @property
    def _prefix(self) -> str:
        return f"nb-{self.house[:8]}-"

    def _mine(self) -> Words:
        return [f"{HOUSE_LABEL}={self.house}"]

    def _mine_map(self) -> dict[str, str]:
        return {HOUSE_LABEL: self.house}

    def _labels(self, spec: NotebookSpec) -> dict[str, str]:
        return {
            **self._mine_map(),
            NOTEBOOK_LABEL: spec.name,
            ID_LABEL: str(spec.notebook_id),
            GENERATION_LABEL: str(spec.generation),
        }

    def _network(self, spec: NotebookSpec, labels: dict[str, str]) -> Network:
        name = f"{self._prefix}{spec.name}"
        try:
            return self.networks.make(name, spec.notebook_id, labels=labels, internet=spec.internet)
        except APIError as refused:
            if "already exists" not in said(refused):
                raise
            return self.networks.make(
                _another(name), spec.notebook_id, labels=labels, internet=spec.internet
            )  # a stranger has the name

    def _container(self, spec: NotebookSpec, labels: Mapping[str, str], network: Network) -> str:
        name = f"{self._prefix}{spec.name}"
        try:
            return self._create(name, spec, labels, network)
        except APIError as refused:
            if refused.status_code != 409:
                raise
            return self._create(_another(name), spec, labels, network)

    def _create(self, name: str, spec: NotebookSpec, labels: Mapping[str, str], network: Network) -> str:
        endpoint = self.api.create_endpoint_config(ipv4_address=network.address, aliases=[spec.name])
        made = self.api.create_container(
            spec.image,
            command=list(spec.command) or None,
            name=name,
            hostname=spec.name,
            user=PEOPLE,
            environment=dict(spec.environ),
            labels=dict(labels),
            healthcheck={"test": ["NONE"]},
            host_config=walls(self.api, spec, network),
            networking_config=self.api.create_networking_config({network.id: endpoint}),
        )
        return str(made["Id"])

    def _clear(self, name: str, *, grace: float = 2.0) -> None:
        self._clear_labelled(f"{NOTEBOOK_LABEL}={name}", grace)

    def _clear_once(self, name: str) -> None:
        self._clear_labelled(f"{ONCE_LABEL}={name}", 1)

    def _clear_labelled(self, label: str, grace: float) -> None:
        filters = {"label": [*self._mine(), label]}
        for container in self.api.containers(all=True, filters=filters):
            with suppress(NotFound):
                self._remove(container, grace)
        for network in self.api.networks(filters=filters):
            self.networks.remove(network["Id"])

    def _remove(self, container: Mapping[str, Any], grace: float) -> None:
        if container["State"] == "paused":
            self.api.unpause(container["Id"])
        if container["State"] in ("running", "paused", "restarting"):
            self.api.stop(container["Id"], timeout=round(grace))
        try:
            self.api.remove_container(container["Id"], v=True, force=True)
        except APIError as refused:
            if "already in progress" not in said(refused):
                raise

    def _seen(self, labels: Words) -> tuple[Seen, ...]:
        with speaking():
            containers = self.api.containers(all=True, filters={"label": labels})
            networks = self.api.networks(filters={"label": labels})
        whole = {network["Id"] for network in networks}
        found: dict[str, Seen] = {}
        for container in containers:
            seen = seen_container(container, whole)
            double = seen.name in found
            found[seen.name] = half(seen) if double else seen
        for network in networks:
            found.setdefault(network["Labels"][NOTEBOOK_LABEL], seen_network(network))
        return tuple(found.values())

    def _container_of(self, name: str) -> dict[str, Any] | None:
        filters = {"label": [*self._mine(), f"{NOTEBOOK_LABEL}={name}"]}
        found: Found = self.api.containers(all=True, filters=filters)
        return found[0] if found else None

    def _networks_of(self, name: str) -> Found:
        found: Found = self.api.networks(filters={"label": [*self._mine(), f"{NOTEBOOK_LABEL}={name}"]})
        return found

    def _execute(self, container: str, program: str, environ: Mapping[str, str]) -> tuple[int | None, str]:
        """Run one of the programs of `inside`; its exit code and what it printed. (None, "") when the container went."""
        try:
            made = self.api.exec_create(
                container, inside.command(program), environment=dict(environ), user=PEOPLE, stderr=False
            )
            words = self.api.exec_start(made["Id"])
            return self.api.exec_inspect(made["Id"])["ExitCode"], words.decode(errors="replace")
        except APIError as refused:
            if refused.status_code in (404, 409):  # gone, not running, paused
                return None, ""
            raise

    def _ended(self, container: str, seconds: float, tell: Tell) -> int | None:
        """The exit code, None when its time was over; `tell` is asked now and then whether it shall go on."""
        left = seconds
        while left > 0:
            pause = min(left, 2.0)
            try:
                return int(self.api.wait(container, timeout=pause)["StatusCode"])
            except NotFound as gone:
                raise EngineRefused(Cause.DIED, said(gone)) from gone
            except (requests.exceptions.ReadTimeout, requests.exceptions.ConnectionError):
                left -= pause
                self.api.ping()
                tell(Step.STARTED, "")
        return None

    def _log(self, container: str, lines: int) -> str:
        try:
            return str(self.api.logs(container, tail=lines).decode(errors="replace").replace("\x00", ""))
        except NotFound:
            return ""


def _another(name: str) -> str:
    return f"{name}.{secrets.token_hex(3)}"
