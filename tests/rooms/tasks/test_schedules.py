"""Schedules: what people do with them, what the scheduler starts of them, and what becomes of missed times."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from tests.rooms.tasks.schedules import EVERY, HOUSE, MAY, REPORT, at, make_schedule, reasons, slots
from webapp.blueprints.accounts.services.users import create_user
from webapp.blueprints.tasks.models import Schedule, State
from webapp.blueprints.tasks.services.asking import KindUnknown
from webapp.blueprints.tasks.services.schedules import (
    HouseOwns,
    NameTaken,
    create_schedule,
    delete_schedule,
    ensure_house_schedules,
    kinds_for,
    pause_schedule,
    resume_schedule,
    run_now,
    start_due,
    update_schedule,
)
from webapp.core.company import get_company
from webapp.core.errors import EditConflict, FieldProblems, NotAllowed
from webapp.core.security import SYSTEM, Actor

pytestmark = pytest.mark.usefixtures("kinds")


# --- What people do ------------------------------------------------------------------------------------------------


def test_a_schedule_knows_its_next_time_in_the_company_s_zone(session: Session) -> None:
    schedule = make_schedule(session, "30 2 * * *", now=at("2026-07-01T12:00"))
    assert schedule.next_at == at("2026-07-02T00:30")
    assert schedule.actor == "system"
    assert schedule.args == {"days": 7, "full": False}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"cron": "0 0 31 2 *"}, "cron"),
        ({"cron": "@reboot"}, "cron"),
        ({"missed": "sometimes"}, "missed"),
        ({"alarm_minutes": 0}, "alarm_minutes"),
        ({"alarm_minutes": 10_081}, "alarm_minutes"),
        ({"alarm_minutes": None}, "alarm_minutes"),
        ({"kind": "test.house"}, "kind"),
        ({"kind": "no.such"}, "kind"),
        ({"args": {}}, "argument_days"),
        ({"args": {"days": 32}}, "argument_days"),
        ({"args": {"days": "many"}}, "argument_days"),
        ({"args": {"days": 1, "shop": "paris"}}, "argument_shop"),
        ({"args": {"days": 1, "since": "2026-02-30"}}, "argument_since"),
    ],
)
def test_what_is_wrong_is_told_by_its_field(session: Session, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(FieldProblems) as refused:
        create_schedule(session, by=SYSTEM, values=EVERY | {"cron": "0 * * * *"} | changes)
    assert list(refused.value.problems) == [field]


def test_everything_wrong_is_told_at_once(session: Session) -> None:
    with pytest.raises(FieldProblems) as refused:
        create_schedule(session, by=SYSTEM, values=EVERY | {"name": "", "cron": "nonsense", "args": {}})
    assert set(refused.value.problems) == {"name", "cron", "argument_days"}


def test_two_schedules_of_one_name_are_refused(session: Session) -> None:
    make_schedule(session, name="Same")
    with pytest.raises(NameTaken):
        make_schedule(session, name="Same")


def test_only_who_may_start_the_kind_may_schedule_it(session: Session) -> None:
    writer = Actor("w", 1, frozenset({"tasks:schedules:write"}))
    assert kinds_for(writer) == []
    assert REPORT in kinds_for(SYSTEM)
    assert HOUSE not in kinds_for(SYSTEM)
    with pytest.raises(FieldProblems):
        create_schedule(session, by=writer, values=EVERY | {"cron": "0 * * * *"})
    with pytest.raises(NotAllowed):
        create_schedule(session, by=Actor("r", 1, frozenset({MAY})), values=EVERY | {"cron": "0 * * * *"})
    schedule = make_schedule(session)
    with pytest.raises(NotAllowed):
        run_now(session, by=writer, schedule_id=schedule.id)


def test_who_saves_a_schedule_last_is_who_it_runs_for(session: Session) -> None:
    schedule = make_schedule(session)
    anna = Actor("Anna", 77, everything=True)
    update_schedule(session, by=anna, schedule_id=schedule.id, version=schedule.version, values=_same(schedule))
    assert (schedule.actor, schedule.user_id) == ("Anna", 77)


def _same(schedule: Schedule, **changes: Any) -> dict[str, Any]:
    names = ("name", "kind", "args", "cron", "missed", "alarm_minutes")
    return {name: getattr(schedule, name) for name in names} | changes


def test_the_second_of_two_editors_is_told(session: Session) -> None:
    schedule = make_schedule(session)
    seen = schedule.version
    update_schedule(session, by=SYSTEM, schedule_id=schedule.id, version=seen, values=_same(schedule, name="Mine"))
    with pytest.raises(EditConflict):
        update_schedule(session, by=SYSTEM, schedule_id=schedule.id, version=seen, values=_same(schedule, name="Yours"))
    with pytest.raises(EditConflict):
        delete_schedule(session, by=SYSTEM, schedule_id=schedule.id, version=seen)


def test_a_start_by_the_clock_is_no_edit(session: Session) -> None:
    schedule = make_schedule(session, now=at("2026-11-21T11:30"))
    session.commit()
    seen, saved = schedule.version, schedule.updated_at
    start_due(session, at("2026-11-21T12:00"))
    session.refresh(schedule)
    assert (schedule.version, schedule.updated_at) == (seen, saved)
    assert schedule.next_at == at("2026-11-21T13:00")


def test_a_new_name_leaves_a_time_that_has_come_to_the_scheduler_and_a_new_line_does_not(session: Session) -> None:
    schedule = make_schedule(session, now=at("2026-11-21T11:30"))
    values = _same(schedule, name="Other")
    update_schedule(session, by=SYSTEM, schedule_id=schedule.id, version=1, values=values, now=at("2026-11-21T12:00"))
    assert schedule.next_at == at("2026-11-21T12:00")
    values["cron"] = "45 * * * *"
    update_schedule(session, by=SYSTEM, schedule_id=schedule.id, version=2, values=values, now=at("2026-11-21T12:00"))
    assert schedule.next_at == at("2026-11-21T12:45")


def test_a_paused_schedule_starts_nothing_and_goes_on_with_what_comes_next(session: Session) -> None:
    schedule = make_schedule(session, missed="all", now=at("2026-11-21T08:30"))
    pause_schedule(session, by=SYSTEM, schedule_id=schedule.id)
    assert schedule.next_at is None
    assert start_due(session, at("2026-11-21T12:00")) == []
    resume_schedule(session, by=SYSTEM, schedule_id=schedule.id, now=at("2026-11-21T12:10"))
    assert schedule.next_at == at("2026-11-21T13:00")
    start_due(session, at("2026-11-21T13:00"))
    assert slots(session, schedule) == ["2026-11-21T13:00"]


def test_a_paused_schedule_stays_paused_when_it_is_changed(session: Session) -> None:
    schedule = make_schedule(session)
    pause_schedule(session, by=SYSTEM, schedule_id=schedule.id)
    changed = _same(schedule, cron="5 * * * *")
    update_schedule(session, by=SYSTEM, schedule_id=schedule.id, version=schedule.version, values=changed)
    assert schedule.next_at is None


def test_run_now_asks_for_the_task_and_leaves_the_clock_alone(session: Session) -> None:
    schedule = make_schedule(session)
    before = schedule.next_at
    anna = Actor("Anna", 77, everything=True)
    task = run_now(session, by=anna, schedule_id=schedule.id)
    again = run_now(session, by=anna, schedule_id=schedule.id)
    assert task.id != again.id
    assert (task.kind, task.actor, task.schedule_id, task.key) == ("test.report", "Anna", schedule.id, None)
    assert schedule.next_at == before


def test_a_schedule_whose_kind_is_gone_says_so_at_run_now(app: Flask, session: Session) -> None:
    schedule = make_schedule(session)
    del app.extensions["task_kinds"]["test.report"]
    with pytest.raises(KindUnknown):
        run_now(session, by=SYSTEM, schedule_id=schedule.id)


def test_a_deleted_schedule_leaves_its_tasks(session: Session) -> None:
    schedule = make_schedule(session)
    task = run_now(session, by=SYSTEM, schedule_id=schedule.id)
    delete_schedule(session, by=SYSTEM, schedule_id=schedule.id, version=schedule.version)
    session.refresh(task)
    assert task.schedule_id is None


# --- What the scheduler starts --------------------------------------------------------------------------------------


def test_a_time_that_came_starts_its_task_once(session: Session) -> None:
    schedule = make_schedule(session, now=at("2026-11-21T11:30"))
    assert start_due(session, at("2026-11-21T11:59:59")) == []
    [task] = start_due(session, at("2026-11-21T12:00:01"))
    assert start_due(session, at("2026-11-21T12:00:02")) == []
    assert (task.kind, task.args, task.actor, task.state) == ("test.report", schedule.args, "system", State.QUEUED)
    session.refresh(schedule)
    assert schedule.last_at == at("2026-11-21T12:00")


def test_a_time_that_is_looked_at_again_is_the_same_task(session: Session) -> None:
    """A clock set back, a restored row: the key of the slot has the last word."""
    schedule = make_schedule(session, now=at("2026-11-21T11:30"))
    [first] = start_due(session, at("2026-11-21T12:00"))
    session.execute(text("UPDATE tasks_schedules SET next_at = '2026-11-21T12:00Z'"))
    [second] = start_due(session, at("2026-11-21T12:00:05"))
    assert first.id == second.id
    assert slots(session, schedule) == ["2026-11-21T12:00"]


@pytest.mark.parametrize(
    ("missed", "started"),
    [
        ("skip", ["2026-11-21T12:00"]),
        ("once", ["2026-11-21T12:00"]),
        ("all", ["2026-11-21T09:00", "2026-11-21T10:00", "2026-11-21T11:00", "2026-11-21T12:00"]),
    ],
)
def test_times_missed_before_one_on_time(session: Session, missed: str, started: list[str]) -> None:
    schedule = make_schedule(session, missed=missed, now=at("2026-11-21T08:30"))
    start_due(session, at("2026-11-21T12:00:30"))
    assert slots(session, schedule) == started


@pytest.mark.parametrize(
    ("missed", "started", "alarms"),
    [
        ("skip", [], [("12:00", "skipped")]),
        ("once", ["2026-11-21T12:00"], []),
        ("all", ["2026-11-21T09:00", "2026-11-21T10:00", "2026-11-21T11:00", "2026-11-21T12:00"], []),
    ],
)
def test_times_missed_while_no_scheduler_was_there(
    session: Session, missed: str, started: list[str], alarms: list[tuple[str, str]]
) -> None:
    schedule = make_schedule(session, missed=missed, now=at("2026-11-21T08:30"))
    start_due(session, at("2026-11-21T12:20"))
    assert slots(session, schedule) == started
    assert reasons(session, schedule) == alarms
    session.refresh(schedule)
    assert schedule.next_at == at("2026-11-21T13:00")


def test_at_most_a_hundred_are_made_up_and_the_rest_is_told(session: Session) -> None:
    schedule = make_schedule(session, "* * * * *", missed="all", now=at("2026-11-01T00:00"))
    assert len(start_due(session, at("2026-11-21T12:00"))) == 100
    assert slots(session, schedule)[0] == "2026-11-21T10:21"
    assert slots(session, schedule)[-1] == "2026-11-21T12:00"
    assert reasons(session, schedule) == [("10:20", "too_many")]


def test_summer_time_does_not_start_a_fixed_time_twice(session: Session) -> None:
    schedule = make_schedule(session, "30 2 * * *", now=at("2026-10-24T12:00"))
    moment = at("2026-10-25T00:00")
    while moment < at("2026-10-26T02:00"):
        start_due(session, moment)
        moment += dt.timedelta(minutes=10)
    assert slots(session, schedule) == ["2026-10-25T00:30", "2026-10-26T01:30"]


def test_another_time_zone_of_the_company_moves_what_comes_next(session: Session) -> None:
    schedule = make_schedule(session, "30 2 * * *", now=at("2026-11-21T12:00"))
    asleep = make_schedule(session, "30 2 * * *")
    pause_schedule(session, by=SYSTEM, schedule_id=asleep.id)
    seen = schedule.version
    get_company(session).time_zone = "America/New_York"
    session.flush()
    assert start_due(session, at("2026-11-21T12:01")) == []
    session.refresh(schedule)
    session.refresh(asleep)
    assert schedule.next_at == at("2026-11-22T07:30")
    assert schedule.version == seen
    assert asleep.next_at is None


def test_a_schedule_that_cannot_start_raises_an_alarm_and_keeps_no_other_from_it(app: Flask, session: Session) -> None:
    broken = make_schedule(session, now=at("2026-11-21T11:30"))
    broken.kind = "gone.kind"
    wrong = make_schedule(session, now=at("2026-11-21T11:30"))
    wrong.args = {"days": 99}
    well = make_schedule(session, now=at("2026-11-21T11:30"))
    session.flush()
    started = start_due(session, at("2026-11-21T12:00"))
    assert [task.schedule_id for task in started] == [well.id]
    assert reasons(session, broken) == reasons(session, wrong) == [("12:00", "not_started")]
    session.refresh(broken)
    assert broken.next_at == at("2026-11-21T13:00")


def test_a_schedule_of_someone_who_lost_the_right_or_left_does_not_start(session: Session) -> None:
    viewer = create_user(
        session, by=SYSTEM, email="v@people.bottega.it", name="V", password="a-long-enough-password", roles=["viewer"]
    )
    lost = make_schedule(session, now=at("2026-11-21T11:30"))
    gone = make_schedule(session, now=at("2026-11-21T11:30"))
    lost.user_id, gone.user_id = viewer.id, 999_999
    session.flush()
    assert start_due(session, at("2026-11-21T12:00")) == []
    assert reasons(session, lost) == reasons(session, gone) == [("12:00", "not_allowed")]


# --- The house's own ------------------------------------------------------------------------------------------------


def _own(session: Session) -> Schedule:
    return session.scalars(select(Schedule).where(Schedule.origin == "test.nightly")).one()


@pytest.mark.usefixtures("nightly")
def test_a_room_s_schedule_is_made_once_and_keeps_what_people_changed(session: Session) -> None:
    ensure_house_schedules(session)
    own = _own(session)
    assert (own.cron, own.actor, own.user_id, own.missed) == ("15 3 * * *", "system", None, "once")
    changed = _same(own, cron="15 4 * * *", name="At night", kind="test.report", args={"x": 1})
    update_schedule(session, by=Actor("Anna", 77, everything=True), schedule_id=own.id, version=1, values=changed)
    ensure_house_schedules(session)
    own = _own(session)
    assert (own.name, own.cron, own.kind, own.args) == ("At night", "15 4 * * *", "test.house", {})
    assert (own.actor, own.user_id) == ("system", None)


@pytest.mark.usefixtures("nightly")
def test_a_room_s_schedule_is_paused_and_run_but_not_deleted(session: Session) -> None:
    ensure_house_schedules(session)
    own = _own(session)
    with pytest.raises(HouseOwns):
        delete_schedule(session, by=SYSTEM, schedule_id=own.id, version=own.version)
    assert run_now(session, by=Actor("Anna", 77, everything=True), schedule_id=own.id).actor == "system"
    pause_schedule(session, by=SYSTEM, schedule_id=own.id)
    assert own.next_at is None


@pytest.mark.usefixtures("nightly")
def test_a_room_s_schedule_finds_another_name_when_a_person_took_its_own(session: Session) -> None:
    make_schedule(session, name="Nightly")
    ensure_house_schedules(session)
    assert _own(session).name == "Nightly (test.nightly)"
