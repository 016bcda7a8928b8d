"""What the keeper makes of wishes: starts, stops, repairs, and what it leaves behind when it dies."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select

from tests.rooms.notebooks.engines import (
    AbsentSpawner,
    FatalSpawner,
    FlakySpawner,
    Killed,
    MemorySpawner,
    SlowSpawner,
)
from tests.rooms.notebooks.makers import make_image, make_notebook, make_team
from tests.rooms.notebooks.stores import MemoryImages, MemoryVolumes
from tests.rooms.workspaces.makers import actor_for, make_analyst, make_project
from webapp.blueprints.notebooks.gateways.driving import Busy, Driver
from webapp.blueprints.notebooks.gateways.hands import Hands
from webapp.blueprints.notebooks.gateways.reconciler import Reconciler
from webapp.blueprints.notebooks.models import Engine, Notebook, NotebookStep, State, Wanted
from webapp.blueprints.notebooks.ports import EngineDown, Guest, Limits, NotebookSpec, Route, Step
from webapp.blueprints.notebooks.services.door import TOKEN_PURPOSE
from webapp.blueprints.notebooks.services.locks import NotebookLocked, lock_notebook
from webapp.blueprints.notebooks.services.progress import Rows
from webapp.blueprints.notebooks.services.wishes import (
    HomeFull,
    ImageClosed,
    ImageMissing,
    NoEngine,
    TooMany,
    restart_notebook,
    start_notebook,
    stop_notebook,
)
from webapp.blueprints.notebooks.settings import EXTENSION, NotebookSettings
from webapp.blueprints.tasks.models import Task
from webapp.core.company import get_company
from webapp.core.db import db, transaction
from webapp.core.errors import NotAllowed
from webapp.core.sealing import unseal
from webapp.core.security import SYSTEM, Actor

ORDER = [
    Step.QUEUED,
    Step.IMAGE,
    Step.VOLUME,
    Step.GOLD,
    Step.NETWORK,
    Step.CONTAINER,
    Step.STARTED,
    Step.ANSWERS,
    Step.READY,
]


@pytest.fixture
def house(fresh_app: Flask) -> Flask:
    """An installation with an engine, which nobody but the test drives."""
    fresh_app.extensions[EXTENSION] = NotebookSettings(engine="docker", proxy="front", start_seconds=30)
    with transaction() as session:
        get_company(session).languages = "en"
    return fresh_app


@pytest.fixture
def slug(house: Flask) -> Iterator[str]:
    """A stopped notebook."""
    with transaction() as session:
        slug = make_notebook(session, image=make_image(session, reference="image:1")).slug
    yield slug
    db.session.remove()


def hands_with(spawner: MemorySpawner) -> Hands:
    return Hands(spawner, MemoryImages("image:1"), MemoryVolumes(), guests=(Guest("front", "front"),))


def wish(verb: object, slug: str, by: Actor = SYSTEM) -> None:
    with transaction() as session:
        verb(session, by=by, slug=slug)  # type: ignore[operator]
    db.session.remove()


def row(slug: str) -> Notebook:
    db.session.remove()
    return db.session.scalars(select(Notebook).where(Notebook.slug == slug)).one()


def steps(slug: str) -> list[tuple[str, bool | None]]:
    notebook = row(slug)
    mine = select(NotebookStep).where(
        NotebookStep.notebook_id == notebook.id, NotebookStep.generation == notebook.generation
    )
    return [(step.step, step.ok) for step in db.session.scalars(mine.order_by(NotebookStep.id))]


def drive(house: Flask, spawner: MemorySpawner, slug: str) -> None:
    Driver(house, hands_with(spawner)).settle(row(slug).id)
    db.session.remove()


def go_round(house: Flask, spawner: MemorySpawner) -> bool:
    """One round of a reconciler, to the end of what it begins."""
    reconciler = Reconciler(house, lambda _app: hands_with(spawner))
    went = reconciler.go_round()
    reconciler.settle_all()
    return went


def test_a_wish_writes_a_row_and_a_task_and_touches_no_engine(house: Flask, slug: str) -> None:
    wish(start_notebook, slug)
    notebook = row(slug)
    assert (notebook.wanted, notebook.state, notebook.generation) == (Wanted.RUNNING, State.QUEUED, 1)
    assert notebook.address is None
    task = db.session.scalars(select(Task).where(Task.kind == "notebooks.settle")).one()
    assert (task.queue, task.args) == ("docker", {"notebook": notebook.id})


def test_a_start_goes_step_by_step_until_it_answers(house: Flask, slug: str) -> None:
    wish(start_notebook, slug)
    drive(house, MemorySpawner(), slug)
    notebook = row(slug)
    assert (notebook.state, notebook.port) == (State.RUNNING, 8888)
    assert notebook.address
    assert len(unseal(notebook.token_sealed, purpose=TOKEN_PURPOSE)) >= 40
    assert notebook.expires_at
    assert steps(slug) == [(step, True) for step in ORDER]
    with transaction() as session:
        assert Rows(session).all() == (Route(slug, notebook.address, 8888),)


def test_a_stop_shuts_the_door_at_once_and_then_removes_everything(house: Flask, slug: str) -> None:
    spawner = MemorySpawner()
    wish(start_notebook, slug)
    drive(house, spawner, slug)
    wish(stop_notebook, slug)
    with transaction() as session:
        assert Rows(session).all() == ()
    drive(house, spawner, slug)
    notebook = row(slug)
    assert (notebook.state, notebook.token_sealed, notebook.engine_id) == (State.STOPPED, "", None)
    assert spawner.list() == ()


def test_a_restart_gets_a_new_token_and_a_new_container(house: Flask, slug: str) -> None:
    spawner = MemorySpawner()
    wish(start_notebook, slug)
    drive(house, spawner, slug)
    before = row(slug)
    generation, token, engine_id = before.generation, before.token_sealed, before.engine_id
    wish(restart_notebook, slug)
    drive(house, spawner, slug)
    after = row(slug)
    assert after.generation == generation + 1
    assert after.token_sealed != token
    assert after.engine_id != engine_id
    assert len(spawner.list()) == 1


def test_a_failure_says_why_leaves_nothing_and_can_be_retried(house: Flask, slug: str) -> None:
    spawner = FlakySpawner(times=1)
    wish(start_notebook, slug)
    drive(house, spawner, slug)
    notebook = row(slug)
    assert notebook.state == State.FAILED
    assert "driver failed programming external connectivity" in notebook.cause
    assert steps(slug)[-1] == (Step.FAILED, False)
    assert spawner.list() == ()
    wish(start_notebook, slug)
    drive(house, spawner, slug)
    assert row(slug).state == State.RUNNING


def test_an_image_that_is_missing_is_told_in_words(house: Flask, slug: str) -> None:
    with transaction() as session:
        notebook = session.scalars(select(Notebook).where(Notebook.slug == slug)).one()
        notebook.image.reference, notebook.image.pull_policy = "missing:1", "never"
    wish(start_notebook, slug)
    drive(house, MemorySpawner(), slug)
    assert "missing:1" in row(slug).cause
    assert "build or fetch" in row(slug).cause


@pytest.mark.parametrize("at", [Step.NETWORK, Step.CONTAINER, Step.STARTED])
def test_what_a_failed_start_leaves_behind_is_cleared_away(house: Flask, slug: str, at: Step) -> None:
    spawner = FlakySpawner(times=1, at=at, leftovers=True)
    wish(start_notebook, slug)
    drive(house, spawner, slug)
    go_round(house, spawner)
    assert row(slug).state == State.FAILED
    assert spawner.list() == ()


@pytest.mark.parametrize("at", [Step.NETWORK, Step.CONTAINER, Step.STARTED, Step.ANSWERS])
def test_who_dies_between_two_steps_is_followed_by_somebody_who_finishes(house: Flask, slug: str, at: Step) -> None:
    spawner = FatalSpawner(at=at)
    wish(start_notebook, slug)
    with pytest.raises(Killed):
        drive(house, spawner, slug)
    assert row(slug).state == State.STARTING
    go_round(house, spawner)
    assert row(slug).state == State.RUNNING
    assert len(spawner.list()) == 1


def test_a_stop_while_it_starts_wins(house: Flask, slug: str) -> None:
    def stop_once() -> None:
        if row(slug).wanted == Wanted.RUNNING:
            wish(stop_notebook, slug)

    spawner = SlowSpawner(looks=10, meanwhile=stop_once)
    wish(start_notebook, slug)
    drive(house, spawner, slug)
    assert row(slug).state == State.STOPPED
    assert spawner.list() == ()


def test_a_server_that_never_answers_fails_with_the_time_it_had(house: Flask, slug: str) -> None:
    house.extensions[EXTENSION] = replace(house.extensions[EXTENSION], start_seconds=0)
    wish(start_notebook, slug)
    drive(house, SlowSpawner(looks=10_000), slug)
    assert row(slug).state == State.FAILED
    assert "did not answer in time" in row(slug).cause


def test_with_the_engine_away_the_wish_waits_and_the_page_is_told(house: Flask, slug: str) -> None:
    spawner = AbsentSpawner()
    wish(start_notebook, slug)
    with pytest.raises(EngineDown):
        drive(house, spawner, slug)
    assert not go_round(house, spawner)
    engine = db.session.get_one(Engine, 1)
    assert (engine.answers, engine.words) == (False, "connection refused")
    spawner.away = False
    go_round(house, spawner)
    assert row(slug).state == State.RUNNING
    assert db.session.get_one(Engine, 1).answers


def test_a_container_that_died_starts_again_but_not_for_ever(house: Flask, slug: str) -> None:
    spawner = MemorySpawner()
    wish(start_notebook, slug)
    drive(house, spawner, slug)
    for count in (1, 2):
        spawner.die(slug)
        go_round(house, spawner)
        notebook = row(slug)
        assert (notebook.state, notebook.failures) == (State.RUNNING, count)
    spawner.die(slug)
    go_round(house, spawner)
    notebook = row(slug)
    assert notebook.state == State.FAILED
    assert "killed" in notebook.cause
    assert notebook.log.startswith("line 0")
    assert spawner.list() == ()


def test_one_that_was_removed_by_hand_starts_again(house: Flask, slug: str) -> None:
    spawner = MemorySpawner()
    wish(start_notebook, slug)
    drive(house, spawner, slug)
    spawner.kept.clear()
    go_round(house, spawner)
    assert row(slug).state == State.RUNNING
    assert spawner.starts == 2
    assert (Step.REPAIRED, False) in steps(slug)


def test_one_that_was_paused_goes_on_without_a_new_start(house: Flask, slug: str) -> None:
    spawner = MemorySpawner()
    wish(start_notebook, slug)
    drive(house, spawner, slug)
    spawner.pause(slug)
    go_round(house, spawner)
    assert row(slug).state == State.RUNNING
    assert spawner.starts == 1
    assert steps(slug)[-1] == (Step.REPAIRED, True)


def test_one_whose_network_went_starts_again(house: Flask, slug: str) -> None:
    spawner = MemorySpawner()
    wish(start_notebook, slug)
    drive(house, spawner, slug)
    spawner.lose_network(slug)
    go_round(house, spawner)
    assert row(slug).state == State.RUNNING
    assert spawner.starts == 2


def test_what_belongs_to_no_row_or_to_a_stopped_one_is_removed(house: Flask, slug: str) -> None:
    spawner = MemorySpawner()
    for number, name in enumerate(("nobodys", slug)):
        spec = NotebookSpec(
            name=name, house="", notebook_id=90 + number, generation=1, image="image:1", limits=Limits(1, 64, 16)
        )
        spawner.start(spec, lambda _step, _words: None)
    go_round(house, spawner)
    assert spawner.list() == ()
    assert row(slug).state == State.STOPPED


def test_a_wish_whose_task_was_lost_is_found_by_the_next_round(house: Flask, slug: str) -> None:
    spawner = MemorySpawner()
    wish(start_notebook, slug)
    go_round(house, spawner)
    assert row(slug).state == State.RUNNING
    wish(stop_notebook, slug)
    go_round(house, spawner)
    assert row(slug).state == State.STOPPED


def test_two_that_drive_the_same_notebook_start_it_once(house: Flask, slug: str) -> None:
    spawner = SlowSpawner(looks=5)
    wish(start_notebook, slug)
    number = row(slug).id
    db.session.remove()

    def work() -> None:
        with house.app_context():
            Driver(house, hands_with(spawner)).settle(number)
            db.session.remove()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert spawner.starts == 1
    assert row(slug).state == State.RUNNING


def test_who_finds_somebody_at_it_leaves_it_to_them(house: Flask, slug: str) -> None:
    spawner = MemorySpawner()
    driver = Driver(house, hands_with(spawner))
    with driver._driving(row(slug).id, 0), pytest.raises(Busy):
        driver.settle(row(slug).id, patience=0)


# ------------------------------------------------------------------ refusals
def test_so_many_at_once_for_one_person(house: Flask) -> None:
    house.extensions[EXTENSION] = replace(house.extensions[EXTENSION], per_person=1)
    with transaction() as session:
        owner, _member, project = make_team(session)
        slugs = [make_notebook(session, project=project).slug for _ in range(2)]
        by = actor_for(owner)
    wish(start_notebook, slugs[0], by)
    with pytest.raises(TooMany):
        wish(start_notebook, slugs[1], by)
    wish(start_notebook, slugs[0], by)  # the same one again is the same one
    wish(stop_notebook, slugs[0], by)
    wish(start_notebook, slugs[1], by)


def test_so_many_at_once_for_one_group_whoever_starts_them(house: Flask) -> None:
    house.extensions[EXTENSION] = replace(house.extensions[EXTENSION], per_group=1)
    with transaction() as session:
        owner, member, project = make_team(session)
        elsewhere = make_project(session, group=project.group)
        slugs = [make_notebook(session, project=each).slug for each in (project, elsewhere)]
        people = [actor_for(owner), actor_for(member)]
    wish(start_notebook, slugs[0], people[0])
    with pytest.raises(TooMany):
        wish(start_notebook, slugs[1], people[1])


def test_a_stranger_neither_starts_nor_stops(house: Flask) -> None:
    with transaction() as session:
        _owner, _member, project = make_team(session)
        project.visibility = "internal"
        slug = make_notebook(session, project=project).slug
        _user, stranger = make_analyst(session)
    for verb in (start_notebook, stop_notebook, restart_notebook):
        with pytest.raises(NotAllowed):
            wish(verb, slug, stranger)


def test_a_lock_keeps_others_from_starting_and_stopping(house: Flask) -> None:
    with transaction() as session:
        owner, member, project = make_team(session)
        slug = make_notebook(session, project=project).slug
        lock_notebook(session, by=actor_for(member), slug=slug)
        by = actor_for(owner)
    for verb in (start_notebook, stop_notebook, restart_notebook):
        with pytest.raises(NotebookLocked):
            wish(verb, slug, by)


def test_a_home_that_holds_too_much_is_not_started(house: Flask, slug: str) -> None:
    from webapp.blueprints.notebooks.services.homes import home_of, note_size

    with transaction() as session:
        notebook = session.scalars(select(Notebook).where(Notebook.slug == slug)).one()
        home = home_of(session, notebook.id, quota_mb=notebook.disk_mb)
        note_size(session, home.id, (notebook.disk_mb + 1) * 1024 * 1024)
    with pytest.raises(HomeFull):
        wish(start_notebook, slug)


def test_an_image_that_is_known_to_be_missing_is_told_before_the_start(house: Flask, slug: str) -> None:
    with transaction() as session:
        notebook = session.scalars(select(Notebook).where(Notebook.slug == slug)).one()
        notebook.image.present, notebook.image.pull_policy = False, "never"
    with pytest.raises(ImageMissing):
        wish(start_notebook, slug)
    with transaction() as session:
        session.scalars(select(Notebook).where(Notebook.slug == slug)).one().image.open = False
    with pytest.raises(ImageClosed):
        wish(start_notebook, slug)


def test_without_an_engine_a_start_says_so(house: Flask, slug: str) -> None:
    house.extensions[EXTENSION] = NotebookSettings(engine="")
    with pytest.raises(NoEngine):
        wish(start_notebook, slug)
    assert row(slug).state == State.STOPPED
