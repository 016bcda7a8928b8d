"""What the keeper asks of kernels, what it counts of their use, and its slow rounds."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.rooms.notebooks.engines import MemorySpawner
from tests.rooms.notebooks.makers import make_image, make_notebook, make_team
from tests.rooms.notebooks.running import HOUR, MINUTE, NOON, run_since
from tests.rooms.notebooks.stores import MemoryImages, MemoryVolumes
from webapp.blueprints.mail.models import OutgoingMail
from webapp.blueprints.notebooks.gateways.hands import Hands
from webapp.blueprints.notebooks.gateways.housekeeping import Housekeeper
from webapp.blueprints.notebooks.gateways.kernels import ask_kernels
from webapp.blueprints.notebooks.models import Engine, Image, Notebook, Usage, Volume
from webapp.blueprints.notebooks.ports import Answer, Limits, NotebookSpec, Used
from webapp.blueprints.notebooks.services.homes import home_of
from webapp.blueprints.notebooks.services.keeping import (
    Activity,
    list_running,
)
from webapp.blueprints.notebooks.services.usage import count_usage


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
