"""Stopping tasks and letting them run again."""

from __future__ import annotations

import datetime as dt
import threading
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.planning import prefer_nested_loops
from tests.rooms.tasks.makers import RememberingCarrier, make_line, make_task
from webapp.blueprints.tasks.models import LogLine, State, Task
from webapp.blueprints.tasks.permissions import TasksPermission as May
from webapp.blueprints.tasks.public import ask
from webapp.blueprints.tasks.queries import TaskNotThere
from webapp.blueprints.tasks.services.asking import KindUnknown
from webapp.blueprints.tasks.services.holding import Told, claim, finish
from webapp.blueprints.tasks.services.steering import (
    MayNotStart,
    NewerTaskThere,
    NothingToRetry,
    TaskEnded,
    cancel,
    delete_ended,
    retry,
    retry_as,
)
from webapp.core.clock import utc_now
from webapp.core.db import db, transaction
from webapp.core.errors import FieldProblems
from webapp.core.jobs import Argument, TaskKind
from webapp.core.security import SYSTEM, Actor

OWNER = Actor("The owner", 1, everything=True)
STAFF = Actor("The staff", 2, frozenset({May.OWN, "test:page:start"}))
VIEWER = Actor("The viewer", 3, frozenset({May.OWN}))
KINDS = (
    TaskKind("test.page", _l("Tasks"), lambda _run, _args: None, permission="test:page:start"),
    TaskKind("test.house", _l("Tasks"), lambda _run, _args: None),
    TaskKind("test.keyed", _l("Tasks"), lambda _run, _args: None, permission="test:page:start", key=lambda a: a["n"]),
    TaskKind(
        "test.typed", _l("Tasks"), lambda _run, _args: None, permission="test:page:start",
        arguments=(Argument("days", _l("Number"), int, required=True, least=1, most=9),), deadline=60, attempts=5, queue="slow",
    ),
)  # fmt: skip


@pytest.fixture
def carrier(app: Flask, monkeypatch: pytest.MonkeyPatch) -> RememberingCarrier:
    declare(app, monkeypatch)
    return app.extensions["task_carrier"]


