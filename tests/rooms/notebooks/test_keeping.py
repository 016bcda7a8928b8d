"""Notebooks that stop by themselves, the warning before, the timetable, and what they use."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.rooms.notebooks.engines import MemorySpawner
from tests.rooms.notebooks.makers import make_image, make_notebook, make_team
from tests.rooms.notebooks.stores import MemoryImages, MemoryVolumes
from tests.rooms.workspaces.makers import actor_for, make_analyst
from webapp.blueprints.mail.models import OutgoingMail
from webapp.blueprints.notebooks.gateways.hands import Hands
from webapp.blueprints.notebooks.gateways.housekeeping import Housekeeper
from webapp.blueprints.notebooks.gateways.kernels import ask_kernels
from webapp.blueprints.notebooks.models import Engine, Image, Notebook, NotebookStep, State, Usage, Volume, Wanted
from webapp.blueprints.notebooks.ports import Answer, Limits, NotebookSpec, Used
from webapp.blueprints.notebooks.services.door import TOKEN_PURPOSE
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
    look_after,
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
from webapp.blueprints.notebooks.services.usage import count_usage
from webapp.core.errors import FieldProblems, NotAllowed, NotFound
from webapp.core.sealing import seal

ROME = ZoneInfo("Europe/Rome")
NOON = dt.datetime(2026, 11, 18, 11, 0, tzinfo=dt.UTC)  # a Wednesday, noon in Rome
HOUR = dt.timedelta(hours=1)
MINUTE = dt.timedelta(minutes=1)


def run_since(session: Session, notebook: Notebook, since: dt.datetime = NOON, **changes: object) -> Notebook:
    """As the keeper leaves the row of a notebook that answers since then."""
    notebook.wanted, notebook.state = Wanted.RUNNING, State.RUNNING
    notebook.generation += 1
    notebook.address, notebook.port = "10.213.0.2", 8888
    notebook.ready_at = notebook.last_active_at = since
    notebook.expires_at = since + 24 * HOUR
    notebook.token_sealed = seal("the-token", purpose=TOKEN_PURPOSE)
    for name, value in changes.items():
        setattr(notebook, name, value)
    session.commit()
    return notebook


def plan(notebook: Notebook, now: dt.datetime, **more: int) -> Plan | None:
    return plan_stop(notebook, now=now, zone=ROME, house_minutes=60, **more)


def look(session: Session, notebook: Notebook, now: dt.datetime) -> Plan | None:
    """One look of the keeper at the notebook."""
    watched = next(each for each in list_running(session) if each.id == notebook.id)
    made = look_after(session, watched, now=now)
    session.refresh(notebook)
    return made


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


# ------------------------------------------------------------------------------------------------ kernels
def spec_of(notebook: Notebook) -> NotebookSpec:
    return NotebookSpec(notebook.slug, "house", notebook.id, notebook.generation, "image:1", Limits(1, 512, 64))


@pytest.mark.parametrize(
    ("kernels", "terminals", "told"),
    [
        ([], [], Activity(busy=False, last=None)),
        ([{"execution_state": "idle", "last_activity": "2026-11-18T10:00:00Z"}], [], Activity(False, NOON - HOUR)),
        ([{"execution_state": "busy", "last_activity": "2026-11-18T10:00:00Z"}], [], Activity(True, NOON - HOUR)),
        ([], [{"name": "1", "last_activity": "2026-11-18T11:00:00Z"}], Activity(False, NOON)),
        ([{"execution_state": [], "last_activity": {}}, 7], "nonsense", Activity(False, None)),
    ],
)
def test_the_kernels_are_asked(session: Session, kernels: object, terminals: object, told: Activity) -> None:
    notebook = run_since(session, make_notebook(session))
    spawner = MemorySpawner()
    spawner.start(spec_of(notebook), lambda *_: None)
    base = f"/notebooks/{notebook.slug}/"
    spawner.answers = {
        f"{base}api/kernels": Answer(200, json.dumps(kernels)),
        f"{base}api/terminals": Answer(200, json.dumps(terminals)),
    }
    assert ask_kernels(spawner, list_running(session)[0]) == told


def test_a_kernel_from_the_future_keeps_nobody_awake_for_ever(session: Session) -> None:
    notebook = run_since(session, make_notebook(session))
    spawner = MemorySpawner()
    spawner.start(spec_of(notebook), lambda *_: None)
    body = json.dumps([{"execution_state": "idle", "last_activity": "2999-01-01T00:00:00Z"}])
    spawner.answers = {f"/notebooks/{notebook.slug}/api/kernels": Answer(200, body)}
    told = ask_kernels(spawner, list_running(session)[0])
    assert told
    assert told.last
    assert told.last <= dt.datetime.now(dt.UTC)


# ------------------------------------------------------------------------------------------------ use
def test_use_is_added_up_by_notebook_and_day(session: Session) -> None:
    notebook = run_since(session, make_notebook(session))
    for minutes, cpu in ((1, 30.0), (2, 45.0)):
        count_usage(session, notebook.id, notebook.generation, Used(cpu, 200.0, 300.0), now=NOON + minutes * MINUTE)
    row = session.scalars(select(Usage)).one()
    assert (row.day, row.seconds, row.cpu_seconds) == (dt.date(2026, 11, 18), Decimal(120), Decimal(45))
    assert (row.memory_mb_seconds, row.memory_peak_mb) == (Decimal(24_000), Decimal(300))


def test_a_new_start_begins_to_count_anew(session: Session) -> None:
    notebook = run_since(session, make_notebook(session))
    count_usage(session, notebook.id, notebook.generation, Used(50.0, 100.0, 0.0), now=NOON + MINUTE)
    run_since(session, notebook, NOON + HOUR)
    count_usage(session, notebook.id, notebook.generation, Used(5.0, 100.0, 0.0), now=NOON + HOUR + MINUTE)
    row = session.scalars(select(Usage)).one()
    assert (row.seconds, row.cpu_seconds) == (Decimal(120), Decimal(55))


def test_an_older_wish_counts_nothing(session: Session) -> None:
    notebook = run_since(session, make_notebook(session))
    count_usage(session, notebook.id, notebook.generation - 1, Used(50.0, 100.0, 0.0), now=NOON + MINUTE)
    assert session.scalars(select(Usage)).all() == []


# ------------------------------------------------------------------------------------------------ a round
def test_a_round_asks_counts_measures_removes_and_looks_at_images(app: Flask, session: Session) -> None:
    notebook = run_since(session, make_notebook(session), dt.datetime.now(dt.UTC))
    home = home_of(session, notebook.id, quota_mb=64)
    gone = make_notebook(session)
    old = home_of(session, gone.id, quota_mb=64)
    session.get_one(Volume, old.id).remove_at = NOON
    missing = make_image(session, present=None)
    session.commit()
    spawner, volumes, images = MemorySpawner(), MemoryVolumes(), MemoryImages(notebook.image.reference)
    spawner.start(spec_of(notebook), lambda *_: None)
    for name in (home.name, old.name, "somebody-elses"):
        volumes.make(name, labels={})
    Housekeeper().round(Hands(spawner, images, volumes))
    session.expire_all()
    assert session.scalars(select(Usage.cpu_seconds)).one() == Decimal("1.5")
    assert session.get_one(Volume, home.id).size is not None
    assert session.get(Volume, old.id) is None
    assert old.name not in volumes.kept
    assert session.get_one(Engine, 1).strangers == ["somebody-elses"]
    assert (session.get_one(Image, notebook.image_id).present, session.get_one(Image, missing.id).present) == (
        True,
        False,
    )


def test_a_volume_in_use_waits_for_its_removal(app: Flask, session: Session) -> None:
    notebook = make_notebook(session)
    home = home_of(session, notebook.id, quota_mb=64)
    session.get_one(Volume, home.id).remove_at = NOON
    session.commit()
    volumes = MemoryVolumes()
    volumes.make(home.name, labels={})
    volumes.in_use.add(home.name)
    keeper = Housekeeper()
    keeper.round(Hands(MemorySpawner(), MemoryImages(), volumes))
    assert session.get(Volume, home.id) is not None
    volumes.in_use.clear()
    keeper.round(Hands(MemorySpawner(), MemoryImages(), volumes))
    session.expire_all()
    assert session.get(Volume, home.id) is None


def test_who_started_it_is_told_by_mail_that_it_stops(app: Flask, session: Session) -> None:
    _owner, member, project = make_team(session)
    now = dt.datetime.now(dt.UTC)
    notebook = make_notebook(session, project=project, idle_minutes=0, wanted_by=member.id)
    run_since(session, notebook, now - 24 * HOUR)
    Housekeeper().round(Hands(MemorySpawner(), MemoryImages(), MemoryVolumes()))
    mails = session.scalars(select(OutgoingMail)).all()
    assert [mail.recipient for mail in mails] == [member.email]
    assert notebook.slug in mails[0].text
