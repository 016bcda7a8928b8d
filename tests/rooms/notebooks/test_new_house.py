"""Two installations of one backup: the copy gets a mark of its own, and never touches what the first one has on the engine."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.rooms.notebooks.makers import make_notebook, run_notebook
from tests.rooms.notebooks.stores import MemoryVolumes
from webapp.blueprints.notebooks.gateways.homes import prepare
from webapp.blueprints.notebooks.models import Backup, Engine, Notebook, State, Volume, Wanted
from webapp.blueprints.notebooks.services.homes import find_home
from webapp.blueprints.notebooks.services.houses import KeeperRuns, found_house
from webapp.core.clock import utc_now
from webapp.core.db import transaction
from webapp.core.security import SYSTEM


@pytest.fixture
def copied(app: Flask, session: Session) -> tuple[Notebook, MemoryVolumes]:
    """A notebook that ran when the backup was made, and the volumes of the engine."""
    session.get_one(Engine, 1).round_at = utc_now() - dt.timedelta(hours=1)
    notebook = make_notebook(session)
    session.add(Backup(notebook_id=notebook.id, file=f"{uuid.uuid4().hex}.tar.gz", size=1, digest="0" * 64))
    session.commit()
    volumes = MemoryVolumes()
    begin(volumes, notebook)
    return run_notebook(session, notebook), volumes


def begin(volumes: MemoryVolumes, notebook: Notebook) -> None:
    prepare(volumes, notebook_id=notebook.id, project_id=notebook.project_id, disk_mb=64, home_path="/home/analyst")


def test_a_copy_stops_its_notebooks_and_makes_homes_of_its_own(
    session: Session, copied: tuple[Notebook, MemoryVolumes]
) -> None:
    notebook, volumes = copied
    theirs, before = {each.name for each in volumes.list()}, session.get_one(Engine, 1).house
    with transaction() as inner:
        after = found_house(inner, by=SYSTEM)
    session.expire_all()
    assert session.get_one(Engine, 1).house == after != before
    assert (notebook.wanted, notebook.state, notebook.address) == (Wanted.STOPPED, State.STOPPED, None)
    assert session.scalar(select(func.count(Volume.id))) == 0
    assert session.scalar(select(func.count(Backup.id))) == 1
    begin(volumes, notebook)
    session.expire_all()
    home = find_home(session, notebook.id)
    assert home
    assert home.name.startswith(f"nb-{str(after)[:8]}-")
    assert theirs < {each.name for each in volumes.list()}, "those of the first installation stay, beside the copy's"


def test_it_is_refused_while_the_keeper_works_for_the_old_mark(
    session: Session, copied: tuple[Notebook, MemoryVolumes]
) -> None:
    engine = session.get_one(Engine, 1)
    engine.round_at, house = utc_now() - dt.timedelta(seconds=20), engine.house
    session.commit()
    with pytest.raises(KeeperRuns), transaction() as inner:
        found_house(inner, by=SYSTEM)
    session.expire_all()
    assert session.get_one(Engine, 1).house == house


def test_the_command_asks_before_and_tells_the_new_mark(
    app: Flask, session: Session, copied: tuple[Notebook, MemoryVolumes]
) -> None:
    runner = app.test_cli_runner()
    assert runner.invoke(args=["notebooks", "new-house"], input="n\n").exit_code == 1
    done = runner.invoke(args=["notebooks", "new-house", "--yes"])
    session.expire_all()
    assert done.output == f"this installation is {session.get_one(Engine, 1).house} from now on\n"
