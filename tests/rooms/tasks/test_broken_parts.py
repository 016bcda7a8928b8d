"""What people see, and what becomes of the work, when a part of the house breaks: with real parts, really broken."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from tests.conftest import FAST, Browser, signed_in_cookie
from tests.rooms.conftest import ENGLISH
from tests.rooms.tasks.brokers import RabbitMQ, Redis
from tests.rooms.tasks.house import House, open_house
from webapp.blueprints.accounts.services.users import create_user
from webapp.blueprints.tasks.gateways.runner import execute
from webapp.blueprints.tasks.models import State
from webapp.blueprints.tasks.ports import CarrierDown
from webapp.blueprints.tasks.services.steering import retry
from webapp.core import migrations
from webapp.core.db import db, transaction
from webapp.core.embedded import EmbeddedPostgres
from webapp.core.security import SYSTEM
from webapp.core.settings import Settings

PAGE = "/backoffice/tasks/"
KILLED = "Its process was killed: if nobody did that, the machine's memory ran out."


@pytest.fixture
def house(fresh_settings: Settings, tmp_path: Path) -> Iterator[House]:
    """An installation whose tasks lie in folders."""
    settings = replace(fresh_settings, broker_url="filesystem://", instance=tmp_path / "instance", task_lease=6)
    with open_house(settings, tmp_path) as opened:
        yield opened


@pytest.mark.parametrize("kind", ["test.sleep", "test.long_query"])
def test_a_stopped_worker_gives_its_task_back_at_once(house: House, kind: str) -> None:
    task_id, behind = house.ask(kind, seconds=60), house.ask(kind, seconds=60)
    worker = house.start("worker", "1", TASK_LEASE="60")
    house.wait_for(lambda: house.row(task_id).state == "running")
    worker.send_signal(signal.SIGTERM)
    assert house.wait_for(lambda: house.row(task_id).state == "queued", seconds=20) < 3
    assert house.wait_for(lambda: worker.poll() is not None, seconds=20) < 10  # its pool takes its time, without a task
    assert worker.returncode == 0
    for task in (house.row(task_id), house.row(behind)):
        assert (task.state, task.attempts) == ("queued", 0)
    assert house.row(task_id).sent_at is None


def test_a_worker_ends_also_when_the_processes_of_its_pool_are_killed_meanwhile(house: House) -> None:
    worker = house.start("worker", "2")
    task_id = house.ask("test.sleep", seconds=0)
    house.wait_for(lambda: house.row(task_id).state == "done")
    pool = psutil.Process(worker.pid).children()
    worker.send_signal(signal.SIGTERM)
    for process in pool:
        process.kill()
    house.wait_for(lambda: worker.poll() is not None, seconds=40)


@pytest.fixture
def postgres() -> Iterator[EmbeddedPostgres]:
    """A PostgreSQL of the test's own, which keeps what it committed when it is killed."""
    with tempfile.TemporaryDirectory(prefix="bottega-test-") as folder:
        server = EmbeddedPostgres(Path(folder), options={**FAST, "synchronous_commit": "on"})
        server.acquire()
        yield server
        server.release()


@pytest.fixture
def own_house(postgres: EmbeddedPostgres, settings: Settings, tmp_path: Path) -> Iterator[House]:
    """An installation on a PostgreSQL of its own."""
    its = {"database_url": postgres.url("bottega"), "gold_database_url": postgres.url("gold"), "task_lease": 6}
    with open_house(replace(settings, instance=tmp_path / "instance", **its), tmp_path) as opened:
        migrations.upgrade()
        with transaction() as session:
            session.execute(text("CREATE TABLE traces (task_id bigint, attempt int)"))
        yield opened


