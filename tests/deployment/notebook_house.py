"""A house of notebooks behind the nginx of production: the suite, its keeper and its door as processes, and who visits it."""

from __future__ import annotations

import contextlib
import os
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import docker
from flask import Flask
from sqlalchemy import update

from tests.conftest import administer
from tests.core.web_server import served
from tests.deployment.engine import JUPYTER
from tests.deployment.front_door import HOST, NOTEBOOKS, Answer, FrontDoor
from tests.deployment.kernels import Kernel, LineCut, Visitor
from tests.rooms.accounts.makers import PASSWORD, make_user
from tests.rooms.notebooks.keepers import clear_house
from tests.rooms.notebooks.makers import make_image, make_notebook
from tests.rooms.workspaces.makers import make_group, make_project
from tests.waiting import until
from webapp.app import create_app
from webapp.blueprints.notebooks.models import Engine, Notebook
from webapp.core.db import db, transaction
from webapp.core.embedded import EmbeddedPostgres
from webapp.core.settings import PROJECT, Settings

SUBNETS = {"": "10.217.0.0/17", NOTEBOOKS: "10.217.128.0/17"}
VISIT = {"Accept": "text/html", "Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "document"}
PATIENCE = 120
SHUT_WITHIN = 5.0  # seconds: what is promised of an open websocket, and of what nginx keeps


@dataclass
class House:
    """All that runs, and the numbers of what was stored in it."""

    door: FrontDoor
    app: Flask
    engine: docker.DockerClient
    processes: dict[str, subprocess.Popen[bytes]]
    emails: dict[str, str]

    def browse(self, who: str) -> Browser:
        return Browser(self, self.emails[who])

    def stored(self, read: Callable[[Any], Any]) -> Any:
        """What `read` finds in the database now."""
        with self.app.app_context(), transaction() as session:
            return read(session)


class Browser:
    """Somebody at the front door, with cookies by host and path, as browsers keep them."""

    def __init__(self, house: House, email: str) -> None:
        self.house = house
        self.cookies: dict[tuple[str, str, str], str] = {}

        def let_in() -> bool:
            answer = self._sign_in(email)
            assert answer.status in (302, 303, 429), answer.text[-500:]
            return answer.status != 429

        until(let_in, PATIENCE, every=2.0)  # nginx lets one more sign in every two seconds

    def cookie(self, host: str, path: str) -> str:
        kept = [(n, v) for (h, p, n), v in self.cookies.items() if h == host and path.startswith(p)]
        return "; ".join(f"{name}={value}" for name, value in kept)

    def visit(self, path: str, host: str = HOST, **headers: str) -> Answer:
        return self._ask(path, host, **{**VISIT, **headers})

    def visit_until(self, path: str, met: Callable[[Answer], bool], host: str = HOST) -> Answer:
        """What is told in the end: for a second, nginx and the door go by what they knew before."""
        answers: list[Answer] = []

        def told() -> bool:
            answers.append(self.visit(path, host))
            return met(answers[-1])

        until(told, SHUT_WITHIN, lambda: (answers[-1].status, answers[-1].text[-500:]))
        return answers[-1]

    def send(self, path: str, body: str, host: str = HOST, **headers: str) -> Answer:
        form = {"Content_Type": "application/x-www-form-urlencoded", "Referer": f"https://{host}/", **headers}
        return self._ask(path, host, method="POST", body=body.encode(), **form)

    def go(self, path: str, host: str = HOST) -> Answer:
        """Follow redirects."""
        for _ in range(8):
            answer = self.visit(path, host)
            if answer.status not in (301, 302, 303, 307, 308):
                return answer
            parts = urlsplit(answer.headers["Location"])
            host, path = parts.hostname or host, parts._replace(scheme="", netloc="").geturl()
        raise AssertionError(f"sent around: {path}")

    def press(self, path: str, at: str) -> Answer:
        token = self.visit(at).text.split('name="csrf-token" content="')[1].split('"', 1)[0]
        return self.send(path, f"csrf_token={token}")

    def notebook(self, slug: str = "sales", host: str = HOST, base: str | None = None) -> Visitor:
        """The same person's scripts at the notebook."""
        base = f"/notebooks/{slug}/" if base is None else base
        context = ssl.create_default_context(cafile=str(self.house.door.certificates / "fullchain.pem"))
        headers = {"Cookie": self.cookie(host, base), "Origin": f"https://{host}"}
        return Visitor(host, self.house.door.secure, base, headers, context)

    def _sign_in(self, email: str) -> Answer:
        token = self.visit("/login").text.split('name="csrf-token" content="')[1].split('"', 1)[0]
        return self.send("/login", f"email={email}&password={PASSWORD}&csrf_token={token}".replace("@", "%40"))

    def _ask(self, path: str, host: str, **more: Any) -> Answer:
        kept = self.cookie(host, urlsplit(path).path)
        answer = self.house.door.ask(path, host=host, **more, **({"Cookie": kept} if kept else {}))
        for line in answer.cookies:
            pair, *attributes = line.split("; ")
            name, _, value = pair.partition("=")
            where = next((a.partition("=")[2] for a in attributes if a.lower().startswith("path=")), "/")
            if not value or value == '""':
                self.cookies.pop((host, where, name), None)
            else:
                self.cookies[host, where, name] = value
        return answer


def settle(house: House, slug: str, state: str) -> None:
    """Until the notebook is there."""

    def row() -> Any:
        return house.stored(lambda s: s.query(Notebook.state, Notebook.cause).filter_by(slug=slug).one())

    def arrived() -> bool:
        now = row()
        assert now.state == state or now.state != "failed", now.cause
        return bool(now.state == state)

    until(arrived, PATIENCE, lambda: tuple(row()))


def start_beside(house_environ: dict[str, str], name: str, folder: Path) -> subprocess.Popen[bytes]:
    """`bottega <name>` as a process of its own."""
    with (folder / f"{name}.log").open("a") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "webapp.cli", name],
            cwd=PROJECT, env=house_environ, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip


