"""Homes and shared data as volumes of a Docker Engine. Nothing of a volume's content is ever run here."""

from __future__ import annotations

import datetime as dt
import io
import logging
import tarfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import docker
from docker.errors import APIError, ImageNotFound, NotFound

from webapp.blueprints.notebooks.gateways.docker_words import HOUSE_LABEL, speaking
from webapp.blueprints.notebooks.ports import Cause, EngineRefused, StoredVolume

log = logging.getLogger(__name__)
STORE_LABEL = "bottega.store"  # a container through which a volume is read or written; gone as soon as that is done
EMPTY = "bottega-empty:1"  # an image without a file: such a container is never started
PLACE = "/content"
PEOPLE = 1000  # who works in a notebook, by number
CHUNK = 1 << 20
MEASURE_SECONDS = 600
Words = list[str]  # the class has a `list` of its own


class DockerVolumes:
    """`Volumes` of one house on a Docker Engine.

    `tool_image` names an image of the engine that has `du`; without one the engine is asked for the sizes of all volumes.
    """

    def __init__(self, client: docker.DockerClient, house: str, tool_image: Callable[[], str | None]) -> None:
        self.client = client
        self.house = house
        self.tool_image = tool_image

    def make(self, name: str, *, labels: Mapping[str, str], quota_mb: int | None = None) -> bool:
        """Make it unless it is there, for the people of a notebook to write in; whether the quota is a real one."""
        with speaking():
            known = self._find(name)
            if known is not None:
                return "size" in (known.get("Options") or {})
            real = self._create(name, {**labels, HOUSE_LABEL: self.house}, quota_mb)
            self._own(name)
            return real

    def list(self) -> tuple[StoredVolume, ...]:
        """Those of this house."""
        with speaking():
            mine = {"label": [f"{HOUSE_LABEL}={self.house}"]}
            found = self.client.api.volumes(filters=mine).get("Volumes") or []
            used = {
                mount["Name"]
                for container in self.client.api.containers(all=True, filters=mine)
                for mount in container.get("Mounts", ())
                if mount.get("Type") == "volume"
            }
        return tuple(
            StoredVolume(each["Name"], _moment(each.get("CreatedAt")), None, each["Name"] in used) for each in found
        )

    def measure(self, name: str) -> int:
        """The bytes that it takes on the disk."""
        with speaking():
            self.client.api.inspect_volume(name)
            image = self.tool_image()
            if image is not None:
                with suppress(ImageNotFound):
                    return self._count(name, image)
            volumes = self.client.api.df()["Volumes"] or []
            return next(int(each["UsageData"]["Size"]) for each in volumes if each["Name"] == name)

    def save(self, name: str) -> Iterator[bytes]:
        """Its content as a tar stream."""
        with speaking():
            self.client.api.inspect_volume(name)
            with self._opened(name) as container:
                chunks, _facts = self.client.api.get_archive(container, PLACE, chunk_size=CHUNK)
                yield from chunks

    def load(self, name: str, chunks: Iterator[bytes]) -> None:
        """Put a tar stream's content in place of its own: the volume is made anew, with its labels and quota."""
        with speaking():
            known = self.client.api.inspect_volume(name)
            self.client.api.remove_volume(name)
            self.client.api.create_volume(name, driver_opts=known.get("Options"), labels=known.get("Labels"))
            with self._opened(name) as container:
                # into the folder above, so that the owner and mode of the content's own folder are taken over
                self.client.api.put_archive(container, "/", chunks)

    def add(self, name: str, file: str, size: int, chunks: Iterator[bytes]) -> None:
        """Put one file of so many bytes in, for everybody to read, also while it is in use."""
        with speaking():
            self.client.api.inspect_volume(name)
            with self._opened(name) as container:
                self.client.api.put_archive(container, "/", _packed(f"{PLACE.lstrip('/')}/{file}", size, chunks))

    def take_out(self, name: str, file: str) -> None:
        """Remove one file that `add` put in; nothing when it is gone."""
        with speaking():
            self.client.api.inspect_volume(name)
            image = self.tool_image()
            if image is None:
                raise EngineRefused(Cause.NOT_SUPPORTED, "no image on the list is there to remove a file with")
            self._run(name, image, ["rm", "-f", "--", f"{PLACE}/{file}"], write=True)

    def remove(self, name: str) -> None:
        """Remove it; nothing when it is gone."""
        with speaking(), suppress(NotFound):
            self.client.api.remove_volume(name)

    def sweep(self, *, older: float) -> int:
        """Remove what reading or writing left behind when it was killed; how many there were."""
        mine = {"label": [f"{HOUSE_LABEL}={self.house}", STORE_LABEL]}
        with speaking():
            there = self.client.api.containers(all=True, filters=mine)
            left = [container for container in there if container["Created"] <= time.time() - older]
            for container in left:
                with suppress(NotFound):
                    self.client.api.remove_container(container["Id"], v=True, force=True)
        return len(left)

    def _find(self, name: str) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = self.client.api.inspect_volume(name)
        except NotFound:
            return None
        return found

    def _create(self, name: str, labels: Mapping[str, str], quota_mb: int | None) -> bool:
        if quota_mb is not None:
            try:
                self.client.api.create_volume(name, driver_opts={"size": f"{quota_mb}m"}, labels=dict(labels))
            except APIError as refused:
                if "quota" not in str(refused.explanation):
                    raise
                log.debug("the engine has no quotas for volumes: %s", refused.explanation)
            else:
                return True
        self.client.api.create_volume(name, labels=dict(labels))
        return False

    def _own(self, name: str) -> None:
        """Give a new volume to the people of the notebook, whatever the image has at that place."""
        with io.BytesIO() as packed:
            with tarfile.open(fileobj=packed, mode="w") as archive:
                folder = tarfile.TarInfo(PLACE.lstrip("/"))
                folder.type, folder.mode, folder.uid, folder.gid = tarfile.DIRTYPE, 0o700, PEOPLE, PEOPLE
                archive.addfile(folder)
            with self._opened(name) as container:
                self.client.api.put_archive(container, "/", packed.getvalue())

    @contextmanager
    def _opened(self, name: str) -> Iterator[str]:
        """A container that has the volume at PLACE and is never started: the engine itself reads and writes there."""
        self._provide_empty()
        mounts = [docker.types.Mount(PLACE, name, type="volume", no_copy=True)]
        made = self.client.api.create_container(
            EMPTY,
            command=["never started"],
            labels={HOUSE_LABEL: self.house, STORE_LABEL: name},
            host_config=self.client.api.create_host_config(mounts=mounts, network_mode="none"),
        )
        try:
            yield made["Id"]
        finally:
            with suppress(NotFound):
                self.client.api.remove_container(made["Id"], v=True, force=True)

    def _provide_empty(self) -> None:
        try:
            self.client.api.inspect_image(EMPTY)
        except ImageNotFound:
            with io.BytesIO() as packed:
                tarfile.open(fileobj=packed, mode="w").close()
                repository, _colon, tag = EMPTY.partition(":")
                self.client.api.import_image_from_data(packed.getvalue(), repository=repository, tag=tag)

    def _count(self, name: str, image: str) -> int:
        """What `du` says, as root that may do nothing but read, so that nobody hides a folder by its mode."""
        return int(self._run(name, image, ["du", "-sxB1", PLACE]).split()[0])

    def _run(self, name: str, image: str, command: Words, *, write: bool = False) -> str:
        """What a tool of the image prints about the volume, without network and another disk.

        It reads as root that may read all and nothing else; it writes as the people of notebooks.
        """
        api = self.client.api
        made = api.create_container(
            image,
            entrypoint=command,
            command=[],
            user=f"{PEOPLE}:{PEOPLE}" if write else "0:0",
            healthcheck={"test": ["NONE"]},
            labels={HOUSE_LABEL: self.house, STORE_LABEL: name},
            host_config=api.create_host_config(
                mounts=[docker.types.Mount(PLACE, name, type="volume", read_only=not write, no_copy=True)],
                network_mode="none",
                cap_drop=["ALL"],
                cap_add=[] if write else ["DAC_READ_SEARCH"],
                security_opt=["no-new-privileges"],
                read_only=True,
                mem_limit="256m",
                pids_limit=32,
            ),
        )
        try:
            api.start(made["Id"])
            code = api.wait(made["Id"], timeout=MEASURE_SECONDS)["StatusCode"]
            said_out = str(api.logs(made["Id"], stdout=True, stderr=False).decode(errors="replace"))
            # a file that went while du looked makes it end with 1, and what it found is still right
            if code != 0 and not said_out:
                words = api.logs(made["Id"]).decode(errors="replace")[-300:]
                raise EngineRefused(Cause.OTHER, f"{command[0]} in {image} ended with {code}: {words}")
            return said_out
        finally:
            with suppress(NotFound):
                api.remove_container(made["Id"], v=True, force=True)


def keeps_quotas(api: docker.APIClient, name: str) -> bool:
    """Whether the engine's storage holds volumes to a size: asked by making one of this name, which is removed again."""
    try:
        api.create_volume(name, driver_opts={"size": "1m"})
    except APIError as refused:
        if "quota" not in str(refused.explanation):
            raise
        return False
    api.remove_volume(name)
    return True


def _packed(path: str, size: int, chunks: Iterator[bytes]) -> Iterator[bytes]:
    """A tar stream of one file that everybody may read and nobody but root may change."""
    entry = tarfile.TarInfo(path)
    entry.size, entry.mode, entry.uid, entry.gid = size, 0o444, 0, 0
    yield entry.tobuf(tarfile.PAX_FORMAT)
    yield from chunks
    yield b"\0" * (-size % tarfile.BLOCKSIZE + 2 * tarfile.BLOCKSIZE)


def _moment(text: str | None) -> dt.datetime | None:
    """The engine's time, whose fraction may be longer than Python's."""
    try:
        return dt.datetime.fromisoformat(text[:19] + "+00:00") if text else None
    except ValueError:
        return None
