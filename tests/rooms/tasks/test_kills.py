"""Workers are killed and brokers restarted while five hundred tasks are done: all are done, none twice, none is stuck."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.rooms.tasks.brokers import Broker, Folders, RabbitMQ, Redis
from tests.rooms.tasks.house import House, kill_tree, open_house
from webapp.blueprints.tasks.public import ask
from webapp.core.db import transaction
from webapp.core.security import SYSTEM
from webapp.core.settings import Settings

TASKS = 500
WORKERS = 4
KILLS = 20
PATIENCE = 900  # seconds; a machine with nothing else to do needs 40 to 60
LEASE = 8  # seconds; a worker that was killed with all its processes is missed only when its lease has run out
COMPLETIONS = (
    "CREATE TABLE completions (task_id bigint)",
    """CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN INSERT INTO completions VALUES (NEW.id); RETURN NEW; END $$""",
    """CREATE TRIGGER note AFTER UPDATE ON tasks_tasks FOR EACH ROW WHEN (NEW.kind LIKE 'test.%' AND NEW.state = 'done' AND OLD.state <> 'done')
    EXECUTE FUNCTION note()""",
)
BROKERS = [
    pytest.param(Folders, id="filesystem"),
    pytest.param(Redis, id="redis", marks=pytest.mark.needs("redis-server")),
    pytest.param(RabbitMQ, id="rabbitmq", marks=pytest.mark.needs("rabbitmq-server")),
]


@pytest.fixture(params=BROKERS)
def broker(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Broker]:
    started: Broker = request.param(tmp_path)
    yield started
    started.stop()


@pytest.fixture
def house(broker: Broker, fresh_settings: Settings, tmp_path: Path) -> Iterator[House]:
    settings = replace(fresh_settings, broker_url=broker.url, instance=tmp_path / "instance", task_lease=LEASE)
    with open_house(settings, tmp_path) as opened:
        with transaction() as session:
            for statement in COMPLETIONS:
                session.execute(text(statement))
        yield opened


def test_five_hundred_tasks_survive_twenty_kills_and_two_restarts_of_the_broker(house: House, broker: Broker) -> None:
    chance = random.Random(20261121)
    with transaction() as session:
        for number in range(TASKS):
            ask(session, "test.work", {"n": number, "seconds": 0.1}, by=SYSTEM)
    house.start("scheduler")
    workers = [house.start("worker", "1") for _ in range(WORKERS)]
    to_kill = sorted(chance.sample(range(10, TASKS - 10), KILLS))  # each when so many tasks are done
    to_restart = [TASKS // 3, TASKS * 2 // 3]
    deadline = time.monotonic() + PATIENCE
    while (done := house.standing().get("done", 0)) < TASKS:
        assert time.monotonic() < deadline, f"{house.standing()}; {to_kill}, {to_restart} to come\n{house.said()}"
        if to_kill and done >= to_kill[0]:
            del to_kill[0]
            victim = chance.randrange(WORKERS)
            kill_tree(workers[victim])
            workers[victim] = house.start("worker", "1")
        if to_restart and done >= to_restart[0]:
            del to_restart[0]
            broker.restart()
        time.sleep(chance.uniform(0.05, 0.2))
    assert (to_kill, to_restart) == ([], [])
    assert house.processes[0].poll() is None  # the scheduler
    assert house.standing() == {"done": TASKS}
    with transaction() as session:
        rows, tasks = session.execute(text("SELECT count(*), count(DISTINCT task_id) FROM completions")).one()
    assert (rows, tasks) == (TASKS, TASKS)
