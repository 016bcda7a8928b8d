"""What a notebook tries from inside: the outside, the host, the suite's network, a neighbour, more than its share."""

from __future__ import annotations

import os
import socket
import subprocess
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any

import docker
import pytest

from tests.deployment.engine import base_images, running_engine
from tests.rooms.notebooks.keepers import build_image
from tests.waiting import until
from webapp.blueprints.notebooks.gateways.docker_engine import DockerEngine
from webapp.blueprints.notebooks.gateways.guard import SCRIPT
from webapp.blueprints.notebooks.ports import Guest, Limits, NotebookSpec, Running

pytestmark = pytest.mark.needs("dockerd")
SUBNETS = "10.219.0.0/16"
REACH = """
import socket, sys
try:
    socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=2).close()
    print("open")
except OSError as problem:
    print(type(problem).__name__, problem)
"""
EVERYTHING = ""


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[docker.DockerClient]:
    with running_engine():
        base_images()
        client = docker.from_env()
        build_image(client, tmp_path_factory.mktemp("image"))
        yield client
        client.close()


@pytest.fixture(params=["guarded", "bare"])
def engine(request: pytest.FixtureRequest, client: docker.DockerClient) -> Iterator[DockerEngine]:
    """An engine whose host reaches notebooks and keeps them out by its firewall, and one whose host has no part in it."""
    guarded = request.param == "guarded"
    if guarded:
        if os.geteuid():
            pytest.skip("only root can change the firewall")
        subprocess.run([str(SCRIPT), SUBNETS], check=True)
    engine = DockerEngine(client, uuid.uuid4().hex, subnets=SUBNETS, bare=not guarded)
    yield engine
    for seen in engine.list():
        engine.stop(seen.name, grace=0)
    if guarded:
        subprocess.run([str(SCRIPT), "--remove", SUBNETS], check=True)


@pytest.fixture
def start(engine: DockerEngine) -> Callable[..., Running]:
    """Start a notebook and wait for its answer."""

    def started(name: str, **changes: Any) -> Running:
        spec = NotebookSpec(
            name=name, house=engine.house, notebook_id=abs(hash((engine.house, name))), generation=1,
            image="bottega-notebook:test", limits=Limits(0.5, 128, 64),
        )  # fmt: skip
        spec = replace(spec, **changes)
        running = engine.start(spec, lambda _step, _words: None)
        until(lambda: engine.wait(spec, seconds=2), 60)
        return running

    return started


@pytest.fixture
def listener() -> Iterator[int]:
    """A port at which this host listens on all its addresses."""
    with closing(socket.socket()) as server:
        server.bind((EVERYTHING, 0))
        server.listen(16)
        server.settimeout(0.2)
        leave = threading.Event()

        def accept() -> None:
            while not leave.is_set():
                try:
                    server.accept()[0].close()
                except TimeoutError:
                    continue

        thread = threading.Thread(target=accept)
        thread.start()
        yield server.getsockname()[1]
        leave.set()
        thread.join()


def inside(client: docker.DockerClient, running: Running, *words: str) -> str:
    """What a program prints in the notebook's container, run as its people."""
    made = client.api.exec_create(running.engine_id, list(words), user="1000:1000")
    return str(client.api.exec_start(made["Id"]).decode(errors="replace")).strip()


def reaches(client: docker.DockerClient, running: Running, address: str, port: int) -> bool:
    """Whether the notebook opens a connection there."""
    said = inside(client, running, "python3", "-c", REACH, address, str(port))
    assert said == "open" or "Error" in said or "timeout" in said.lower(), said
    return said == "open"


def own_addresses(client: docker.DockerClient, running: Running) -> list[str]:
    """The addresses of this host: its side of the notebook's network, of Docker's own, and the way out."""
    (network,) = client.api.inspect_container(running.engine_id)["NetworkSettings"]["Networks"].values()
    first = running.address.rpartition(".")
    gateway = f"{first[0]}.{int(first[2]) - 1}"
    outward = subprocess.run(["hostname", "-I"], capture_output=True, text=True, check=True).stdout.split()
    bridge = client.api.inspect_network("bridge")["IPAM"]["Config"][0].get("Gateway") or "172.17.0.1"
    return list(
        dict.fromkeys([network["Gateway"] or gateway, gateway, bridge, *(each for each in outward if ":" not in each)])
    )


