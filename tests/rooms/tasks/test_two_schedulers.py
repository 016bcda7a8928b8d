"""Schedulers beside each other: each time starts its task once, and nobody waits for another one."""

from __future__ import annotations

import datetime as dt
import threading
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from tests.rooms.tasks.schedules import make_schedule
from webapp.blueprints.tasks.gateways.scheduler import Scheduler
from webapp.blueprints.tasks.models import Alarm, Schedule, State, Task
from webapp.blueprints.tasks.services.schedules import (
    ensure_house_schedules,
    start_due,
)
from webapp.core.clock import utc_now
from webapp.core.db import db, transaction

pytestmark = pytest.mark.usefixtures("kinds")


def in_thread(app: Flask, work: Any) -> threading.Thread:
    def run() -> None:
        with app.app_context():
            work()
            db.session.remove()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_a_slot_that_one_scheduler_holds_is_left_to_it_without_waiting(fresh_app: Flask) -> None:
    now = utc_now()
    with transaction() as session:
        make_schedule(session, "* * * * *", now=now - dt.timedelta(minutes=1))
    other: list[Any] = []

    def second() -> None:
        with transaction() as session:
            session.execute(text("SET LOCAL lock_timeout = '2s'"))  # without SKIP LOCKED it would wait, and fail
            other.append(len(start_due(session, now)))

    with transaction() as session:
        assert len(start_due(session, now)) == 1
        in_thread(fresh_app, second).join(10)
        assert other == [0]
    with transaction() as session:
        assert session.scalar(select(func.count()).select_from(Task)) == 1


def test_many_schedulers_start_each_slot_once(fresh_app: Flask) -> None:
    now = utc_now()
    with transaction() as session:
        for number in range(20):
            make_schedule(session, "* * * * *", missed="all", name=f"s{number}", now=now - dt.timedelta(minutes=4))
        due = session.scalar(select(Schedule.next_at).limit(1))
    assert due is not None
    each = 1 + int((now - due).total_seconds() // 60)
    barrier = threading.Barrier(4)
    problems: list[BaseException] = []

    def scheduler() -> None:
        barrier.wait()
        try:
            for _round in range(8):
                with transaction() as session:
                    start_due(session, now)
        except Exception as error:  # noqa: BLE001 - the test looks at it
            problems.append(error)

    for thread in [in_thread(fresh_app, scheduler) for _ in range(4)]:
        thread.join(60)
    assert problems == []
    with transaction() as session:
        counts = session.execute(select(Task.schedule_id, func.count()).group_by(Task.schedule_id)).all()
    assert [count for _schedule, count in counts] == [each] * 20


@pytest.mark.usefixtures("nightly")
def test_two_schedulers_make_a_room_s_schedule_once(fresh_app: Flask) -> None:
    def make() -> None:
        with transaction() as session:
            ensure_house_schedules(session)

    with transaction() as session:
        ensure_house_schedules(session)
        thread = in_thread(fresh_app, make)
        thread.join(0.3)
    thread.join(10)
    with transaction() as session:
        names = session.scalars(select(Schedule.name).where(Schedule.name.startswith("Nightly"))).all()
    assert names == ["Nightly"]


def test_a_round_of_the_scheduler_starts_what_is_due_in_the_company_s_language(fresh_app: Flask) -> None:
    now = utc_now()
    with transaction() as session:
        make_schedule(session, "* * * * *", name="Each minute", now=now - dt.timedelta(minutes=1))
        late = make_schedule(session, "0 * * * *", name="Skipped", missed="skip", now=now - dt.timedelta(hours=3)).id
    Scheduler(fresh_app).go_round()
    with transaction() as session:
        task = session.scalars(select(Task).join(Schedule).where(Schedule.name == "Each minute")).one()
        assert (task.kind, task.language, task.state) == ("test.report", "it", State.QUEUED)
        skipped = session.scalars(select(Alarm.reason).where(Alarm.schedule_id == late)).all()
        on_time = session.scalars(select(Task).where(Task.schedule_id == late)).all()
    assert skipped == ["skipped"]
    assert len(on_time) <= 1  # this very minute may be a full hour
