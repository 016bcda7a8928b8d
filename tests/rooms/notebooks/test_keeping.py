"""Notebooks that stop by themselves, the warning before, and the timetable."""

from __future__ import annotations

import datetime as dt

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.rooms.notebooks.makers import make_image, make_notebook, make_team
from tests.rooms.notebooks.running import HOUR, MINUTE, NOON, ROME, look, run_since
from tests.rooms.workspaces.makers import actor_for, make_analyst
from webapp.blueprints.notebooks.models import Notebook, NotebookStep, State, Volume, Wanted
from webapp.blueprints.notebooks.services.homes import home_of
from webapp.blueprints.notebooks.services.keeping import (
    WARNING,
    Activity,
    NotRunning,
    NotToExtend,
    Plan,
    StopReason,
    extend_notebook,
    list_running,
    note_activity,
    plan_stop,
    start_by_timetable,
)
from webapp.blueprints.notebooks.services.timetables import (
    Timetable,
    checked_timetable,
    last_moment,
    next_moment,
)
from webapp.core.errors import FieldProblems, NotAllowed, NotFound


def plan(notebook: Notebook, now: dt.datetime, **more: int) -> Plan | None:
    return plan_stop(notebook, now=now, zone=ROME, house_minutes=60, **more)


# ------------------------------------------------------------------------------------------------ idle
def test_a_notebook_whose_kernels_have_rested_for_an_hour_stops_for_it(session: Session) -> None:
    notebook = run_since(session, make_notebook(session), kernels="idle")
    assert plan(notebook, NOON + 30 * MINUTE) == Plan(NOON + HOUR, StopReason.IDLE)


def test_a_busy_kernel_is_not_idle(session: Session) -> None:
    notebook = run_since(session, make_notebook(session), kernels="busy")
    made = plan(notebook, NOON + 5 * HOUR)
    assert made
    assert made.why is StopReason.AGE


def test_a_notebook_with_its_own_patience_is_waited_for_longer(session: Session) -> None:
    notebook = run_since(session, make_notebook(session, idle_minutes=240))
    assert plan(notebook, NOON) == Plan(NOON + 4 * HOUR, StopReason.IDLE)


def test_a_notebook_that_is_never_idle_still_grows_too_old(session: Session) -> None:
    notebook = run_since(session, make_notebook(session, idle_minutes=0))
    assert plan(notebook, NOON) == Plan(NOON + 24 * HOUR, StopReason.AGE)


def test_nobody_is_stopped_without_having_been_warned(session: Session) -> None:
    """The keeper was away all night: it warns first, and stops when the warning is over."""
    notebook = run_since(session, make_notebook(session))
    late = NOON + 9 * HOUR
    first = look(session, notebook, late)
    assert first == Plan(late + WARNING, StopReason.IDLE)
    assert (notebook.wanted, notebook.warned_at, notebook.stops_for) == (Wanted.RUNNING, late, "idle")
    assert look(session, notebook, late + 5 * MINUTE) is None
    assert notebook.wanted == Wanted.RUNNING
    look(session, notebook, late + WARNING)
    assert (notebook.wanted, notebook.state) == (Wanted.STOPPED, State.STOPPING)
    words = session.scalars(select(NotebookStep.words).where(NotebookStep.notebook_id == notebook.id)).all()
    assert "No kernel has worked in it for a while. It was stopped." in words


def test_work_after_the_warning_takes_it_back(session: Session) -> None:
    notebook = run_since(session, make_notebook(session))
    look(session, notebook, NOON + HOUR)
    assert notebook.warned_at
    watched = list_running(session)[0]
    note_activity(session, watched, Activity(busy=False, last=NOON + HOUR + MINUTE))
    look(session, notebook, NOON + HOUR + 2 * MINUTE)
    assert (notebook.warned_at, notebook.kernels) == (None, "idle")
    assert notebook.stops_at == NOON + 2 * HOUR + MINUTE


def test_kernels_that_do_not_answer_are_not_taken_for_idle(session: Session) -> None:
    notebook = run_since(session, make_notebook(session))
    note_activity(session, list_running(session)[0], None)
    session.refresh(notebook)
    assert notebook.last_active_at is not None
    assert notebook.last_active_at > NOON


