"""The pages of schedules: the form without knowing cron, the next runs in words, refusals, and the alarms."""

from __future__ import annotations

import datetime as dt
import html
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from tests.rooms.conftest import ENGLISH, Fill, token_of
from tests.rooms.tasks.schedules import HOUSE, REPORT, make_schedule
from webapp.blueprints.tasks.models import Alarm, Schedule, Task
from webapp.blueprints.tasks.services.schedules import pause_schedule
from webapp.core.clock import utc_now
from webapp.core.security import SYSTEM

SignIn = Callable[[str], FlaskClient]
URL = "/backoffice/tasks/schedules/"


@pytest.fixture(autouse=True)
def kind(app: Flask) -> Any:
    app.extensions["task_kinds"] |= {REPORT.name: REPORT, HOUSE.name: HOUSE}
    yield
    for name in (REPORT.name, HOUSE.name):
        del app.extensions["task_kinds"][name]


def typed(**changes: str) -> dict[str, str]:
    return {
        "version": "",
        "name": "Weekly report",
        "kind": "test.report",
        "argument_days": "7",
        "often": "weekly",
        "time": "08:30",
        "weekday": "1",
        "day": "1",
        "minute": "0",
        "cron": "",
        "missed": "once",
        "alarm_minutes": "15",
    } | changes


def read(browser: FlaskClient, path: str = "") -> str:
    return html.unescape(browser.get(URL + path, headers=ENGLISH).text)


def the_only(session: Session) -> Schedule:
    session.expire_all()
    return session.scalars(select(Schedule)).one()


def test_an_owner_makes_a_schedule_without_knowing_cron(session: Session, fill: Fill) -> None:
    answer = fill(f"{URL}new", typed(), "owner")
    made = the_only(session)
    assert answer.headers["Location"] == f"{URL}{made.id}/"
    assert (made.name, made.kind, made.cron, made.missed) == ("Weekly report", "test.report", "30 8 * * 1", "once")
    assert made.args == {"days": 7, "full": False}
    assert made.actor == "The owner"


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"often": "hourly", "minute": "20"}, "20 * * * *"),
        ({"often": "daily", "time": "2:30"}, "30 2 * * *"),
        ({"often": "weekdays", "time": "18:00"}, "0 18 * * 1-5"),
        ({"often": "monthly", "day": "L"}, "30 8 L * *"),
        ({"often": "line", "cron": " 0  6 * * mon,thu "}, "0 6 * * MON,THU"),
    ],
)
def test_each_rhythm_becomes_its_line_and_comes_back_into_the_form(
    session: Session, fill: Fill, changes: dict[str, str], line: str
) -> None:
    fill(f"{URL}new", typed(**changes), "owner")
    made = the_only(session)
    assert made.cron == line
    same = typed(**changes, version="1")
    assert fill(f"{URL}{made.id}/edit", same, "owner").status_code == 303
    assert the_only(session).cron == line


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"often": "line", "cron": "@reboot"}, "Words like @reboot are not understood"),
        ({"often": "line", "cron": "0 0 8 * * *"}, "six parts"),
        ({"often": "line", "cron": "0 0 31 2 *"}, "This never comes"),
        ({"often": "line", "cron": ""}, "five parts"),
        ({"often": "daily", "time": "half past"}, "Write a time like 08:30."),
        ({"often": "daily", "time": "24:00"}, "Write a time like 08:30."),
        ({"often": "hourly", "minute": "60"}, "Write a minute from 0 to 59."),
        ({"often": "hourly", "minute": "x"}, "Write a whole number."),
        ({"often": "weekly", "weekday": "9"}, "Not a valid choice"),
        ({"often": "yearly"}, "Not a valid choice"),
        ({"name": ""}, "This field is required."),
        ({"kind": "test.house"}, "Choose what is to be done from the list."),
        ({"argument_days": ""}, "This is needed."),
        ({"argument_days": "99"}, "Write a number from 1 to 31."),
        ({"argument_days": "9" * 30}, "Write a whole number."),
        ({"argument_since": "soon"}, "Write a date like 2026-11-21."),
        ({"alarm_minutes": ""}, "Write a number from 1 to 10080."),
        ({"alarm_minutes": "0"}, "Write a number from 1 to 10080."),
        ({"missed": "never"}, "Not a valid choice"),
    ],
)
def test_a_bad_line_argument_or_number_is_refused_at_the_form(
    session: Session, fill: Fill, changes: dict[str, str], said: str
) -> None:
    answer = fill(f"{URL}new", typed(**changes), "owner")
    assert answer.status_code == 422
    assert said in html.unescape(answer.text)
    assert 'aria-invalid="true"' in answer.text or "invalid-feedback" in answer.text
    assert session.scalars(select(Schedule)).all() == []


def test_the_next_five_runs_are_shown_in_words_while_typing(sign_in: SignIn) -> None:
    owner = sign_in("owner")
    part = read(owner, "preview?often=monthly&day=29&time=08:15")
    assert "<html" not in part
    assert "On day 29 of each month at 08:15" in part
    assert part.count("<li>") == 5
    assert " 29 " in part.split("<li>")[1]
    assert "at 08:15" in part.split("<li>")[1]
    assert "This never comes" in read(owner, "preview?often=line&cron=0+0+30+2+*")
    assert "Europe/Rome" in part