def test_a_notebook_reaches_neither_the_host_nor_the_outside_nor_a_neighbour(
    client: docker.DockerClient, start: Callable[..., Running], listener: int
) -> None:
    one, other = start("one"), start("other")
    assert reaches(client, one, "127.0.0.1", 8888)  # the probe itself works
    for address in own_addresses(client, one):
        assert not reaches(client, one, address, listener), address
    assert not reaches(client, one, other.address, 8888)
    stranger = client.containers.run("bottega-notebook:test", detach=True, init=True)
    try:
        stranger.reload()
        address = stranger.attrs["NetworkSettings"]["Networks"]["bridge"]["IPAddress"]
        assert not reaches(client, one, address, 8888)
    finally:
        stranger.remove(force=True, v=True)
    assert not reaches(client, one, "1.1.1.1", 443)
    assert not reaches(client, one, "169.254.169.254", 80)


def test_a_notebook_cannot_even_ask_for_a_name(client: docker.DockerClient, start: Callable[..., Running]) -> None:
    one = start("one")
    said = inside(client, one, "python3", "-c", "import socket; print(socket.gethostbyname('deb.debian.org'))")
    assert "gaierror" in said


def test_only_the_guests_of_a_notebook_reach_it_and_they_carry_nothing_on(
    client: docker.DockerClient, start: Callable[..., Running], engine: DockerEngine
) -> None:
    door = client.containers.run(
        "bottega-notebook:test", detach=True, init=True, sysctls={"net.ipv4.ip_forward": 0}, network_mode="bridge"
    )
    try:
        guests = (Guest(str(door.id), "front"),)
        one, other = start("one", guests=guests), start("other", guests=guests)
        ask = f"import urllib.request as r; print(r.urlopen('http://{one.address}:8888/', timeout=5).status)"
        assert door.exec_run(["python3", "-c", ask]).output.strip() == b"200"
        assert not reaches(client, one, other.address, 8888)
        assert "front" in str(client.api.inspect_container(str(door.id))["NetworkSettings"]["Networks"])
        engine.stop("one", grace=0)
        assert f"nb-{engine.house[:8]}-one" not in str(client.api.inspect_container(str(door.id))["NetworkSettings"])
    finally:
        for name in ("one", "other"):
            engine.stop(name, grace=0)
        door.remove(force=True, v=True)


# a way out needs the host's side of the network, and so its guard
@pytest.mark.parametrize("engine", ["guarded"], indirect=True)
def test_who_may_reach_the_internet_still_reaches_no_host_and_no_neighbour(
    client: docker.DockerClient, start: Callable[..., Running], listener: int
) -> None:
    one, other = start("one", internet=True), start("other", internet=True)
    for address in own_addresses(client, one):
        assert not reaches(client, one, address, listener), address
    assert not reaches(client, one, other.address, 8888)
    assert not reaches(client, one, "169.254.169.254", 80)


def test_a_notebook_is_nobody_writes_nowhere_else_and_becomes_nobody_else(
    client: docker.DockerClient, start: Callable[..., Running]
) -> None:
    one = start("one")
    assert inside(client, one, "id", "-u") == "1000"
    for path in ("/server.py", "/etc/passwd", "/usr/local/bin/x", "/root/x", "/proc/sys/kernel/hostname"):
        said = inside(client, one, "sh", "-c", f"echo x >> {path} && echo written")
        assert "written" not in said, path
    assert "written" in inside(client, one, "sh", "-c", "echo x > /tmp/x && echo written")
    for attempt in (
        "mount -t tmpfs none /mnt",
        "chroot / true",
        "unshare -n true",
        "ip link set lo down",
        "mknod /tmp/sda b 8 0",
    ):
        assert "done" not in inside(client, one, "sh", "-c", f"{attempt} && echo done"), attempt
    made = "import socket; socket.socket(socket.AF_PACKET, socket.SOCK_RAW); print('made')"
    assert "made" not in inside(client, one, "python3", "-c", made)
    assert inside(client, one, "sh", "-c", "ls /var/run/docker.sock /run/docker.sock 2>/dev/null") == ""


def test_a_notebook_gets_its_share_and_no_more(client: docker.DockerClient, start: Callable[..., Running]) -> None:
    one = start("one", limits=Limits(0.5, 96, 32))
    assert "got it" not in inside(client, one, "python3", "-c", "x = bytearray(200 * 2**20); print('got it')")
    fork = """
import os, time
count = 0
try:
    while count < 200:
        if os.fork() == 0:
            time.sleep(5)
            os._exit(0)
        count += 1
except BlockingIOError:
    pass
print(count)
"""
    assert int(inside(client, one, "python3", "-c", fork).splitlines()[-1]) < 32
    spin = """
import time
begun, used = time.monotonic(), time.process_time()
while time.monotonic() - begun < 2:
    pass
print((time.process_time() - used) / (time.monotonic() - begun))
"""
    assert float(inside(client, one, "python3", "-c", spin)) < 0.65