def test_what_the_keeper_writes_is_not_in_the_way_of_who_edits(session: Session) -> None:
    notebook = run_since(session, make_notebook(session))
    seen = notebook.version
    look(session, notebook, NOON + HOUR)
    assert notebook.version == seen


# ------------------------------------------------------------------------------------------------ extend
def test_extending_takes_the_warning_back_and_gives_another_hour(session: Session) -> None:
    _owner, member, project = make_team(session)
    notebook = run_since(session, make_notebook(session, project=project))
    look(session, notebook, NOON + HOUR)
    extend_notebook(session, by=actor_for(member), slug=notebook.slug, now=NOON + HOUR + MINUTE)
    session.refresh(notebook)
    assert notebook.warned_at is None
    assert plan(notebook, NOON + HOUR + 2 * MINUTE) == Plan(NOON + 2 * HOUR + MINUTE, StopReason.IDLE)


def test_extending_an_old_notebook_gives_it_a_whole_age_more(session: Session) -> None:
    _owner, member, project = make_team(session)
    notebook = run_since(session, make_notebook(session, project=project), kernels="busy")
    extend_notebook(session, by=actor_for(member), slug=notebook.slug, now=NOON + 24 * HOUR - MINUTE)
    session.refresh(notebook)
    assert notebook.expires_at == NOON + 48 * HOUR - MINUTE


def test_a_stopped_notebook_cannot_be_extended(session: Session) -> None:
    _owner, member, project = make_team(session)
    notebook = make_notebook(session, project=project)
    session.commit()
    with pytest.raises(NotRunning):
        extend_notebook(session, by=actor_for(member), slug=notebook.slug)


def test_strangers_do_not_extend(session: Session) -> None:
    _owner, _member, project = make_team(session)
    notebook = run_since(session, make_notebook(session, project=project))
    _stranger, actor = make_analyst(session)
    with pytest.raises((NotAllowed, NotFound)):
        extend_notebook(session, by=actor, slug=notebook.slug)


# ------------------------------------------------------------------------------------------------ a full home
def test_a_home_that_holds_too_much_stops_its_notebook_and_cannot_be_extended(session: Session) -> None:
    _owner, member, project = make_team(session)
    notebook = run_since(session, make_notebook(session, project=project), kernels="busy")
    home = home_of(session, notebook.id, quota_mb=notebook.disk_mb)
    session.get_one(Volume, home.id).size = (notebook.disk_mb + 1) * 1024 * 1024
    assert look(session, notebook, NOON) == Plan(NOON + WARNING, StopReason.DISK)
    with pytest.raises(NotToExtend):
        extend_notebook(session, by=actor_for(member), slug=notebook.slug, now=NOON)
    look(session, notebook, NOON + WARNING)
    assert notebook.wanted == Wanted.STOPPED


# ------------------------------------------------------------------------------------------------ timetable
WORKDAYS = {"days": [1, 2, 3, 4, 5], "start": "08:00", "stop": "19:00"}


@pytest.mark.parametrize(
    ("after", "moment"),
    [
        ("2026-11-18T11:00+00:00", "2026-11-18T18:00+00:00"),  # Wednesday at noon: this evening
        ("2026-11-18T18:00+00:00", "2026-11-19T18:00+00:00"),  # exactly then: the next day's
        ("2026-11-20T20:00+00:00", "2026-11-23T18:00+00:00"),  # Friday night: Monday
        ("2026-03-27T20:00+00:00", "2026-03-30T17:00+00:00"),  # over the beginning of summer time
    ],
)
def test_the_next_end_of_a_timetable(after: str, moment: str) -> None:
    timetable = Timetable(frozenset({1, 2, 3, 4, 5}), "08:00", "19:00")
    found = next_moment(timetable, "19:00", after=dt.datetime.fromisoformat(after), zone=ROME)
    assert found == dt.datetime.fromisoformat(moment)


def test_a_time_that_summer_leaves_out_comes_all_the_same() -> None:
    nightly = Timetable(frozenset(range(1, 8)), "", "02:30")
    before = dt.datetime(2026, 3, 28, 12, tzinfo=dt.UTC)
    found = next_moment(nightly, "02:30", after=before, zone=ROME)
    assert found == dt.datetime(2026, 3, 29, 1, 30, tzinfo=dt.UTC)
    assert last_moment(nightly, "02:30", until=found + HOUR, zone=ROME) == found