def test_without_scripts_a_button_shows_the_runs_and_stores_nothing(session: Session, fill: Fill) -> None:
    answer = fill(f"{URL}new", typed(show="runs", name=""), "owner")
    assert answer.status_code == 200
    assert "Every Monday at 08:30" in answer.text
    assert session.scalars(select(Schedule)).all() == []


def test_another_kind_brings_its_own_fields(sign_in: SignIn, fill: Fill) -> None:
    part = sign_in("owner").get(f"{URL}arguments?kind=test.report").text
    assert "<html" not in part
    for name in ("argument_days", "argument_full", "argument_shop", "argument_since"):
        assert f'name="{name}"' in part
    answer = fill(f"{URL}new", typed(show="kind"), "owner")
    assert answer.status_code == 200
    assert 'name="argument_days"' in answer.text


def test_only_kinds_for_a_schedule_are_offered(sign_in: SignIn) -> None:
    page = read(sign_in("owner"), "new")
    assert 'value="test.report"' in page
    assert "test.house" not in page


def test_the_list_says_when_in_words_and_how_it_went(session: Session, sign_in: SignIn) -> None:
    schedule = make_schedule(session, "30 8 * * 1-5", name="Morning")
    pause_schedule(session, by=SYSTEM, schedule_id=make_schedule(session, name="Asleep").id)
    session.add(
        Task(
            kind="test.report", args={}, queue="default", actor="x", most_attempts=1, schedule_id=schedule.id,
            state="failed", finished_at=utc_now(),
        )
    )  # fmt: skip
    session.commit()
    page = read(sign_in("staff"))
    for words in ("Morning", "From Monday to Friday at 08:30", "Active", "Failed", "Asleep", "Paused"):
        assert words in page
    assert "New schedule" not in page
    only = read(sign_in("staff"), "?state=paused")
    assert "Morning" not in only
    assert "Asleep" in only
    export = sign_in("staff").get(f"{URL}?format=csv", headers=ENGLISH)
    assert "From Monday to Friday at 08:30" in export.text


def test_a_schedule_s_page_shows_its_next_and_last_runs(session: Session, sign_in: SignIn, fill: Fill) -> None:
    schedule = make_schedule(session, "15 3 * * *")
    session.commit()
    fill(f"{URL}{schedule.id}/run", {}, "owner")
    page = read(sign_in("owner"), f"{schedule.id}/")
    assert "Every day at 03:15" in page
    assert page.split("schedule-runs")[1].count("<li>") == 5
    assert "/backoffice/tasks/" in page.split("The last runs")[1]


def test_pause_resume_run_now_and_delete(session: Session, fill: Fill) -> None:
    schedule = make_schedule(session)
    session.commit()
    where = f"{URL}{schedule.id}/"
    assert fill(f"{where}pause", {}, "owner").status_code == 303
    assert the_only(session).next_at is None
    fill(f"{where}resume", {}, "owner")
    assert the_only(session).next_at is not None
    answer = fill(f"{where}run", {}, "owner")
    task = session.scalars(select(Task)).one()
    assert answer.headers["Location"] == f"/backoffice/tasks/{task.id}/"
    assert task.actor == "The owner"
    conflict = fill(f"{where}delete", {"version": "1"}, "owner")
    assert conflict.status_code == 409
    assert fill(f"{where}delete", {"version": "3"}, "owner").status_code == 303
    assert session.scalars(select(Schedule)).all() == []


def test_the_second_of_two_editors_sees_both(session: Session, fill: Fill) -> None:
    schedule = make_schedule(session, name="Report")
    session.commit()
    fill(f"{URL}{schedule.id}/edit", typed(version="1", name="First"), "owner")
    answer = fill(f"{URL}{schedule.id}/edit", typed(version="1", name="Second", time="09:00"), "owner")
    assert answer.status_code == 409
    assert "First" in answer.text
    assert "Second" in answer.text
    assert "09:00" in answer.text
    assert the_only(session).name == "First"


def test_a_form_opened_before_the_clock_struck_can_still_be_saved(session: Session, fill: Fill) -> None:
    schedule = make_schedule(session)
    session.commit()
    session.execute(text("UPDATE tasks_schedules SET last_at = now()"))
    assert fill(f"{URL}{schedule.id}/edit", typed(version="1"), "owner").status_code == 303


