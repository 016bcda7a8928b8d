"""The walls around a notebook's container: nothing here may be loosened by a notebook, a project or an image."""

from __future__ import annotations

from typing import Any

import docker
from docker.types import LogConfig, Mount, Ulimit

from webapp.blueprints.notebooks.gateways.docker_networks import Network
from webapp.blueprints.notebooks.ports import NotebookSpec


def walls(api: docker.APIClient, spec: NotebookSpec, network: Network) -> dict[str, Any]:
    """The host's side of the container's configuration."""
    memory = f"{spec.limits.memory_mb}m"
    hosts = {name: network.gateway if address == "gateway" else address for name, address in spec.hosts.items()}
    config: dict[str, Any] = api.create_host_config(
        network_mode=network.id,
        cap_drop=["ALL"],
        security_opt=["no-new-privileges:true"],
        read_only=True,
        tmpfs={"/tmp": "rw,nosuid,nodev,size=256m,mode=1777"},  # noqa: S108 - the container's own
        pids_limit=spec.limits.pids,
        mem_limit=memory,
        memswap_limit=memory,
        nano_cpus=int(spec.limits.cpus * 1_000_000_000),
        shm_size="64m",
        ulimits=[Ulimit(name="core", soft=0, hard=0), Ulimit(name="nofile", soft=8192, hard=8192)],
        init=True,
        ipc_mode="private",
        restart_policy={"Name": "no"},
        log_config=LogConfig(type="json-file", config={"max-size": "5m", "max-file": "2"}),
        mounts=[
            Mount(each.path, each.volume, type="bind", read_only=each.read_only)
            if each.volume.startswith("/")
            else Mount(each.path, each.volume, type="volume", read_only=each.read_only, no_copy=True)
            for each in spec.mounts
        ],
        extra_hosts=hosts,
        # the engine would carry questions for names to the outside even out of an internal network
        dns=None if spec.internet else ["127.0.0.1"],
    )
    return config
