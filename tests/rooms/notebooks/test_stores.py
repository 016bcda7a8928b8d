"""What volumes and images promise, asked of those in memory and of a real Docker Engine alike."""

from __future__ import annotations

import io
import tarfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import docker
import pytest

from tests.deployment.engine import base_images, running_engine
from tests.rooms.notebooks.stores import MemoryImages, MemoryVolumes, packed
from webapp.blueprints.notebooks.gateways.docker_images import DockerImages
from webapp.blueprints.notebooks.gateways.docker_volumes import PLACE, STORE_LABEL, DockerVolumes
from webapp.blueprints.notebooks.gateways.docker_words import HOUSE_LABEL, cause_of
from webapp.blueprints.notebooks.ports import Cause, EngineDown, EngineRefused, Images, Volumes

TOOLS = "python:3.11-slim"


@pytest.fixture(scope="module")
def engine() -> Iterator[docker.DockerClient]:
    with running_engine():
        base_images()
        client = docker.from_env()
        yield client
        client.close()


@pytest.fixture
def house() -> str:
    return f"test-{uuid.uuid4().hex[:10]}"


@pytest.fixture(params=["memory", pytest.param("docker", marks=pytest.mark.needs("dockerd"))])
def volumes(request: pytest.FixtureRequest, house: str) -> Iterator[Volumes]:
    if request.param == "memory":
        yield MemoryVolumes()
        return
    client = request.getfixturevalue("engine")
    yield DockerVolumes(client, house, lambda: TOOLS)
    for volume in client.api.volumes(filters={"label": f"{HOUSE_LABEL}={house}"})["Volumes"] or []:
        client.api.remove_volume(volume["Name"])
    assert not client.api.containers(all=True, filters={"label": f"{HOUSE_LABEL}={house}"}), "a container was left"


@pytest.fixture
def home(volumes: Volumes, house: str) -> str:
    """The name of a volume that is there."""
    name = f"{house}-home"
    volumes.make(name, labels={})
    return name


def content_of(volumes: Volumes, name: str) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(b"".join(volumes.save(name)))) as archive:
        files = {entry.name.partition("/")[2]: archive.extractfile(entry) for entry in archive if entry.isfile()}
        return {name: file.read() for name, file in files.items() if file}


def shape_of(volumes: Volumes, name: str) -> list[tuple[str, int, int]]:
    with tarfile.open(fileobj=io.BytesIO(b"".join(volumes.save(name)))) as archive:
        return [(entry.name, entry.mode & 0o777, entry.uid) for entry in archive]


def test_a_new_volume_belongs_to_the_people_of_the_notebook(volumes: Volumes, home: str) -> None:
    with tarfile.open(fileobj=io.BytesIO(b"".join(volumes.save(home)))) as archive:
        root = archive.next()
    assert root is not None
    assert (root.uid, root.gid, root.mode & 0o777) == (1000, 1000, 0o700)


def test_making_a_volume_twice_keeps_what_is_in_it(volumes: Volumes, home: str) -> None:
    volumes.load(home, iter([packed({"a.txt": b"one"})]))
    volumes.make(home, labels={})
    assert content_of(volumes, home) == {"a.txt": b"one"}


def test_what_was_saved_can_be_loaded_into_another_volume(volumes: Volumes, home: str, house: str) -> None:
    volumes.load(home, iter([packed({"a.txt": b"one", "b.bin": bytes(range(256)) * 9000})]))
    volumes.make(f"{house}-copy", labels={})
    volumes.load(f"{house}-copy", volumes.save(home))
    assert content_of(volumes, f"{house}-copy") == content_of(volumes, home)
    assert shape_of(volumes, home) == shape_of(volumes, f"{house}-copy")


def test_loading_takes_the_place_of_all_that_was_there(volumes: Volumes, home: str) -> None:
    volumes.load(home, iter([packed({"old.txt": b"old", "both.txt": b"old"})]))
    volumes.load(home, iter([packed({"both.txt": b"new"})]))
    assert content_of(volumes, home) == {"both.txt": b"new"}