def test_the_house_s_schedule_keeps_its_kind_and_has_no_delete(session: Session, sign_in: SignIn, fill: Fill) -> None:
    schedule = make_schedule(session)
    schedule.origin, schedule.kind, schedule.args, schedule.name = "test.own", "test.house", {"secret": 1}, "Own"
    session.commit()
    owner = sign_in("owner")
    assert "/delete" not in read(owner, f"{schedule.id}/")
    assert 'name="kind"' not in read(owner, f"{schedule.id}/edit")
    without = {name: value for name, value in typed(version="2", name="Own at 9").items() if name != "kind"}
    assert fill(f"{URL}{schedule.id}/edit", without, "owner").status_code == 303
    stored = the_only(session)
    assert (stored.name, stored.kind, stored.args, stored.cron) == (
        "Own at 9",
        "test.house",
        {"secret": 1},
        "30 8 * * 1",
    )
    refused = fill(f"{URL}{schedule.id}/delete", {"version": str(stored.version)}, "owner")
    assert refused.status_code == 409
    assert "You can pause it." in html.unescape(refused.text)


def test_a_kind_that_is_gone_is_told_and_does_not_break_the_pages(
    app: Flask, session: Session, sign_in: SignIn, fill: Fill
) -> None:
    schedule = make_schedule(session)
    schedule.kind = "gone.kind"
    session.commit()
    owner = sign_in("owner")
    assert "No open room knows this kind" in read(owner, f"{schedule.id}/")
    assert owner.get(f"{URL}{schedule.id}/edit").status_code == 200
    assert fill(f"{URL}{schedule.id}/run", {}, "owner").status_code == 422


@pytest.mark.parametrize("path", ["new", "preview", "arguments", "{id}/edit", "{id}/delete"])
def test_pages_that_write_are_for_the_owner_alone(
    session: Session, sign_in: SignIn, client: FlaskClient, path: str
) -> None:
    schedule = make_schedule(session)
    session.commit()
    where = URL + path.format(id=schedule.id)
    assert client.get(where).status_code in (302, 303, 401)
    for role in ("staff", "viewer"):
        assert sign_in(role).get(where).status_code == 403
    assert sign_in("owner").get(where).status_code == 200


@pytest.mark.parametrize(
    "path", ["new", "{id}/edit", "{id}/delete", "{id}/pause", "{id}/resume", "{id}/run", "{id}/seen"]
)
@pytest.mark.parametrize("role", ["staff", "viewer"])
def test_writing_is_refused_to_all_but_the_owner(session: Session, sign_in: SignIn, path: str, role: str) -> None:
    schedule = make_schedule(session, name="Untouched")
    session.commit()
    browser = sign_in(role)
    where = URL + path.format(id=schedule.id)
    answer = browser.post(where, data=typed(csrf_token=token_of(browser), version="1"))
    assert answer.status_code == 403
    assert the_only(session).name == "Untouched"
    assert session.scalars(select(Task)).all() == []


def test_viewers_and_strangers_see_no_schedules(session: Session, sign_in: SignIn, client: FlaskClient) -> None:
    schedule = make_schedule(session)
    session.commit()
    for path in ("", f"{schedule.id}/"):
        assert sign_in("viewer").get(URL + path).status_code == 403
        assert client.get(URL + path).status_code in (302, 303, 401)
    assert sign_in("staff").get(f"{URL}999999/").status_code == 404


# --- Alarms ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def alarm(session: Session) -> Alarm:
    schedule = make_schedule(session, "0 3 * * *", name="Nightly")
    due = dt.datetime(2026, 11, 20, 2, 0, tzinfo=dt.UTC)
    alarm = Alarm(schedule_id=schedule.id, due_at=due, reason="failed")
    session.add_all([alarm, Alarm(schedule_id=schedule.id, due_at=due - dt.timedelta(days=1), reason="lost")])
    session.commit()
    return alarm


@pytest.mark.parametrize("where", ["/backoffice/", "/backoffice/tasks/", URL])
def test_an_alarm_is_told_on_the_dashboard_and_on_the_pages_of_tasks(sign_in: SignIn, alarm: Alarm, where: str) -> None:
    said = html.unescape(sign_in("owner").get(where, headers=ENGLISH).text)
    assert "“Nightly” was due on Friday, 20 November 2026 at 03:00 and did not work." in said
    assert "it happened 1 more time" in said
    assert "Nightly" not in sign_in("viewer").get(where, headers=ENGLISH).text


def test_seen_alarms_are_gone_and_the_page_comes_back(
    session: Session, fill: Fill, sign_in: SignIn, alarm: Alarm
) -> None:
    newest = max(session.scalars(select(Alarm.id)))
    where = f"{URL}{alarm.schedule_id}/seen"
    answer = fill(where, {"until": str(newest), "next": "/backoffice/"}, "owner")
    assert answer.headers["Location"] == "/backoffice/"
    assert "was due on" not in read(sign_in("owner"))
    assert "Seen by The owner." in read(sign_in("owner"), f"{alarm.schedule_id}/")
    assert fill(where, {"until": "x", "next": "https://evil.example/"}, "owner").headers["Location"] == "/"


def test_a_dead_scheduler_is_told_by_looking_alone(session: Session, sign_in: SignIn) -> None:
    schedule = make_schedule(session, name="Waits", alarm_minutes=10)
    assert "has not been started" not in read(sign_in("owner"))
    schedule.next_at = utc_now() - dt.timedelta(minutes=11)
    session.commit()
    page = read(sign_in("owner"))
    assert "What was due has not been started" in page
    assert "Late" in page
