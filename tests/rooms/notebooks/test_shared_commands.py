"""`bottega notebooks shared, share, take-back`: the data of a project from the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.rooms.workspaces.makers import make_group, make_project
from webapp.blueprints.notebooks.services.shared import note_shared, shared_folder
from webapp.blueprints.tasks.public import Task

Bottega = Callable[..., Any]


def test_a_file_is_shared_listed_and_taken_back(session: Session, bottega: Bottega, tmp_path: Path) -> None:
    project = make_project(session, group=make_group(session, slug="sales"), slug="prices")
    session.commit()
    file = tmp_path / "prices.csv"
    file.write_bytes(b"a;b")
    assert bottega("notebooks", "shared", "sales/prices").output == "There are no shared files.\n"
    shared = bottega("notebooks", "share", "sales/prices", file)
    assert shared.exit_code == 0
    task = session.scalars(select(Task).where(Task.kind == "notebooks.share")).one()
    assert shared.output == f"task {task.id}\n"
    assert (shared_folder() / str(task.args["kept"])).read_bytes() == b"a;b"
    note_shared(session, project.id, "prices.csv")
    session.commit()
    (listed,) = json.loads(bottega("notebooks", "shared", "sales/prices", "--json").output)
    assert (listed["name"], listed["size"], listed["state"]) == ("prices.csv", 3, "there")
    assert "prices.csv" in bottega("notebooks", "shared", "sales/prices").output
    assert bottega("notebooks", "take-back", "sales/prices", "prices.csv").exit_code == 0
    assert session.scalars(select(Task).where(Task.kind == "notebooks.take_back")).one()


def test_what_is_not_there_is_refused_in_words(session: Session, bottega: Bottega, tmp_path: Path) -> None:
    make_project(session, group=make_group(session, slug="sales"), slug="prices")
    session.commit()
    for words in (("shared", "no/where"), ("share", "no/where", __file__), ("take-back", "sales/prices", "x.csv")):
        told = bottega("notebooks", *words)
        assert told.exit_code == 2
        assert "Traceback" not in told.stderr
    assert bottega("notebooks", "share", "sales/prices", tmp_path / "gone.csv").exit_code == 2
