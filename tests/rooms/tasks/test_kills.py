"""Workers are killed and brokers restarted while five hundred tasks are done: all are done, none twice, none is stuck."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import psutil
import pytest
from flask import Flask
from sqlalchemy import text

from tests.rooms.tasks.kinds import declare
from webapp.app import create_app
from webapp.blueprints.tasks.public import ask
from webapp.core.db import db, transaction
from webapp.core.security import SYSTEM
from webapp.core.settings import PROJECT, Settings

TASKS = 500
WORKERS = 4
KILLS = 20
PATIENCE = 300
COMPLETIONS = (
    "CREATE TABLE completions (task_id bigint)",
    """CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN INSERT INTO completions VALUES (NEW.id); RETURN NEW; END $$""",
    """CREATE TRIGGER note AFTER UPDATE ON tasks_tasks FOR EACH ROW WHEN (NEW.state = 'done' AND OLD.state <> 'done')
    EXECUTE FUNCTION note()""",
)


class Broker(Protocol):
    """A broker of the test's own."""

    url: str

    def restart(self) -> None:
        """End it without warning, with all that it has not kept, and start it again."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for_port(port: int) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError(f"nothing listens on {port}")


class Folders:
    """The filesystem broker: a restart loses every message that waits."""

    url = "filesystem://"

    def __init__(self, folder: Path) -> None:
        self.queue = folder / "instance" / "broker" / "queue"

    def restart(self) -> None:
        for message in list(self.queue.glob("*.msg")):
            message.unlink(missing_ok=True)

    def stop(self) -> None:
        """Nothing runs."""


class Redis:
    """Debian's redis-server, which keeps nothing here over a kill."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.folder = folder
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self.folder)],
            stdout=subprocess.DEVNULL,
        )
        wait_for_port(self.port)

    def restart(self) -> None:
        self.process.kill()
        self.process.wait()
        self.start()

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


class RabbitMQ:
    """Debian's rabbitmq-server in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.folder = folder / "rabbitmq"
        self.folder.mkdir()
        self.url = f"amqp://guest:guest@127.0.0.1:{self.port}//"
        self.start()

    def start(self) -> None:
        distribution = free_port()
        environ = {
            **os.environ,
            "HOME": str(self.folder),
            "RABBITMQ_NODENAME": f"test{self.port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(distribution),
            "RABBITMQ_MNESIA_BASE": str(self.folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(self.folder / "log"),
            "RABBITMQ_PID_FILE": str(self.folder / "pid"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "plugins"),
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "ERL_EPMD_PORT": str(self.epmd_port()),
        }
        # the script beside Debian's, which would change to another user and folder
        script = next(Path("/usr/lib/rabbitmq/lib").glob("rabbitmq_server-*/sbin/rabbitmq-server"))
        self.process = subprocess.Popen([script], env=environ, stdout=subprocess.DEVNULL, start_new_session=True)
        wait_for_port(self.port)

    def epmd_port(self) -> int:
        if not hasattr(self, "_epmd"):
            self._epmd = free_port()
        return self._epmd

    def kill(self) -> None:
        group = [self.process, *psutil.Process(self.process.pid).children(recursive=True)]
        for process in group:
            process.kill()
        self.process.wait()

    def restart(self) -> None:
        self.kill()
        self.start()

    def stop(self) -> None:
        self.kill()
        for process in psutil.process_iter(["name", "environ"]):
            if process.info["name"] == "epmd" and (process.info["environ"] or {}).get("HOME") == str(self.folder):
                process.kill()


BROKERS = [
    pytest.param(Folders, id="filesystem"),
    pytest.param(Redis, id="redis", marks=pytest.mark.needs("redis-server")),
    pytest.param(RabbitMQ, id="rabbitmq", marks=pytest.mark.needs("rabbitmq-server")),
]


@pytest.fixture(params=BROKERS)
def broker(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Folders | Redis | RabbitMQ]:
    started = request.param(tmp_path)
    yield started
    started.stop()


@pytest.fixture
def torture_app(broker: Broker, fresh_settings: Settings, tmp_path: Path) -> Iterator[Flask]:
    app = create_app(replace(fresh_settings, broker_url=broker.url, instance=tmp_path / "instance"))
    declare(app)
    with app.app_context():
        with transaction() as session:
            for statement in COMPLETIONS:
                session.execute(text(statement))
        yield app
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()


@pytest.fixture
def start(torture_app: Flask, tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Start a worker or a scheduler on the test's databases and broker; all are killed at the end."""
    settings: Settings = torture_app.extensions["settings"]
    environ = {
        **os.environ,
        "BOTTEGA_ENV": "test",
        "BOTTEGA_INSTANCE": str(settings.instance),
        "DATABASE_URL": str(settings.database_url),
        "GOLD_DATABASE_URL": str(settings.gold_database_url),
        "BROKER_URL": settings.broker_url,
        "LOG_LEVEL": "ERROR",
    }
    processes: list[subprocess.Popen[bytes]] = []
    with (tmp_path / "processes.log").open("ab") as log:

        def begin(*words: str) -> subprocess.Popen[bytes]:
            program = [sys.executable, "-m", "tests.rooms.tasks.kinds", *words]
            processes.append(subprocess.Popen(program, env=environ, cwd=PROJECT, stdout=log, stderr=log))
            return processes[-1]

        yield begin
        for process in processes:
            kill_tree(process)


def kill_tree(process: subprocess.Popen[bytes]) -> None:
    """Kill a process with its children, as the end of a machine would."""
    if process.poll() is None:
        for each in (*psutil.Process(process.pid).children(recursive=True), process):
            try:
                os.kill(each.pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
    process.wait()


def standing() -> dict[str, int]:
    """How many tasks are in each state."""
    with transaction() as session:
        rows = session.execute(text("SELECT state, count(*) AS number FROM tasks_tasks GROUP BY 1"))
        return {row.state: row.number for row in rows}


def test_five_hundred_tasks_survive_twenty_kills_and_two_restarts_of_the_broker(
    torture_app: Flask, broker: Broker, start: Callable[..., subprocess.Popen[bytes]], tmp_path: Path
) -> None:
    chance = random.Random(20261121)
    with transaction() as session:
        for number in range(TASKS):
            ask(session, "test.work", {"n": number, "seconds": 0.3}, by=SYSTEM)
    scheduler = start("scheduler")
    workers = [start("worker", "1") for _ in range(WORKERS)]
    kills = restarts = 0
    next_kill = time.monotonic() + 5
    deadline = time.monotonic() + PATIENCE
    while standing().get("done", 0) < TASKS:
        log = (tmp_path / "processes.log").read_text(errors="replace")[-3000:]
        assert time.monotonic() < deadline, f"{standing()} after {kills} kills and {restarts} restarts\n{log}"
        time.sleep(chance.uniform(0.3, 0.8))
        done = standing().get("done", 0)
        if kills < KILLS and time.monotonic() >= next_kill:
            next_kill = time.monotonic() + chance.uniform(0.5, 2.5)
            victim = chance.randrange(WORKERS)
            kill_tree(workers[victim])
            workers[victim] = start("worker", "1")
            kills += 1
        if restarts < 2 and done >= (restarts + 1) * TASKS // 3:
            broker.restart()
            restarts += 1
    assert scheduler.poll() is None
    assert (kills, restarts) == (KILLS, 2)
    assert standing() == {"done": TASKS}
    with transaction() as session:
        rows, tasks = session.execute(text("SELECT count(*), count(DISTINCT task_id) FROM completions")).one()
    assert (rows, tasks) == (TASKS, TASKS)
