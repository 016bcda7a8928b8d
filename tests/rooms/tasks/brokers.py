"""Brokers of the tests' own: folders, Debian's redis-server and Debian's rabbitmq-server."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import psutil


class Broker(Protocol):
    """A broker of the test's own."""

    url: str

    def restart(self) -> None:
        """End it without warning, with all that it has not kept, and start it again."""

    def stop(self) -> None:
        """End it without warning."""


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
        self.stop()
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
        if self.process.poll() is not None:
            return
        group = [self.process, *psutil.Process(self.process.pid).children(recursive=True)]
        for process in group:
            with suppress(psutil.NoSuchProcess):  # it ended with the one killed before it
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