@pytest.mark.parametrize("mode", ["immediate", "fast"])
def test_a_database_that_is_restarted_under_load_loses_nothing(
    own_house: House, postgres: EmbeddedPostgres, mode: str
) -> None:
    house = own_house
    tasks = [house.ask("test.count", seconds=0.1, n=number) for number in range(50)]
    house.start("scheduler")
    house.start("worker", "2")
    for done in (5, 20):
        house.wait_for(lambda done=done: house.standing().get("done", 0) >= done)
        db.session.remove()
        postgres._run("pg_ctl", "restart", "-w", "-s", "-m", mode, "-D", str(postgres.data))
    house.wait_for(lambda: house.standing() == {"done": 50})
    with transaction() as session:
        rows = session.execute(text("SELECT count(*), count(DISTINCT task_id) FROM traces")).one()
    assert rows[1] == len(tasks)
    assert rows[0] - rows[1] <= 4  # work that was done, but not told before the database went: two processes, two times


@pytest.fixture(
    params=[
        pytest.param(Redis, id="redis", marks=pytest.mark.needs("redis-server")),
        pytest.param(RabbitMQ, id="rabbitmq", marks=pytest.mark.needs("rabbitmq-server")),
    ]
)
def broker(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Redis | RabbitMQ]:
    started: Redis | RabbitMQ = request.param(tmp_path)
    yield started
    started.stop()


def owner_of(house: House) -> FlaskClient:
    """A browser in which the owner of this installation is signed in."""
    with transaction() as session:
        user = create_user(
            session,
            by=SYSTEM,
            email="ada@people.bottega.it",
            name="Ada",
            password="a-long-enough-password",
            roles=["owner"],
        )
        opened = signed_in_cookie(session, user)
    house.app.testing = True
    house.app.test_client_class = Browser
    browser = house.app.test_client()
    with browser.session_transaction() as cookie:
        cookie.update(opened)
    return browser


def test_work_waits_in_sight_while_the_broker_is_down_and_runs_when_it_is_back(
    broker: Redis | RabbitMQ, fresh_settings: Settings, tmp_path: Path
) -> None:
    settings = replace(fresh_settings, broker_url=broker.url, instance=tmp_path / "instance", task_lease=6)
    with open_house(settings, tmp_path) as house:
        with transaction() as session:
            session.execute(text("CREATE TABLE traces (task_id bigint, attempt int)"))
        owner = owner_of(house)

        def page(path: str = "") -> str:
            db.session.remove()
            return owner.get(f"{PAGE}{path}", headers=ENGLISH).text

        house.start("scheduler")
        house.start("worker", "1")
        first = house.ask("test.count")
        house.wait_for(lambda: house.row(first).state == "done")
        broker.stop()
        began = time.monotonic()
        second = house.ask("test.count")
        assert time.monotonic() - began < 5  # a page does not hang on a broker
        assert "It waits for a worker." in page(f"{second}/")
        house.wait_for(lambda: "Il broker non risponde." in page())
        assert "Work is accepted and waits." in page()
        assert house.row(second).state == "queued"
        broker.start()
        house.wait_for(lambda: house.row(second).state == "done")
        house.wait_for(lambda: "Il broker non risponde." not in page())


def test_a_task_that_takes_all_the_memory_it_may_have_says_so(house: House) -> None:
    greedy = [house.ask("test.refuse", how="memory"), house.ask("test.hoard")]
    house.start("worker", "1", TASK_MEGABYTES="400")
    for task_id in greedy:
        house.wait_for(lambda task_id=task_id: house.row(task_id).state == "failed")
        task = house.row(task_id)
        assert task.error == "It needed more memory than the 400 MB that a task may have (TASK_MEGABYTES)."
        assert task.attempts == 1


def test_a_process_that_the_machine_kills_for_its_memory_says_so_and_the_task_is_tried_again(house: House) -> None:
    task_id = house.ask("test.sleep", seconds=4)
    house.start("scheduler")
    worker = house.start("worker", "1", TASK_LEASE="60")
    house.wait_for(lambda: house.row(task_id).state == "running")
    (child,) = (
        each.pid for each in psutil.Process(worker.pid).children() if house.row(task_id).worker.endswith(f"/{each.pid}")
    )
    os.kill(child, signal.SIGKILL)  # as Linux does when memory runs out
    house.wait_for(lambda: house.row(task_id).attempts == 2, seconds=30)
    assert KILLED in [line.words for line in house.row(task_id).lines]
    house.wait_for(lambda: house.row(task_id).state == "done")


