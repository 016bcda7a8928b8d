"""What becomes of a task: done, tried again, failed in words, stopped; always by the one who holds it."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import text

from tests.rooms.tasks.conftest import Ask, Run
from tests.rooms.tasks.kinds import TITLE
from webapp.blueprints.tasks.gateways.runner import execute
from webapp.blueprints.tasks.gateways.scheduler import Scheduler
from webapp.blueprints.tasks.models import State, Task
from webapp.blueprints.tasks.ports import CarrierDown
from webapp.blueprints.tasks.public import ask
from webapp.blueprints.tasks.services.asking import KindUnknown
from webapp.blueprints.tasks.services.holding import Told, claim, finish, give_back, list_unsent, reap
from webapp.core.db import db, transaction
from webapp.core.errors import FieldProblems
from webapp.core.jobs import Argument, TaskKind, task_kinds
from webapp.core.security import SYSTEM, Actor

Row = Callable[[int], Task]


def words(row: Task) -> list[str]:
    return [line.words for line in row.lines]


def test_a_task_is_done_once_with_its_result(ask_for: Ask, run: Run, row: Row) -> None:
    task_id = ask_for("test.count", n=7)
    assert run(task_id) is State.DONE
    assert run(task_id) is None
    task = row(task_id)
    assert (task.state, task.result, task.attempts, task.token) == ("done", {"n": 7}, 1, None)
    assert db.session.scalar(text("SELECT count(*) FROM traces")) == 1


def test_work_knows_the_companys_languages(ask_for: Ask, run: Run, row: Row) -> None:
    task_id = ask_for("test.languages")
    assert run(task_id) is State.DONE
    assert row(task_id).result == ["it", "en"]


def test_nothing_is_asked_when_the_cause_rolls_back(tasks_app: Flask) -> None:
    def break_off() -> None:
        with transaction() as session:
            ask(session, "test.count", {}, by=SYSTEM)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        break_off()
    assert db.session.scalar(text("SELECT count(*) FROM tasks_tasks")) == 0


def test_the_same_key_is_one_task_until_it_ends_badly(tasks_app: Flask, ask_for: Ask, run: Run) -> None:
    first = ask_for("test.once", n=1)
    assert ask_for("test.once", n=1) == first
    assert ask_for("test.once", n=2) != first
    run(first)
    assert ask_for("test.once", n=1) == first
    with transaction() as session:
        session.execute(text("UPDATE tasks_tasks SET state = 'failed' WHERE id = :id"), {"id": first})
    assert ask_for("test.once", n=1) != first


def test_what_must_be_alone_waits_for_the_one_that_runs(ask_for: Ask, run: Run, row: Row) -> None:
    first, second = ask_for("test.alone"), ask_for("test.alone")
    with transaction() as session:
        assert claim(session, first, token=uuid4(), worker="other")
    assert run(second) is None
    assert row(second).state == "queued"
    with transaction() as session:
        token = session.get_one(Task, first).token
        assert token is not None
        assert finish(session, first, token=token, state=State.DONE, told=Told())
    assert run(second) is State.DONE


@pytest.mark.parametrize(
    ("how", "sentence"),
    [
        ("domain", "The shelf is empty."),
        ("code", "Something unforeseen happened: KeyError: 'surname'"),
        ("full", "The disk is full: make room, then retry."),
        ("result", "Its result cannot be stored: Object of type object is not JSON serializable"),
    ],
)
def test_a_failure_is_told_in_words_and_not_repeated(ask_for: Ask, run: Run, row: Row, how: str, sentence: str) -> None:
    task_id = ask_for("test.refuse", how=how)
    assert run(task_id) is State.FAILED
    task = row(task_id)
    assert (task.error, task.attempts) == (sentence, 1)


def test_a_temporary_failure_is_tried_again_later_and_ends_after_its_attempts(ask_for: Ask, run: Run, row: Row) -> None:
    task_id = ask_for("test.refuse", how="temporary")
    for attempt in (1, 2):
        assert run(task_id) is State.QUEUED
        task = row(task_id)
        assert task.not_before is not None
        assert (task.attempts, task.sent_at) == (attempt, None)
        time.sleep(0.5)
    assert run(task_id) is State.FAILED
    assert row(task_id).error.startswith("Tried 3 times. The last time: ")


def test_a_task_is_not_begun_before_its_time(tasks_app: Flask, run: Run) -> None:
    with transaction() as session:
        later = dt.datetime.now(dt.UTC) + dt.timedelta(hours=1)
        task_id = ask(session, "test.count", {}, by=SYSTEM, not_before=later).id
        assert task_id not in [task.id for task in list_unsent(session, limit=10)]
    assert run(task_id) is None


def test_a_deadline_is_handed_on_to_queries(ask_for: Ask, run: Run, row: Row) -> None:
    task_id = ask_for("test.query", seconds=60)
    began = time.monotonic()
    assert run(task_id) is State.FAILED
    assert time.monotonic() - began < 30
    assert row(task_id).error == "Its deadline passed before it was done."


def test_a_task_whose_deadline_passed_while_it_waited_fails_unbegun(ask_for: Ask, run: Run, row: Row) -> None:
    task_id = ask_for("test.late")
    time.sleep(1.2)
    assert run(task_id) is None
    assert (row(task_id).state, row(task_id).attempts) == ("failed", 0)


def test_a_task_that_takes_too_long_is_interrupted(ask_for: Ask, run: Run, row: Row) -> None:
    task_id = ask_for("test.short", seconds=60)
    assert run(task_id) is State.FAILED
    assert row(task_id).error == "It took longer than 1 seconds and was stopped."


def test_a_task_that_does_not_listen_is_killed_after_its_outcome_was_written(
    tasks_app: Flask, ask_for: Ask, row: Row
) -> None:
    task_id = ask_for("test.deaf", seconds=6)
    killed = threading.Event()
    db.session.remove()
    execute(tasks_app, task_id, worker="test", kill=killed.set)
    assert killed.is_set()
    assert row(task_id).state == "failed"


def test_a_cancelled_task_stops_in_the_middle_and_keeps_what_it_told(ask_for: Ask, run: Run, row: Row) -> None:
    task_id = ask_for("test.tell", seconds=60, total=1000)

    def cancel() -> None:
        engine = db_engine
        while True:
            with engine.begin() as connection:
                told = connection.execute(
                    text("SELECT progress_done FROM tasks_tasks WHERE id = :id"), {"id": task_id}
                ).scalar_one()
                if told:
                    connection.execute(text("UPDATE tasks_tasks SET cancel_asked_at = now()"))
                    return
            time.sleep(0.1)

    db_engine = db.engine
    stopper = threading.Thread(target=cancel)
    stopper.start()
    assert run(task_id) is State.CANCELLED
    stopper.join()
    task = row(task_id)
    assert task.progress_done > 0
    assert task.progress_words.startswith("step ")
    assert words(task) == ["begun"]


def test_a_query_is_broken_off_when_its_task_is_cancelled(ask_for: Ask, run: Run, row: Row) -> None:
    task_id = ask_for("test.long_query", seconds=8)
    engine = db.engine

    def cancel() -> None:
        with engine.begin() as connection:
            connection.execute(text("UPDATE tasks_tasks SET cancel_asked_at = now()"))

    stopper = threading.Timer(0.5, cancel)
    stopper.start()
    began = time.monotonic()
    assert run(task_id) is State.CANCELLED
    assert time.monotonic() - began < 5
    stopper.join()


def test_a_task_that_was_asked_to_stop_is_not_tried_again(tasks_app: Flask, ask_for: Ask, run: Run, row: Row) -> None:
    def fail(_run: object, _args: object) -> None:
        with engine.begin() as connection:
            connection.execute(text("UPDATE tasks_tasks SET cancel_asked_at = now()"))
        raise ConnectionError("nobody answers")

    engine = db.engine
    task_kinds()["test.fail"] = TaskKind("test.fail", TITLE, fail)
    task_id = ask_for("test.fail")
    assert run(task_id) is State.CANCELLED
    assert (row(task_id).state, row(task_id).error) == ("cancelled", "Cancelled.")
    assert row(task_id).finished_at is not None


def test_a_waiting_task_that_was_asked_to_stop_is_not_begun(ask_for: Ask, run: Run, row: Row) -> None:
    task_id = ask_for("test.count")
    with transaction() as session:
        session.execute(text("UPDATE tasks_tasks SET cancel_asked_at = now()"))
    assert run(task_id) is None
    assert (row(task_id).state, row(task_id).attempts) == ("cancelled", 0)


def test_a_worker_that_leaves_does_not_begin_what_it_still_has(tasks_app: Flask, ask_for: Ask, row: Row) -> None:
    task_id = ask_for("test.count")
    db.session.remove()
    assert execute(tasks_app, task_id, worker="test", kill=lambda: None, leaving=lambda: True) is None
    assert (row(task_id).state, row(task_id).attempts, row(task_id).sent_at) == ("queued", 0, None)


def test_an_expired_lease_gives_the_task_to_another_and_the_first_changes_nothing_any_more(
    ask_for: Ask, run: Run, row: Row
) -> None:
    task_id, token = ask_for("test.count"), uuid4()
    with transaction() as session:
        claim(session, task_id, token=token, worker="dead")
        session.execute(text("UPDATE tasks_tasks SET lease_until = now() - interval '1 second'"))
    with transaction() as session:
        assert reap(session) == 1
    assert run(task_id) is State.DONE
    with transaction() as session:
        assert not finish(session, task_id, token=token, state=State.FAILED, error="late", told=Told())
        assert not give_back(session, task_id, token=token, wait=0, words="late", counted=True, told=Told())
    assert row(task_id).state == "done"
    assert row(task_id).attempts == 2


def test_a_worker_that_lost_its_task_commits_nothing(tasks_app: Flask, ask_for: Ask, run: Run, row: Row) -> None:
    def steal(task_run: object, _args: object) -> None:
        with task_run.transaction() as session:
            session.execute(text("INSERT INTO traces VALUES (1, 1)"))
            with db_engine.begin() as other:
                other.execute(text("UPDATE tasks_tasks SET token = gen_random_uuid()"))

    db_engine = db.engine
    task_kinds()["test.steal"] = TaskKind("test.steal", TITLE, steal)
    assert run(ask_for("test.steal")) is None
    assert db.session.scalar(text("SELECT count(*) FROM traces")) == 0


def test_a_poisonous_task_is_lost_after_its_attempts(ask_for: Ask, row: Row) -> None:
    task_id = ask_for("test.count")
    for _ in range(3):
        with transaction() as session:
            assert claim(session, task_id, token=uuid4(), worker="dead")
            session.execute(text("UPDATE tasks_tasks SET lease_until = now() - interval '1 second'"))
        with transaction() as session:
            reap(session)
    task = row(task_id)
    assert task.state == "lost"
    assert task.error == "The worker vanished 3 times while it worked on this; it is not tried again."


def test_a_task_of_somebody_who_is_gone_fails_in_words(tasks_app: Flask, run: Run, row: Row) -> None:
    with transaction() as session:
        task_id = ask(session, "test.count", {}, by=Actor("Gianna", user_id=987654)).id
    assert run(task_id) is State.FAILED
    assert row(task_id).error == "The account of Gianna, who asked for this, is gone or disabled."


def test_a_kind_that_nobody_declares_any_more_fails_in_words(ask_for: Ask, run: Run, row: Row) -> None:
    task_id = ask_for("test.count")
    del task_kinds()["test.count"]
    assert run(task_id) is State.FAILED
    assert row(task_id).error == "No open room knows this kind of task any more."
    with pytest.raises(KindUnknown):
        ask_for("test.count")


@pytest.mark.parametrize(
    ("args", "field"),
    [
        ({}, "day"),
        ({"day": "2026-02-30"}, "day"),
        ({"day": "2026-02-03", "parts": 0}, "parts"),
        ({"day": "2026-02-03", "parts": "two"}, "parts"),
        ({"day": "2026-02-03", "colour": "green"}, "colour"),
        ({"day": "2026-02-03", "other": 1}, "other"),
    ],
)
def test_arguments_are_checked_when_the_task_is_asked_for(ask_for: Ask, args: dict[str, object], field: str) -> None:
    task_kinds()["test.args"] = TaskKind(
        "test.args",
        TITLE,
        lambda _run, _args: None,
        arguments=(
            Argument("day", TITLE, dt.date, required=True),
            Argument("parts", TITLE, int, default=2, least=1, most=9),
            Argument("colour", TITLE, choices=(("red", TITLE),)),
        ),
    )
    with pytest.raises(FieldProblems) as problems:
        ask_for("test.args", **args)
    assert list(problems.value.problems) == [field]


class DownThenUp:
    """A carrier whose broker is down until `up`."""

    def __init__(self) -> None:
        self.up = False
        self.sent: list[tuple[int, str]] = []

    def send(self, task_id: int, queue: str) -> None:
        if not self.up:
            raise CarrierDown("no broker")
        self.sent.append((task_id, queue))

    def check(self) -> None:
        if not self.up:
            raise CarrierDown("no broker")


def test_work_is_accepted_while_the_broker_is_down_and_sent_when_it_is_back(tasks_app: Flask, ask_for: Ask) -> None:
    carrier = tasks_app.extensions["task_carrier"] = DownThenUp()
    task_id = ask_for("test.count")
    with transaction() as session:
        session.execute(text("UPDATE tasks_tasks SET sent_at = now() - interval '1 minute'"))
    db.session.remove()
    scheduler = Scheduler(tasks_app)
    scheduler.go_round()
    assert scheduler.note == "Il broker non risponde."
    carrier.up = True
    scheduler.last = [-1e9] * len(scheduler.last)
    scheduler.go_round()
    assert carrier.sent == [(task_id, "default")]
    assert scheduler.note == ""
