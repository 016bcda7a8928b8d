"""Notebooks as services of a Docker Swarm, one replica each, for more than one machine.

What differs from plain containers: a service takes no security options (no-new-privileges), which is refused unless the
owner accepts it; kernels and figures are asked only of notebooks on this machine; volumes are those of the machine on which
a notebook runs, so that without a shared storage driver its placement must stay the same.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import docker
from docker.errors import APIError, NotFound
from docker.types import (
    ContainerSpec,
    DNSConfig,
    DriverConfig,
    EndpointSpec,
    Healthcheck,
    Mount,
    Placement,
    Resources,
    RestartPolicy,
    ServiceMode,
    TaskTemplate,
)

from webapp.blueprints.notebooks.gateways.docker_engine import PEOPLE, DockerEngine, Found, Words
from webapp.blueprints.notebooks.gateways.docker_networks import Networks
from webapp.blueprints.notebooks.gateways.docker_seen import GENERATION_LABEL, ID_LABEL, NOTEBOOK_LABEL
from webapp.blueprints.notebooks.gateways.docker_words import said, speaking
from webapp.blueprints.notebooks.ports import (
    Cause,
    Condition,
    EngineDown,
    EngineFacts,
    EngineRefused,
    NotebookSpec,
    Running,
    Seen,
    Step,
    Tell,
)

PREFIX = 27  # an address for each machine beside the notebook's own
PAUSE = 0.1
PLACING = 60.0  # seconds until a machine must have taken it
LEAVING = 30.0  # seconds until its machine must have let go of it
SECOND = 1_000_000_000
CONDITIONS = {
    "running": Condition.RUNNING,
    "complete": Condition.DEAD,
    "failed": Condition.DEAD,
    "rejected": Condition.DEAD,
    "shutdown": Condition.DEAD,
    "orphaned": Condition.DEAD,
}
PROBE = "import sys, urllib.request; urllib.request.urlopen(sys.argv[1], timeout=5).read(1)"


class OverlayNetworks(Networks):
    """Networks over all machines of the swarm, which the door may join."""

    driver = "overlay"
    prefix = PREFIX

    def choices(self, *, internet: bool) -> dict[str, Any]:  # noqa: ARG002 - as the bridge's
        """What the engine must know beside the range."""
        return {"attachable": True}


class SwarmEngine(DockerEngine):
    """`Spawner` of one house on a swarm's manager. `placement`: where notebooks may run, as in node.labels.notebooks==yes.

    `unlimited`: the owner accepts that services lack what only plain containers take.
    """

    def __init__(
        self, client: docker.DockerClient, house: str, *, subnets: str, placement: str = "", unlimited: bool = False
    ) -> None:
        super().__init__(client, house, subnets=subnets)
        self.placement = placement
        self.unlimited = unlimited
        self.overlays = OverlayNetworks(self.api, subnets, bare=False)

    def start(self, spec: NotebookSpec, tell: Tell) -> Running:
        """Make network and service, and return once a machine has its container."""
        if not self.unlimited:
            raise EngineRefused(
                Cause.NOT_SUPPORTED,
                "a service of a swarm takes no security options (no-new-privileges): "
                "NOTEBOOK_SWARM_UNLIMITED=1 accepts notebooks without them",
            )
        labels = self._labels(spec)
        with speaking():
            self._clear(spec.name)
            try:
                tell(Step.NETWORK, "")
                network = self.overlays.make(
                    f"{self._prefix}{spec.name}", spec.notebook_id, labels=labels, internet=spec.internet
                )
                tell(Step.CONTAINER, "")
                self._serve(spec, labels, network.id)
                tell(Step.STARTED, "")
                running = self._placed(spec)
                self.networks.join(network.id, spec.guests)
            except BaseException:
                with suppress(APIError, EngineRefused):  # the reconciler finds what this leaves
                    self._clear(spec.name)
                raise
        return running

    def wait(self, spec: NotebookSpec, *, seconds: float) -> bool:
        """Whether its machine found it healthy within `seconds`."""
        until = time.monotonic() + min(seconds, 4.0)
        while True:
            seen = self.poll(spec.name)
            if seen is None or seen.condition is Condition.DEAD:
                raise EngineRefused(Cause.DIED, seen.words if seen else "the service is gone")
            if seen.condition is Condition.RUNNING:
                return True
            if time.monotonic() > until:
                return False
            time.sleep(PAUSE)

    def read_log(self, name: str, *, lines: int = 200) -> str:
        """The end of what its container printed, on whichever machine."""
        with speaking():
            for service in self._services([*self._mine(), f"{NOTEBOOK_LABEL}={name}"]):
                # a list of pieces, whatever the type hints of the SDK say
                pieces = self.api.service_logs(service["ID"], stdout=True, stderr=True, tail=lines)
                return b"".join(pieces).decode(errors="replace").replace("\x00", "")
        return ""

    def check(self) -> EngineFacts:
        """What the manager says of itself. Raises EngineDown also when it is none."""
        facts = super().check()
        if not facts.swarm:
            raise EngineDown("the engine is no manager of a swarm: `docker swarm init` makes it one")
        lacks = ("no-new-privileges", *facts.lacks)
        return EngineFacts("swarm", facts.version, facts.host, lacks, swarm=True)

    # ---------------------------------------------------------------- pieces
    def _serve(self, spec: NotebookSpec, labels: Mapping[str, str], network: str) -> None:
        self.api.create_service(
            self._task(spec, labels, network),
            name=f"{self._prefix}{spec.name}",
            labels=dict(labels),
            mode=ServiceMode("replicated", replicas=1),
            endpoint_spec=EndpointSpec(mode="dnsrr"),
        )

    def _task(self, spec: NotebookSpec, labels: Mapping[str, str], network: str) -> TaskTemplate:
        address = f"http://127.0.0.1:{spec.port}{spec.base_path}{spec.health_path.lstrip('/')}"
        container = ContainerSpec(
            spec.image,
            args=list(spec.command) or None,
            hostname=spec.name,
            env=dict(spec.environ),
            user=PEOPLE,
            labels=dict(labels),
            mounts=[
                *(
                    Mount(each.path, each.volume, type="bind", read_only=each.read_only)
                    if each.volume.startswith("/")
                    else Mount(each.path, each.volume, type="volume", read_only=each.read_only, no_copy=True)
                    for each in spec.mounts
                ),
                Mount("/tmp", None, type="tmpfs", tmpfs_size=256 * 2**20, tmpfs_mode=0o1777),  # noqa: S108 - its own
            ],
            read_only=True,
            init=True,
            cap_drop=["ALL"],
            dns_config=None if spec.internet else DNSConfig(nameservers=["127.0.0.1"]),
            healthcheck=Healthcheck(
                test=["CMD", "python3", "-I", "-S", "-c", PROBE, address],
                interval=SECOND,
                timeout=6 * SECOND,
                retries=30,
                start_period=120 * SECOND,
            ),
        )  # fmt: skip
        resources = Resources(cpu_limit=int(spec.limits.cpus * SECOND), mem_limit=spec.limits.memory_mb * 2**20)
        resources["Limits"]["Pids"] = spec.limits.pids  # the SDK has no word for it, the engine has
        return TaskTemplate(
            container,
            resources=resources,
            restart_policy=RestartPolicy(condition="none"),
            placement=Placement(constraints=[self.placement]) if self.placement else None,
            networks=[network],
            log_driver=DriverConfig("json-file", options={"max-size": "5m", "max-file": "2"}),
        )

    def _placed(self, spec: NotebookSpec) -> Running:
        """Its container, as soon as a machine has made it. Raises EngineRefused."""
        until = time.monotonic() + PLACING
        while True:
            seen = self.poll(spec.name)
            if seen and seen.condition is Condition.DEAD:
                raise EngineRefused(_cause(seen.words), seen.words)
            if seen and seen.engine_id and seen.address:
                return Running(seen.engine_id, seen.address, spec.port)
            if time.monotonic() > until:
                words = seen.words if seen else "the service is gone"
                raise EngineRefused(Cause.OTHER, f"no machine of the swarm takes it: {words}")
            time.sleep(PAUSE)

    def _clear_labelled(self, label: str, grace: float) -> None:
        mine = [*self._mine(), label]
        for service in self._services(mine):
            with suppress(NotFound):
                self.api.remove_service(service["ID"])
        super()._clear_labelled(label, grace)
        self._wait_until_free(mine)

    def _wait_until_free(self, labels: Words) -> None:
        """Its machine needs a moment to let go of the network; until then the manager lists it."""
        until = time.monotonic() + LEAVING
        while networks := self.api.networks(filters={"label": labels}):
            for network in networks:
                with suppress(APIError):
                    self.networks.remove(network["Id"])
            if time.monotonic() > until:
                raise EngineRefused(Cause.OTHER, f"the swarm does not let go of the network {networks[0]['Name']}")
            time.sleep(PAUSE)

    def _remove(self, container: Mapping[str, Any], grace: float) -> None:
        """The swarm removes its containers by itself; one that is paused it cannot."""
        try:
            super()._remove(container, grace)
        except APIError as refused:
            if "No such container" not in said(refused):
                raise

    def _services(self, labels: Words) -> Found:
        found: Found = self.api.services(filters={"label": labels})
        return found

    def _seen(self, labels: Words) -> tuple[Seen, ...]:
        with speaking():
            services = self._services(labels)
            networks = self.api.networks(filters={"label": labels})
            tasks = self.api.tasks(filters={"service": [each["ID"] for each in services]}) if services else []
        newest: dict[str, dict[str, Any]] = {}
        for task in sorted(tasks, key=lambda each: each["CreatedAt"]):
            newest[task["ServiceID"]] = task
        whole = {network["Id"] for network in networks}
        found = {}
        for service in services:
            seen = _seen_service(service, newest.get(service["ID"]), whole)
            found[seen.name] = seen
        for network in networks:
            if (name := (network.get("Labels") or {}).get(NOTEBOOK_LABEL)) and name not in found:
                found[name] = _seen_service({"Spec": {"Labels": network["Labels"]}}, None, set())
        return tuple(found.values())


def _seen_service(service: Mapping[str, Any], task: Mapping[str, Any] | None, networks: set[str]) -> Seen:
    labels = service["Spec"]["Labels"]
    status = (task or {}).get("Status") or {}
    container = status.get("ContainerStatus") or {}
    attached = [each for each in (task or {}).get("NetworksAttachments") or () if each["Network"]["ID"] in networks]
    state = str(status.get("State", ""))
    return Seen(
        name=labels[NOTEBOOK_LABEL],
        notebook_id=int(labels.get(ID_LABEL) or 0),
        generation=int(labels.get(GENERATION_LABEL) or 0),
        condition=CONDITIONS.get(state, Condition.HALF),
        engine_id=str(container.get("ContainerID") or ""),
        address=attached[0]["Addresses"][0].partition("/")[0] if attached else "",
        exit_code=container.get("ExitCode"),
        words=str(status.get("Err") or status.get("Message") or state or "not placed yet"),
        whole=bool(attached),
    )


def _cause(words: str) -> Cause:
    return Cause.IMAGE_MISSING if "No such image" in words else Cause.OTHER
