"""Volumes and images that are nowhere but in memory, named by how they behave."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from webapp.blueprints.notebooks.ports import Cause, EngineDown, EngineRefused, StoredVolume, Volumes


@dataclass
class Kept:
    """A volume of `MemoryVolumes`."""

    labels: Mapping[str, str]
    members: list[tuple[tarfile.TarInfo, bytes]] = field(default_factory=list)


class MemoryVolumes:
    """`Volumes` in memory. `quotas`: it can hold people to them. `in_use`: names that a container has."""

    def __init__(self, *, quotas: bool = False) -> None:
        self.quotas = quotas
        self.kept: dict[str, Kept] = {}
        self.in_use: set[str] = set()
        self.limits: dict[str, int] = {}
        self.left = 0

    def make(self, name: str, *, labels: Mapping[str, str], quota_mb: int | None = None) -> bool:
        if name not in self.kept:
            root = tarfile.TarInfo("content")
            root.type, root.mode, root.uid, root.gid = tarfile.DIRTYPE, 0o700, 1000, 1000
            self.kept[name] = Kept(labels, [(root, b"")])
            if quota_mb and self.quotas:
                self.limits[name] = quota_mb
        return name in self.limits

    def list(self) -> tuple[StoredVolume, ...]:
        return tuple(StoredVolume(name, None, None, name in self.in_use) for name in self.kept)

    def measure(self, name: str) -> int:
        blocks = [-(-len(content) // 4096) + entry.isdir() for entry, content in self._of(name).members]
        return 4096 * sum(blocks)

    def save(self, name: str) -> Iterator[bytes]:
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as archive:
            for entry, content in self._of(name).members:
                archive.addfile(entry, io.BytesIO(content))
        yield packed.getvalue()

    def load(self, name: str, chunks: Iterator[bytes]) -> None:
        kept = self._of(name)
        self._refuse_used(name)
        with tarfile.open(fileobj=io.BytesIO(b"".join(chunks))) as archive:
            files = ((entry, archive.extractfile(entry) if entry.isfile() else None) for entry in archive)
            kept.members = [(entry, file.read() if file else b"") for entry, file in files]

    def add(self, name: str, file: str, size: int, chunks: Iterator[bytes]) -> None:
        self.take_out(name, file)
        entry = tarfile.TarInfo(f"content/{file}")
        entry.size, entry.mode = size, 0o444
        self._of(name).members.append((entry, b"".join(chunks)))

    def take_out(self, name: str, file: str) -> None:
        kept = self._of(name)
        kept.members = [(entry, content) for entry, content in kept.members if entry.name != f"content/{file}"]

    def remove(self, name: str) -> None:
        self._refuse_used(name)
        self.kept.pop(name, None)

    def sweep(self, *, older: float) -> int:  # noqa: ARG002 - as the port says
        swept, self.left = self.left, 0
        return swept

    def _of(self, name: str) -> Kept:
        if name not in self.kept:
            raise EngineRefused(Cause.OTHER, f"no such volume: {name}")
        return self.kept[name]

    def _refuse_used(self, name: str) -> None:
        if name in self.in_use:
            raise EngineRefused(Cause.OTHER, f"volume is in use: {name}")


class AbsentVolumes(MemoryVolumes):
    """`Volumes` of an engine that does not answer."""

    def list(self) -> tuple[StoredVolume, ...]:
        raise EngineDown("nobody answers at /var/run/docker.sock")

    def measure(self, name: str) -> int:  # noqa: ARG002 - it never comes so far
        raise EngineDown("nobody answers at /var/run/docker.sock")

    def remove(self, name: str) -> None:  # noqa: ARG002 - it never comes so far
        raise EngineDown("nobody answers at /var/run/docker.sock")


class MemoryImages:
    """`Images` in memory: `there` are on the engine, `registry` can be fetched, with the bytes of their layers."""

    def __init__(self, *there: str, registry: Mapping[str, tuple[int, ...]] | None = None) -> None:
        self.there = set(there)
        self.registry = dict(registry or {})

    def has(self, reference: str) -> bool:
        return reference in self.there

    def pull(self, reference: str, tell: Callable[[int, int | None, str], None]) -> None:
        if reference not in self.registry:
            raise EngineRefused(Cause.IMAGE_MISSING, f"manifest unknown: {reference}")
        layers = self.registry[reference]
        for ready in range(1, len(layers) + 1):
            tell(sum(layers[:ready]), sum(layers), f"{ready} of {len(layers)} layers fetched")
        self.there.add(reference)

    def build(
        self, folder: str, dockerfile: str, reference: str, arguments: Mapping[str, str], tell: Callable[[str], None]
    ) -> None:
        assert folder, dockerfile
        tell(f"Step 1/1 : FROM {arguments.get('PYTHON_IMAGE', 'scratch')}")
        self.there.add(reference)


def packed(files: dict[str, bytes], mode: int = 0o640) -> bytes:
    """A tar stream of a volume with these files, each of user 1000."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        root = tarfile.TarInfo("content")
        root.type, root.mode, root.uid, root.gid = tarfile.DIRTYPE, 0o700, 1000, 1000
        archive.addfile(root)
        for name, content in files.items():
            file = tarfile.TarInfo(f"content/{name}")
            file.size, file.mode, file.uid, file.gid = len(content), mode, 1000, 1000
            archive.addfile(file, io.BytesIO(content))
    return stream.getvalue()


def write(volumes: Volumes, name: str, **files: bytes) -> None:
    """Put files into a volume, in place of all that was there."""
    volumes.load(name, iter([packed(files, mode=0o644)]))


def read(volumes: Volumes, name: str) -> dict[str, bytes]:
    """The files of a volume."""
    with tarfile.open(fileobj=io.BytesIO(b"".join(volumes.save(name)))) as archive:
        files = {entry.name.partition("/")[2]: archive.extractfile(entry) for entry in archive if entry.isfile()}
        return {name: file.read() for name, file in files.items() if file}
