"""The images of a Docker Engine: looked up, fetched and built."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import docker
from docker.errors import ImageNotFound
from docker.utils import parse_repository_tag
from flask_babel import gettext

from webapp.blueprints.notebooks.gateways.docker_words import cause_of, speaking
from webapp.blueprints.notebooks.ports import EngineRefused

LOADED = ("Download complete", "Pull complete", "Already exists", "Verifying Checksum", "Extracting")
ESCAPES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
LONG = 3600  # a layer can take its time; the engine says something in between, but not always


class DockerImages:
    """`Images` of a Docker Engine."""

    def __init__(self, client: docker.DockerClient) -> None:
        self.client = client

    def has(self, reference: str) -> bool:
        """Whether it could start from it now."""
        with speaking():
            try:
                self.client.api.inspect_image(reference)
            except ImageNotFound:
                return False
        return True

    def pull(self, reference: str, tell: Callable[[int, int | None, str], None]) -> None:
        """Fetch it; `tell` hears bytes done, bytes in all as far as known by then, and a sentence."""
        repository, tag = parse_repository_tag(reference)
        layers: dict[str, tuple[int, int]] = {}
        ready: set[str] = set()
        with speaking():
            for line in _heard(self.client.api.pull(repository, tag=tag or "latest", stream=True, decode=True)):
                layer, status = str(line.get("id", "")), str(line.get("status", ""))
                if not layer or layer == (tag or "latest"):
                    continue
                detail = line.get("progressDetail") or {}
                if status == "Downloading" and detail.get("total"):
                    layers[layer] = int(detail["current"]), int(detail["total"])
                elif status in LOADED:
                    ready.add(layer)
                    size = layers.get(layer, (0, 0))[1]
                    layers[layer] = size, size
                else:
                    layers.setdefault(layer, (0, 0))
                done, total = (sum(each) for each in zip(*layers.values(), strict=True))
                words = gettext("%(ready)s of %(all)s layers fetched", ready=len(ready), all=len(layers))
                tell(done, total or None, str(words))

    def build(
        self, folder: str, dockerfile: str, reference: str, arguments: Mapping[str, str], tell: Callable[[str], None]
    ) -> None:
        """Build it from a folder; `dockerfile` lies in it. `tell` hears each line."""
        with speaking():
            for line in _heard(self._built(folder, dockerfile, reference, arguments)):
                for words in ESCAPES.sub("", str(line.get("stream", ""))).splitlines():
                    if words.strip():
                        tell(words.rstrip())

    def _built(
        self, folder: str, dockerfile: str, reference: str, arguments: Mapping[str, str]
    ) -> Iterable[dict[str, Any]]:
        lines: Iterable[dict[str, Any]] = self.client.api.build(
            path=folder,
            dockerfile=dockerfile,
            tag=reference,
            buildargs=dict(arguments),
            rm=True,
            forcerm=True,
            decode=True,
            timeout=LONG,
        )
        return lines


def _heard(lines: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """The lines up to one that tells of a failure, which is raised at the end: the answer itself is always 200."""
    failure = ""
    for line in lines:
        failure = failure or str(line.get("error", ""))
        if not failure:
            yield line
    if failure:
        raise EngineRefused(cause_of(failure), failure)
