"""The owner plans a task without knowing cron, with and without scripts, and marks an alarm as seen."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect
from sqlalchemy.orm import Session

from tests.journeys.conftest import House, Visitor
from tests.rooms.tasks.schedules import REPORT, make_schedule
from webapp.blueprints.tasks.models import Alarm, Schedule
from webapp.core.clock import utc_now

pytestmark = pytest.mark.needs("chromium")
Visit = Callable[..., Visitor]
URL = "/backoffice/tasks/schedules/"


@pytest.fixture(autouse=True)
def kind(house: House) -> Iterator[None]:
    house.app.extensions["task_kinds"][REPORT.name] = REPORT
    yield
    del house.app.extensions["task_kinds"][REPORT.name]


@pytest.fixture
def alarmed(house: House) -> int:
    """A schedule with an alarm that nobody has seen."""

    def make(session: Session) -> Schedule:
        schedule = make_schedule(session, "30 2 * * *", name=f"Alarmed {utc_now().timestamp()}")
        session.add(Alarm(schedule_id=schedule.id, due_at=utc_now(), reason="failed"))
        return schedule

    return house.store(make)


def test_the_form_asks_only_what_matters_and_shows_the_next_runs(visit: Visit, house: House) -> None:
    owner = visit("owner")
    owner.go(URL)
    owner.page.locator(f"a[href='{URL}new']").click()
    page = owner.page
    page.locator("[name=kind]").select_option("test.report")
    page.locator("[name=argument_days]").fill("7")
    page.locator("[name=name]").fill("Month's end")
    expect(page.locator("[name=weekday]")).to_be_hidden()
    expect(page.locator("[name=cron]")).to_be_hidden()
    page.locator("[name=often]").select_option("monthly")
    expect(page.locator("[name=time]")).to_be_visible()
    page.locator("[name=day]").select_option("L")
    page.locator("[name=time]").fill("18:45")
    preview = page.locator("#schedule-preview")
    expect(preview).to_contain_text("On the last day of each month at 18:45")
    expect(preview.locator("li")).to_have_count(5)
    page.locator("[name=often]").select_option("line")
    expect(page.locator("[name=time]")).to_be_hidden()
    page.locator("[name=cron]").fill("0 0 31 2 *")
    expect(preview).to_contain_text("This never comes")
    page.locator("[name=often]").select_option("monthly")
    page.locator("[name=name]").press("Enter")
    page.wait_for_url(re.compile(rf"{URL}\d+/"))
    expect(page.locator("h1")).to_have_text("Month's end")
    assert house.query("SELECT cron FROM tasks_schedules WHERE name = 'Month''s end'") == "45 18 L * *"


def test_without_scripts_each_step_is_a_button(visit: Visit, house: House) -> None:
    owner = visit("owner", scripts=False)
    owner.go(f"{URL}new")
    page = owner.page
    page.locator("[name=kind]").select_option("test.report")
    page.locator("button[name=show][value=kind]").click()
    page.locator("[name=argument_days]").fill("3")
    page.locator("[name=name]").fill("Plain")
    page.locator("[name=often]").select_option("weekly")
    page.locator("[name=weekday]").select_option("5")
    page.locator("button[name=show][value=runs]").click()
    expect(page.locator("#schedule-preview")).to_contain_text("Every Friday at 08:00")
    page.locator(".record-buttons button").click()
    page.wait_for_url(re.compile(rf"{URL}\d+/"))
    page.get_by_role("button", name="Pause").click()
    assert house.query("SELECT paused FROM tasks_schedules WHERE name = 'Plain'") is True
    page.locator("a[href$='/delete']").click()
    page.locator("main button[type=submit]").click()
    page.wait_for_url(f"**{URL}")
    assert house.query("SELECT count(*) FROM tasks_schedules WHERE name = 'Plain'") == 0


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_the_pages_fit_and_axe_finds_nothing(visit: Visit, alarmed: int, phone: bool) -> None:
    owner = visit("owner", phone=phone)
    for path in ("", "new", f"{alarmed}/", f"{alarmed}/edit", f"{alarmed}/delete"):
        owner.turn("light")
        owner.go(URL + path)
        assert owner.overflow == 0, path
        assert owner.violations() == []
        owner.turn("dark")
        assert owner.violations("color-contrast", "link-in-text-block") == []


def test_an_alarm_on_the_dashboard_is_marked_as_seen(visit: Visit, house: House, alarmed: int) -> None:
    name = house.query("SELECT name FROM tasks_schedules WHERE id = :id", id=alarmed)
    owner = visit("owner")
    owner.go("/backoffice/")
    alarm = owner.page.locator(".schedule-alarm", has_text=name)
    alarm.get_by_role("button").click()
    expect(alarm).to_have_count(0)
    assert owner.path.startswith("/backoffice/")
    assert house.query("SELECT count(*) FROM tasks_alarms WHERE schedule_id = :id AND seen_at IS NULL", id=alarmed) == 0
