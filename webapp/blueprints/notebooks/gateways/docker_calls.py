"""The way to a Docker Engine: its address, its TLS, and a client that waits no longer than it should."""

from __future__ import annotations

import socket
from pathlib import Path

import docker

from webapp.blueprints.notebooks.gateways.docker_words import speaking
from webapp.blueprints.notebooks.ports import EngineDown
from webapp.blueprints.notebooks.settings import NotebookSettings

SECONDS = 60  # that one call may take; streams ask for more


def connect(settings: NotebookSettings, *, seconds: float = SECONDS) -> docker.DockerClient:
    """A client of the engine that the settings name. Raises EngineDown when it does not answer."""
    _knock(settings.docker_host or "unix:///var/run/docker.sock")
    tls = None
    if settings.docker_tls:
        folder = Path(settings.docker_tls)
        tls = docker.TLSConfig(
            client_cert=(str(folder / "cert.pem"), str(folder / "key.pem")), ca_cert=str(folder / "ca.pem"), verify=True
        )
    with speaking():
        return docker.DockerClient(base_url=settings.docker_host or None, tls=tls or False, timeout=seconds)


def _knock(address: str) -> None:
    """Raise EngineDown when nobody listens at a socket: the SDK would leave its own open behind it."""
    scheme, _, path = address.partition("://")
    if scheme != "unix":
        return
    with socket.socket(socket.AF_UNIX) as knocking:
        try:
            knocking.connect(path)
        except OSError as error:
            raise EngineDown(f"{path}: {error.strerror or error}") from error