def test_a_volume_is_measured_with_what_its_owner_hides(volumes: Volumes, home: str) -> None:
    empty = volumes.measure(home)
    volumes.load(home, iter([packed({"hidden.bin": b"x" * 300_000}, mode=0o000)]))
    assert 300_000 <= volumes.measure(home) - empty + 4096 < 400_000


def test_a_file_is_added_beside_others_replaced_and_taken_out(volumes: Volumes, home: str) -> None:
    for name, content in (("one.csv", b"1"), ("two.csv", b"2" * 100_000), ("one.csv", b"one again")):
        volumes.add(home, name, len(content), iter([content]))
    assert content_of(volumes, home) == {"one.csv": b"one again", "two.csv": b"2" * 100_000}
    assert ("content/one.csv", 0o444, 0) in shape_of(volumes, home)
    volumes.take_out(home, "two.csv")
    volumes.take_out(home, "two.csv")
    assert content_of(volumes, home) == {"one.csv": b"one again"}


def test_only_the_volumes_of_this_house_are_listed(volumes: Volumes, home: str) -> None:
    assert [(each.name, each.in_use) for each in volumes.list()] == [(home, False)]


def test_a_volume_can_be_removed_twice(volumes: Volumes, home: str) -> None:
    volumes.remove(home)
    volumes.remove(home)
    assert volumes.list() == ()


ASKED = {
    "measure": lambda volumes: volumes.measure("no-such-volume"),
    "save": lambda volumes: list(volumes.save("no-such-volume")),
    "load": lambda volumes: volumes.load("no-such-volume", iter([packed({})])),
}


@pytest.mark.parametrize("ask", ASKED.values(), ids=ASKED.keys())
def test_a_volume_that_is_not_there_is_told(volumes: Volumes, ask: Callable[[Volumes], Any]) -> None:
    with pytest.raises(EngineRefused):
        ask(volumes)


def test_a_quota_that_the_engine_cannot_keep_is_said_to_be_none(volumes: Volumes, house: str) -> None:
    assert volumes.make(f"{house}-limited", labels={}, quota_mb=64) is False


def test_an_engine_that_can_keeps_people_to_their_quota() -> None:
    volumes = MemoryVolumes(quotas=True)
    assert volumes.make("limited", labels={}, quota_mb=64) is True


@pytest.mark.needs("dockerd")
def test_a_volume_in_use_is_neither_removed_nor_replaced(engine: docker.DockerClient, house: str) -> None:
    volumes = DockerVolumes(engine, house, lambda: TOOLS)
    volumes.make(f"{house}-busy", labels={})
    mount = docker.types.Mount("/home", f"{house}-busy", type="volume")
    user = engine.containers.create(TOOLS, ["sleep", "60"], mounts=[mount], labels={HOUSE_LABEL: house})
    try:
        assert [each.in_use for each in volumes.list()] == [True]
        with pytest.raises(EngineRefused):
            volumes.remove(f"{house}-busy")
        with pytest.raises(EngineRefused):
            volumes.load(f"{house}-busy", iter([packed({})]))
    finally:
        user.remove(force=True, v=True)
        volumes.remove(f"{house}-busy")


@pytest.mark.needs("dockerd")
def test_what_a_killed_reader_left_is_swept_away(engine: docker.DockerClient, house: str) -> None:
    volumes = DockerVolumes(engine, house, lambda: TOOLS)
    volumes.make(f"{house}-home", labels={})
    engine.containers.create(TOOLS, ["sleep", "60"], labels={HOUSE_LABEL: house, STORE_LABEL: "x"})
    try:
        assert volumes.sweep(older=60) == 0  # somebody may be at work with it
        assert volumes.sweep(older=0) == 1
        assert volumes.sweep(older=0) == 0
    finally:
        volumes.remove(f"{house}-home")


