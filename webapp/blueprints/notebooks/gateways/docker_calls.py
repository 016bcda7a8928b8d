"""The way to a Docker Engine: its address, its TLS, and a client that waits no longer than it should."""

from __future__ import annotations

from pathlib import Path

import docker

from webapp.blueprints.notebooks.gateways.docker_words import speaking
from webapp.blueprints.notebooks.settings import NotebookSettings

SECONDS = 60  # that one call may take; streams ask for more


def connect(settings: NotebookSettings, *, seconds: float = SECONDS) -> docker.DockerClient:
    """A client of the engine that the settings name. Raises EngineDown when it does not answer."""
    tls = None
    if settings.docker_tls:
        folder = Path(settings.docker_tls)
        tls = docker.TLSConfig(
            client_cert=(str(folder / "cert.pem"), str(folder / "key.pem")), ca_cert=str(folder / "ca.pem"), verify=True
        )
    with speaking():
        return docker.DockerClient(base_url=settings.docker_host or None, tls=tls or False, timeout=seconds)
