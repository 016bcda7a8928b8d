"""The room's tasks: one follows the live logs and those of the application itself, the other lets go."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from tests.rooms.traffic.makers import as_json, ask, book, combined, run_task
from webapp.blueprints.tasks.public import State
from webapp.blueprints.traffic.gateways.collector import Following


@pytest.fixture
def logs(fresh_app: Flask, tmp_path: Path) -> Path:
    """A folder whose access.log and error.log are followed; the application's own logs lie in instance/logs below it."""
    settings = fresh_app.extensions["settings"]
    fresh_app.extensions["settings"] = replace(
        settings,
        instance=tmp_path / "instance",
        traffic_logs=(str(tmp_path / "access.log"), str(tmp_path / "error.log")),
    )
    (tmp_path / "instance/logs").mkdir(parents=True)
    return tmp_path


def test_live_logs_are_followed_with_visits_and_browsers(fresh_app: Flask, logs: Path) -> None:
    assert run_task(fresh_app, "traffic.collect", seconds=0) == State.DONE
    (logs / "access.log").write_bytes(combined() + combined())
    (logs / "instance/logs/access-2026-11-21.jsonl").write_bytes(as_json())
    assert run_task(fresh_app, "traffic.collect", seconds=0) == State.DONE
    assert run_task(fresh_app, "traffic.collect", seconds=0) == State.DONE
    assert book() == (3, 3, 0, 0)
    assert ask("SELECT sum(hits) FROM traffic_visits") == [(3,)]
    assert ask("SELECT browser FROM traffic_agents") == [("Firefox",)]
    assert ask("SELECT result ->> 'lines' FROM tasks_tasks ORDER BY id") == [("0",), ("3",), ("0",)]


def test_the_application_s_own_logs_go_with_the_vault(fresh_app: Flask, logs: Path) -> None:
    old, new = logs / "instance/logs/access-2026-11-01.jsonl", logs / "instance/logs/access-2026-11-21.jsonl"
    for path in (old, new):
        path.write_bytes(as_json())
    os.utime(old, (time.time() - 8 * 86_400,) * 2)
    assert run_task(fresh_app, "traffic.let_go") == State.DONE
    assert (old.exists(), new.exists()) == (False, True)


def test_while_a_collector_follows_the_logs_the_task_leaves_them_to_it(fresh_app: Flask, logs: Path) -> None:
    collector = Following(fresh_app)
    (logs / "access.log").write_bytes(combined() + combined())
    collector.go_round()
    assert book() == (2, 2, 0, 0)
    assert ask("SELECT sum(hits) FROM traffic_visits") == [(2,)]
    with (logs / "access.log").open("ab") as log:
        log.write(combined())
    assert run_task(fresh_app, "traffic.collect", seconds=0) == State.DONE
    assert book() == (2, 2, 0, 0)
    collector.leave.set()
    collector.run()  # told to end, it does, and somebody else may follow
    assert run_task(fresh_app, "traffic.collect", seconds=0) == State.DONE
    assert book() == (3, 3, 0, 0)


def test_a_collector_outlives_a_database_that_goes_away(fresh_app: Flask, logs: Path) -> None:
    collector = Following(fresh_app)
    (logs / "access.log").write_bytes(combined())
    collector.go_round()
    ask(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    with (logs / "access.log").open("ab") as log:
        log.write(combined())
    for _round in range(3):
        collector.go_round()
    assert book() == (2, 2, 0, 0)
    collector.leave.set()
    collector.run()