def declare(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in KINDS:
        monkeypatch.setitem(app.extensions["task_kinds"], kind.name, kind)
    monkeypatch.setitem(app.extensions, "task_carrier", RememberingCarrier())


@pytest.fixture(autouse=True)
def _declared(carrier: RememberingCarrier) -> None:
    """All tests here know the kinds."""


def words(session: Session, task: Task) -> list[str]:
    return list(session.scalars(select(LogLine.words).where(LogLine.task_id == task.id).order_by(LogLine.id)))


def test_a_task_that_waits_is_cancelled_at_once(session: Session) -> None:
    task = make_task(session, user_id=STAFF.user_id)
    cancel(session, task.id, by=STAFF)
    session.refresh(task)
    assert (task.state, task.cancel_asked_by) == (State.CANCELLED, "The staff")
    assert task.finished_at is not None
    assert words(session, task) == ["The staff cancelled it before it began."]


def test_a_task_that_runs_is_asked_to_stop_and_keeps_its_worker(session: Session) -> None:
    task = make_task(session, user_id=STAFF.user_id, state=State.RUNNING)
    cancel(session, task.id, by=STAFF)
    session.refresh(task)
    assert task.state == State.RUNNING
    assert task.token is not None
    asked = task.cancel_asked_at
    assert asked is not None
    cancel(session, task.id, by=OWNER)
    session.refresh(task)
    assert (task.cancel_asked_at, task.cancel_asked_by) == (asked, "The staff")
    assert words(session, task) == ["The staff asked it to stop."]


@pytest.mark.parametrize("state", [State.DONE, State.FAILED, State.CANCELLED, State.LOST])
def test_what_has_ended_cannot_be_stopped(session: Session, state: State) -> None:
    task = make_task(session, state=state)
    with pytest.raises(TaskEnded, match="nothing to stop"):
        cancel(session, task.id, by=OWNER)


def test_with_a_task_all_that_it_started_stops(session: Session) -> None:
    parent = make_task(session, state=State.RUNNING)
    waits = make_task(session, parent_id=parent.id)
    runs = make_task(session, parent_id=parent.id, state=State.RUNNING)
    done = make_task(session, parent_id=parent.id, state=State.DONE)
    below_done = make_task(session, parent_id=done.id)
    stranger = make_task(session)
    cancel(session, parent.id, by=OWNER)
    session.expire_all()
    assert [each.state for each in (parent, waits, runs, done, below_done, stranger)] == [
        State.RUNNING, State.CANCELLED, State.RUNNING, State.DONE, State.CANCELLED, State.QUEUED,
    ]  # fmt: skip
    assert runs.cancel_asked_at is not None
    assert done.cancel_asked_at is None


def test_the_log_speaks_the_language_of_the_one_who_asked(session: Session) -> None:
    task = make_task(session, language="it")
    cancel(session, task.id, by=OWNER)
    assert len(words(session, task)) == 1
    retry(session, task.id, by=OWNER)
    assert len(words(session, task)) == 2


@pytest.mark.parametrize("steer", [cancel, retry, retry_as])
def test_the_tasks_of_others_are_not_there(session: Session, steer: Any) -> None:
    theirs = make_task(session, user_id=OWNER.user_id, state=State.FAILED)
    houses = make_task(session, user_id=None, state=State.FAILED)
    for number in (theirs.id, houses.id, 2**70):
        with pytest.raises(TaskNotThere):
            steer(session, number, by=STAFF)


@pytest.mark.parametrize("state", [State.FAILED, State.CANCELLED, State.LOST])
def test_what_ended_badly_runs_again_as_if_it_were_new(
    session: Session, carrier: RememberingCarrier, state: State
) -> None:
    task = make_task(
        session, kind="test.typed", args={"days": 3}, user_id=STAFF.user_id, state=state, attempts=3, worker="w",
        error="The shelf is empty.", progress_done=4, progress_total=9, progress_words="step", result={"n": 1},
        cancel_asked_at=utc_now(), cancel_asked_by="Ada", deadline_at=utc_now() - dt.timedelta(hours=1),
        not_before=utc_now() + dt.timedelta(hours=1),
    )  # fmt: skip
    task_id = task.id
    with transaction() as own:
        retry(own, task_id, by=STAFF)
        assert carrier.sent == []
    session.refresh(task)
    assert (task.state, task.attempts, task.most_attempts, task.queue) == (State.QUEUED, 0, 5, "slow")
    assert (task.error, task.result, task.progress_done, task.progress_total) == ("", None, 0, None)
    assert (task.cancel_asked_at, task.not_before, task.started_at, task.finished_at) == (None,) * 4
    assert task.deadline_at is not None
    assert utc_now() < task.deadline_at < utc_now() + dt.timedelta(seconds=61)
    assert carrier.sent == [(task_id, "slow")]
    assert words(session, task) == ["The staff let it run again."]


def test_a_worker_can_take_what_was_let_run_again(session: Session) -> None:
    task = make_task(session, state=State.LOST, attempts=3)
    retry(session, task.id, by=OWNER)
    token = uuid4()
    assert claim(session, task.id, token=token, worker="w") is not None
    assert finish(session, task.id, token=token, state=State.DONE, told=Told())


@pytest.mark.parametrize("state", [State.QUEUED, State.RUNNING, State.DONE])
def test_what_did_not_end_badly_is_not_retried(session: Session, state: State) -> None:
    task = make_task(session, state=state)
    with pytest.raises(NothingToRetry):
        retry(session, task.id, by=OWNER)


@pytest.mark.parametrize("state", [State.QUEUED, State.RUNNING, State.DONE])
def test_a_retry_gives_way_to_a_newer_task_under_the_same_key(session: Session, state: State) -> None:
    old = make_task(session, kind="test.keyed", args={"n": "a"}, key="a", state=State.FAILED)
    newer = make_task(session, kind="test.keyed", args={"n": "a"}, key="a", state=state)
    for steer in (retry, retry_as):
        with pytest.raises(NewerTaskThere, match=f"number {newer.id} "):
            steer(session, old.id, by=OWNER)


def test_the_right_of_the_kind_is_needed_to_repeat(session: Session) -> None:
    task = make_task(session, user_id=VIEWER.user_id, state=State.FAILED)
    houses = make_task(session, kind="test.house", user_id=STAFF.user_id, state=State.FAILED)
    for steer in (retry, retry_as):
        with pytest.raises(MayNotStart):
            steer(session, task.id, by=VIEWER)
        with pytest.raises(MayNotStart):
            steer(session, houses.id, by=STAFF)
    retry(session, houses.id, by=OWNER)


def test_a_kind_or_argument_that_is_no_more_is_told(session: Session) -> None:
    gone = make_task(session, kind="test.gone", state=State.FAILED)
    changed = make_task(session, kind="test.typed", args={"days": 30}, state=State.FAILED)
    for steer in (retry, retry_as):
        with pytest.raises(KindUnknown):
            steer(session, gone.id, by=OWNER)
        with pytest.raises(FieldProblems, match="from 1 to 9"):
            steer(session, changed.id, by=OWNER)


def test_repeating_as_oneself_makes_a_new_task_of_ones_own(session: Session, carrier: RememberingCarrier) -> None:
    theirs = make_task(session, args={"n": 1}, user_id=STAFF.user_id, state=State.FAILED)
    their_id = theirs.id
    with transaction() as own:
        made = retry_as(own, their_id, by=OWNER)
        made_id = made.id
    session.expire_all()
    assert made_id != their_id
    assert (made.kind, made.args, made.actor, made.user_id) == ("test.page", {"n": 1}, "The owner", 1)
    assert (theirs.state, theirs.user_id) == (State.FAILED, STAFF.user_id)
    assert carrier.sent == [(made_id, "default")]
    assert words(session, made) == [f"It repeats task number {their_id}."]
    assert words(session, theirs) == [f"The owner let it run again as task number {made_id}."]


def test_what_is_under_way_is_not_repeated(session: Session) -> None:
    task = make_task(session, user_id=STAFF.user_id)
    with pytest.raises(NothingToRetry):
        retry_as(session, task.id, by=OWNER)


def test_only_old_tasks_that_ended_are_deleted_with_their_logs(session: Session) -> None:
    long_ago = utc_now() - dt.timedelta(days=40)
    old = make_task(session, state=State.DONE, finished_at=long_ago)
    make_line(session, old)
    child = make_task(session, state=State.DONE, parent_id=old.id)
    kept = [
        child,
        make_task(session, created_at=long_ago),
        make_task(session, state=State.RUNNING, created_at=long_ago),
    ]
    assert delete_ended(session, before=utc_now() - dt.timedelta(days=30)) == 1
    session.expire_all()
    assert set(session.scalars(select(Task.id))) == {each.id for each in kept}
    assert session.scalar(select(func.count()).select_from(LogLine)) == 0
    assert child.parent_id is None


def test_no_more_old_tasks_are_deleted_at_once_than_wanted_whatever_the_planner_does(session: Session) -> None:
    for _ in range(3):
        make_task(session, state=State.DONE, finished_at=utc_now() - dt.timedelta(days=40))
    prefer_nested_loops(session)
    before = utc_now() - dt.timedelta(days=30)
    assert [delete_ended(session, before=before, limit=2) for _ in range(3)] == [2, 1, 0]


@pytest.fixture
def two_clerks(fresh_app: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    declare(fresh_app, monkeypatch)
    return fresh_app


@pytest.mark.parametrize("round_", range(3))
def test_of_two_who_retry_the_same_at_once_one_is_told(two_clerks: Flask, round_: int) -> None:
    with transaction() as session:
        task_id = make_task(session, state=State.FAILED).id
    outcomes: list[str] = []
    start = threading.Barrier(2)

    def click() -> None:
        with two_clerks.app_context():
            start.wait()
            try:
                with transaction() as session:
                    retry(session, task_id, by=OWNER)
                outcomes.append("queued")
            except NothingToRetry:
                outcomes.append("told")
            finally:
                db.session.remove()

    threads = [threading.Thread(target=click) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["queued", "told"]


def test_a_cancel_and_a_claim_at_once_leave_no_task_that_nobody_stops(two_clerks: Flask) -> None:
    for _ in range(10):
        with transaction() as session:
            task_id = ask(session, "test.page", {}, by=SYSTEM).id
        start = threading.Barrier(2)

        def stop(task_id: int = task_id, start: threading.Barrier = start) -> None:
            with two_clerks.app_context():
                start.wait()
                with transaction() as session:
                    cancel(session, task_id, by=OWNER)
                db.session.remove()

        thread = threading.Thread(target=stop)
        thread.start()
        start.wait()
        with transaction() as session:
            claim(session, task_id, token=uuid4(), worker="w")
        thread.join()
        db.session.remove()
        task = db.session.get(Task, task_id)
        assert task is not None
        assert task.state == State.CANCELLED or (task.state == State.RUNNING and task.cancel_asked_at is not None)
