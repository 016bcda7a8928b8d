"""Homes held to their size by the storage itself, where it can: tried on a disk that is made for it, and told where it cannot."""

from __future__ import annotations

import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from tests.deployment.engine import base_images, running_engine
from tests.deployment.other_engine import OtherEngine, other_engine
from tests.rooms.notebooks.keepers import IMAGE, build_image
from webapp.blueprints.notebooks.gateways.docker_engine import DockerEngine
from webapp.blueprints.notebooks.gateways.docker_volumes import DockerVolumes
from webapp.blueprints.notebooks.ports import Limits, Mount, NotebookSpec

pytestmark = [pytest.mark.needs("dockerd"), pytest.mark.needs("mkfs.ext4"), pytest.mark.needs("unshare")]
MEGABYTE = 2**20
QUOTA = 8  # megabytes
WRITE = """
import os, sys
try:
    with open("/home/analyst/file", "wb") as file:
        for _ in range(int(sys.argv[1])):
            file.write(b"x" * 2**20)
            os.fsync(file.fileno())
    print("written")
except OSError as problem:
    print("refused:", problem.strerror)
"""


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A disk with project quotas, in a file."""
    disk = tmp_path_factory.mktemp("disk") / "disk"
    with disk.open("wb") as file:
        file.truncate(512 * MEGABYTE)
    made = ["mkfs.ext4", "-q", "-O", "quota,project", "-E", "quotatype=prjquota", str(disk)]
    subprocess.run(made, check=True, capture_output=True)
    return disk


def kernel_keeps_quotas(disk: Path, folder: Path) -> bool:
    """Whether this machine's kernel mounts it so; it needs CONFIG_QFMT_V2 (or XFS and CONFIG_XFS_QUOTA)."""
    words = 'mount -o loop,prjquota "$0" "$1"'
    return not subprocess.run(
        ["unshare", "--mount", "sh", "-c", words, disk, folder], capture_output=True, check=False
    ).returncode


@pytest.fixture(scope="module")
def engine(disk: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[OtherEngine, bool]]:
    """An engine on that disk where the kernel mounts it, else on one without quotas; and whether it must hold volumes to their size."""
    with running_engine():
        base_images()
        first = docker.from_env()
        build_image(first, tmp_path_factory.mktemp("image"))
        first.close()
        keeps = kernel_keeps_quotas(disk, tmp_path_factory.mktemp("mounted"))
        with other_engine(disk=disk if keeps else None, mounted="prjquota") as other:
            other.give(IMAGE)
            yield other, keeps


def test_the_engine_is_asked_whether_its_storage_keeps_quotas_and_a_home_is_held_to_it(
    engine: tuple[OtherEngine, bool],
) -> None:
    other, keeps = engine
    house = uuid.uuid4().hex
    spawner = DockerEngine(other.client, house, subnets="10.216.128.0/18")
    assert ("quotas" not in spawner.check().lacks) is keeps
    volumes = DockerVolumes(other.client, house, lambda: IMAGE)
    home = f"nb-{house[:8]}-1-home"
    assert volumes.make(home, labels={}, quota_mb=QUOTA) is keeps
    assert volumes.make(home, labels={}, quota_mb=QUOTA) is keeps
    assert [each.name for each in volumes.list()] == [home]  # and nothing of the question
    spec = NotebookSpec("full", house, 1, 1, IMAGE, Limits(0.5, 128, 64), mounts=(Mount(home, "/home/analyst"),))

    def write(megabytes: int) -> str:
        told = NotebookSpec(**{**vars(spec), "command": ("python3", "-c", WRITE, str(megabytes))})
        return spawner.run_once(told, seconds=60, tell=lambda _step, _words: None).log.strip()

    assert write(QUOTA // 2) == "written"
    assert write(QUOTA * 2).startswith("refused: " if keeps else "written")
    # a copy put in place of the content is held to the same size
    content = b"".join(volumes.save(home))
    volumes.load(home, iter([content]))
    assert volumes.make(home, labels={}, quota_mb=QUOTA) is keeps
    volumes.remove(home)
    assert volumes.list() == ()
