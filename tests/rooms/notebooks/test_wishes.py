"""What people wish of notebooks, and the wishes that are refused before the engine hears of them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select

from tests.rooms.notebooks.driven import row, wish
from tests.rooms.notebooks.makers import make_notebook, make_team
from tests.rooms.workspaces.makers import actor_for, make_analyst, make_project
from webapp.blueprints.notebooks.models import Notebook, State, Wanted
from webapp.blueprints.notebooks.services.locks import NotebookLocked, lock_notebook
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
from webapp.core.db import db, transaction
from webapp.core.errors import NotAllowed


def test_a_wish_writes_a_row_and_a_task_and_touches_no_engine(house: Flask, slug: str) -> None:
    wish(start_notebook, slug)
    notebook = row(slug)
    assert (notebook.wanted, notebook.state, notebook.generation) == (Wanted.RUNNING, State.QUEUED, 1)
    assert notebook.address is None
    task = db.session.scalars(select(Task).where(Task.kind == "notebooks.settle")).one()
    assert (task.queue, task.args) == ("docker", {"notebook": notebook.id})


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
