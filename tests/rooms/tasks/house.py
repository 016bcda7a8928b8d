"""An installation of a test's own: its application, and the workers and schedulers that it starts as processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from flask import Flask
from sqlalchemy import text

from tests.rooms.tasks.kinds import declare
from tests.waiting import until
from webapp.app import create_app
from webapp.blueprints.tasks.models import Task
from webapp.blueprints.tasks.public import ask
from webapp.core.db import db, transaction
from webapp.core.security import SYSTEM
from webapp.core.settings import PROJECT, Settings

Process = subprocess.Popen[bytes]


@dataclass
class House:
    """The application and what was started beside it; `output` is what the processes said."""

    app: Flask
    output: Path
    processes: list[Process] = field(default_factory=list)

    def start(self, *words: str, **environ: str) -> Process:
        """Start `worker PROCESSES` or `scheduler`."""
        settings: Settings = self.app.extensions["settings"]
        its = {
            **os.environ,
            "BOTTEGA_ENV": "test",
            "BOTTEGA_INSTANCE": str(settings.instance),
            "DATABASE_URL": str(settings.database_url),
            "GOLD_DATABASE_URL": str(settings.gold_database_url),
            "BROKER_URL": settings.broker_url,
            "TASK_LEASE": str(settings.task_lease),
            "LOG_LEVEL": "ERROR",
            **environ,
        }
        program = [sys.executable, "-m", "tests.rooms.tasks.kinds", *words]
        with self.output.open("ab") as output:
            self.processes.append(subprocess.Popen(program, env=its, cwd=PROJECT, stdout=output, stderr=output))
        return self.processes[-1]

    def ask(self, kind: str, **args: Any) -> int:
        """Ask for a task; its id."""
        with transaction() as session:
            return ask(session, kind, args, by=SYSTEM).id

    def row(self, task_id: int) -> Task:
        """A task as it stands now."""
        db.session.remove()
        return db.session.get_one(Task, task_id)

    def standing(self) -> dict[str, int]:
        """How many tasks of the tests are in each state; the house's own come by the clock."""
        with transaction() as session:
            rows = session.execute(
                text("SELECT state, count(*) AS number FROM tasks_tasks WHERE kind LIKE 'test.%' GROUP BY 1")
            )
            return {row.state: row.number for row in rows}

    def wait_for(self, what: Callable[[], object], *, seconds: float = 60) -> float:
        """Wait until `what` is so; the seconds that it took."""
        began = time.monotonic()
        until(what, seconds, lambda: f"not within {seconds} s: {self.standing()}\n{self.said()}")
        return time.monotonic() - began

    def said(self) -> str:
        """The last that the processes said."""
        return self.output.read_text(errors="replace")[-3000:] if self.output.exists() else ""


@contextmanager
def open_house(settings: Settings, folder: Path) -> Iterator[House]:
    """Inside, the application's context is open; at the end all processes are killed."""
    app = create_app(settings)
    declare(app)
    house = House(app, folder / "processes.log")
    with app.app_context():
        try:
            yield house
        finally:
            for process in house.processes:
                kill_tree(process)
            db.session.remove()
            for engine in db.engines.values():
                engine.dispose()


def kill_tree(process: Process) -> None:
    """Kill a process with its children, as the end of a machine would."""
    if process.poll() is None:
        for each in (*psutil.Process(process.pid).children(recursive=True), process):
            try:
                os.kill(each.pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
    process.wait()