@pytest.mark.needs("dockerd")
def test_without_an_image_that_has_du_the_engine_itself_is_asked(engine: docker.DockerClient, house: str) -> None:
    volumes = DockerVolumes(engine, house, lambda: None)
    volumes.make(f"{house}-home", labels={})
    try:
        volumes.load(f"{house}-home", iter([packed({"a.bin": b"x" * 300_000})]))
        assert volumes.measure(f"{house}-home") >= 300_000
    finally:
        volumes.remove(f"{house}-home")


@pytest.mark.needs("dockerd")
def test_a_link_in_a_backup_leads_nowhere_outside_of_its_volume(engine: docker.DockerClient, house: str) -> None:
    volumes = DockerVolumes(engine, house, lambda: TOOLS)
    volumes.make(f"{house}-home", labels={})
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        link = tarfile.TarInfo(f"{PLACE.lstrip('/')}/way-out")
        link.type, link.linkname = tarfile.SYMTYPE, "/../../../tmp"
        archive.addfile(link)
        file = tarfile.TarInfo(f"{PLACE.lstrip('/')}/way-out/{house}")
        file.size = 3
        archive.addfile(file, io.BytesIO(b"out"))
    try:
        with suppress(EngineRefused):  # refused, or written within: both are right
            volumes.load(f"{house}-home", iter([stream.getvalue()]))
        assert not Path("/tmp", house).exists()
    finally:
        volumes.remove(f"{house}-home")


@pytest.fixture(params=["memory", pytest.param("docker", marks=pytest.mark.needs("dockerd"))])
def images(request: pytest.FixtureRequest) -> Images:
    if request.param == "memory":
        return MemoryImages(TOOLS)
    return DockerImages(request.getfixturevalue("engine"))


def test_the_engine_says_which_images_it_has(images: Images) -> None:
    assert images.has(TOOLS)
    assert not images.has("no-such-image:1")


def test_an_image_that_nobody_has_cannot_be_fetched(images: Images) -> None:
    with pytest.raises(EngineRefused):
        images.pull("127.0.0.1:9/no-such-image:1", lambda *_told: None)


def test_an_image_is_built_with_its_arguments_and_each_line_is_told(images: Images, tmp_path: Path, house: str) -> None:
    (tmp_path / "Dockerfile").write_text("ARG PYTHON_IMAGE\nFROM ${PYTHON_IMAGE}\nLABEL a=b\n")
    lines: list[str] = []
    images.build(str(tmp_path), "Dockerfile", f"{house}:1", {"PYTHON_IMAGE": TOOLS}, lines.append)
    assert images.has(f"{house}:1")
    assert lines[0].startswith("Step 1/")
    if isinstance(images, DockerImages):
        images.client.images.remove(f"{house}:1")


@pytest.mark.needs("dockerd")
def test_a_build_that_fails_says_why(engine: docker.DockerClient, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(f"FROM {TOOLS}\nRUN exit 3\n")
    with pytest.raises(EngineRefused, match="non-zero code: 3"):
        DockerImages(engine).build(str(tmp_path), "Dockerfile", "never:1", {}, lambda _line: None)


def test_an_engine_that_does_not_answer_is_told_as_such() -> None:
    client = docker.DockerClient(base_url="tcp://127.0.0.1:9", version="1.41")
    with pytest.raises(EngineDown):
        DockerImages(client).has(TOOLS)
    with pytest.raises(EngineDown):
        DockerVolumes(client, "house", lambda: None).list()
    client.close()


def test_the_words_of_the_engine_are_told_by_their_cause() -> None:
    assert cause_of("write /x: no space left on device") is Cause.NO_DISK
    assert cause_of("manifest unknown: manifest unknown") is Cause.IMAGE_MISSING
    assert cause_of("something new") is Cause.OTHER
