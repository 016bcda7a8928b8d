"""What other rooms may use of tasks: ask for one, and look how it stands."""

from __future__ import annotations

import json
import time

import click

from webapp.blueprints.tasks.models import ENDED, Schedule, State, Task
from webapp.blueprints.tasks.permissions import TasksPermission
from webapp.blueprints.tasks.queries import find_alive_names, get_task
from webapp.blueprints.tasks.services.asking import ask, get_kind
from webapp.blueprints.tasks.services.steering import TaskEnded, cancel
from webapp.core.commands import refusals
from webapp.core.db import transaction
from webapp.core.security import SYSTEM

__all__ = [
    "ENDED",
    "WAIT",
    "Schedule",
    "State",
    "Task",
    "TaskEnded",
    "TasksPermission",
    "ask",
    "cancel",
    "follow",
    "get_kind",
]
LOOK_EVERY = 0.3
WAIT = click.option("--wait", is_flag=True, help="Wait until it has ended; exit 1 unless it is done.")


def follow(task_id: int) -> None:
    """Tell on a terminal how far the task is, until it has ended. Raises SystemExit(1) unless it is done."""
    said = ""
    warned = False
    while True:
        with refusals(), transaction() as session:
            task = get_task(session, task_id, by=SYSTEM)
            session.refresh(task)
            state, words, error, result = task.state, _steps(task), task.error, task.result
            waits_alone = state == State.QUEUED and "worker" not in find_alive_names(session).values()
        if waits_alone and not warned:
            click.echo("no worker is alive: it waits until one is back", err=True)
            warned = True
        if words != said:
            click.echo(words, err=True)
            said = words
        if state in ENDED:
            break
        time.sleep(LOOK_EVERY)
    if state != State.DONE:
        click.echo(f"{state}: {error}" if error else str(state), err=True)
        raise SystemExit(1)
    click.echo("done" if result is None else f"done: {json.dumps(result, ensure_ascii=False)}")


def _steps(task: Task) -> str:
    steps = f"{task.progress_done} of {task.progress_total} " if task.progress_total else ""
    return f"{task.state} {steps}{' '.join(task.progress_words.split())[:160]}".strip()
