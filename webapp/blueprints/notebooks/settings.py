"""The settings of the notebooks room: which engine, where, and the limits of the house."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from flask import Flask, current_app

from webapp.core.settings import SettingsError

ENGINES = ("", "docker", "swarm")
EXTENSION = "notebook_settings"
SOCKET = Path("/var/run/docker.sock")
KEEPERS_QUEUE = "docker"


@dataclass(frozen=True)
class NotebookSettings:
    """What differs between installations.

    `engine`: docker, swarm, or "" for none. `docker_host` and `docker_tls` (a folder with ca.pem, cert.pem and key.pem)
    say where it is, "" for the socket of this machine. `subnets` is cut into one network of eight addresses for each
    notebook. `proxy` is the container of nginx, which joins each of them; "" where nginx runs on the host itself.
    `domain`, as in nb.client.it: each notebook has a name of its own below it; "" for a path. `door` is where
    `bottega door` listens for nginx. `gold_folder` is where the relay to GOLD listens ("": in the instance), `gold_volume` the
    engine's name of it where that is a volume; `gold_address`, as host:port, leads notebooks straight to GOLD's server
    instead. `gold_seconds` is the time limit of a statement there.
    """

    engine: str = ""
    docker_host: str = ""
    docker_tls: str = ""
    subnets: str = "10.213.0.0/16"
    proxy: str = ""
    domain: str = ""
    door: str = "127.0.0.1:8010"
    per_person: int = 3
    per_group: int = 10
    idle_minutes: int = 60
    hours: int = 24
    start_seconds: int = 120
    most_cpus: int = 4
    most_memory_mb: int = 8192
    most_disk_mb: int = 20480
    base_image: str = ""
    gold_folder: str = ""
    gold_volume: str = ""
    gold_address: str = ""
    gold_seconds: int = 60
    swarm_placement: str = ""
    swarm_unlimited: bool = False

    @classmethod
    def from_environment(cls, environ: Mapping[str, str], *, production: bool) -> NotebookSettings:
        """Read and validate `environ`. Raises SettingsError naming every variable that is wrong.

        On a developer's machine with a Docker Engine, that one is taken without being named.
        """
        problems: list[str] = []

        def number(name: str, default: int, least: int, most: int) -> int:
            text = environ.get(name) or str(default)
            if text.isascii() and text.isdigit() and least <= int(text) <= most:
                return int(text)
            problems.append(f"{name} is {text!r}; it must be a whole number from {least} to {most}")
            return default

        host = environ.get("NOTEBOOK_DOCKER_HOST") or environ.get("DOCKER_HOST") or ""
        found = "docker" if not production and (host or SOCKET.exists()) else ""
        engine = environ.get("NOTEBOOK_ENGINE", found)
        if engine not in ENGINES:
            problems.append(f"NOTEBOOK_ENGINE is {engine!r}; it must be docker, swarm or empty")
        subnets = environ.get("NOTEBOOK_SUBNETS") or cls.subnets
        try:
            if ipaddress.IPv4Network(subnets).prefixlen > 24:
                problems.append(f"NOTEBOOK_SUBNETS is {subnets!r}: too small; give it a /24 or larger")
        except ValueError:
            problems.append(f"NOTEBOOK_SUBNETS is {subnets!r}; it must be a private network, as in {cls.subnets}")
        door = environ.get("NOTEBOOK_DOOR") or cls.door
        door_host, _, door_port = door.rpartition(":")
        if not door_host or not (door_port.isascii() and door_port.isdigit() and 0 < int(door_port) < 65536):
            problems.append(f"NOTEBOOK_DOOR is {door!r}; write address and port, as in {cls.door}")
        tls = environ.get("NOTEBOOK_DOCKER_TLS") or (
            environ.get("DOCKER_CERT_PATH", "") if environ.get("DOCKER_TLS_VERIFY") else ""
        )
        gold = environ.get("NOTEBOOK_GOLD_ADDRESS") or ""
        if gold and not (gold.rpartition(":")[0] and gold.rpartition(":")[2].isdecimal()):
            problems.append(f"NOTEBOOK_GOLD_ADDRESS is {gold!r}; write host and port, as in gold.client.it:5432")
        settings = cls(
            engine=engine,
            docker_host=host,
            docker_tls=tls,
            subnets=subnets,
            proxy=environ.get("NOTEBOOK_PROXY") or "",
            domain=(environ.get("NOTEBOOK_DOMAIN") or "").removeprefix("*.").strip("."),
            door=door,
            per_person=number("NOTEBOOK_PER_PERSON", 3, 1, 1000),
            per_group=number("NOTEBOOK_PER_GROUP", 10, 1, 10_000),
            idle_minutes=number("NOTEBOOK_IDLE_MINUTES", 60, 1, 100_000),
            hours=number("NOTEBOOK_HOURS", 24, 1, 8760),
            start_seconds=number("NOTEBOOK_START_SECONDS", 120, 5, 3600),
            most_cpus=number("NOTEBOOK_MOST_CPUS", 4, 1, 1024),
            most_memory_mb=number("NOTEBOOK_MOST_MEMORY_MB", 8192, 64, 16_777_216),
            most_disk_mb=number("NOTEBOOK_MOST_DISK_MB", 20480, 16, 1_073_741_824),
            base_image=environ.get("NOTEBOOK_BASE_IMAGE") or "",
            gold_folder=environ.get("NOTEBOOK_GOLD_FOLDER") or "",
            gold_volume=environ.get("NOTEBOOK_GOLD_VOLUME") or "",
            gold_address=gold,
            gold_seconds=number("NOTEBOOK_GOLD_SECONDS", 60, 1, 86_400),
            swarm_placement=environ.get("NOTEBOOK_SWARM_PLACEMENT") or "",
            swarm_unlimited=bool(number("NOTEBOOK_SWARM_UNLIMITED", 0, 0, 1)),
        )
        if problems:
            raise SettingsError("Bottega cannot start:\n" + "\n".join(f"  - {problem}" for problem in problems))
        return settings


def notebook_settings() -> NotebookSettings:
    """Those of the current application."""
    settings: NotebookSettings = current_app.extensions[EXTENSION]
    return settings


def keep_settings(app: Flask, environ: Mapping[str, str]) -> None:
    """Give the application the settings that its environment describes. Raises SettingsError."""
    production = app.extensions["settings"].environment == "production"
    app.extensions[EXTENSION] = NotebookSettings.from_environment(environ, production=production)


def wanted_beside(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The commands that run beside the web server of a bare machine: none where no engine is. Raises SettingsError."""
    production = environ.get("BOTTEGA_ENV") == "production"
    return ("keeper", "door") if NotebookSettings.from_environment(environ, production=production).engine else ()