@contextlib.contextmanager
def running_house(
    settings: Settings, server: EmbeddedPostgres, folder: Path, name: str, *, notebooks: str = ""
) -> Iterator[House]:
    """An installation with a notebook “sales” in a private project of Ada's group, of which Bruno is a member."""
    administer(server, f"CREATE DATABASE {name} TEMPLATE bottega")
    administer(server, f"CREATE DATABASE {name}_gold")
    door = FrontDoor(folder / "root", notebooks=notebooks)
    door.root.mkdir()
    door.install()
    own = replace(
        settings, instance=folder / "instance", database_url=server.url(name), gold_database_url=server.url(f"{name}_gold"),
        public_url=f"https://{HOST}", trusted_proxies=1,
    )  # fmt: skip
    own.instance.mkdir()
    notebook_environ = {
        "NOTEBOOK_ENGINE": "docker", "NOTEBOOK_SUBNETS": SUBNETS[notebooks], "NOTEBOOK_DOMAIN": notebooks, "TRUSTED_PROXIES": "1",
        "NOTEBOOK_DOOR": f"127.0.0.1:{door.door}", "PUBLIC_URL": own.public_url, "SECRET_KEY": settings.secret_key,
        "SECURITY_PASSWORD_SALT": settings.password_salt,
    }  # fmt: skip
    environ = {
        **os.environ, **notebook_environ, "BOTTEGA_ENV": "test", "BOTTEGA_INSTANCE": str(own.instance),
        "DATABASE_URL": str(own.database_url), "GOLD_DATABASE_URL": str(own.gold_database_url), "LOG_LEVEL": "INFO",
    }  # fmt: skip
    app = create_app(own)
    emails = {}
    with app.app_context():
        people = {}
        with transaction() as session:
            session.execute(update(Engine).values(house=uuid4()))  # not the template's: its copies would be one house
            for who in ("ada", "bruno", "carla"):
                people[who] = make_user(session, email=f"{who}@shop.bottega.it", name=who.title(), roles=["staff"])
                emails[who] = people[who].email
            group = make_group(session, owner=people["ada"], members=[people["bruno"]])
            project = make_project(session, group=group)
            image = make_image(session, reference=JUPYTER, pull_policy="never", pids=200, disk_mb=500)
            make_notebook(session, project=project, slug="sales", image=image)
    client = docker.from_env()
    house = House(door, app, client, {}, emails)
    try:
        with ExitStack() as stack:
            stack.enter_context(door.open())
            stack.enter_context(served(own, port=door.suite, WEB_WORKERS="1", **notebook_environ))
            house.processes = {name: start_beside(environ, name, folder) for name in ("keeper", "door")}
            yield house
    finally:
        for process in house.processes.values():
            process.terminate()
        for process in house.processes.values():
            process.wait(60)
        clear_house(app, client)
        with app.app_context():
            db.session.remove()
            for engine in db.engines.values():
                engine.dispose()
        client.close()


def measure_until_cut(kernel: Kernel) -> float:
    """Seconds until the open websocket is cut."""
    begun = time.monotonic()
    kernel.socket.line.settimeout(SHUT_WITHIN * 4)
    with contextlib.suppress(LineCut):
        while True:
            kernel.socket.receive()
    return time.monotonic() - begun
