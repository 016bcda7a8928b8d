"""Notebooks: from the click to the first answer beside plain `docker run`, what the way through nginx costs, and a long list."""

from __future__ import annotations

import http.client
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import docker
from sqlalchemy import select, text

from bench.context import Context
from bench.rows import Row
from tests.conftest import signed_in_cookie
from tests.deployment.front_door import HOST, FrontDoor
from tests.deployment.kernels import Visitor
from tests.rooms.accounts.makers import make_user
from tests.rooms.notebooks.keepers import clear_house
from tests.rooms.notebooks.makers import make_image, make_notebook
from tests.rooms.workspaces.makers import actor_for, make_group, make_project
from tests.waiting import until
from webapp.blueprints.accounts.models import UserSession
from webapp.blueprints.notebooks.models import Notebook
from webapp.blueprints.notebooks.services.door import TOKEN_PURPOSE, Pass, write_pass
from webapp.blueprints.notebooks.services.wishes import start_notebook, stop_notebook
from webapp.core.db import db, transaction
from webapp.core.sealing import unseal
from webapp.core.security import SYSTEM, Actor
from webapp.core.settings import PROJECT

IMAGE = "bottega-jupyter:test"
SUBNETS = "10.218.0.0/16"
STARTS = 5
REQUESTS = 300
NOTEBOOKS = 1000
PATIENCE = 120
LOOK = 0.05  # seconds between two looks, in both ways that are compared


@dataclass
class House:
    """What runs: the front door, the number of the notebook, who works in it, and their pass."""

    door: FrontDoor
    notebook_id: int
    actor: Actor
    shown: str

    @property
    def visitor(self) -> Visitor:
        """Who works in the notebook, through nginx."""
        headers = {"Cookie": f"bottega_notebook={self.shown}", "Origin": f"http://{HOST}"}
        return Visitor(HOST, self.door.plain, "/notebooks/bench/", headers)


def measure(context: Context) -> list[Row]:
    """All of it; needs a Docker Engine with the image of the notebooks, and nginx."""
    rows = [_measure_list(context)]
    client = docker.from_env()
    try:
        with (
            tempfile.TemporaryDirectory(prefix="bottega-bench-door-") as folder,
            _running(context, Path(folder)) as house,
        ):
            rows += _measure_starts(house, client)
            rows += _measure_way(house)
    finally:
        clear_house(context.app, client)
        client.close()
    return rows


def _measure_list(context: Context) -> Row:
    """The list of 1,000 notebooks as its page, while no engine can be asked."""
    with transaction() as session:
        owner = make_user(session, roles=["owner"])
        project, image = make_project(session), make_image(session, reference=IMAGE, pull_policy="never")
        image.pids, image.disk_mb = 200, 500
        make_notebook(session, project=project, image=image, slug="bench")
        session.execute(
            text(
                "INSERT INTO notebooks_notebooks (slug, project_id, name, image_id, cpus, memory_mb, pids, disk_mb) "
                "SELECT 'bench-' || n, :project, 'Notebook ' || n, :image, 1, 512, 100, 500 FROM generate_series(1, :count) n"
            ),
            {"project": project.id, "image": image.id, "count": NOTEBOOKS},
        )
        cookie = signed_in_cookie(session, owner)
    browser = context.app.test_client()
    with browser.session_transaction() as kept:
        kept.update(cookie)
    times = []
    for _ in range(7):
        begun = time.perf_counter()
        answer = browser.get("/backoffice/workspaces/notebooks/?sort=-name")
        times.append((time.perf_counter() - begun) * 1000)
        if answer.status_code != 200:
            raise RuntimeError(f"the list answered {answer.status_code}")
    return Row(f"list of {NOTEBOOKS:,} notebooks", min(times), "ms", "100 ms, no call to Docker", limit=100.0)


@contextmanager
def _running(context: Context, folder: Path) -> Iterator[House]:
    door = FrontDoor(folder / "root")
    door.root.mkdir()
    door.install()
    conf = door.root / "etc/nginx/conf.d/bottega.conf"
    # plain HTTP: what is measured is the way, not TLS, which the direct way does not have
    plain = (PROJECT / "nginx/dev/bottega.conf").read_text("utf-8").partition("# each notebook")[0]
    plain = plain.replace("resolver 127.0.0.11 valid=1s ipv6=off;", "").replace("web:8000", f"127.0.0.1:{door.suite}")
    plain = plain.replace("door:8010", f"127.0.0.1:{door.door}").replace("/dev/stdout", f"{door.root}/out.log")
    plain = plain.replace("/dev/stderr", f"{door.root}/err.log")
    for path in ("/var/cache/nginx", "/var/log/bottega"):
        (door.root / path[1:]).mkdir(parents=True)
        plain = plain.replace(path, f"{door.root}{path}")
    conf.write_text(door.move(plain), "utf-8")
    environ = {
        **context.environ, "NOTEBOOK_ENGINE": "docker", "NOTEBOOK_SUBNETS": SUBNETS, "TRUSTED_PROXIES": "1",
        "NOTEBOOK_DOOR": f"127.0.0.1:{door.door}", "PORT": str(door.suite), "PUBLIC_URL": f"http://{HOST}",
        "WEB_WORKERS": "1",
    }  # fmt: skip
    with transaction() as session:
        person = make_user(session, roles=["staff"])
        notebook = session.scalars(select(Notebook).where(Notebook.slug == "bench")).one()
        notebook.project_id = make_project(session, group=make_group(session, owner=person)).id
        signed_in_cookie(session, person)
        number = session.scalars(select(UserSession.id).where(UserSession.user_id == person.id)).one()
        shown = write_pass(Pass(number, person.id, notebook.id))
        house = House(door, notebook.id, actor_for(person), shown)
    with door.open(), (folder / "processes.log").open("w") as log:
        processes = [
            subprocess.Popen(
                [sys.executable, "-m", "webapp.cli", name], cwd=PROJECT, env=environ, stdout=log, stderr=log
            )
            for name in ("web", "door", "keeper")
        ]
        try:
            until(lambda: _asked(house.visitor) in (401, 403, 503), PATIENCE, every=LOOK)
            yield house
        finally:
            for process in processes:
                process.terminate()
            for process in processes:
                process.wait(60)


