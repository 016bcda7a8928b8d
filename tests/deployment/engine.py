"""A Docker Engine for the tests, the base images, and a stack of Compose that leaves nothing behind."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

import pytest

from tests.conftest import NEEDS_ALL
from tests.waiting import until
from webapp.core.settings import PROJECT

STAND_INS = Path(os.environ.get("BOTTEGA_OFFLINE_IMAGES") or PROJECT.parent / "shared" / "offline-images")
IMAGE = "bottega:test"
JUPYTER = "bottega-jupyter:test"
# what the folder of stand-ins can build; with a registry within reach the images of the files themselves are taken
OFFLINE = {
    "PYTHON_IMAGE": "python:3.11-slim",
    "NODE_IMAGE": "node:20-slim",
    "POSTGRES_IMAGE": "postgres:15",
    "RABBITMQ_IMAGE": "rabbitmq:3-management",
    "NGINX_IMAGE": "nginx:1.22",
    "REGISTRY_IMAGE": "registry:2",
}
BUILD_SECONDS = 900
_alone: list[TextIO] = []
_engine: list[subprocess.Popen[bytes]] = []


def run(*words: str | Path, seconds: float = 120, **environ: str) -> str:
    """Run a program to its end; what it printed. Fails with what it said on standard error."""
    done = subprocess.run(
        [str(word) for word in words],
        cwd=PROJECT, env={**os.environ, **environ}, capture_output=True, text=True, timeout=seconds, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"{' '.join(map(str, words))}: {done.stdout[-2000:]}\n{done.stderr[-4000:]}"
    return done.stdout


@contextmanager
def alone() -> Iterator[None]:
    """No other run's tests use the engine meanwhile: names, tags and the fixed network of production exist once a machine."""
    with Path(tempfile.gettempdir(), f"bottega-test-docker-{os.geteuid()}.lock").open("w") as lock:
        if not _alone:  # who has it may ask again
            fcntl.flock(lock, fcntl.LOCK_EX)
        _alone.append(lock)
        try:
            yield
        finally:
            _alone.remove(lock)


@contextmanager
def running_engine() -> Iterator[None]:
    """An engine that runs already, or one that is started here and ended with what it runs."""
    if _answers():
        yield
        return
    if os.geteuid() and not NEEDS_ALL:
        pytest.skip("no Docker Engine answers, and only root can start one")
    _start_engine()
    try:
        yield
    finally:
        _stop_engine()


def restart_engine() -> None:
    """Stop the engine, with all that runs on it, and start it again. Skips where it is not these tests' own."""
    if not _engine:
        pytest.skip("the engine that runs here was not started by these tests")
    _stop_engine()
    _start_engine()


def _start_engine() -> None:
    folder = Path("/tmp/bottega-test-dockerd")
    folder.mkdir(exist_ok=True)
    with (folder / "log").open("a") as log:
        process = subprocess.Popen(["dockerd"], stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
    _engine.append(process)
    await_engine(process, folder / "log")


def await_engine(process: subprocess.Popen[bytes], log: Path, *address: str) -> None:
    """Wait until this `dockerd` answers; fails with the end of its log. `address` as in --host unix:///…"""

    def told() -> str:
        return log.read_text()[-3000:]

    def up() -> bool:
        assert process.poll() is None, told()
        return _answers(*address)

    until(up, 60, told, every=0.2)


def _stop_engine() -> None:
    process = _engine.pop()
    process.terminate()
    process.wait(60)


def _answers(*address: str) -> bool:
    return subprocess.run(["docker", *address, "info"], capture_output=True, check=False).returncode == 0


def base_images() -> dict[str, str]:
    """The names of the base images: stand-ins built from Debian packages where their folder is, else those of the files."""
    if not STAND_INS.is_dir():
        return {}
    if subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode:
        run(STAND_INS / "install-compose.sh", seconds=300)
    present = run("docker", "images", "--format", "{{.Repository}}:{{.Tag}}").split()
    if missing := sorted(set(OFFLINE.values()) - set(present)):
        run(STAND_INS / "offline-images.sh", *missing, seconds=BUILD_SECONDS)
    return OFFLINE


def build(images: Mapping[str, str]) -> None:
    """Build the image of the suite as IMAGE."""
    arguments = [f"--build-arg={name}={images[name]}" for name in ("PYTHON_IMAGE", "NODE_IMAGE") if name in images]
    run(
        "docker",
        "build",
        *arguments,
        "--build-arg=VERSION=test",
        "--build-arg=REVISION=abc",
        "-t",
        IMAGE,
        ".",
        seconds=BUILD_SECONDS,
    )


def build_jupyter(images: Mapping[str, str]) -> None:
    """Build the image of the notebooks as JUPYTER; at once where it is there already."""
    argument = [f"--build-arg=PYTHON_IMAGE={images['PYTHON_IMAGE']}"] if images else []
    dockerfile = ("-f", "workspaces/jupyter/Dockerfile", "-t", JUPYTER, "workspaces")
    run("docker", "build", *argument, *dockerfile, seconds=BUILD_SECONDS)


@dataclass
class Stack:
    """One of the compose files, brought up under a project name of its own."""

    file: str
    project: str
    environ: dict[str, str] = field(default_factory=dict)

    def compose(self, *words: str, seconds: float = 180) -> str:
        """Run `docker compose …`; what it printed."""
        return run("docker", "compose", "-f", self.file, "-p", self.project, *words, seconds=seconds, **self.environ)

    def bottega(self, *words: str) -> str:
        """Run a command of the suite in the web container."""
        return self.compose("exec", "-T", "web", "bottega", *words)

    def ask(self, statement: str) -> str:
        """One value of the database."""
        return self.compose("exec", "-T", "db", "psql", "-U", "bottega", "-d", "bottega", "-Atc", statement).strip()

    def states(self) -> dict[str, str]:
        """The health of each service, or its state where it has none."""
        lines = self.compose("ps", "--all", "--format", "json").splitlines()
        rows: list[dict[str, Any]] = [json.loads(line) for line in lines if line.strip()]
        return {row["Service"]: row["Health"] or row["State"] for row in rows}

    def down(self) -> None:
        self.compose("down", "--volumes", "--remove-orphans", "--timeout", "20")

    def left(self) -> list[str]:
        """What the engine still has of this project."""
        label = f"label=com.docker.compose.project={self.project}"
        kinds = (("ps", "--all", "--format={{.Names}}"), ("volume", "ls", "-q"), ("network", "ls", "-q"))
        return [line for kind in kinds for line in run("docker", *kind, "--filter", label).split()]
