"""A keeper as a process of its own on a real engine, and what it must never leave behind."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import docker
import psycopg2
from flask import Flask
from sqlalchemy import select

from webapp.blueprints.notebooks.gateways.docker_engine import DockerEngine
from webapp.blueprints.notebooks.gateways.docker_seen import NOTEBOOK_LABEL
from webapp.blueprints.notebooks.gateways.docker_words import HOUSE_LABEL
from webapp.blueprints.notebooks.gateways.guard import SCRIPT
from webapp.blueprints.notebooks.models import Notebook, State, Wanted
from webapp.blueprints.notebooks.ports import Condition
from webapp.blueprints.notebooks.services.progress import house_of
from webapp.core.db import db, transaction
from webapp.core.settings import PROJECT, Settings

IMAGE = "bottega-notebook:test"  # answers every GET at once: what is tried here is the keeper, not JupyterLab
SERVER = """
import http.server
class Answers(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")
    def log_message(self, *words):
        print("asked", flush=True)
print("ready to serve", flush=True)
http.server.ThreadingHTTPServer(("", 8888), Answers).serve_forever()
"""
SUBNETS = "10.215.0.0/16"


def build_image(client: docker.DockerClient, folder: Path) -> str:
    """The image of a notebook that starts within a tenth of a second."""
    (folder / "server.py").write_text(SERVER)
    (folder / "Dockerfile").write_text('FROM python:3.11-slim\nCOPY server.py /\nCMD ["python3", "-I", "/server.py"]\n')
    client.images.build(path=str(folder), tag=IMAGE, rm=True)
    return IMAGE


class RunningKeeper:
    """`bottega keeper` beside the test, started again when it ends, as an installation does."""

    def __init__(self, app: Flask, folder: Path, *, lease: int = 30, **environ: str) -> None:
        settings: Settings = app.extensions["settings"]
        self.log = folder / "keeper.log"
        self.environ = {
            "PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/root"), "BOTTEGA_ENV": "development",
            "BOTTEGA_INSTANCE": str(settings.instance), "SECRET_KEY": settings.secret_key,
            "SECURITY_PASSWORD_SALT": settings.password_salt, "DATABASE_URL": str(settings.database_url),
            "GOLD_DATABASE_URL": str(settings.gold_database_url), "TASK_LEASE": str(lease), "LOG_LEVEL": "WARNING",
            "NOTEBOOK_ENGINE": "docker", "NOTEBOOK_SUBNETS": SUBNETS, "PYTHONDONTWRITEBYTECODE": "1", **environ,
        }  # fmt: skip
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, unless it runs."""
        if self.process is None or self.process.poll() is not None:
            with self.log.open("a") as log:
                self.process = subprocess.Popen(
                    [sys.executable, "-m", "webapp.cli", "keeper"],
                    cwd=PROJECT, env=self.environ, stdout=log, stderr=log, start_new_session=True,
                )  # fmt: skip

    def stop(self) -> None:
        """End it in order, and the rules that it gave to the firewall."""
        if self.process:
            self.process.terminate()
            self.process.wait(60)
        if os.geteuid() == 0:
            subprocess.run([str(SCRIPT), "--remove", SUBNETS], capture_output=True, check=False)

    def everybody(self) -> list[int]:
        """The processes of the keeper, itself the first: all those that descend from it."""
        assert self.process
        found, parents = [self.process.pid], {self.process.pid}
        processes = [(int(path.name), path) for path in Path("/proc").iterdir() if path.name.isdigit()]
        for pid, path in sorted(processes):
            with contextlib.suppress(OSError):
                if int((path / "stat").read_text().rpartition(")")[2].split()[1]) in parents:
                    parents.add(pid)
                    found.append(pid)
        return found

    def kill(self, pid: int) -> None:
        """As the kernel would, short of memory."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


class Cable:
    """A socket that leads to Docker's own until it is `cut`: to who uses it, the engine stops and comes back."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lines: list[socket.socket] = []
        self._server: socket.socket | None = None

    @property
    def address(self) -> str:
        """As NOTEBOOK_DOCKER_HOST has it."""
        return f"unix://{self.path}"

    def plug(self) -> None:
        """Let connections through."""
        self._server = server = socket.socket(socket.AF_UNIX)
        server.bind(str(self.path))
        server.listen(32)
        threading.Thread(target=self._accept, args=(server,), daemon=True).start()

    def cut(self) -> None:
        """End all connections, and take no more."""
        assert self._server
        with contextlib.suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self.path.unlink()
        for line in self._lines:
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    def _accept(self, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = server.accept()
                far = socket.socket(socket.AF_UNIX)
                try:
                    far.connect("/var/run/docker.sock")
                except OSError:  # it is down itself
                    near.close()
                    far.close()
                    continue
                self._lines += [near, far]
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while piece := one.recv(65536):
                other.sendall(piece)
        with contextlib.suppress(OSError):
            other.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Leave no socket open."""
        self.cut()
        for line in self._lines:
            line.close()


def disagreements(app: Flask, client: docker.DockerClient) -> list[str]:
    """In what rows, routes, containers, networks and steps do not fit together; [] when all is as it should be."""
    db.session.remove()
    with transaction() as session:
        house = str(house_of(session))
        rows = {each.slug: each for each in session.scalars(select(Notebook))}
        session.expunge_all()
    found = []
    engine = DockerEngine(client, house, subnets=SUBNETS)
    seen = {each.name: each for each in engine.list()}
    for slug, notebook in rows.items():
        there = seen.pop(slug, None)
        if notebook.wanted == Wanted.RUNNING:
            well = there is not None and there.condition is Condition.RUNNING and there.whole
            if notebook.state != State.RUNNING or not well or there is None:
                found.append(f"{slug} shall run, is {notebook.state} ({notebook.cause}), {there}")
            elif (there.engine_id, there.address) != (notebook.engine_id, notebook.address):
                found.append(f"{slug} leads to {notebook.address}, is at {there.address}")
        elif there is not None or notebook.state != State.STOPPED or notebook.address is not None:
            found.append(f"{slug} shall be stopped, is {notebook.state}, {there}")
    found += [f"nobody's: {each}" for each in seen.values()]
    mine = {"label": [f"{HOUSE_LABEL}={house}", NOTEBOOK_LABEL]}
    running = sum(notebook.wanted == Wanted.RUNNING for notebook in rows.values())
    containers, networks = client.api.containers(all=True, filters=mine), client.api.networks(filters=mine)
    if len(containers) != running or len(networks) != running:
        found.append(f"{len(containers)} containers and {len(networks)} networks for {running} notebooks")
    return found


def clear_house(app: Flask, client: docker.DockerClient) -> None:
    """Remove all that an installation of a test has on the engine."""
    with contextlib.suppress(psycopg2.Error), app.app_context():
        with transaction() as session:
            house = str(house_of(session))
        mine = {"label": f"{HOUSE_LABEL}={house}"}
        for container in client.api.containers(all=True, filters=mine):
            client.api.remove_container(container["Id"], v=True, force=True)
        for network in client.api.networks(filters=mine):
            client.api.remove_network(network["Id"])
        for volume in client.api.volumes(filters=mine)["Volumes"] or []:
            client.api.remove_volume(volume["Name"])