def _measure_starts(house: House, client: docker.DockerClient) -> list[Row]:
    """In turn: the wish until nginx passes the first answer on, and `docker run` of the same image until it answers."""
    ours, plain = [], []
    for turn in range(STARTS + 1):
        begun = time.perf_counter()
        with transaction() as session:
            start_notebook(session, by=house.actor, slug="bench")
        # as a page is told: to ask the suite ten times a second would take from JupyterLab the processor that it starts on
        until(lambda: _state(house) == "running", PATIENCE, every=LOOK)
        until(lambda: _asked(house.visitor) == 200, PATIENCE, every=LOOK)
        ours.append(time.perf_counter() - begun)
        if turn < STARTS:
            with transaction() as session:
                stop_notebook(session, by=SYSTEM, slug="bench")
            until(lambda: _state(house) == "stopped", PATIENCE, every=LOOK)
        plain.append(_run_plainly(client))
    # the first turn warms the caches of the machine up, for both
    click, run = statistics.median(ours[1:]), statistics.median(plain[1:])
    return [
        Row(
            "from the click to the first answer",
            click * 1000,
            "ms",
            f"docker run: {run * 1000:,.0f} ms",
            click / run,
            1.2,
        )
    ]


def _run_plainly(client: docker.DockerClient) -> float:
    begun = time.perf_counter()
    container = client.containers.run(
        IMAGE, detach=True, init=True, mem_limit="1g", nano_cpus=1_000_000_000, environment={"JUPYTER_TOKEN": "bench"}
    )
    try:
        address = client.api.inspect_container(container.id)["NetworkSettings"]["IPAddress"]
        until(lambda: _status(address, 8888, "/api", {}) == 200, PATIENCE, every=LOOK)
        return time.perf_counter() - begun
    finally:
        container.remove(force=True, v=True)


def _measure_way(house: House) -> list[Row]:
    """In turn, each on a line that stays open: straight to the notebook, and through nginx and the door."""
    row = _row(house)
    token = unseal(row.token_sealed, purpose=TOKEN_PURPOSE)
    headers = {"Authorization": f"token {token}", "X-Reach": str(row.address)}
    visitors = {
        "direct": Visitor(str(row.address), int(row.port or 0), "/notebooks/bench/", headers),
        "door": house.visitor,
    }
    lines = {name: _keep(visitor) for name, visitor in visitors.items()}
    kernels = {name: visitor.open_kernel() for name, visitor in visitors.items()}
    for kernel in kernels.values():
        if kernel.run("1+1") != "2":
            raise RuntimeError("the kernel cannot add")
    requests: dict[str, list[float]] = {name: [] for name in lines}
    greetings: dict[str, list[float]] = {name: [] for name in lines}
    for _ in range(REQUESTS):
        for name, ask in lines.items():
            requests[name].append(_timed(ask))
            greetings[name].append(_timed(kernels[name].greet))
    for kernel in kernels.values():
        kernel.socket.close()
    asked = {name: statistics.median(times) for name, times in requests.items()}
    greeted = {name: statistics.median(times) for name, times in greetings.items()}
    return [
        Row(
            "added by the way, a request",
            asked["door"] - asked["direct"],
            "ms",
            f"direct: {asked['direct']:.2f} ms",
            limit=3.0,
        ),
        Row(
            "kernel and back, through the door", greeted["door"], "ms", f"direct: {greeted['direct']:.2f} ms", limit=5.0
        ),
    ]


def _keep(visitor: Visitor) -> Callable[[], None]:
    """Ask again and again on one line."""
    connection = http.client.HTTPConnection(visitor.host)
    connection.sock = visitor.connect()

    def ask() -> None:
        connection.request("GET", f"{visitor.base}api/status", headers=visitor.headers)
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{visitor.host} answered {answer.status}")

    return ask


def _timed(deed: Callable[[], None]) -> float:
    begun = time.perf_counter()
    deed()
    return (time.perf_counter() - begun) * 1000


def _row(house: House) -> Notebook:
    db.session.remove()
    return db.session().get_one(Notebook, house.notebook_id)


def _state(house: House) -> str:
    with db.engine.connect() as connection:
        asked = select(Notebook.state).where(Notebook.id == house.notebook_id)
        return str(connection.execute(asked).scalar_one())


def _asked(visitor: Visitor) -> int:
    return _status("127.0.0.1", visitor.port, f"{visitor.base}api/status", {**visitor.headers, "Host": visitor.host})


def _status(host: str, port: int, path: str, headers: Mapping[str, str]) -> int:
    connection = http.client.HTTPConnection(host, port, timeout=10)
    try:
        connection.request("GET", path, headers=dict(headers))
        return connection.getresponse().status
    except OSError:
        return 0
    finally:
        connection.close()