def test_a_poisonous_task_ends_after_its_attempts_and_those_behind_it_are_done_meanwhile(house: House) -> None:
    with transaction() as session:
        session.execute(text("CREATE TABLE traces (task_id bigint, attempt int)"))
    poison = house.ask("test.refuse", how="kill")
    others = [house.ask("test.count", n=number) for number in range(10)]
    house.start("scheduler")
    house.start("worker", "1")
    house.wait_for(lambda: house.row(poison).state == "lost")
    task = house.row(poison)
    assert (task.attempts, task.error) == (3, KILLED)
    house.wait_for(lambda: house.standing() == {"lost": 1, "done": len(others)})
    ended = house.row(poison).finished_at
    assert ended is not None
    before = [each for each in others if (house.row(each).finished_at or ended) < ended]
    assert before == others


def test_a_result_for_which_the_disk_has_no_room_fails_in_words_and_can_be_tried_again(
    own_house: House, postgres: EmbeddedPostgres
) -> None:
    house = own_house
    task_id = house.ask("test.write", size=200_000)
    with full_disk_under_long_values(house, postgres):
        assert execute(house.app, task_id, worker="test", kill=lambda: None) is State.FAILED
        task = house.row(task_id)
        assert (task.error, task.attempts) == ("The disk is full: make room, then retry.", 1)
        db.session.remove()
    with transaction() as session:
        retry(session, task_id, by=SYSTEM)
    assert execute(house.app, task_id, worker="test", kill=lambda: None) is State.DONE
    assert len(house.row(task_id).result) == 200_000


def test_a_result_that_the_database_does_not_take_fails_in_words(house: House) -> None:
    task_id = house.ask("test.character", number=0)
    assert execute(house.app, task_id, worker="test", kill=lambda: None) is State.FAILED
    assert house.row(task_id).error.startswith("Its result cannot be stored: ")


def test_a_message_that_was_torn_does_not_end_the_worker(house: House, tmp_path: Path) -> None:
    with transaction() as session:
        session.execute(text("CREATE TABLE traces (task_id bigint, attempt int)"))
    first = house.ask("test.count")
    queue = tmp_path / "instance" / "broker" / "queue"
    (queue / "0_half.default.msg").write_text('{"body": "W1')
    (queue / "0_none.default.msg").touch()
    worker = house.start("worker", "1")
    house.wait_for(lambda: house.row(first).state == "done")
    assert worker.poll() is None
    assert not list(queue.glob("0_*"))


def test_a_broker_whose_folder_cannot_be_written_lets_the_work_wait(house: House, tmp_path: Path) -> None:
    house.ask("test.count")
    queue = tmp_path / "instance" / "broker" / "queue"
    shutil.rmtree(queue)
    task_id = house.ask("test.count")
    assert house.row(task_id).state == "queued"
    with pytest.raises(CarrierDown):
        house.app.extensions["task_carrier"].send(task_id, "default")


@contextmanager
def full_disk_under_long_values(house: House, postgres: EmbeddedPostgres) -> Iterator[None]:
    """Inside, the file in which PostgreSQL keeps long values lies on a device without room: the system says ENOSPC."""
    where = "SELECT pg_relation_filepath(reltoastrelid) FROM pg_class WHERE relname = 'tasks_tasks'"
    with transaction() as session:
        file = postgres.data / session.execute(text(where)).scalar_one()

    def exchange(new: Callable[[], object]) -> None:
        db.session.remove()
        db.engine.dispose()
        postgres._run("pg_ctl", "stop", "-w", "-s", "-m", "fast", "-D", str(postgres.data))
        file.unlink()
        new()
        postgres._start()

    kept = file.read_bytes()
    assert kept == b""
    exchange(lambda: file.symlink_to("/dev/full"))
    try:
        yield
    finally:
        exchange(lambda: (file.touch(0o600), shutil.chown(file, file.parent.stat().st_uid, file.parent.stat().st_gid)))
