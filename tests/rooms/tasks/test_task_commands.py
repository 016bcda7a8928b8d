"""`bottega tasks …`."""

from __future__ import annotations

import datetime as dt
import json
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.rooms.tasks.makers import RememberingCarrier, make_line, make_process, make_task
from tests.rooms.tasks.test_steering import declare
from webapp.blueprints.tasks.models import State, Task
from webapp.core.clock import utc_now
from webapp.core.db import db, transaction

Command = Callable[..., Any]


@pytest.fixture(autouse=True)
def carrier(app: Flask, monkeypatch: pytest.MonkeyPatch) -> RememberingCarrier:
    declare(app, monkeypatch)
    remembering: RememberingCarrier = app.extensions["task_carrier"]
    return remembering


def test_tasks_are_listed_by_state_and_kind(session: Session, bottega: Command) -> None:
    failed = make_task(session, state=State.FAILED, error="The shelf\nis empty.")
    make_task(session, kind="test.house")
    session.commit()
    assert len(bottega("tasks", "list").output.splitlines()) == 2
    lines = bottega("tasks", "list", "--state", "failed").output.splitlines()
    assert len(lines) == 1
    assert str(failed.id) in lines[0]
    assert "The shelf is empty." in lines[0]
    (told,) = json.loads(bottega("tasks", "list", "--kind", "test.page", "--limit", "1", "--json").output)
    assert (told["id"], told["state"], told["error"]) == (failed.id, "failed", "The shelf\nis empty.")
    assert json.loads(bottega("tasks", "list", "--state", "lost", "--json").output) == []


def test_a_task_is_shown_with_its_log(session: Session, bottega: Command) -> None:
    task = make_task(session, state=State.RUNNING, args={"n": 1}, progress_done=1, progress_total=2)
    make_line(session, task, "begun")
    session.commit()
    told = json.loads(bottega("tasks", "show", task.id, "--json").output)
    assert told["args"] == {"n": 1}
    assert told["progress"] == {"done": 1, "total": 2, "words": ""}
    assert [line["words"] for line in told["log"]] == ["begun"]
    assert "begun" in bottega("tasks", "show", task.id).output


def test_a_task_is_started_with_checked_arguments(
    session: Session, bottega: Command, carrier: RememberingCarrier
) -> None:
    assert bottega("tasks", "start", "test.typed", "--arg", "days=3").output.startswith("task ")
    task = session.scalars(select(Task).order_by(Task.id.desc()).limit(1)).one()
    assert (task.kind, task.args, task.actor, task.user_id) == ("test.typed", {"days": 3}, "system", None)
    assert carrier.sent == [(task.id, "slow")]
    bottega("tasks", "start", "test.page", "--arg", "n=1", "--arg", "word=a b", "--arg", "list=[1]")
    task = session.scalars(select(Task).order_by(Task.id.desc()).limit(1)).one()
    assert task.args == {"n": 1, "word": "a b", "list": [1]}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("start", "no.such"), "no kind of task named no.such"),
        (("start", "test.typed"), "days: This is needed"),
        (("start", "test.typed", "--arg", "days=12"), "days: Write a number from 1 to 9"),
        (("start", "test.typed", "--arg", "days=many"), "'many' is not a whole number"),
        (("start", "test.typed", "--arg", "days=3", "--arg", "colour=red"), "colour: This kind of task takes no such"),
        (("start", "test.typed", "--arg", "days"), "'days' is not name=value"),
        (("start", "test.typed", "--arg", "days=3", "--arg", "days=4"), "days is given twice"),
        (("show", "seven"), "'seven' is not the number of a task"),
        (("show", "999999999"), "There is no task number 999999999"),
        (("show", str(2**80)), "There is no task number"),
        (("cancel", "999999999"), "There is no task number"),
        (("retry", "-"), "is not the number of a task"),
        (("list", "--state", "sleeping"), "there is no state 'sleeping'"),
        (("list", "--kind", "no.such"), "no kind of task named"),
        (("list", "--limit", "0"), "--limit '0' is not a whole number"),
        (("purge", "--older-than", "soon"), "--older-than 'soon' is not a whole number"),
        (("purge", "--older-than", "9" * 30), "is not a whole number"),
    ],
)
def test_a_bad_command_is_refused_in_one_sentence(bottega: Command, words: tuple[str, ...], sentence: str) -> None:
    result = bottega("tasks", *words)
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    assert result.stdout == ""


def test_tasks_are_stopped_and_repeated(session: Session, bottega: Command) -> None:
    waits = make_task(session)
    runs = make_task(session, state=State.RUNNING)
    session.commit()
    assert bottega("tasks", "cancel", waits.id).output == "cancelled\n"
    assert bottega("tasks", "cancel", runs.id).output == "asked to stop\n"
    again = bottega("tasks", "cancel", waits.id)
    assert (again.exit_code, again.stderr) == (2, "This task has ended already: there is nothing to stop.\n")
    assert bottega("tasks", "retry", waits.id).output == "queued\n"
    assert bottega("tasks", "retry", waits.id).exit_code == 2


def test_kinds_tell_their_arguments(bottega: Command) -> None:
    output = bottega("tasks", "kinds").output
    assert "test.typed" in output
    assert "days: Number (int, needed)" in output


def test_old_tasks_are_purged_and_counted(session: Session, bottega: Command) -> None:
    for days in (1, 31, 32):
        make_task(session, state=State.DONE, finished_at=utc_now() - dt.timedelta(days=days))
    session.commit()
    assert bottega("tasks", "purge", "--older-than", "30").output == "deleted 2 tasks\n"
    assert bottega("tasks", "purge", "--older-than", "30").output == "deleted 0 tasks\n"
    assert len(session.scalars(select(Task)).all()) == 1


def test_processes_tell_who_is_silent(session: Session, bottega: Command) -> None:
    make_process(session, "worker", seen_at=utc_now() - dt.timedelta(minutes=5))
    make_process(session, "scheduler", note="The broker does not answer.")
    session.commit()
    result = bottega("tasks", "processes")
    assert "silent since" in result.stdout
    assert "alive  The broker does not answer." in result.stdout
    assert result.stderr == "no worker is alive: work is accepted and waits\n"


@pytest.mark.parametrize(
    ("state", "code", "told"), [(State.DONE, 0, 'done: {"n": 1}'), (State.FAILED, 1, "failed: The shelf is empty.")]
)
def test_one_can_wait_for_the_end(
    fresh_app: Flask, monkeypatch: pytest.MonkeyPatch, state: State, code: int, told: str
) -> None:
    declare(fresh_app, monkeypatch)

    def end() -> None:
        with fresh_app.app_context():
            until = time.monotonic() + 20
            while time.monotonic() < until:
                with transaction() as session:
                    task = session.scalars(select(Task)).one_or_none()
                    if task is not None:
                        task.state, task.finished_at = state, utc_now()
                        task.result = {"n": 1} if state == State.DONE else None
                        task.error = "The shelf is empty." if state == State.FAILED else ""
                        break
                time.sleep(0.05)
            db.session.remove()

    worker = threading.Thread(target=end)
    worker.start()
    result = fresh_app.test_cli_runner().invoke(args=["tasks", "start", "test.page", "--wait"])
    worker.join()
    assert result.exit_code == code
    assert told in result.output
