"""`bottega tasks schedules`: list, start, pause and resume by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.rooms.tasks.schedules import REPORT, make_schedule
from webapp.blueprints.tasks.models import Schedule, Task

Bottega = Callable[..., Any]


@pytest.fixture(autouse=True)
def schedule(app: Flask, session: Session) -> Schedule:
    app.extensions["task_kinds"][REPORT.name] = REPORT
    made = make_schedule(session, "30 8 * * 1-5", name="Morning")
    session.commit()
    return made


def test_the_list_tells_when_each_comes(bottega: Bottega) -> None:
    for words in (("tasks", "schedules"), ("tasks", "schedules", "list")):
        told = bottega(*words).output
        assert "Morning" in told
        assert "From Monday to Friday at 08:30 (30 8 * * 1-5)" in told
        assert " 08:30 CE" in told


def test_one_is_paused_resumed_and_started_by_name(bottega: Bottega, session: Session) -> None:
    assert bottega("tasks", "schedules", "pause", "Morning").output == "paused\n"
    assert "paused" in bottega("tasks", "schedules").output
    assert bottega("tasks", "schedules", "resume", "Morning").output.startswith("next at 20")
    number = bottega("tasks", "schedules", "run-now", "Morning").output.removeprefix("task ").strip()
    task = session.scalars(select(Task)).one()
    assert (str(task.id), task.kind, task.actor) == (number, "test.report", "system")


@pytest.mark.parametrize("deed", ["pause", "resume", "run-now"])
def test_a_name_that_is_none_is_told_in_a_sentence(bottega: Bottega, deed: str) -> None:
    refused = bottega("tasks", "schedules", deed, "Evening")
    assert refused.exit_code == 2
    assert "There is no schedule named Evening." in refused.output
