"""Somebody watches tasks work, stops one, and finds the page as they left it after each refresh."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.journeys.conftest import House, Visitor
from tests.rooms.tasks.makers import make_line, make_task
from tests.rooms.tasks.test_steering import declare
from webapp.blueprints.tasks.models import State, Task
from webapp.core.db import transaction

pytestmark = pytest.mark.needs("chromium")
Visit = Callable[..., Visitor]
REFRESHED = 15_000  # milliseconds: some refreshes, on a busy machine


def change(house: House, task: int, **values: object) -> None:
    """What a worker would write down of a task."""
    names = ", ".join(f"{name} = :{name}" for name in values)
    with house.app.app_context(), transaction() as session:
        session.execute(text(f"UPDATE tasks_tasks SET {names} WHERE id = :id"), {"id": task, **values})


def end(house: House, task: int, state: State, **values: object) -> None:
    """What a worker would write down at the end of a task."""
    with house.app.app_context(), transaction() as session:
        session.execute(
            text(
                "UPDATE tasks_tasks SET token = NULL, lease_until = NULL, finished_at = now(), state = :state WHERE id = :id"
            ),
            {"id": task, "state": state},
        )
    if values:
        change(house, task, **values)


@pytest.fixture
def running(house: House, monkeypatch: pytest.MonkeyPatch) -> int:
    """A task that runs, with a log, of a kind that its people may start."""
    declare(house.app, monkeypatch)

    def make(session: Session) -> Task:
        task = make_task(
            session, state=State.RUNNING, progress_done=10, progress_total=100, progress_words="rows of march.csv"
        )
        make_line(session, task)
        return task

    return house.store(make)


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_a_task_is_watched_and_stopped(visit: Visit, house: House, running: int, phone: bool) -> None:
    owner = visit("owner", phone=phone)
    page = owner.page
    owner.go("/backoffice/tasks/")
    page.locator(f"#task-now-{running}").click()
    page.wait_for_url(f"**/backoffice/tasks/{running}/")
    live = page.locator("#task-live")
    expect(live).to_contain_text("10 of 100")
    assert owner.violations() == []

    page.locator("#task-log-summary").click()
    page.locator("#task-log-summary").focus()
    entries = page.evaluate("history.length")
    change(house, running, progress_done=60)
    expect(live).to_contain_text("60 of 100", timeout=REFRESHED)
    expect(page.locator("#task-log")).not_to_have_attribute("open", re.compile(".*"))
    expect(page.locator("#task-log-summary")).to_be_focused()
    assert page.evaluate("history.length") == entries
    assert owner.path == f"/backoffice/tasks/{running}/"
    assert owner.overflow <= 0

    page.locator("#tasks-cancel_task").click()
    question = page.get_by_role("dialog")
    change(house, running, progress_done=70)
    page.wait_for_timeout(3_000)
    expect(question).to_be_visible()
    question.locator("button[value=yes]").click()

    expect(page.locator("#flashes .alert-success")).to_be_visible()
    expect(live).to_contain_text("asked it to stop")
    expect(page.locator("#tasks-cancel_task")).to_have_count(0)
    assert house.query("SELECT cancel_asked_by <> '' FROM tasks_tasks WHERE id = :id", id=running)

    end(house, running, State.CANCELLED)
    expect(page.locator(".task-badge").first).to_contain_text("Cancelled", timeout=REFRESHED)
    expect(page.locator("#task-said")).to_contain_text("Cancelled")
    expect(page.locator("#task-live")).not_to_have_attribute("hx-get", re.compile(".*"))
    assert owner.violations() == []

    page.locator("#tasks-retry_task").click()
    expect(page.locator(".task-badge").first).to_contain_text("Waiting")
    page.go_back()
    page.wait_for_url("**/backoffice/tasks/")


def test_what_cannot_be_done_any_more_is_told_on_the_page(visit: Visit, house: House, running: int) -> None:
    owner = visit("owner")
    owner.refusals = {409}
    owner.go(f"/backoffice/tasks/{running}/")
    page = owner.page
    page.locator("#tasks-cancel_task").click()
    question = page.get_by_role("dialog")
    end(house, running, State.DONE)
    question.locator("button[value=yes]").click()

    expect(page.locator("#problems")).to_contain_text("ended already")
    expect(page.locator(".task-badge").first).to_contain_text("Done", timeout=REFRESHED)


def test_the_list_tells_what_runs_now_and_keeps_what_was_typed(visit: Visit, house: House, running: int) -> None:
    owner = visit("owner", dark=True)
    page = owner.page
    owner.go("/backoffice/tasks/")
    page.locator("#list-search").fill("march")
    page.wait_for_url("**q=march**")
    page.locator("#task-durations summary").click()
    expect(page.locator("#task-durations-table table, #task-durations-table p.text-secondary").first).to_be_visible()
    page.locator(f"#task-now-{running}").focus()
    change(house, running, progress_done=61)
    expect(page.locator("#task-now")).to_contain_text("61 of 100", timeout=REFRESHED)
    expect(page.locator(f"#task-now-{running}")).to_be_focused()
    expect(page.locator("#list-search")).to_have_value("march")
    assert "q=march" in owner.path
    assert owner.violations() == []
    end(house, running, State.DONE)
    expect(page.locator(f"#task-now-{running}")).to_have_count(0, timeout=REFRESHED)


def test_a_task_is_stopped_without_scripts(visit: Visit, house: House, running: int) -> None:
    owner = visit("owner", scripts=False)
    owner.go(f"/backoffice/tasks/{running}/")
    change(house, running, progress_done=62)
    owner.page.get_by_role("link", name="Refresh").click()
    expect(owner.page.locator("#task-live")).to_contain_text("62 of 100")
    owner.page.locator("#tasks-cancel_task").click()
    expect(owner.page.locator("#flashes")).to_contain_text("asked to stop")
    end(house, running, State.CANCELLED)