def test_a_timetable_ends_the_day(session: Session) -> None:
    notebook = run_since(session, make_notebook(session, idle_minutes=0, timetable=WORKDAYS))
    assert plan(notebook, NOON) == Plan(dt.datetime(2026, 11, 18, 18, tzinfo=dt.UTC), StopReason.TIMETABLE)


def test_who_starts_after_hours_works_until_the_next_end(session: Session) -> None:
    evening = dt.datetime(2026, 11, 18, 20, tzinfo=dt.UTC)
    notebook = run_since(session, make_notebook(session, idle_minutes=0, timetable=WORKDAYS), evening)
    assert plan(notebook, evening) == Plan(dt.datetime(2026, 11, 19, 18, tzinfo=dt.UTC), StopReason.TIMETABLE)


def test_extending_puts_off_the_end_of_the_timetable(session: Session) -> None:
    _owner, member, project = make_team(session)
    notebook = run_since(session, make_notebook(session, project=project, timetable=WORKDAYS))
    before_end = dt.datetime(2026, 11, 18, 17, 55, tzinfo=dt.UTC)
    note_activity(session, list_running(session)[0], Activity(busy=False, last=before_end))
    assert look(session, notebook, before_end) == Plan(before_end + WARNING, StopReason.TIMETABLE)
    extend_notebook(session, by=actor_for(member), slug=notebook.slug, now=before_end)
    session.refresh(notebook)
    assert plan(notebook, before_end) == Plan(before_end + HOUR, StopReason.IDLE)


@pytest.fixture
def engine_named(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installation whose settings name an engine."""
    from dataclasses import replace

    from webapp.blueprints.notebooks.settings import EXTENSION

    monkeypatch.setitem(app.extensions, EXTENSION, replace(app.extensions[EXTENSION], engine="docker"))


@pytest.mark.usefixtures("engine_named")
def test_a_timetable_starts_once_a_day_whatever_people_do_afterwards(session: Session) -> None:
    notebook = make_notebook(session, timetable=WORKDAYS)
    session.commit()
    morning = dt.datetime(2026, 11, 18, 7, 0, 20, tzinfo=dt.UTC)
    assert start_by_timetable(session, now=morning - MINUTE) == []
    assert start_by_timetable(session, now=morning) == [notebook.slug]
    session.refresh(notebook)
    assert notebook.wanted == Wanted.RUNNING
    notebook.wanted, notebook.state = Wanted.STOPPED, State.STOPPED
    session.commit()
    assert start_by_timetable(session, now=morning + MINUTE) == []
    assert start_by_timetable(session, now=morning + 24 * HOUR) == [notebook.slug]


@pytest.mark.usefixtures("engine_named")
def test_a_start_that_nobody_made_in_time_is_not_made_up_for(session: Session) -> None:
    make_notebook(session, timetable=WORKDAYS)
    session.commit()
    assert start_by_timetable(session, now=dt.datetime(2026, 11, 18, 9, tzinfo=dt.UTC)) == []


@pytest.mark.usefixtures("engine_named")
def test_a_timetable_that_may_not_start_says_why(session: Session) -> None:
    closed = make_image(session, open=False)
    notebook = make_notebook(session, image=closed, timetable=WORKDAYS)
    session.commit()
    assert start_by_timetable(session, now=dt.datetime(2026, 11, 18, 7, tzinfo=dt.UTC)) == []
    session.refresh(notebook)
    assert "is not offered any more" in notebook.cause


@pytest.mark.parametrize(
    ("days", "start", "stop", "field"),
    [
        ([], "08:00", "19:00", "days"),
        ([8], "08:00", "19:00", "days"),
        ([1], "", "", "stop"),
        ([1], "25:00", "", "start"),
        ([1], "08:00", "08:00", "stop"),
    ],
)
def test_a_timetable_that_makes_no_sense_is_refused(
    app: Flask, days: list[int], start: str, stop: str, field: str
) -> None:
    with pytest.raises(FieldProblems) as refused:
        checked_timetable(days, start, stop)
    assert field in refused.value.problems
